//! The port through which live objects are read, watched and written.

use std::collections::BTreeMap;
use std::fmt::{self, Debug, Display};
use std::sync::Arc;

use async_trait::async_trait;
use futures::stream::BoxStream;
use serde::{Deserialize, Serialize};

use super::{Permission, Right};
use crate::patch::Schemas;
use crate::{Gvk, Object, ObjectId};

mod error;
mod request;
mod table;

pub use error::{ClusterError, ClusterErrorKind};
pub use request::{Conflicts, DryRun, PatchBody, Preconditions, Propagation, Request, Validation};
pub use table::{Table, TableColumn, TableOf};

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

/// Which objects to list or watch.
///
/// ```
/// use helm_release_core::ports::ListOptions;
///
/// let options = ListOptions::within(Some("shop")).with_labels("app=web").with_fields("status.phase=Running");
/// assert_eq!(options.namespace.as_deref(), Some("shop"));
/// assert_eq!(options.labels.as_deref(), Some("app=web"));
/// assert_eq!(options.fields.as_deref(), Some("status.phase=Running"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListOptions {
    /// Only in this namespace; `None` means everywhere.
    pub namespace: Option<String>,
    /// Kubernetes label selector.
    pub labels: Option<String>,
    /// Kubernetes field selector, such as `metadata.name=web`.
    pub fields: Option<String>,
    /// How many objects there are at most, the first ones in the server's order, which is that of names; `None` for all.
    pub at_most: Option<usize>,
}

impl ListOptions {
    /// Everything in one namespace, or everywhere.
    ///
    /// ```
    /// use helm_release_core::ports::{Cluster as _, ListOptions};
    ///
    /// # use helm_release_core::{Gvk, Object};
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let note = serde_json::json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "proxy"}});
    /// # shop.cluster.insert(&Object::new(note)?, "kube-system", "kubectl")?;
    /// # let kinds = shop.cluster.kinds(false).await?;
    /// # let config_maps = kinds.find(&Gvk::new("v1", "ConfigMap")).ok_or("not served")?;
    /// // Two ConfigMaps lie in namespace `default`, one in `kube-system`.
    /// let here = shop.cluster.list(config_maps, &ListOptions::within(Some("default"))).await?;
    /// let everywhere = shop.cluster.list(config_maps, &ListOptions::within(None)).await?;
    /// assert_eq!((here.items.len(), everywhere.items.len()), (2, 3));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn within(namespace: Option<&str>) -> Self {
        Self { namespace: namespace.map(str::to_owned), ..Self::default() }
    }

    /// Narrows by a label selector.
    ///
    /// ```
    /// use helm_release_core::Gvk;
    /// use helm_release_core::ports::{Cluster as _, ListOptions};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let kinds = shop.cluster.kinds(false).await?;
    /// let pods = kinds.find(&Gvk::new("v1", "Pod")).ok_or("not served")?;
    /// let options = ListOptions::within(Some("default")).with_labels("app=shop");
    /// let all = shop.cluster.list(pods, &options).await?.items;
    /// // The pods of the failed upgrade have a label that the others do not have.
    /// let failing = shop.cluster.list(pods, &options.with_labels("app=shop,test/kubelet=pull")).await?.items;
    /// assert!(failing.len() < all.len());
    /// assert!(failing.iter().all(|pod| pod.label("test/kubelet") == Some("pull")));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn with_labels(mut self, selector: impl Into<String>) -> Self {
        self.labels = Some(selector.into());
        self
    }

    /// Narrows by a field selector.
    ///
    /// ```
    /// use helm_release_core::Gvk;
    /// use helm_release_core::ports::{Cluster as _, ListOptions};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let kinds = shop.cluster.kinds(false).await?;
    /// let config_maps = kinds.find(&Gvk::new("v1", "ConfigMap")).ok_or("not served")?;
    /// // A list of one object, from which a watch of that one object can begin.
    /// let options = ListOptions::within(Some("default")).with_fields("metadata.name=shop-config");
    /// let listing = shop.cluster.list(config_maps, &options).await?;
    /// assert_eq!(listing.items.len(), 1);
    /// assert_eq!(listing.items[0].name(), "shop-config");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn with_fields(mut self, selector: impl Into<String>) -> Self {
        self.fields = Some(selector.into());
        self
    }

    /// Asks for the first so many objects alone.
    ///
    /// ```
    /// use helm_release_core::Gvk;
    /// use helm_release_core::ports::{Cluster as _, ListOptions};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let kinds = shop.cluster.kinds(false).await?;
    /// let pods = kinds.find(&Gvk::new("v1", "Pod")).ok_or("not served")?;
    /// let failing = ListOptions::within(Some("default")).with_labels("test/kubelet=pull");
    /// assert!(shop.cluster.list(pods, &failing).await?.items.len() > 1);
    /// // Whether there is any at all is known by one.
    /// assert_eq!(shop.cluster.list(pods, &failing.at_most(1)).await?.items.len(), 1);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn at_most(mut self, count: usize) -> Self {
        self.at_most = Some(count);
        self
    }
}

