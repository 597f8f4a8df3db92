//! A write to the cluster as data: what a plan lists is exactly what is sent.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Location;
use crate::Object;

/// Whether a write is for real.
///
/// ```
/// use helm_release_core::ports::{Cluster as _, ClusterExt as _, DryRun, Preconditions, Propagation, Request};
///
/// # use helm_release_core::Gvk;
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let kinds = shop.cluster.kinds(false).await?;
/// # let config_maps = kinds.find(&Gvk::new("v1", "ConfigMap")).ok_or("not served")?;
/// let at = config_maps.at("default", "shop-feature");
/// let (propagation, preconditions) = (Propagation::Background, Preconditions::default());
/// let delete = Request::Delete { at: at.clone(), propagation, preconditions };
/// shop.cluster.write(&delete, DryRun::Server).await?;
/// assert!(shop.cluster.find(&at).await?.is_some());
/// shop.cluster.write(&delete, DryRun::No).await?;
/// assert!(shop.cluster.find(&at).await?.is_none());
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DryRun {
    /// For real.
    No,
    /// The server does everything but store it (`dryRun=All`).
    Server,
}

/// What a server-side apply does when another manager owns a field with another value.
///
/// ```
/// use helm_release_core::Object;
/// use helm_release_core::ports::{Cluster as _, ClusterErrorKind, Conflicts, DryRun, Request, Validation};
/// use serde_json::json;
///
/// # use helm_release_core::Gvk;
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let kinds = shop.cluster.kinds(false).await?;
/// # let config_maps = kinds.find(&Gvk::new("v1", "ConfigMap")).ok_or("not served")?;
/// // Helm owns the text that `ann` wants to change.
/// let apply = |conflicts| {
///     let text = json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"motd": "closed"}});
///     let (at, manager) = (config_maps.at("default", "shop-config"), "ann".to_owned());
///     Object::new(text).map(|object| Request::Apply { at, object, manager, conflicts, validation: Validation::Strict })
/// };
/// let refused = shop.cluster.write(&apply(Conflicts::Refuse)?, DryRun::No).await;
/// assert_eq!(refused.err().map(|error| error.kind), Some(ClusterErrorKind::FieldManagers));
/// let forced = shop.cluster.write(&apply(Conflicts::Force)?, DryRun::No).await?.ok_or("no answer")?;
/// assert_eq!(forced.at(&["data", "motd"]), Some(&json!("closed")));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Conflicts {
    /// It fails.
    Refuse,
    /// It takes the field over.
    Force,
}

/// What the server does with fields that it does not know (`fieldValidation`).
///
/// ```
/// use helm_release_core::Object;
/// use helm_release_core::ports::{Cluster as _, ClusterErrorKind, DryRun, Request, Validation};
/// use serde_json::json;
///
/// # use helm_release_core::Gvk;
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let kinds = shop.cluster.kinds(false).await?;
/// # let config_maps = kinds.find(&Gvk::new("v1", "ConfigMap")).ok_or("not served")?;
/// let create = |validation| {
///     // A ConfigMap has no field `text`.
///     let object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "motd"}, "text": "open"});
///     let (at, manager) = (config_maps.at("default", "motd"), "helm".to_owned());
///     Object::new(object).map(|object| Request::Create { at, object, manager, validation })
/// };
/// let refused = shop.cluster.write(&create(Validation::Strict)?, DryRun::No).await;
/// assert_eq!(refused.err().map(|error| error.kind), Some(ClusterErrorKind::Invalid));
/// let made = shop.cluster.write(&create(Validation::Ignore)?, DryRun::No).await?.ok_or("no answer")?;
/// assert_eq!(made.at(&["text"]), None);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Validation {
    /// Drops them.
    Ignore,
    /// Refuses the write.
    Strict,
}

