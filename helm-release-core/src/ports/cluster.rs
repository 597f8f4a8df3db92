//! The port through which live objects are read, watched and written.

use std::fmt::{Debug, Display};
use std::sync::Arc;

use async_trait::async_trait;

use super::{Permission, Right};
use crate::patch::Schemas;
use crate::{Gvk, Object};

mod error;
mod kinds;
mod list;
mod request;
mod table;

pub use error::{ClusterError, ClusterErrorKind};
pub use kinds::{Kinds, Location, Resource, Scope};
pub use list::{ListOptions, Listing, WatchEvent, WatchStream};
pub use request::{Conflicts, DryRun, PatchBody, Preconditions, Propagation, Request, Validation};
pub use table::{Table, TableColumn, TableOf};

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
