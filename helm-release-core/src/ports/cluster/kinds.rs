//! The kinds that a server serves, and where objects of them are.

use std::collections::BTreeMap;
use std::fmt::{self, Display};

use serde::{Deserialize, Serialize};

use crate::{Gvk, Object, ObjectId};

/// Whether objects of a kind live in namespaces.
///
/// ```
/// use helm_release_core::Gvk;
/// use helm_release_core::ports::{Cluster as _, Resource, Scope};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let kinds = shop.cluster.kinds(false).await?;
/// let scope_of = |api_version, kind| kinds.find(&Gvk::new(api_version, kind)).map(|resource| resource.scope);
/// assert_eq!(scope_of("v1", "PersistentVolumeClaim"), Some(Scope::Namespaced));
/// assert_eq!(scope_of("v1", "PersistentVolume"), Some(Scope::Cluster));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Scope {
    /// In a namespace.
    Namespaced,
    /// Once in the cluster.
    Cluster,
}

/// One kind that the server serves, as discovery describes it.
///
/// ```
/// use helm_release_core::Gvk;
/// use helm_release_core::ports::{Cluster as _, Resource, Scope};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let leases = Resource {
///     gvk: Gvk::new("coordination.k8s.io/v1", "Lease"),
///     plural: "leases".to_owned(),
///     scope: Scope::Namespaced,
/// };
/// // Whoever knows a kind need not ask for it: discovery says the same.
/// assert_eq!(shop.cluster.kinds(false).await?.find(&leases.gvk), Some(&leases));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Resource {
    /// Group, version and kind.
    pub gvk: Gvk,
    /// The name in URLs, such as `deployments`.
    pub plural: String,
    /// Whether its objects live in namespaces.
    pub scope: Scope,
}

impl Resource {
    /// The place of the object `name`. The namespace is dropped for a cluster-scoped kind.
    ///
    /// ```
    /// use helm_release_core::Gvk;
    /// use helm_release_core::ports::{Resource, Scope};
    ///
    /// let (gvk, plural) = (Gvk::new("rbac.authorization.k8s.io/v1", "Role"), "roles".to_owned());
    /// let roles = Resource { gvk, plural, scope: Scope::Namespaced };
    /// assert_eq!(roles.at("shop", "viewer").to_string(), "Role shop/viewer");
    ///
    /// let (gvk, plural) = (Gvk::new("rbac.authorization.k8s.io/v1", "ClusterRole"), "clusterroles".to_owned());
    /// let cluster_roles = Resource { gvk, plural, scope: Scope::Cluster };
    /// assert_eq!(cluster_roles.at("shop", "viewer").to_string(), "ClusterRole viewer");
    /// ```
    #[must_use]
    pub fn at(&self, namespace: &str, name: &str) -> Location {
        let namespace = (self.scope == Scope::Namespaced).then(|| namespace.to_owned());
        Location { resource: self.clone(), namespace, name: name.to_owned() }
    }

    /// The place of an object; one that names no namespace lies in `default_namespace`.
    ///
    /// ```
    /// use helm_release_core::Object;
    /// use helm_release_core::ports::{Resource, Scope};
    /// use serde_json::json;
    ///
    /// # use helm_release_core::Gvk;
    /// # let (gvk, plural) = (Gvk::new("v1", "ConfigMap"), "configmaps".to_owned());
    /// # let config_maps = Resource { gvk, plural, scope: Scope::Namespaced };
    /// let with = |metadata| Object::new(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}));
    /// let plain = with(json!({"name": "motd"}))?;
    /// assert_eq!(config_maps.locate(&plain, "shop").namespace.as_deref(), Some("shop"));
    /// let placed = with(json!({"name": "motd", "namespace": "ops"}))?;
    /// assert_eq!(config_maps.locate(&placed, "shop").namespace.as_deref(), Some("ops"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn locate(&self, object: &Object, default_namespace: &str) -> Location {
        self.at(object.namespace().unwrap_or(default_namespace), object.name())
    }
}

/// Where one live object is: its kind, namespace and name.
///
/// ```
/// use helm_release_core::plan::RollbackOptions;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// // What a survey looked at: every object that the revisions name.
/// let seen = shop.survey(&RollbackOptions::default()).await?;
/// let deployment = seen.live.keys().find(|at| at.resource.gvk.kind == "Deployment").ok_or("no Deployment")?;
/// assert_eq!(deployment.resource.plural, "deployments");
/// assert_eq!(deployment.namespace.as_deref(), Some("default"));
/// assert_eq!(deployment.to_string(), "Deployment default/shop");
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Location {
    /// The kind, in the version that requests use.
    pub resource: Resource,
    /// Namespace; `None` exactly for cluster-scoped kinds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Name.
    pub name: String,
}

impl Location {
    /// Whether both are the place of one object, whatever the version.
    ///
    /// ```
    /// use helm_release_core::Gvk;
    /// use helm_release_core::ports::{Resource, Scope};
    ///
    /// let report = |api_version| {
    ///     let (gvk, plural) = (Gvk::new(api_version, "CronJob"), "cronjobs".to_owned());
    ///     Resource { gvk, plural, scope: Scope::Namespaced }.at("shop", "report")
    /// };
    /// let (old, new) = (report("batch/v1beta1"), report("batch/v1"));
    /// assert!(old.is_same_object(&new));
    /// assert_ne!(old, new, "requests go to different URLs");
    /// ```
    #[must_use]
    pub fn is_same_object(&self, other: &Self) -> bool {
        let (mine, theirs) = (&self.resource.gvk, &other.resource.gvk);
        self.name == other.name && mine.kind == theirs.kind && self.namespace == other.namespace && mine.group == theirs.group
    }