/// A list of objects and the moment of the cluster that it shows.
///
/// ```
/// use helm_release_core::Object;
/// use helm_release_core::ports::{Cluster as _, ListOptions};
/// use serde_json::json;
///
/// # use helm_release_core::Gvk;
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let kinds = shop.cluster.kinds(false).await?;
/// # let config_maps = kinds.find(&Gvk::new("v1", "ConfigMap")).ok_or("not served")?;
/// let before = shop.cluster.list(config_maps, &ListOptions::default()).await?;
/// let motd = Object::new(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "motd"}}))?;
/// shop.cluster.insert(&motd, "default", "kubectl")?;
/// let after = shop.cluster.list(config_maps, &ListOptions::default()).await?;
/// assert_eq!(after.items.len(), before.items.len() + 1);
/// // The cluster has moved on since, and a watch from `before` would tell how.
/// assert_ne!(after.resource_version, before.resource_version);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone)]
pub struct Listing {
    /// The objects.
    pub items: Vec<Object>,
    /// The `resourceVersion` from which a watch goes on without a gap.
    pub resource_version: String,
}

/// What a watch tells.
///
/// ```
/// use futures::StreamExt as _;
/// use helm_release_core::Object;
/// use helm_release_core::ports::{Cluster as _, DryRun, ListOptions, Preconditions, Propagation, Request, WatchEvent};
/// use serde_json::json;
///
/// # use helm_release_core::Gvk;
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let kinds = shop.cluster.kinds(false).await?;
/// # let config_maps = kinds.find(&Gvk::new("v1", "ConfigMap")).ok_or("not served")?;
/// # let options = ListOptions::within(Some("default"));
/// # let from = shop.cluster.list(config_maps, &options).await?.resource_version;
/// let mut events = shop.cluster.watch(config_maps, &options, &from).await?;
/// let motd = Object::new(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "motd"}}))?;
/// shop.cluster.insert(&motd, "default", "kubectl")?;
/// let event = events.next().await.ok_or("the watch ended")??;
/// assert!(matches!(event, WatchEvent::Changed(object) if object.name() == "motd"));
///
/// let (at, propagation) = (config_maps.at("default", "motd"), Propagation::Background);
/// let delete = Request::Delete { at, propagation, preconditions: Preconditions::default() };
/// shop.cluster.write(&delete, DryRun::No).await?;
/// let event = events.next().await.ok_or("the watch ended")??;
/// assert!(matches!(event, WatchEvent::Deleted(last) if last.name() == "motd"));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone)]
pub enum WatchEvent {
    /// The object was created or changed.
    Changed(Object),
    /// The object is gone; its last state.
    Deleted(Object),
}

/// A stream of changes. An error of kind [`ClusterErrorKind::Expired`] means: list again, then watch from there.
/// A stream that ends without an error may simply be watched again from the last version seen.
///
/// ```
/// use futures::StreamExt as _;
/// use helm_release_core::Object;
/// use helm_release_core::ports::{ClusterError, ClusterErrorKind, WatchEvent, WatchStream};
/// use serde_json::json;
///
/// /// Follows a watch to its end; says whether the objects have to be listed again.
/// async fn follow(mut events: WatchStream, seen: &mut Vec<String>) -> bool {
///     while let Some(event) = events.next().await {
///         match event {
///             Ok(WatchEvent::Changed(object) | WatchEvent::Deleted(object)) => seen.push(object.name().to_owned()),
///             Err(error) => return error.kind == ClusterErrorKind::Expired,
///         }
///     }
///     false
/// }
///
/// # examples::run(async {
/// // What a cluster of one's own might answer in a test.
/// let web = Object::new(json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-0"}}))?;
/// let expired = ClusterError::new(ClusterErrorKind::Expired, "watch pods", "too old resource version");
/// let stream = futures::stream::iter([Ok(WatchEvent::Changed(web)), Err(expired)]).boxed();
/// let mut seen = Vec::new();
/// assert!(follow(stream, &mut seen).await);
/// assert_eq!(seen, ["web-0"]);
/// # Ok(()) });
/// ```
pub type WatchStream = BoxStream<'static, Result<WatchEvent, ClusterError>>;

