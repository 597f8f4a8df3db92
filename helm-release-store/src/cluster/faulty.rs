//! A cluster whose writes fail as they are told to.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use helm_release_core::patch::Schemas;
use helm_release_core::ports::{
    Cluster, ClusterError, ClusterErrorKind, DryRun, Kinds, ListOptions, Listing, Location, LogOptions, Permission, Request,
    Resource, Right, Table, TableOf, WatchStream,
};
use helm_release_core::{Gvk, Object};

/// What goes wrong with a write.
///
/// ```
/// use std::sync::Arc;
///
/// use helm_release_core::ports::{Cluster as _, ClusterErrorKind, ClusterExt as _, DryRun};
/// use helm_release_store::cluster::{Fault, FaultyCluster};
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
/// for (fault, error, is_done) in [
///     (Fault::Refuse(ClusterErrorKind::Forbidden), ClusterErrorKind::Forbidden, false),
///     (Fault::LoseRequest, ClusterErrorKind::Ambiguous, false),
///     (Fault::CutOff, ClusterErrorKind::Unreachable, false),
///     (Fault::LoseAnswer, ClusterErrorKind::Ambiguous, true),
/// ] {
///     let cluster = FaultyCluster::new(Arc::clone(&shop.cluster));
///     cluster.fail_next(fault);
///     assert_eq!(cluster.write(&deletion("shop-config"), DryRun::No).await.unwrap_err().kind, error);
///     assert_eq!(shop.cluster.find(&maps.at("default", "shop-config")).await?.is_none(), is_done);
/// }
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// It is not done and fails with this kind of error.
    Refuse(ClusterErrorKind),
    /// It is not done, and that is not known: the connection broke before the server got it.
    LoseRequest,
    /// It is done, and that is not known: the connection broke before the answer came.
    LoseAnswer,
    /// It is done after a while.
    Delay(Duration),
    /// Neither it nor anything after it reaches the server, reads included.
    CutOff,
}

type Test = Box<dyn Fn(&Request) -> bool + Send + Sync>;

/// A fault that waits for its writes.
struct Planned {
    fault: Fault,
    /// How many more writes it meets.
    left: usize,
    test: Test,
}

#[derive(Default)]
struct Plan {
    faults: Vec<Planned>,
    /// Real writes so far.
    writes: usize,
    cut_off: bool,
}

/// A cluster that passes everything on but fails, delays or loses chosen writes.
///
/// Dry runs are never touched, and do not count.
///
/// ```
/// use helm_release_core::ports::ClusterErrorKind;
/// use helm_release_store::cluster::{Fault, FaultyCluster, MemoryCluster};
///
/// let cluster = FaultyCluster::new(MemoryCluster::new());
/// cluster.fail_next(Fault::Refuse(ClusterErrorKind::Busy));
/// cluster.fail_nth(3, Fault::LoseAnswer);
/// cluster.fail_where(usize::MAX, Fault::LoseRequest, |request| request.at().resource.gvk.kind == "Secret");
/// ```
pub struct FaultyCluster<C> {
    inner: C,
    plan: Mutex<Plan>,
}

impl<C> FaultyCluster<C> {
    /// A cluster without faults so far.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use helm_release_core::ports::{Cluster as _, ClusterExt as _, DryRun};
    /// use helm_release_store::cluster::FaultyCluster;
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
    /// let cluster = FaultyCluster::new(Arc::clone(&shop.cluster));
    /// assert_eq!(cluster.to_string(), "faulty memory");
    /// cluster.write(&deletion("shop-feature"), DryRun::No).await?;
    /// assert_eq!(cluster.find(&maps.at("default", "shop-feature")).await?, None);
    /// # Ok(()) });
    /// ```
    pub fn new(inner: C) -> Self {
        Self { inner, plan: Mutex::default() }
    }

