//! Lets a process die at a chosen write: for tests of what it leaves behind.
//!
//! ```
//! use std::sync::Arc;
//!
//! use helm_release_core::ports::{Cluster as _, ClusterExt as _, DryRun};
//! use helm_release_store::crash::{Crash, Moment};
//!
//! # use helm_release_core::Gvk;
//! # use helm_release_core::ports::{Preconditions, Propagation, Request};
//! # examples::run(async {
//! # let shop = examples::Shop::open().await?;
//! # let kinds = shop.cluster.kinds(false).await?;
//! # let maps = kinds.find(&Gvk::new("v1", "ConfigMap")).ok_or("no such kind")?;
//! # let deletion = |name: &str| {
//! #     let (propagation, preconditions) = (Propagation::Background, Preconditions::default());
//! #     Request::Delete { at: maps.at("default", name), propagation, preconditions }
//! # };
//! let crash = Arc::new(Crash::at(2, Moment::Unanswered));
//! let cluster = crash.cluster(shop.cluster.clone());
//! tokio::select! {
//!     biased;
//!     () = crash.happened() => {}
//!     _ = async {
//!         cluster.write(&deletion("shop-feature"), DryRun::No).await?;
//!         cluster.write(&deletion("shop-config"), DryRun::No).await
//!     } => unreachable!("the process is dead"),
//! }
//! // The second write was done, and nobody heard of it.
//! assert_eq!(shop.cluster.find(&maps.at("default", "shop-config")).await?, None);
//! # Ok(()) });
//! ```

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use helm_release_core::patch::Schemas;
use helm_release_core::ports::{
    Cluster, ClusterError, DryRun, Head, HeadQuery, KeepersRights, Kinds, ListOptions, Listing, Location, LogOptions, NewRecord,
    Permission, RecordKey, Request, Resource, Right, Storage, StorageError, StoredRecord, Table, TableOf, Version, WatchStream,
};
use helm_release_core::{Gvk, Namespace, Object};
use tokio::sync::Notify;

/// When the process dies.
///
/// ```
/// use std::sync::Arc;
///
/// use helm_release_core::ports::{Cluster as _, ClusterExt as _, DryRun};
/// use helm_release_store::crash::{Crash, Moment};
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
/// for (moment, name, is_answered, is_done) in [
///     (Moment::Before, "shop-config", false, false),
///     (Moment::Unanswered, "shop-config", false, true),
///     (Moment::After, "shop-feature", true, true),
/// ] {
///     let crash = Arc::new(Crash::at(1, moment));
///     let (cluster, request) = (crash.cluster(shop.cluster.clone()), deletion(name));
///     let answered = tokio::select! {
///         biased;
///         answer = cluster.write(&request, DryRun::No) => answer.is_ok(),
///         () = crash.happened() => false,
///     };
///     assert_eq!(answered, is_answered);
///     assert_eq!(shop.cluster.find(&maps.at("default", name)).await?.is_none(), is_done);
/// }
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Before the write reaches the server.
    Before,
    /// After it was done, before its answer comes.
    Unanswered,
    /// After its answer came.
    After,
}

/// The death of a process: counts the writes of every port that it is given to, and ends all of them at the chosen one.
///
/// What dies is the future that uses the ports: once [`Crash::happened`] resolves it must be dropped. No write that it begins
/// after that returns.
///
/// Locks and journals write through a cluster, so those of the dying process are made over [`Crash::cluster`] too. Made over the
/// cluster behind it, they outlive the process: their writes are neither counted nor ended.
///
/// ```
/// use std::sync::Arc;
/// use helm_release_store::cluster::MemoryCluster;
/// use helm_release_store::crash::{Crash, Moment};
///
/// let crash = Arc::new(Crash::at(3, Moment::Unanswered));
/// let cluster = crash.cluster(Arc::new(MemoryCluster::new()));
/// assert_eq!(crash.writes(), 0);
/// # drop(cluster);
/// ```
#[derive(Debug)]
pub struct Crash {
    nth: usize,
    moment: Moment,
    writes: AtomicUsize,
    told: Notify,
}