/// Whose logs to read.
///
/// ```
/// use helm_release_core::ports::{Cluster as _, LogOptions};
/// # use helm_release_core::Object;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let spec = serde_json::json!({"containers": [{"name": "web", "image": "web:1"}]});
/// # let pod = serde_json::json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-0"}, "spec": spec});
/// # shop.cluster.insert(&Object::new(pod)?, "default", "kubectl")?;
/// shop.cluster.set_logs("default", "web-0", "web", "connecting\nretrying\npanic: no database\n");
/// // The pod has one container, which need not be named.
/// let mut options = LogOptions::default();
/// options.tail = Some(1);
/// assert_eq!(shop.cluster.logs("default", "web-0", &options).await?, "panic: no database\n");
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogOptions {
    /// Container; `None` when the pod has only one.
    pub container: Option<String>,
    /// Only that many last lines.
    pub tail: Option<u32>,
}

impl LogOptions {
    /// The logs of one container.
    ///
    /// ```
    /// use helm_release_core::ports::{Cluster as _, LogOptions};
    /// # use helm_release_core::Object;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let spec = serde_json::json!({"containers": [{"name": "web", "image": "a:1"}, {"name": "proxy", "image": "b:1"}]});
    /// # let pod = serde_json::json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-0"}, "spec": spec});
    /// # shop.cluster.insert(&Object::new(pod)?, "default", "kubectl")?;
    /// // A pod with the containers `web` and `proxy`.
    /// shop.cluster.set_logs("default", "web-0", "proxy", "upstream refused\n");
    /// assert_eq!(shop.cluster.logs("default", "web-0", &LogOptions::container("proxy")).await?, "upstream refused\n");
    /// assert!(shop.cluster.logs("default", "web-0", &LogOptions::default()).await.is_err());
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn container(name: impl Into<String>) -> Self {
        Self { container: Some(name.into()), tail: None }
    }
}

