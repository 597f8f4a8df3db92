//! A cluster that remembers what it was asked.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use helm_release_core::patch::Schemas;
use helm_release_core::ports::{
    Cluster, ClusterError, ClusterErrorKind, DryRun, Kinds, ListOptions, Listing, Location, LogOptions, Permission, Request,
    Resource, Right, Table, TableOf, WatchStream,
};
use helm_release_core::{Gvk, Object};

/// One write that was asked for.
///
/// ```
/// use std::sync::Arc;
///
/// use helm_release_core::ports::{Cluster as _, ClusterErrorKind, DryRun};
/// use helm_release_store::cluster::RecordingCluster;
///
/// # use helm_release_core::Gvk;
/// # use helm_release_core::ports::{Preconditions, Propagation, Request};
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let kinds = shop.cluster.kinds(false).await?;
/// # let maps = kinds.find(&Gvk::new("v1", "ConfigMap")).ok_or("no such kind")?;
/// # let deletion = |name: &str| {
/// #     let (propagation, preconditions) = (Propagation::Background, Preconditions::default());
/// #     Request::Delete { at: maps.at("default", name), propagation, preconditions }
/// # };
/// let cluster = RecordingCluster::new(Arc::clone(&shop.cluster));
/// assert!(cluster.write(&deletion("absent"), DryRun::No).await.is_err());
/// let write = &cluster.writes()[0];
/// assert_eq!(write.request.to_string(), "delete ConfigMap default/absent");
/// assert_eq!((write.dry_run, write.failure), (DryRun::No, Some(ClusterErrorKind::NotFound)));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RecordedWrite {
    /// What was asked for.
    pub request: Request,
    /// Whether for real.
    pub dry_run: DryRun,
    /// How it failed, if it did; `None` also while no answer has come.
    pub failure: Option<ClusterErrorKind>,
}

#[derive(Debug, Default)]
struct Record {
    writes: Vec<RecordedWrite>,
    reads: Vec<String>,
}

/// A cluster that passes everything on and keeps a list of it.
///
/// ```
/// use helm_release_core::ports::Cluster as _;
/// use helm_release_store::cluster::{MemoryCluster, RecordingCluster};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let cluster = RecordingCluster::new(MemoryCluster::new());
/// cluster.kinds(false).await?;
/// assert_eq!(cluster.reads(), ["kinds"]);
/// assert_eq!(cluster.requests(), []);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct RecordingCluster<C> {
    inner: C,
    record: Mutex<Record>,
}

impl<C> RecordingCluster<C> {
    /// A cluster that was asked nothing so far.
    ///
    /// ```
    /// use helm_release_core::plan::RollbackOptions;
    /// use helm_release_core::survey::survey;
    /// use helm_release_store::cluster::RecordingCluster;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let cluster = RecordingCluster::new(shop.cluster.clone());
    /// assert_eq!(cluster.to_string(), "recorded memory");
    /// survey(&shop.storage, &cluster, &shop.namespace, &shop.name, &RollbackOptions::default()).await?;
    /// assert!(cluster.writes().is_empty(), "a survey only reads");
    /// # Ok(()) });
    /// ```
    pub fn new(inner: C) -> Self {
        Self { inner, record: Mutex::default() }
    }

    /// The cluster behind.
    ///
    /// ```
    /// use helm_release_store::cluster::{MemoryCluster, RecordingCluster};
    ///
    /// let cluster = RecordingCluster::new(MemoryCluster::new());
    /// // What is asked of the cluster behind is not recorded.
    /// assert!(cluster.inner().objects().iter().any(|object| object.id().to_string() == "Namespace default"));
    /// assert!(cluster.reads().is_empty());
    /// ```
    pub fn inner(&self) -> &C {
        &self.inner
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, read: impl Into<String>) {
        self.record().reads.push(read.into());
    }

    /// Every write in the order in which it was asked for, dry runs included.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use helm_release_core::ports::{Cluster as _, DryRun};
    /// use helm_release_store::cluster::RecordingCluster;
    ///
    /// # use helm_release_core::Gvk;
    /// # use helm_release_core::ports::{Preconditions, Propagation, Request};
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let kinds = shop.cluster.kinds(false).await?;
    /// # let maps = kinds.find(&Gvk::new("v1", "ConfigMap")).ok_or("no such kind")?;
    /// # let deletion = |name: &str| {
    /// #     let (propagation, preconditions) = (Propagation::Background, Preconditions::default());
    /// #     Request::Delete { at: maps.at("default", name), propagation, preconditions }
    /// # };
    /// let cluster = RecordingCluster::new(Arc::clone(&shop.cluster));
    /// cluster.write(&deletion("shop-config"), DryRun::Server).await?;
    /// cluster.write(&deletion("shop-feature"), DryRun::No).await?;
    /// let writes = cluster.writes();
    /// assert_eq!(writes.iter().map(|write| write.dry_run).collect::<Vec<_>>(), [DryRun::Server, DryRun::No]);
    /// assert!(writes.iter().all(|write| write.failure.is_none()));
    /// # Ok(()) });
    /// ```
    pub fn writes(&self) -> Vec<RecordedWrite> {
        self.record().writes.clone()
    }