/// What happens to the objects that a deleted object owns.
///
/// ```
/// use helm_release_core::ports::{Cluster as _, DryRun, ListOptions, Preconditions, Propagation, Request};
///
/// # use helm_release_core::Gvk;
/// # examples::run(async {
/// for (propagation, stay) in [(Propagation::Background, false), (Propagation::Foreground, false), (Propagation::Orphan, true)] {
///     # let shop = examples::Shop::open().await?;
///     # let kinds = shop.cluster.kinds(false).await?;
///     # let deployments = kinds.find(&Gvk::new("apps/v1", "Deployment")).ok_or("not served")?;
///     # let pods = kinds.find(&Gvk::new("v1", "Pod")).ok_or("not served")?;
///     let at = deployments.at("default", "shop");
///     let delete = Request::Delete { at, propagation, preconditions: Preconditions::default() };
///     shop.cluster.write(&delete, DryRun::No).await?;
///     let left = shop.cluster.list(pods, &ListOptions::within(Some("default"))).await?;
///     assert_eq!(!left.items.is_empty(), stay);
/// }
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Propagation {
    /// They are deleted afterwards.
    Background,
    /// They are deleted first.
    Foreground,
    /// They stay.
    Orphan,
}

/// What must still be so for a delete to be done.
///
/// ```
/// use helm_release_core::ports::{Cluster as _, ClusterErrorKind, DryRun, Preconditions, Propagation, Request};
///
/// # use helm_release_core::Gvk;
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let kinds = shop.cluster.kinds(false).await?;
/// # let services = kinds.find(&Gvk::new("v1", "Service")).ok_or("not served")?;
/// let at = services.at("default", "shop");
/// let seen = shop.cluster.get(&at).await?;
/// let delete = |uid: &str| {
///     let preconditions = Preconditions { uid: Some(uid.to_owned()), resource_version: None };
///     Request::Delete { at: at.clone(), propagation: Propagation::Background, preconditions }
/// };
/// let another = shop.cluster.write(&delete("another-object-of-that-name"), DryRun::No).await;
/// assert_eq!(another.err().map(|error| error.kind), Some(ClusterErrorKind::Conflict));
/// assert!(shop.cluster.write(&delete(seen.uid().ok_or("no uid")?), DryRun::No).await.is_ok());
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preconditions {
    /// The object must have this uid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// The object must have this `resourceVersion`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_version: Option<String>,
}

/// A patch in one of the server's patch languages.
///
/// ```
/// use helm_release_core::ports::PatchBody;
/// use serde_json::{json, to_value};
///
/// // A merge removes by `null`, a list of operations by name.
/// let merge = PatchBody::Merge(json!({"data": {"beta": null}}));
/// let operations = PatchBody::Json(json!([{"op": "remove", "path": "/data/beta"}]));
/// assert_eq!(to_value(&merge)?["type"], "application/merge-patch+json");
/// assert_eq!(to_value(&operations)?["type"], "application/json-patch+json");
/// assert_eq!(format!("{merge:?}"), "Merge(..)", "it may hold values of Secrets");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "body")]
pub enum PatchBody {
    /// RFC 6902, `application/json-patch+json`: a list of operations.
    #[serde(rename = "application/json-patch+json")]
    Json(Value),
    /// RFC 7386, `application/merge-patch+json`.
    #[serde(rename = "application/merge-patch+json")]
    Merge(Value),
    /// Kubernetes' own, `application/strategic-merge-patch+json`, for built-in kinds only.
    #[serde(rename = "application/strategic-merge-patch+json")]
    Strategic(Value),
}

impl PatchBody {
    /// The patch itself.
    ///
    /// ```
    /// use helm_release_core::ports::PatchBody;
    /// use serde_json::json;
    ///
    /// let patch = PatchBody::Strategic(json!({"spec": {"replicas": 3}}));
    /// assert_eq!(patch.value()["spec"]["replicas"], 3);
    /// ```
    #[must_use]
    pub fn value(&self) -> &Value {
        match self {
            Self::Json(value) | Self::Merge(value) | Self::Strategic(value) => value,
        }
    }
}