/// Live objects.
///
/// Implementations do not retry writes: whether a write may be sent again is the engine's decision.
///
/// ```
/// use helm_release_core::Gvk;
/// use helm_release_core::ports::{Cluster, ClusterError, ListOptions};
///
/// /// Counts the pods of a namespace that have not started, on any cluster.
/// async fn pending(cluster: &dyn Cluster, namespace: &str) -> Result<usize, ClusterError> {
///     let kinds = cluster.kinds(false).await?;
///     let Some(pods) = kinds.find(&Gvk::new("v1", "Pod")) else { return Ok(0) };
///     let options = ListOptions::within(Some(namespace)).with_fields("status.phase=Pending");
///     Ok(cluster.list(pods, &options).await?.items.len())
/// }
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// assert!(pending(&shop.cluster, "default").await? > 0);
/// assert_eq!(pending(&shop.cluster, "kube-system").await?, 0);
/// # Ok(()) });
/// ```
#[async_trait]
pub trait Cluster: Display + Debug + Send + Sync + 'static {
    /// Asks which kinds are served. Answers from memory after the first call unless `refresh` is set.
    ///
    /// # Errors
    /// [`ClusterErrorKind::Unreachable`] when the server cannot be reached.
    ///
    /// ```
    /// use helm_release_core::ports::Cluster as _;
    /// use helm_release_core::{Gvk, Object};
    /// use serde_json::json;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let widget = Gvk::new("example.com/v1", "Widget");
    /// assert_eq!(shop.cluster.kinds(false).await?.find(&widget), None);
    ///
    /// let definition = Object::new(json!({
    ///     "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
    ///     "metadata": {"name": "widgets.example.com"},
    ///     "spec": {
    ///         "group": "example.com", "scope": "Namespaced", "names": {"kind": "Widget", "plural": "widgets"},
    ///         "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object"}}}],
    ///     },
    /// }))?;
    /// shop.cluster.insert(&definition, "", "kubectl")?;
    /// // What was remembered may not know it.
    /// assert!(shop.cluster.kinds(true).await?.find(&widget).is_some());
    /// # Ok(()) });
    /// ```
    async fn kinds(&self, refresh: bool) -> Result<Arc<Kinds>, ClusterError>;

    /// How lists of the given kinds are merged by a strategic merge patch, from the server's `OpenAPI` v3 documents.
    ///
    /// Kinds that the server says nothing about are answered from [`Schemas::built_in`].
    ///
    /// # Errors
    /// [`ClusterErrorKind::Unreachable`] when the server cannot be reached.
    ///
    /// ```
    /// use helm_release_core::Gvk;
    /// use helm_release_core::patch;
    /// use helm_release_core::ports::{Cluster as _, PatchBody};
    /// use serde_json::json;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let pod = Gvk::new("v1", "Pod");
    /// let schemas = shop.cluster.schemas(&[pod.clone()]).await?;
    /// let live = json!({"spec": {"containers": [{"name": "web", "image": "web:1"}, {"name": "proxy", "image": "proxy:1"}]}});
    /// let change = json!({"spec": {"containers": [{"name": "proxy", "image": "proxy:2"}]}});
    /// let patched = patch::apply(&schemas, &pod, &live, &PatchBody::Strategic(change))?;
    /// // The server merges containers by their names.
    /// assert_eq!(patched["spec"]["containers"][0]["image"], "web:1");
    /// assert_eq!(patched["spec"]["containers"][1]["image"], "proxy:2");
    /// # Ok(()) });
    /// ```
    async fn schemas(&self, kinds: &[Gvk]) -> Result<Arc<Schemas>, ClusterError>;

    /// Reads one object.
    ///
    /// # Errors
    /// [`ClusterErrorKind::NotFound`] when absent.
    ///
    /// ```
    /// use helm_release_core::Gvk;
    /// use helm_release_core::ports::{Cluster as _, ClusterErrorKind};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let kinds = shop.cluster.kinds(false).await?;
    /// let services = kinds.find(&Gvk::new("v1", "Service")).ok_or("not served")?;
    /// let live = shop.cluster.get(&services.at("default", "shop")).await?;
    /// assert!(live.uid().is_some());
    /// let missing = shop.cluster.get(&services.at("default", "web")).await;
    /// assert_eq!(missing.err().map(|error| error.kind), Some(ClusterErrorKind::NotFound));
    /// # Ok(()) });
    /// ```
    async fn get(&self, at: &Location) -> Result<Object, ClusterError>;

    /// Lists objects of one kind.
    ///
    /// # Errors
    /// [`ClusterErrorKind::Forbidden`] without the right to list.
    ///
    /// ```
    /// use helm_release_core::Gvk;
    /// use helm_release_core::ports::{Cluster as _, ListOptions};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let kinds = shop.cluster.kinds(false).await?;
    /// let secrets = kinds.find(&Gvk::new("v1", "Secret")).ok_or("not served")?;
    /// let listing = shop.cluster.list(secrets, &ListOptions::within(Some("default"))).await?;
    /// let names: Vec<&str> = listing.items.iter().map(|secret| secret.name()).collect();
    /// assert_eq!(names, ["shop-db"]);
    /// # Ok(()) });
    /// ```
    async fn list(&self, resource: &Resource, options: &ListOptions) -> Result<Listing, ClusterError>;

    /// Reads objects as a table, the way `kubectl get` shows them.
    ///
    /// A cluster that knows nothing of a kind beyond the object's metadata answers with [`Table::plain`].
    ///
    /// # Errors
    /// As of [`Cluster::get`] for one object, of [`Cluster::list`] for several.
    ///
    /// ```
    /// use helm_release_core::Gvk;
    /// use helm_release_core::ports::{Cluster as _, ListOptions, TableOf};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let kinds = shop.cluster.kinds(false).await?;
    /// let config_maps = kinds.find(&Gvk::new("v1", "ConfigMap")).ok_or("not served")?;
    /// let of = TableOf::Chosen(config_maps.clone(), ListOptions::within(Some("default")));
    /// let table = shop.cluster.table(&of).await?;
    /// let names: Vec<_> = table.rows.iter().map(|cells| &cells[0]).collect();
    /// assert_eq!(names, ["shop-config", "shop-feature"]);
    /// # Ok(()) });
    /// ```
    async fn table(&self, of: &TableOf) -> Result<Table, ClusterError> {
        Ok(match of {
            TableOf::One(at) => Table::plain(&[self.get(at).await?]),
            TableOf::Chosen(resource, options) => Table::plain(&self.list(resource, options).await?.items),
        })
    }

    /// Watches objects of one kind from a `resourceVersion` that [`Cluster::list`] gave.
    ///
    /// # Errors
    /// [`ClusterErrorKind::Forbidden`] without the right to watch, [`ClusterErrorKind::Expired`] when the version is too old.
    ///
    /// # Cancellation
    /// Dropping the stream ends the watch.
    ///
    /// ```
    /// use futures::StreamExt as _;
    /// use helm_release_core::Object;
    /// use helm_release_core::ports::{Cluster as _, ClusterErrorKind, ListOptions, WatchEvent};
    /// use serde_json::json;
    ///
    /// # use helm_release_core::Gvk;
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let kinds = shop.cluster.kinds(false).await?;
    /// # let config_maps = kinds.find(&Gvk::new("v1", "ConfigMap")).ok_or("not served")?;
    /// let options = ListOptions::within(Some("default"));
    /// let from = shop.cluster.list(config_maps, &options).await?.resource_version;
    /// // Whatever happens between the list and the watch is told too.
    /// let motd = Object::new(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "motd"}}))?;
    /// shop.cluster.insert(&motd, "default", "kubectl")?;
    /// let mut events = shop.cluster.watch(config_maps, &options, &from).await?;
    /// let event = events.next().await.ok_or("the watch ended")??;
    /// assert!(matches!(event, WatchEvent::Changed(object) if object.name() == "motd"));
    ///
    /// shop.cluster.forget_history();
    /// let refused = shop.cluster.watch(config_maps, &options, &from).await;
    /// assert_eq!(refused.err().map(|error| error.kind), Some(ClusterErrorKind::Expired));
    /// # Ok(()) });
    /// ```
    async fn watch(&self, resource: &Resource, options: &ListOptions, from: &str) -> Result<WatchStream, ClusterError>;

    /// Sends one write, for real or as the server's dry run, and returns the object as it is afterwards
    /// (for a delete: as it was or is being deleted, when the server says so).
    ///
    /// # Errors
    /// Every kind of [`ClusterErrorKind`]. After [`ClusterErrorKind::Ambiguous`] the write may have been done.
    ///
    /// # Cancellation
    /// The write may or may not have been done.
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
    /// let object = Object::new(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "motd"}}))?;
    /// let (at, manager) = (config_maps.at("default", "motd"), "helm".to_owned());
    /// let create = Request::Create { at, object, manager, validation: Validation::Strict };
    /// let made = shop.cluster.write(&create, DryRun::No).await?.ok_or("the server said nothing")?;
    /// assert!(made.uid().is_some());
    /// let again = shop.cluster.write(&create, DryRun::No).await;
    /// assert_eq!(again.err().map(|error| error.kind), Some(ClusterErrorKind::AlreadyExists));
    /// # Ok(()) });
    /// ```
    async fn write(&self, request: &Request, dry_run: DryRun) -> Result<Option<Object>, ClusterError>;

    /// Reads a container's log as text.
    ///
    /// # Errors
    /// [`ClusterErrorKind::NotFound`] when the pod or container is not there.
    ///
    /// ```
    /// use helm_release_core::ports::{Cluster as _, LogOptions};
    /// # use helm_release_core::Object;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let spec = serde_json::json!({"containers": [{"name": "web", "image": "web:1"}]});
    /// # let pod = serde_json::json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-0"}, "spec": spec});
    /// # shop.cluster.insert(&Object::new(pod)?, "default", "kubectl")?;
    /// # shop.cluster.set_logs("default", "web-0", "web", "listening\n");
    /// assert_eq!(shop.cluster.logs("default", "web-0", &LogOptions::container("web")).await?, "listening\n");
    /// let error = shop.cluster.logs("default", "web-1", &LogOptions::default()).await.err().ok_or("there is such a pod")?;
    /// assert_eq!(error.to_string(), "read the logs of Pod default/web-1: pods \"web-1\" not found");
    /// # Ok(()) });
    /// ```
    async fn logs(&self, namespace: &str, pod: &str, options: &LogOptions) -> Result<String, ClusterError>;

    /// Asks which rights the user has, one answer for each. Nothing is stored.
    ///
    /// What cannot be asked is answered by [`Permission::Unknown`], as every right is of a cluster that knows no users.
    ///
    /// ```
    /// use helm_release_core::ports::{Cluster as _, Permission, Right};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let rights = [Right::of("list", "", "secrets", Some("default")), Right::of("delete", "batch", "jobs", Some("default"))];
    /// let answers = shop.cluster.permissions(&rights).await;
    /// let missing: Vec<_> = rights.iter().zip(&answers).filter(|(_, answer)| **answer != Permission::Allowed).collect();
    /// // Everybody may do everything on the cluster in memory.
    /// assert_eq!((answers.len(), missing.len()), (2, 0));
    /// # Ok(()) });
    /// ```
    async fn permissions(&self, rights: &[Right]) -> Vec<Permission> {
        let unknown = || Permission::Unknown("this cluster knows no rights".to_owned());
        rights.iter().map(|_| unknown()).collect()
    }
}