    /// The cluster behind.
    ///
    /// ```
    /// use helm_release_core::ports::Cluster as _;
    /// use helm_release_store::cluster::{FaultyCluster, MemoryCluster, RecordingCluster};
    ///
    /// # examples::run(async {
    /// let cluster = FaultyCluster::new(RecordingCluster::new(MemoryCluster::new()));
    /// cluster.kinds(false).await?;
    /// assert_eq!(cluster.inner().reads(), ["kinds"]);
    /// # Ok(()) });
    /// ```
    pub fn inner(&self) -> &C {
        &self.inner
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the next write meet a fault.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use helm_release_core::ports::{Cluster as _, ClusterErrorKind, DryRun};
    /// use helm_release_store::cluster::{Fault, FaultyCluster};
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
    /// let cluster = FaultyCluster::new(Arc::clone(&shop.cluster));
    /// cluster.fail_next(Fault::Refuse(ClusterErrorKind::Busy));
    /// let refused = cluster.write(&deletion("shop-config"), DryRun::No).await.unwrap_err();
    /// assert_eq!(refused.to_string(), "delete ConfigMap default/shop-config: refused by an injected fault");
    /// // The second attempt meets no fault.
    /// assert!(cluster.write(&deletion("shop-config"), DryRun::No).await.is_ok());
    /// # Ok(()) });
    /// ```
    pub fn fail_next(&self, fault: Fault) {
        self.fail_where(1, fault, |_| true);
    }

    /// Lets the `nth` write from the beginning meet a fault, counted from 1.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use helm_release_core::ports::{Cluster as _, ClusterErrorKind, DryRun};
    /// use helm_release_store::cluster::{Fault, FaultyCluster};
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
    /// let cluster = FaultyCluster::new(Arc::clone(&shop.cluster));
    /// cluster.fail_nth(2, Fault::LoseRequest);
    /// // The dry run is not counted.
    /// cluster.write(&deletion("shop-feature"), DryRun::Server).await?;
    /// cluster.write(&deletion("shop-feature"), DryRun::No).await?;
    /// let lost = cluster.write(&deletion("shop-config"), DryRun::No).await.unwrap_err();
    /// assert_eq!(lost.kind, ClusterErrorKind::Ambiguous);
    /// # Ok(()) });
    /// ```
    pub fn fail_nth(&self, nth: usize, fault: Fault) {
        let mut plan = self.plan();
        if let Some(left) = nth.checked_sub(plan.writes).filter(|left| *left > 0) {
            let to_come = AtomicUsize::new(left);
            let test = move |_: &Request| to_come.fetch_sub(1, Ordering::Relaxed) == 1;
            plan.faults.push(Planned { fault, left: 1, test: Box::new(test) });
        }
    }

    /// Lets the next `times` writes that a test chooses meet a fault.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use helm_release_core::plan::RollbackOptions;
    /// use helm_release_core::ports::{ClusterErrorKind, NoObserver};
    /// use helm_release_core::run::{Engine, Left};
    /// use helm_release_store::clock::SystemClock;
    /// use helm_release_store::cluster::{Fault, FaultyCluster};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let cluster = FaultyCluster::new(Arc::clone(&shop.cluster));
    /// let forbidden = Fault::Refuse(ClusterErrorKind::Forbidden);
    /// cluster.fail_where(1, forbidden, |request| request.at().resource.gvk.kind == "Job");
    ///
    /// let plan = shop.plan(&RollbackOptions::default()).await?;
    /// let failure = Engine::new(&shop.storage, &cluster, &SystemClock, &NoObserver).run(&plan).await.unwrap_err();
    /// // The hook's Job could not be made, so the objects were brought back.
    /// assert_eq!(failure.left, Left::Returned);
    /// # Ok(()) });
    /// ```
    pub fn fail_where(&self, times: usize, fault: Fault, test: impl Fn(&Request) -> bool + Send + Sync + 'static) {
        self.plan().faults.push(Planned { fault, left: times, test: Box::new(test) });
    }

    /// Takes all faults back; the server can be reached again.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use helm_release_core::ports::{Cluster as _, ClusterExt as _, DryRun};
    /// use helm_release_store::cluster::{Fault, FaultyCluster};
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
    /// let cluster = FaultyCluster::new(Arc::clone(&shop.cluster));
    /// cluster.fail_next(Fault::CutOff);
    /// assert!(cluster.write(&deletion("shop-config"), DryRun::No).await.is_err());
    /// assert!(cluster.kinds(false).await.is_err());
    /// cluster.heal();
    /// // The write that met the fault was not done.
    /// assert!(cluster.find(&maps.at("default", "shop-config")).await?.is_some());
    /// # Ok(()) });
    /// ```
    pub fn heal(&self) {
        let mut plan = self.plan();
        plan.faults.clear();
        plan.cut_off = false;
    }

    /// How many writes came so far, failed ones included.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use helm_release_core::ports::{Cluster as _, DryRun};
    /// use helm_release_store::cluster::{Fault, FaultyCluster};
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
    /// let cluster = FaultyCluster::new(Arc::clone(&shop.cluster));
    /// cluster.fail_next(Fault::LoseRequest);
    /// for dry_run in [DryRun::Server, DryRun::No, DryRun::No] {
    ///     let answer = cluster.write(&deletion("shop-config"), dry_run).await;
    ///     assert_eq!(answer.is_err(), dry_run == DryRun::No && cluster.writes() == 1);
    /// }
    /// assert_eq!(cluster.writes(), 2);
    /// # Ok(()) });
    /// ```
    pub fn writes(&self) -> usize {
        self.plan().writes
    }

    /// The fault that a write meets; every planned fault sees every write.
    fn next(&self, request: &Request) -> Option<Fault> {
        let mut plan = self.plan();
        plan.writes += 1;
        let mut met = None;
        for planned in &mut plan.faults {
            if planned.left > 0 && (planned.test)(request) && met.is_none() {
                planned.left -= 1;
                met = Some(planned.fault.clone());
            }
        }
        if met == Some(Fault::CutOff) {
            plan.cut_off = true;
        }
        met
    }

    fn reach(&self, action: impl FnOnce() -> String) -> Result<(), ClusterError> {
        if self.plan().cut_off {
            return Err(ClusterError::new(ClusterErrorKind::Unreachable, action(), "the connection was refused"));
        }
        Ok(())
    }
}

impl<C: fmt::Display> fmt::Display for FaultyCluster<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "faulty {}", self.inner)
    }
}

