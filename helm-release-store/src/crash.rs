//! Lets a process die at a chosen write: for tests of what it leaves behind.

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
/// What dies is the future that uses the ports: once [`Crash::happened`] resolves it must be dropped. None of its calls
/// returns after that.
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
    #[must_use]
    pub fn at(nth: usize, moment: Moment) -> Self {
        Self { nth, moment, writes: AtomicUsize::new(0), told: Notify::new() }
    }

    /// No death: only counts.
    #[must_use]
    pub fn never() -> Self {
        Self::at(usize::MAX, Moment::Before)
    }

    /// How many writes were begun.
    #[must_use]
    pub fn writes(&self) -> usize {
        self.writes.load(Ordering::SeqCst)
    }

    /// Resolves when the process is dead.
    pub async fn happened(&self) {
        self.told.notified().await;
    }

    /// A cluster that dies with the process.
    #[must_use]
    pub fn cluster(self: &Arc<Self>, inner: Arc<dyn Cluster>) -> CrashingCluster {
        CrashingCluster { inner, crash: Arc::clone(self) }
    }

    /// A storage that dies with the process.
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
