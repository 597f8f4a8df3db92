//! What tells kinds and objects from each other.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Group, version and kind of an object, as its `apiVersion` and `kind` say.
///
/// ```
/// use helm_release_core::{Gvk, Object};
/// use serde_json::json;
///
/// let object = Object::new(json!({ "apiVersion": "batch/v1", "kind": "Job", "metadata": { "name": "migrate" } }))?;
/// let Gvk { group, version, kind } = object.gvk();
/// assert_eq!((group.as_str(), version.as_str(), kind.as_str()), ("batch", "v1", "Job"));
/// assert_eq!(object.gvk().to_string(), "batch/v1 Job");
/// # Ok::<(), helm_release_core::object::NotAnObject>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Gvk {
    /// API group; empty for the core group.
    pub group: String,
    /// Version, such as `v1`.
    pub version: String,
    /// Kind, such as `Deployment`.
    pub kind: String,
}

impl Gvk {
    /// Takes `apiVersion` apart at its first slash; Kubernetes knows none with two.
    ///
    /// ```
    /// use helm_release_core::Gvk;
    ///
    /// assert_eq!(Gvk::new("apps/v1", "Deployment").group, "apps");
    /// assert_eq!(Gvk::new("v1", "Secret").group, "", "the core group has no name");
    /// ```
    #[must_use]
    pub fn new(api_version: &str, kind: &str) -> Self {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        Self { group: group.to_owned(), version: version.to_owned(), kind: kind.to_owned() }
    }

    /// The `apiVersion` text: `group/version`, or the version alone in the core group.
    ///
    /// ```
    /// use helm_release_core::Gvk;
    ///
    /// let mut gvk = Gvk::new("autoscaling/v1", "HorizontalPodAutoscaler");
    /// gvk.version = "v2".to_owned();
    /// assert_eq!(gvk.api_version(), "autoscaling/v2");
    /// assert_eq!(Gvk::new("v1", "Secret").api_version(), "v1");
    /// ```
    #[must_use]
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }
}

impl fmt::Display for Gvk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.api_version(), self.kind)
    }
}

/// What Helm takes as "the same object": group, kind, namespace and name, but not the version.
///
/// ```
/// use helm_release_core::Object;
/// use serde_json::json;
///
/// let budget = |version: &str| {
///     let metadata = json!({ "name": "web", "namespace": "shop" });
///     Object::new(json!({ "apiVersion": format!("policy/{version}"), "kind": "PodDisruptionBudget", "metadata": metadata }))
/// };
/// let (old, new) = (budget("v1beta1")?, budget("v1")?);
/// assert_eq!(old.id(), new.id(), "an upgrade to another version of the API is no new object");
/// assert_ne!(old.gvk(), new.gvk());
/// # Ok::<(), helm_release_core::object::NotAnObject>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ObjectId {
    /// API group; empty for the core group.
    pub group: String,
    /// Kind, such as `Deployment`.
    pub kind: String,
    /// Namespace, absent for cluster-scoped objects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Name; empty when the object has only `generateName`.
    pub name: String,
}

impl ObjectId {
    /// Whether a group is written behind the kind: those that Kubernetes brings are not.
    pub(crate) fn prints_group(group: &str) -> bool {
        group.contains('.') && !group.ends_with(".k8s.io")
    }
}

/// `Deployment default/web`, `ClusterRole viewer`; a group that is not built in is written behind the kind.
impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind)?;
        if Self::prints_group(&self.group) {
            write!(f, ".{}", self.group)?;
        }
        match &self.namespace {
            Some(namespace) => write!(f, " {namespace}/{}", self.name),
            None => write!(f, " {}", self.name),
        }
    }
}