impl Crash {
    /// A death at the `nth` write, counted from 1.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use helm_release_core::plan::RollbackOptions;
    /// use helm_release_core::ports::{HeadQuery, NoObserver, Storage as _};
    /// use helm_release_core::run::Engine;
    /// use helm_release_store::clock::SystemClock;
    /// use helm_release_store::crash::{Crash, Moment};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let plan = shop.plan(&RollbackOptions::default()).await?;
    /// let crash = Arc::new(Crash::at(1, Moment::After));
    /// let (storage, cluster) = (crash.storage(Arc::new(shop.storage)), crash.cluster(shop.cluster));
    /// let engine = Engine::new(&storage, &cluster, &SystemClock, &NoObserver);
    /// tokio::select! {
    ///     biased;
    ///     () = crash.happened() => {}
    ///     _ = engine.run(&plan) => unreachable!("the process is dead"),
    /// }
    /// // The first write was the new record: it says that a rollback is under way.
    /// let heads = storage.heads(&HeadQuery::default()).await?;
    /// assert_eq!(heads.last().map(|head| head.status_label()), Some("pending-rollback"));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn at(nth: usize, moment: Moment) -> Self {
        Self { nth, moment, writes: AtomicUsize::new(0), told: Notify::new() }
    }

    /// No death: only counts.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use helm_release_core::plan::RollbackOptions;
    /// use helm_release_core::ports::NoObserver;
    /// use helm_release_core::run::Engine;
    /// use helm_release_store::clock::SystemClock;
    /// use helm_release_store::crash::Crash;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let plan = shop.plan(&RollbackOptions::default()).await?;
    /// let crash = Arc::new(Crash::never());
    /// let (storage, cluster) = (crash.storage(Arc::new(shop.storage)), crash.cluster(shop.cluster));
    /// Engine::new(&storage, &cluster, &SystemClock, &NoObserver).run(&plan).await?;
    /// // A test of every crash lets the process die at each of them.
    /// assert_eq!(crash.writes(), 9);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn never() -> Self {
        Self::at(usize::MAX, Moment::Before)
    }

    /// How many writes were begun.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use helm_release_core::ports::{Cluster as _, DryRun};
    /// use helm_release_store::crash::{Crash, Moment};
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
    /// let crash = Arc::new(Crash::at(1, Moment::Before));
    /// let cluster = crash.cluster(shop.cluster.clone());
    /// let request = deletion("shop-config");
    /// tokio::select! {
    ///     () = crash.happened() => {}
    ///     _ = cluster.write(&request, DryRun::No) => unreachable!("the process is dead"),
    /// }
    /// assert_eq!(crash.writes(), 1, "the write that it dies at is counted");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn writes(&self) -> usize {
        self.writes.load(Ordering::SeqCst)
    }

    /// Resolves when the process is dead.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::time::Duration;
    ///
    /// use helm_release_core::ports::{Cluster as _, DryRun};
    /// use helm_release_store::crash::{Crash, Moment};
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
    /// let crash = Arc::new(Crash::at(1, Moment::After));
    /// let cluster = crash.cluster(shop.cluster.clone());
    /// assert!(tokio::time::timeout(Duration::from_millis(10), crash.happened()).await.is_err());
    /// cluster.write(&deletion("shop-config"), DryRun::No).await?;
    /// assert!(tokio::time::timeout(Duration::from_millis(10), crash.happened()).await.is_ok());
    /// # Ok(()) });
    /// ```
    pub async fn happened(&self) {
        self.told.notified().await;
    }

    /// A cluster that dies with the process.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use helm_release_core::ports::{Cluster as _, DryRun};
    /// use helm_release_store::crash::{Crash, Moment};
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
    /// let crash = Arc::new(Crash::at(1, Moment::Before));
    /// let cluster = crash.cluster(shop.cluster.clone());
    /// let request = deletion("shop-config");
    /// // A dry run is no write.
    /// assert!(cluster.write(&request, DryRun::Server).await.is_ok());
    /// let died = tokio::select! {
    ///     () = crash.happened() => true,
    ///     _ = cluster.write(&request, DryRun::No) => false,
    /// };
    /// assert!(died);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn cluster(self: &Arc<Self>, inner: Arc<dyn Cluster>) -> CrashingCluster {
        CrashingCluster { inner, crash: Arc::clone(self) }
    }

    /// A storage that dies with the process.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use helm_release_core::ports::{Storage, StorageExt as _};
    /// use helm_release_store::crash::{Crash, Moment};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let newest = shop.key(3)?;
    /// let records: Arc<dyn Storage> = Arc::new(shop.storage);
    /// let crash = Arc::new(Crash::at(1, Moment::Unanswered));
    /// let storage = crash.storage(Arc::clone(&records));
    /// let head = storage.get(&newest).await?.head;
    /// tokio::select! {
    ///     () = crash.happened() => {}
    ///     _ = storage.delete(&newest, &head.version) => unreachable!("the process is dead"),
    /// }
    /// assert_eq!(records.find(&newest).await?, None);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn storage(self: &Arc<Self>, inner: Arc<dyn Storage>) -> CrashingStorage {
        CrashingStorage { inner, crash: Arc::clone(self) }
    }

    async fn die<T>(&self) -> T {
        self.told.notify_one();
        std::future::pending().await
    }

    async fn write<T>(&self, work: impl Future<Output = T> + Send) -> T {
        let number = self.writes.fetch_add(1, Ordering::SeqCst) + 1;
        if number > self.nth || (number == self.nth && self.moment == Moment::Before) {
            return self.die().await;
        }
        let result = work.await;
        if number < self.nth {
            return result;
        }
        match self.moment {
            Moment::Unanswered => self.die().await,
            Moment::Before | Moment::After => {
                // The answer arrives; whatever comes next does not happen.
                self.told.notify_one();
                result
            }
        }
    }
}