/// Conveniences over every [`Cluster`].
///
/// ```
/// use helm_release_core::Gvk;
/// use helm_release_core::ports::{Cluster, ClusterExt as _};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let cluster: &dyn Cluster = &shop.cluster;
/// let kinds = cluster.kinds(false).await?;
/// let config_maps = kinds.find(&Gvk::new("v1", "ConfigMap")).ok_or("not served")?;
/// let mut there = Vec::new();
/// for name in ["shop-config", "shop-theme"] {
///     there.extend(cluster.find(&config_maps.at("default", name)).await?);
/// }
/// assert_eq!(there.len(), 1);
/// # Ok(()) });
/// ```
#[async_trait]
pub trait ClusterExt: Cluster {
    /// Reads one object, `None` when absent.
    ///
    /// # Errors
    /// Every error of [`Cluster::get`] but `NotFound`.
    ///
    /// ```
    /// use helm_release_core::ports::{Cluster as _, ClusterErrorKind, ClusterExt as _};
    /// # use helm_release_core::Gvk;
    /// # use helm_release_store::cluster::{Fault, FaultyCluster};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let cluster = FaultyCluster::new(shop.cluster.clone());
    /// # let kinds = cluster.kinds(false).await?;
    /// # let config_maps = kinds.find(&Gvk::new("v1", "ConfigMap")).ok_or("not served")?;
    /// let at = config_maps.at("default", "shop-theme");
    /// assert_eq!(cluster.find(&at).await?, None);
    ///
    /// // The connection breaks. Silence is not absence.
    /// # let (propagation, preconditions) = (helm_release_core::ports::Propagation::Background, Default::default());
    /// # let write = helm_release_core::ports::Request::Delete { at: at.clone(), propagation, preconditions };
    /// # cluster.fail_next(Fault::CutOff);
    /// # assert!(cluster.write(&write, helm_release_core::ports::DryRun::No).await.is_err());
    /// let error = cluster.find(&at).await.err().ok_or("it answers")?;
    /// assert_eq!(error.kind, ClusterErrorKind::Unreachable);
    /// # Ok(()) });
    /// ```
    async fn find(&self, at: &Location) -> Result<Option<Object>, ClusterError> {
        match self.get(at).await {
            Ok(object) => Ok(Some(object)),
            Err(error) if error.kind == ClusterErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl<C: Cluster + ?Sized> ClusterExt for C {}

macro_rules! forward_cluster {
    ($(($($generic:tt)+) $for:ty),+) => {$(
        #[async_trait]
        impl<$($generic)+> Cluster for $for {
            async fn kinds(&self, refresh: bool) -> Result<Arc<Kinds>, ClusterError> {
                (**self).kinds(refresh).await
            }
            async fn schemas(&self, kinds: &[Gvk]) -> Result<Arc<Schemas>, ClusterError> {
                (**self).schemas(kinds).await
            }
            async fn get(&self, at: &Location) -> Result<Object, ClusterError> {
                (**self).get(at).await
            }
            async fn list(&self, resource: &Resource, options: &ListOptions) -> Result<Listing, ClusterError> {
                (**self).list(resource, options).await
            }
            async fn table(&self, of: &TableOf) -> Result<Table, ClusterError> {
                (**self).table(of).await
            }
            async fn watch(&self, resource: &Resource, options: &ListOptions, from: &str) -> Result<WatchStream, ClusterError> {
                (**self).watch(resource, options, from).await
            }
            async fn write(&self, request: &Request, dry_run: DryRun) -> Result<Option<Object>, ClusterError> {
                (**self).write(request, dry_run).await
            }
            async fn logs(&self, namespace: &str, pod: &str, options: &LogOptions) -> Result<String, ClusterError> {
                (**self).logs(namespace, pod, options).await
            }
            async fn permissions(&self, rights: &[Right]) -> Vec<Permission> {
                (**self).permissions(rights).await
            }
        }
    )+};
}
forward_cluster!((C: Cluster + ?Sized) &'static C, (C: Cluster + ?Sized) Box<C>, (C: Cluster + ?Sized) Arc<C>);
