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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Scope {
    /// In a namespace.
    Namespaced,
    /// Once in the cluster.
    Cluster,
}

/// One kind that the server serves, as discovery describes it.
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
    #[must_use]
    pub fn at(&self, namespace: &str, name: &str) -> Location {
        let namespace = (self.scope == Scope::Namespaced).then(|| namespace.to_owned());
        Location { resource: self.clone(), namespace, name: name.to_owned() }
    }

    /// The place of an object; one that names no namespace lies in `default_namespace`.
    #[must_use]
    pub fn locate(&self, object: &Object, default_namespace: &str) -> Location {
        self.at(object.namespace().unwrap_or(default_namespace), object.name())
    }
}

/// Where one live object is: its kind, namespace and name.
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
    #[must_use]
    pub fn is_same_object(&self, other: &Self) -> bool {
        let (mine, theirs) = (&self.resource.gvk, &other.resource.gvk);
        self.name == other.name && mine.kind == theirs.kind && self.namespace == other.namespace && mine.group == theirs.group
    }

    /// Whether it is the place of that object.
    #[must_use]
    pub fn is_of(&self, id: &ObjectId) -> bool {
        let gvk = &self.resource.gvk;
        self.name == id.name && gvk.kind == id.kind && self.namespace == id.namespace && gvk.group == id.group
    }

    /// What identifies the object whatever the version.
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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kinds {
    by_gvk: BTreeMap<Gvk, Resource>,
}

impl Kinds {
    /// The kind of exactly that group, version and name.
    #[must_use]
    pub fn find(&self, gvk: &Gvk) -> Option<&Resource> {
        self.by_gvk.get(gvk)
    }

    /// Every version in which a kind is served.
    pub fn versions<'a>(&'a self, group: &'a str, kind: &'a str) -> impl Iterator<Item = &'a Resource> {
        self.by_gvk.values().filter(move |resource| resource.gvk.group == group && resource.gvk.kind == kind)
    }

    /// Every kind.
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
    #[must_use]
    pub fn within(namespace: Option<&str>) -> Self {
        Self { namespace: namespace.map(str::to_owned), ..Self::default() }
    }

    /// Narrows by a label selector.
    #[must_use]
    pub fn with_labels(mut self, selector: impl Into<String>) -> Self {
        self.labels = Some(selector.into());
        self
    }

    /// Narrows by a field selector.
    #[must_use]
    pub fn with_fields(mut self, selector: impl Into<String>) -> Self {
        self.fields = Some(selector.into());
        self
    }

    /// Asks for the first so many objects alone.
    #[must_use]
    pub fn at_most(mut self, count: usize) -> Self {
        self.at_most = Some(count);
        self
    }
}

/// A list of objects and the moment of the cluster that it shows.
#[derive(Debug, Clone)]
pub struct Listing {
    /// The objects.
    pub items: Vec<Object>,
    /// The `resourceVersion` from which a watch goes on without a gap.
    pub resource_version: String,
}

/// What a watch tells.
#[derive(Debug, Clone)]
pub enum WatchEvent {
    /// The object was created or changed.
    Changed(Object),
    /// The object is gone; its last state.
    Deleted(Object),
}

/// A stream of changes. An error of kind [`ClusterErrorKind::Expired`] means: list again, then watch from there.
/// A stream that ends without an error may simply be watched again from the last version seen.
pub type WatchStream = BoxStream<'static, Result<WatchEvent, ClusterError>>;

/// Whose logs to read.
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
    #[must_use]
    pub fn container(name: impl Into<String>) -> Self {
        Self { container: Some(name.into()), tail: None }
    }
}

/// Live objects.
///
/// Implementations do not retry writes: whether a write may be sent again is the engine's decision.
#[async_trait]
pub trait Cluster: Display + Debug + Send + Sync + 'static {
    /// Asks which kinds are served. Answers from memory after the first call unless `refresh` is set.
    ///
    /// # Errors
    /// [`ClusterErrorKind::Unreachable`] when the server cannot be reached.
    async fn kinds(&self, refresh: bool) -> Result<Arc<Kinds>, ClusterError>;

    /// How lists of the given kinds are merged by a strategic merge patch, from the server's `OpenAPI` v3 documents.
    ///
    /// Kinds that the server says nothing about are answered from [`Schemas::built_in`].
    ///
    /// # Errors
    /// [`ClusterErrorKind::Unreachable`] when the server cannot be reached.
    async fn schemas(&self, kinds: &[Gvk]) -> Result<Arc<Schemas>, ClusterError>;

    /// Reads one object.
    ///
    /// # Errors
    /// [`ClusterErrorKind::NotFound`] when absent.
    async fn get(&self, at: &Location) -> Result<Object, ClusterError>;

    /// Lists objects of one kind.
    ///
    /// # Errors
    /// [`ClusterErrorKind::Forbidden`] without the right to list.
    async fn list(&self, resource: &Resource, options: &ListOptions) -> Result<Listing, ClusterError>;

    /// Reads objects as a table, the way `kubectl get` shows them.
    ///
    /// A cluster that knows nothing of a kind beyond the object's metadata answers with [`Table::plain`].
    ///
    /// # Errors
    /// As of [`Cluster::get`] for one object, of [`Cluster::list`] for several.
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
    async fn watch(&self, resource: &Resource, options: &ListOptions, from: &str) -> Result<WatchStream, ClusterError>;

    /// Sends one write, for real or as the server's dry run, and returns the object as it is afterwards
    /// (for a delete: as it was or is being deleted, when the server says so).
    ///
    /// # Errors
    /// Every kind of [`ClusterErrorKind`]. After [`ClusterErrorKind::Ambiguous`] the write may have been done.
    ///
    /// # Cancellation
    /// The write may or may not have been done.
    async fn write(&self, request: &Request, dry_run: DryRun) -> Result<Option<Object>, ClusterError>;

    /// Reads a container's log as text.
    ///
    /// # Errors
    /// [`ClusterErrorKind::NotFound`] when the pod or container is not there.
    async fn logs(&self, namespace: &str, pod: &str, options: &LogOptions) -> Result<String, ClusterError>;

    /// Asks which rights the user has, one answer for each. Nothing is stored.
    ///
    /// What cannot be asked is answered by [`Permission::Unknown`], as every right is of a cluster that knows no users.
    async fn permissions(&self, rights: &[Right]) -> Vec<Permission> {
        let unknown = || Permission::Unknown("this cluster knows no rights".to_owned());
        rights.iter().map(|_| unknown()).collect()
    }
}

/// Conveniences over every [`Cluster`].
#[async_trait]
pub trait ClusterExt: Cluster {
    /// Reads one object, `None` when absent.
    ///
    /// # Errors
    /// Every error of [`Cluster::get`] but `NotFound`.
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