impl<C: fmt::Debug> fmt::Debug for FaultyCluster<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultyCluster").field("inner", &self.inner).finish_non_exhaustive()
    }
}

fn lost(request: &Request) -> ClusterError {
    ClusterError::new(ClusterErrorKind::Ambiguous, request.to_string(), "the connection was lost")
}

#[async_trait]
impl<C: Cluster> Cluster for FaultyCluster<C> {
    async fn kinds(&self, refresh: bool) -> Result<Arc<Kinds>, ClusterError> {
        self.reach(|| "discover kinds".to_owned())?;
        self.inner.kinds(refresh).await
    }

    async fn schemas(&self, kinds: &[Gvk]) -> Result<Arc<Schemas>, ClusterError> {
        self.reach(|| "read schemas".to_owned())?;
        self.inner.schemas(kinds).await
    }

    async fn get(&self, at: &Location) -> Result<Object, ClusterError> {
        self.reach(|| format!("get {at}"))?;
        self.inner.get(at).await
    }

    async fn list(&self, resource: &Resource, options: &ListOptions) -> Result<Listing, ClusterError> {
        self.reach(|| format!("list {}", resource.plural))?;
        self.inner.list(resource, options).await
    }

    async fn table(&self, of: &TableOf) -> Result<Table, ClusterError> {
        self.reach(|| format!("read a table of {of}"))?;
        self.inner.table(of).await
    }

    async fn watch(&self, resource: &Resource, options: &ListOptions, from: &str) -> Result<WatchStream, ClusterError> {
        self.reach(|| format!("watch {}", resource.plural))?;
        self.inner.watch(resource, options, from).await
    }

    async fn write(&self, request: &Request, dry_run: DryRun) -> Result<Option<Object>, ClusterError> {
        self.reach(|| request.to_string())?;
        if dry_run == DryRun::Server {
            return self.inner.write(request, dry_run).await;
        }
        match self.next(request) {
            None => self.inner.write(request, dry_run).await,
            Some(Fault::Refuse(kind)) => Err(ClusterError::new(kind, request.to_string(), "refused by an injected fault")),
            Some(Fault::LoseRequest) => Err(lost(request)),
            Some(Fault::LoseAnswer) => {
                // A write that the server refuses is lost like one that it does.
                let _: Result<_, ClusterError> = self.inner.write(request, dry_run).await;
                Err(lost(request))
            }
            Some(Fault::Delay(time)) => {
                tokio::time::sleep(time).await;
                self.inner.write(request, dry_run).await
            }
            Some(Fault::CutOff) => self.reach(|| request.to_string()).map(|()| None),
        }
    }

    async fn logs(&self, namespace: &str, pod: &str, options: &LogOptions) -> Result<String, ClusterError> {
        self.reach(|| format!("read the logs of Pod {namespace}/{pod}"))?;
        self.inner.logs(namespace, pod, options).await
    }

    async fn permissions(&self, rights: &[Right]) -> Vec<Permission> {
        self.inner.permissions(rights).await
    }
}

#[cfg(test)]
mod tests;