    /// The requests that were for real, whether they failed or not.
    ///
    /// ```
    /// use helm_release_core::plan::RollbackOptions;
    /// use helm_release_core::ports::NoObserver;
    /// use helm_release_core::run::Engine;
    /// use helm_release_store::clock::SystemClock;
    /// use helm_release_store::cluster::RecordingCluster;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let plan = shop.plan(&RollbackOptions::default()).await?;
    /// let cluster = RecordingCluster::new(shop.cluster.clone());
    /// Engine::new(&shop.storage, &cluster, &SystemClock, &NoObserver).run(&plan).await?;
    /// let requests: Vec<_> = cluster.requests().iter().map(ToString::to_string).collect();
    /// let wanted = [
    ///     "apply Deployment default/shop",
    ///     "delete ConfigMap default/shop-feature",
    ///     "apply Job default/shop-check",
    ///     "delete Job default/shop-check",
    /// ];
    /// assert_eq!(requests, wanted);
    /// # Ok(()) });
    /// ```
    pub fn requests(&self) -> Vec<Request> {
        let record = self.record();
        let real = record.writes.iter().filter(|write| write.dry_run == DryRun::No);
        real.map(|write| write.request.clone()).collect()
    }

    /// Every read, such as `get Deployment default/web`, `list pods`, `watch pods`, `kinds`.
    ///
    /// ```
    /// use helm_release_core::Gvk;
    /// use helm_release_core::ports::{Cluster as _, ListOptions};
    /// use helm_release_store::cluster::{MemoryCluster, RecordingCluster};
    ///
    /// # examples::run(async {
    /// let cluster = RecordingCluster::new(MemoryCluster::new());
    /// let kinds = cluster.kinds(false).await?;
    /// let pods = kinds.find(&Gvk::new("v1", "Pod")).ok_or("no such kind")?;
    /// cluster.list(pods, &ListOptions::default()).await?;
    /// // Reads that fail are kept too.
    /// assert!(cluster.get(&pods.at("shop", "web-0")).await.is_err());
    /// assert_eq!(cluster.reads(), ["kinds", "list pods", "get Pod shop/web-0"]);
    /// # Ok(()) });
    /// ```
    pub fn reads(&self) -> Vec<String> {
        self.record().reads.clone()
    }

    /// Forgets everything so far.
    ///
    /// ```
    /// use helm_release_core::ports::Cluster as _;
    /// use helm_release_store::cluster::{MemoryCluster, RecordingCluster};
    ///
    /// # examples::run(async {
    /// let cluster = RecordingCluster::new(MemoryCluster::new());
    /// cluster.kinds(false).await?;
    /// assert_eq!(cluster.reads().len(), 1);
    /// cluster.forget();
    /// assert!(cluster.reads().is_empty());
    /// # Ok(()) });
    /// ```
    pub fn forget(&self) {
        *self.record() = Record::default();
    }
}

impl<C: fmt::Display> fmt::Display for RecordingCluster<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "recorded {}", self.inner)
    }
}

impl<C: fmt::Debug> fmt::Debug for RecordingCluster<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordingCluster").field("inner", &self.inner).finish_non_exhaustive()
    }
}

#[async_trait]
impl<C: Cluster> Cluster for RecordingCluster<C> {
    async fn kinds(&self, refresh: bool) -> Result<Arc<Kinds>, ClusterError> {
        self.note("kinds");
        self.inner.kinds(refresh).await
    }

    async fn schemas(&self, kinds: &[Gvk]) -> Result<Arc<Schemas>, ClusterError> {
        self.note("schemas");
        self.inner.schemas(kinds).await
    }

    async fn get(&self, at: &Location) -> Result<Object, ClusterError> {
        self.note(format!("get {at}"));
        self.inner.get(at).await
    }

    async fn list(&self, resource: &Resource, options: &ListOptions) -> Result<Listing, ClusterError> {
        self.note(format!("list {}", resource.plural));
        self.inner.list(resource, options).await
    }

    async fn table(&self, of: &TableOf) -> Result<Table, ClusterError> {
        self.note(format!("table of {of}"));
        self.inner.table(of).await
    }

    async fn watch(&self, resource: &Resource, options: &ListOptions, from: &str) -> Result<WatchStream, ClusterError> {
        self.note(format!("watch {}", resource.plural));
        self.inner.watch(resource, options, from).await
    }

    async fn write(&self, request: &Request, dry_run: DryRun) -> Result<Option<Object>, ClusterError> {
        let index = {
            let mut record = self.record();
            record.writes.push(RecordedWrite { request: request.clone(), dry_run, failure: None });
            record.writes.len() - 1
        };
        let result = self.inner.write(request, dry_run).await;
        if let (Err(error), Some(write)) = (&result, self.record().writes.get_mut(index)) {
            write.failure = Some(error.kind);
        }
        result
    }

    async fn logs(&self, namespace: &str, pod: &str, options: &LogOptions) -> Result<String, ClusterError> {
        self.note(format!("logs {namespace}/{pod}"));
        self.inner.logs(namespace, pod, options).await
    }

    async fn permissions(&self, rights: &[Right]) -> Vec<Permission> {
        self.note("permissions");
        self.inner.permissions(rights).await
    }
}

#[cfg(test)]
mod tests;