impl std::fmt::Debug for PatchBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Json(_) => "Json(..)",
            Self::Merge(_) => "Merge(..)",
            Self::Strategic(_) => "Strategic(..)",
        })
    }
}

/// One write.
///
/// ```
/// use helm_release_core::plan::RollbackOptions;
/// use helm_release_core::ports::{Conflicts, Request};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let plan = shop.plan(&RollbackOptions::default()).await?;
/// let requests: Vec<&Request> = plan.steps.iter().flat_map(|step| &step.requests).collect();
/// let texts: Vec<String> = requests.iter().map(ToString::to_string).collect();
/// assert_eq!(texts, ["apply Deployment default/shop", "delete ConfigMap default/shop-feature"]);
/// assert!(matches!(requests[0], Request::Apply { manager, conflicts: Conflicts::Refuse, .. } if manager == "helm"));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Request {
    /// POST: makes an object that must not exist.
    Create {
        /// Where.
        at: Location,
        /// The object.
        object: Object,
        /// Field manager.
        manager: String,
        /// What happens to unknown fields.
        validation: Validation,
    },
    /// PATCH of an object that must exist.
    Patch {
        /// Where.
        at: Location,
        /// The patch.
        patch: PatchBody,
        /// Field manager.
        manager: String,
        /// What happens to unknown fields.
        validation: Validation,
    },
    /// PATCH with `application/apply-patch+yaml`: server-side apply, makes the object when it is absent.
    Apply {
        /// Where.
        at: Location,
        /// The configuration to apply, without server-set fields.
        object: Object,
        /// Field manager.
        manager: String,
        /// What happens when another manager owns a field with another value.
        conflicts: Conflicts,
        /// What happens to unknown fields.
        validation: Validation,
    },
    /// PUT over an object that must exist; its `metadata.resourceVersion` is the precondition.
    Replace {
        /// Where.
        at: Location,
        /// The whole object.
        object: Object,
        /// Field manager.
        manager: String,
        /// What happens to unknown fields.
        validation: Validation,
    },
    /// DELETE.
    Delete {
        /// Where.
        at: Location,
        /// What happens to objects that it owns.
        propagation: Propagation,
        /// What must still be so.
        preconditions: Preconditions,
    },
}

impl Request {
    /// Where the object is that this writes.
    ///
    /// ```
    /// use helm_release_core::Gvk;
    /// use helm_release_core::ports::{Preconditions, Propagation, Request, Resource, Scope};
    ///
    /// let namespaces = Resource { gvk: Gvk::new("v1", "Namespace"), plural: "namespaces".to_owned(), scope: Scope::Cluster };
    /// let (propagation, preconditions) = (Propagation::Background, Preconditions::default());
    /// let request = Request::Delete { at: namespaces.at("", "shop"), propagation, preconditions };
    /// // A gate of one's own may look where a write goes, whatever it does there.
    /// assert_eq!(request.at().resource.scope, Scope::Cluster);
    /// assert_eq!(request.at().name, "shop");
    /// ```
    #[must_use]
    pub fn at(&self) -> &Location {
        match self {
            Self::Create { at, .. }
            | Self::Patch { at, .. }
            | Self::Apply { at, .. }
            | Self::Replace { at, .. }
            | Self::Delete { at, .. } => at,
        }
    }

    /// The verb in words: `create`, `patch`, `apply`, `replace`, `delete`.
    ///
    /// ```
    /// use helm_release_core::plan::{Action, RollbackOptions};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let plan = shop.plan(&RollbackOptions::default()).await?;
    /// let patch = plan.steps_of(Action::Patch).next().ok_or("nothing is changed")?;
    /// // This release was installed by server-side apply.
    /// assert_eq!(patch.requests[0].verb(), "apply");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Create { .. } => "create",
            Self::Patch { .. } => "patch",
            Self::Apply { .. } => "apply",
            Self::Replace { .. } => "replace",
            Self::Delete { .. } => "delete",
        }
    }
}

/// `patch Deployment default/web`
impl std::fmt::Display for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.verb(), self.at())
    }
}