    /// Whether it is the place of that object.
    ///
    /// ```
    /// use helm_release_core::Object;
    /// use helm_release_core::ports::{Resource, Scope};
    /// use serde_json::json;
    ///
    /// # use helm_release_core::Gvk;
    /// # let (gvk, plural) = (Gvk::new("apps/v1", "Deployment"), "deployments".to_owned());
    /// # let deployments = Resource { gvk, plural, scope: Scope::Namespaced };
    /// let metadata = json!({"name": "web", "namespace": "shop"});
    /// let old = Object::new(json!({"apiVersion": "apps/v1beta2", "kind": "Deployment", "metadata": metadata}))?;
    /// assert!(deployments.at("shop", "web").is_of(&old.id()));
    /// assert!(!deployments.at("ops", "web").is_of(&old.id()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn is_of(&self, id: &ObjectId) -> bool {
        let gvk = &self.resource.gvk;
        self.name == id.name && gvk.kind == id.kind && self.namespace == id.namespace && gvk.group == id.group
    }

    /// What identifies the object whatever the version.
    ///
    /// ```
    /// use std::collections::BTreeSet;
    ///
    /// use helm_release_core::Gvk;
    /// use helm_release_core::ports::{Resource, Scope};
    ///
    /// let autoscaler = |api_version, name| {
    ///     let (gvk, plural) = (Gvk::new(api_version, "HorizontalPodAutoscaler"), "horizontalpodautoscalers".to_owned());
    ///     Resource { gvk, plural, scope: Scope::Namespaced }.at("shop", name)
    /// };
    /// let (old, new) = (autoscaler("autoscaling/v1", "web"), autoscaler("autoscaling/v2", "web"));
    /// let objects: BTreeSet<_> = [old, new, autoscaler("autoscaling/v2", "api")].iter().map(|at| at.id()).collect();
    /// assert_eq!(objects.len(), 2);
    /// ```
    #[must_use]
    pub fn id(&self) -> ObjectId {
        let Gvk { group, kind, .. } = self.resource.gvk.clone();
        ObjectId { group, kind, namespace: self.namespace.clone(), name: self.name.clone() }
    }
}

impl Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(&self.id(), f)
    }
}

/// The kinds that the server serves: the answer of discovery.
///
/// ```
/// use helm_release_core::Gvk;
/// use helm_release_core::ports::{Kinds, Resource, Scope};
///
/// // Usually discovery's answer; a cluster of one's own collects the kinds that it has.
/// let (gvk, plural) = (Gvk::new("example.com/v1", "Widget"), "widgets".to_owned());
/// let kinds: Kinds = [Resource { gvk, plural, scope: Scope::Namespaced }].into_iter().collect();
/// assert!(kinds.find(&Gvk::new("example.com/v1", "Widget")).is_some());
/// assert!(kinds.find(&Gvk::new("v1", "Pod")).is_none());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kinds {
    by_gvk: BTreeMap<Gvk, Resource>,
}

impl Kinds {
    /// The kind of exactly that group, version and name.
    ///
    /// ```
    /// use helm_release_core::Gvk;
    /// use helm_release_core::ports::Cluster as _;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let kinds = shop.cluster.kinds(false).await?;
    /// let jobs = kinds.find(&Gvk::new("batch/v1", "CronJob")).ok_or("not served")?;
    /// assert_eq!(jobs.plural, "cronjobs");
    /// // This version was removed in Kubernetes 1.25.
    /// assert_eq!(kinds.find(&Gvk::new("batch/v1beta1", "CronJob")), None);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn find(&self, gvk: &Gvk) -> Option<&Resource> {
        self.by_gvk.get(gvk)
    }

    /// Every version in which a kind is served.
    ///
    /// ```
    /// use helm_release_core::ports::Cluster as _;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let kinds = shop.cluster.kinds(false).await?;
    /// let versions = kinds.versions("autoscaling", "HorizontalPodAutoscaler");
    /// let versions: Vec<&str> = versions.map(|resource| resource.gvk.version.as_str()).collect();
    /// assert_eq!(versions, ["v1", "v2"]);
    /// # Ok(()) });
    /// ```
    pub fn versions<'a>(&'a self, group: &'a str, kind: &'a str) -> impl Iterator<Item = &'a Resource> {
        self.by_gvk.values().filter(move |resource| resource.gvk.group == group && resource.gvk.kind == kind)
    }

    /// Every kind.
    ///
    /// ```
    /// use helm_release_core::ports::Cluster as _;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let kinds = shop.cluster.kinds(false).await?;
    /// let apps = kinds.iter().filter(|resource| resource.gvk.group == "apps");
    /// let apps: Vec<&str> = apps.map(|resource| resource.plural.as_str()).collect();
    /// assert_eq!(apps, ["controllerrevisions", "daemonsets", "deployments", "replicasets", "statefulsets"]);
    /// # Ok(()) });
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = &Resource> {
        self.by_gvk.values()
    }
}

impl FromIterator<Resource> for Kinds {
    fn from_iter<I: IntoIterator<Item = Resource>>(resources: I) -> Self {
        Self { by_gvk: resources.into_iter().map(|resource| (resource.gvk.clone(), resource)).collect() }
    }
}