/// A cluster whose user dies at a chosen write.
///
/// ```
/// use std::sync::Arc;
///
/// use helm_release_core::ports::Cluster as _;
/// use helm_release_store::cluster::MemoryCluster;
/// use helm_release_store::crash::Crash;
///
/// # examples::run(async {
/// let crash = Arc::new(Crash::never());
/// let cluster = crash.cluster(Arc::new(MemoryCluster::new()));
/// assert_eq!(cluster.to_string(), "memory");
/// // Reads pass and are not counted.
/// assert!(cluster.kinds(false).await.is_ok());
/// assert_eq!(crash.writes(), 0);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone)]
pub struct CrashingCluster {
    inner: Arc<dyn Cluster>,
    crash: Arc<Crash>,
}

impl fmt::Display for CrashingCluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.inner, f)
    }
}

#[async_trait]
impl Cluster for CrashingCluster {
    async fn kinds(&self, refresh: bool) -> Result<Arc<Kinds>, ClusterError> {
        self.inner.kinds(refresh).await
    }

    async fn schemas(&self, kinds: &[Gvk]) -> Result<Arc<Schemas>, ClusterError> {
        self.inner.schemas(kinds).await
    }

    async fn get(&self, at: &Location) -> Result<Object, ClusterError> {
        self.inner.get(at).await
    }

    async fn list(&self, resource: &Resource, options: &ListOptions) -> Result<Listing, ClusterError> {
        self.inner.list(resource, options).await
    }

    async fn table(&self, of: &TableOf) -> Result<Table, ClusterError> {
        self.inner.table(of).await
    }

    async fn watch(&self, resource: &Resource, options: &ListOptions, from: &str) -> Result<WatchStream, ClusterError> {
        self.inner.watch(resource, options, from).await
    }

    async fn write(&self, request: &Request, dry_run: DryRun) -> Result<Option<Object>, ClusterError> {
        match dry_run {
            DryRun::Server => self.inner.write(request, dry_run).await,
            DryRun::No => self.crash.write(self.inner.write(request, dry_run)).await,
        }
    }

    async fn logs(&self, namespace: &str, pod: &str, options: &LogOptions) -> Result<String, ClusterError> {
        self.inner.logs(namespace, pod, options).await
    }

    async fn permissions(&self, rights: &[Right]) -> Vec<Permission> {
        self.inner.permissions(rights).await
    }
}

/// A storage whose user dies at a chosen write.
///
/// ```
/// use std::sync::Arc;
///
/// use helm_release_core::ports::{HeadQuery, Storage as _};
/// use helm_release_store::crash::Crash;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let crash = Arc::new(Crash::never());
/// let storage = crash.storage(Arc::new(shop.storage));
/// let heads = storage.heads(&HeadQuery::default()).await?;
/// storage.delete(&heads[0].key, &heads[0].version).await?;
/// assert_eq!(crash.writes(), 1);
/// assert_eq!(storage.heads(&HeadQuery::default()).await?.len(), 2);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone)]
pub struct CrashingStorage {
    inner: Arc<dyn Storage>,
    crash: Arc<Crash>,
}

impl fmt::Display for CrashingStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.inner, f)
    }
}

#[async_trait]
impl Storage for CrashingStorage {
    async fn heads(&self, query: &HeadQuery) -> Result<Vec<Head>, StorageError> {
        self.inner.heads(query).await
    }

    async fn get(&self, key: &RecordKey) -> Result<StoredRecord, StorageError> {
        self.inner.get(key).await
    }

    async fn create(&self, key: &RecordKey, record: &NewRecord) -> Result<Head, StorageError> {
        self.crash.write(self.inner.create(key, record)).await
    }

    async fn replace(&self, key: &RecordKey, expected: &Version, record: &NewRecord) -> Result<Head, StorageError> {
        self.crash.write(self.inner.replace(key, expected, record)).await
    }

    async fn delete(&self, key: &RecordKey, expected: &Version) -> Result<(), StorageError> {
        self.crash.write(self.inner.delete(key, expected)).await
    }

    fn rights(&self, namespace: &Namespace) -> KeepersRights {
        self.inner.rights(namespace)
    }
}
