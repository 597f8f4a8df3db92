//! What to do with a release whose last operation did not come to its end: finish it, undo it, or put the records right.
//!
//! [`look`] reads, [`decide`] thinks, and [`crate::run::Engine::recover`] acts on what was decided and on nothing else.
//! After a crash of this tool the journal says how to go either way. After one of Helm's there is none: then the live objects
//! are compared with what the interrupted revision wants and with what the last good one wants, object by object.
//!
//! ```
//! use helm_release_core::recover::{Eyes, Way, Wish, decide, look};
//! use helm_release_store::{clock::SystemClock, journal::SecretJournal, lock::LeaseLock};
//!
//! # use std::sync::Arc;
//! # use helm_release_store::cluster::{MemoryCluster, seed};
//! # use helm_release_store::storage::{MemoryStorage, load_memory_data};
//! # examples::run(async {
//! # let (storage, cluster) = (MemoryStorage::new(), Arc::new(MemoryCluster::new()));
//! # let releases = r#"
//! # - name: web
//! #   version: 1
//! #   apply_method: ssa
//! #   info: {status: deployed}
//! #   manifest: "{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {color: red}}"
//! # - name: web
//! #   version: 2
//! #   apply_method: ssa
//! #   info: {status: pending-upgrade}
//! #   manifest: "{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {color: blue}}"
//! # "#;
//! # load_memory_data(&storage, releases).await?;
//! # seed(&cluster, &storage).await?;
//! # let (namespace, name) = ("default".parse()?, "web".parse()?);
//! // An upgrade to revision 2 was killed when it had written its record and no object yet.
//! let (lock, journal) = (LeaseLock::new(cluster.clone()), SecretJournal::new(cluster.clone()));
//! let eyes = Eyes { storage: &storage, cluster: &cluster, lock: &lock, journal: &journal, clock: &SystemClock };
//! let plan = decide(&look(eyes, &namespace, &name).await?, Wish::Either);
//! assert_eq!(plan.way, Way::Undo);
//! assert_eq!(plan.reasons, ["every object is as the last good revision wants it"]);
//! assert_eq!(plan.records[0].status.as_str(), "failed");
//! # Ok(()) });
//! ```

mod decide;
mod json;
mod life;
mod look;
mod traces;

pub use decide::{Wish, decide};
pub use json::RECOVERY_FORMAT;
pub use life::{Life, Signs, Vitality};
pub(crate) use look::last_written;
pub use look::{Eyes, Interrupted, LookError, Situation, look};
pub use traces::Traces;

use std::fmt;

use serde::Serialize;

use crate::plan::{Action, Mode, Plan, Step};
use crate::ports::{Head, Held, NoteKey};
use crate::release::Status;
use crate::run::UndoLog;
use crate::{Namespace, ObjectId, ReleaseName, Revision};

/// Which way a recovery goes.
///
/// ```
/// use helm_release_core::recover::{Way, Wish, decide, look};
/// use helm_release_store::storage::load_memory_data;
/// # use helm_release_core::recover::Eyes;
/// # use helm_release_store::{clock::SystemClock, journal::SecretJournal, lock::LeaseLock};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
/// # let eyes = Eyes { storage: &shop.storage, cluster: &shop.cluster, lock: &lock, journal: &journal, clock: &SystemClock };
/// let plan = decide(&look(eyes, &shop.namespace, &shop.name).await?, Wish::Either);
/// assert_eq!(plan.way, Way::Nothing, "the newest revision failed and says so");
///
/// load_memory_data(&shop.storage, "[{name: shop, version: 4, info: {status: deployed}}]").await?;
/// let plan = decide(&look(eyes, &shop.namespace, &shop.name).await?, Wish::Either);
/// assert_eq!(plan.way, Way::RecordsOnly, "two revisions are deployed");
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Way {
    /// The interrupted operation is brought to its end.
    Finish,
    /// Every object is brought back to what it was, and the interrupted revision is called failed.
    Undo,
    /// The objects are left as they are, and the records made to say what is true.
    RecordsOnly,
    /// There is nothing to recover.
    Nothing,
}

/// As JSON has it.
impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Finish => "finish",
            Self::Undo => "undo",
            Self::RecordsOnly => "records-only",
            Self::Nothing => "nothing",
        })
    }
}

impl Way {
    /// The way in words.
    ///
    /// ```
    /// use helm_release_core::recover::Way;
    ///
    /// assert_eq!(Way::Finish.as_str(), "finish");
    /// assert_eq!(Way::RecordsOnly.as_str(), "only repair the records");
    /// // Data and logs have an id instead.
    /// assert_eq!(serde_json::to_value(Way::RecordsOnly)?, "records-only");
    /// assert_eq!(Way::RecordsOnly.to_string(), "records-only");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Finish => "finish",
            Self::Undo => "undo",
            Self::RecordsOnly => "only repair the records",
            Self::Nothing => "nothing to recover",
        }
    }
}

/// What a live object is like, compared with both ends of an interrupted operation.
///
/// ```
/// use helm_release_core::recover::{Likeness, Wish, decide, look};
/// use helm_release_store::cluster::seed_revision;
///
/// # use helm_release_core::recover::Eyes;
/// # use std::sync::Arc;
/// # use helm_release_store::{clock::SystemClock, journal::SecretJournal, lock::LeaseLock};
/// # use helm_release_store::cluster::{MemoryCluster, seed};
/// # use helm_release_store::storage::{MemoryStorage, load_memory_data};
/// # examples::run(async {
/// # let (storage, cluster) = (MemoryStorage::new(), Arc::new(MemoryCluster::new()));
/// # let releases = r#"
/// # - name: web
/// #   version: 1
/// #   apply_method: ssa
/// #   info: {status: deployed}
/// #   manifest: "{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {color: red}}"
/// # - name: web
/// #   version: 2
/// #   apply_method: ssa
/// #   info: {status: pending-upgrade}
/// #   manifest: "{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {color: blue}}"
/// # "#;
/// # load_memory_data(&storage, releases).await?;
/// # seed(&cluster, &storage).await?;
/// # let (lock, journal) = (LeaseLock::new(cluster.clone()), SecretJournal::new(cluster.clone()));
/// # let eyes = Eyes { storage: &storage, cluster: &cluster, lock: &lock, journal: &journal, clock: &SystemClock };
/// # let (namespace, name) = ("default".parse()?, "web".parse()?);
/// // An upgrade to revision 2 was killed before it wrote an object.
/// let situation = look(eyes, &namespace, &name).await?;
/// assert_eq!(decide(&situation, Wish::Either).evidence[0].likeness, Likeness::Before);
///
/// // Had it come further, its object would be there.
/// seed_revision(&cluster, &storage, &situation.heads[1].key).await?;
/// let situation = look(eyes, &namespace, &name).await?;
/// assert_eq!(decide(&situation, Wish::Either).evidence[0].likeness, Likeness::After);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Likeness {
    /// As the interrupted revision wants it.
    After,
    /// As the revision before wants it.
    Before,
    /// As both want it.
    Both,
    /// As neither wants it.
    Neither,
}

/// What was found of one object.
///
/// ```
/// use helm_release_core::recover::{Evidence, Likeness, Wish, decide, look};
///
/// # use helm_release_core::recover::Eyes;
/// # use std::sync::Arc;
/// # use helm_release_store::{clock::SystemClock, journal::SecretJournal, lock::LeaseLock};
/// # use helm_release_store::cluster::{MemoryCluster, seed};
/// # use helm_release_store::storage::{MemoryStorage, load_memory_data};
/// # examples::run(async {
/// # let (storage, cluster) = (MemoryStorage::new(), Arc::new(MemoryCluster::new()));
/// # let releases = r#"
/// # - name: web
/// #   version: 1
/// #   apply_method: ssa
/// #   info: {status: deployed}
/// #   manifest: "{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {color: red}}"
/// # - name: web
/// #   version: 2
/// #   apply_method: ssa
/// #   info: {status: pending-upgrade}
/// #   manifest: "{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {color: blue}}"
/// # "#;
/// # load_memory_data(&storage, releases).await?;
/// # seed(&cluster, &storage).await?;
/// # let (lock, journal) = (LeaseLock::new(cluster.clone()), SecretJournal::new(cluster.clone()));
/// # let eyes = Eyes { storage: &storage, cluster: &cluster, lock: &lock, journal: &journal, clock: &SystemClock };
/// # let (namespace, name) = ("default".parse()?, "web".parse()?);
/// // An upgrade to revision 2 was killed before it wrote an object.
/// let plan = decide(&look(eyes, &namespace, &name).await?, Wish::Either);
/// let [Evidence { object, likeness: Likeness::Before, .. }] = &plan.evidence[..] else { panic!("{plan:?}") };
/// assert_eq!(object.to_string(), "ConfigMap default/web");
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Evidence {
    /// Which one.
    pub object: ObjectId,
    /// What it is like.
    pub likeness: Likeness,
}

/// A record that takes another status.
///
/// ```
/// use helm_release_core::recover::{Wish, decide, look};
/// use helm_release_core::release::Status;
///
/// # use helm_release_core::recover::Eyes;
/// # use std::sync::Arc;
/// # use helm_release_store::{clock::SystemClock, journal::SecretJournal, lock::LeaseLock};
/// # use helm_release_store::cluster::{MemoryCluster, seed};
/// # use helm_release_store::storage::{MemoryStorage, load_memory_data};
/// # examples::run(async {
/// # let (storage, cluster) = (MemoryStorage::new(), Arc::new(MemoryCluster::new()));
/// # let releases = r#"
/// # - name: web
/// #   version: 1
/// #   apply_method: ssa
/// #   info: {status: deployed}
/// #   manifest: "{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {color: red}}"
/// # - name: web
/// #   version: 2
/// #   apply_method: ssa
/// #   info: {status: pending-upgrade}
/// #   manifest: "{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {color: blue}}"
/// # "#;
/// # load_memory_data(&storage, releases).await?;
/// # seed(&cluster, &storage).await?;
/// # let (lock, journal) = (LeaseLock::new(cluster.clone()), SecretJournal::new(cluster.clone()));
/// # let eyes = Eyes { storage: &storage, cluster: &cluster, lock: &lock, journal: &journal, clock: &SystemClock };
/// # let (namespace, name) = ("default".parse()?, "web".parse()?);
/// // An upgrade to revision 2 was killed before it wrote an object.
/// let plan = decide(&look(eyes, &namespace, &name).await?, Wish::Either);
/// let repair = &plan.records[0];
/// assert_eq!((repair.revision.get(), &repair.status), (2, &Status::Failed));
/// let description = r#"Upgrade "web" failed: it was cut off; every object was brought back"#;
/// assert_eq!(repair.description.as_deref(), Some(description));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RecordRepair {
    /// Which revision's.
    pub revision: Revision,
    /// The status that it takes.
    pub status: Status,
    /// The description that it takes; `None` leaves it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Why.
    pub reason: String,
}

/// A whole recovery, not begun.
///
/// ```
/// use helm_release_core::recover::{Wish, decide, look};
///
/// # use helm_release_core::recover::Eyes;
/// # use std::sync::Arc;
/// # use helm_release_store::{clock::SystemClock, journal::SecretJournal, lock::LeaseLock};
/// # use helm_release_store::cluster::{MemoryCluster, seed};
/// # use helm_release_store::storage::{MemoryStorage, load_memory_data};
/// # examples::run(async {
/// # let (storage, cluster) = (MemoryStorage::new(), Arc::new(MemoryCluster::new()));
/// # let releases = r#"
/// # - name: web
/// #   version: 1
/// #   apply_method: ssa
/// #   info: {status: deployed}
/// #   manifest: "{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {color: red}}"
/// # - name: web
/// #   version: 2
/// #   apply_method: ssa
/// #   info: {status: pending-upgrade}
/// #   manifest: "{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {color: blue}}"
/// # "#;
/// # load_memory_data(&storage, releases).await?;
/// # seed(&cluster, &storage).await?;
/// # let (lock, journal) = (LeaseLock::new(cluster.clone()), SecretJournal::new(cluster.clone()));
/// # let eyes = Eyes { storage: &storage, cluster: &cluster, lock: &lock, journal: &journal, clock: &SystemClock };
/// # let (namespace, name) = ("default".parse()?, "web".parse()?);
/// // An upgrade to revision 2 was killed before it wrote an object.
/// let plan = decide(&look(eyes, &namespace, &name).await?, Wish::Either);
/// assert_eq!(plan.interrupted.as_ref().map(|interrupted| interrupted.revision().get()), Some(2));
/// assert!(plan.objects.is_none(), "the object is as it was");
/// assert!(plan.log.is_none() && plan.spent.is_empty(), "of Helm's operations there is no journal");
/// assert_eq!(plan.heads.len(), 2);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RecoveryPlan {
    /// The release's namespace.
    pub namespace: Namespace,
    /// Its name.
    pub name: ReleaseName,
    /// Which way it goes.
    pub way: Way,
    /// Why that way, the weightiest reason first.
    pub reasons: Vec<String>,
    /// What to know before.
    pub cautions: Vec<String>,
    /// Whether somebody may still be at work.
    pub vitality: Vitality,
    /// The revision whose operation was interrupted.
    pub interrupted: Option<Interrupted>,
    /// What was found of each object, where that decided.
    pub evidence: Vec<Evidence>,
    /// What is done to objects, with hooks that still have to run: by the plan towards the end that is wanted.
    pub objects: Option<Box<Plan>>,
    /// The way back, where there is a journal and that way is taken.
    pub log: Option<Box<UndoLog>>,
    /// How many hooks of the interrupted record are its own; `None` is all. The others were lent to it while it ran.
    pub own_hooks: Option<usize>,
    /// What becomes of the records, in order.
    pub records: Vec<RecordRepair>,
    /// Records that are deleted at the end, since the history is limited.
    pub prune: Vec<Head>,
    /// Journals that are of no use afterwards.
    pub spent: Vec<NoteKey>,
    /// The release's lock, when somebody who is gone left it.
    pub abandoned: Option<Held>,
    /// Every record as it was seen.
    pub heads: Vec<Head>,
}

impl RecoveryPlan {
    /// Whether running it would do nothing at all.
    ///
    /// ```
    /// use helm_release_core::recover::{Wish, decide, look};
    /// # use helm_release_core::recover::Eyes;
    /// # use helm_release_store::{clock::SystemClock, journal::SecretJournal, lock::LeaseLock};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
    /// # let eyes = Eyes { storage: &shop.storage, cluster: &shop.cluster, lock: &lock, journal: &journal, clock: &SystemClock };
    /// let plan = decide(&look(eyes, &shop.namespace, &shop.name).await?, Wish::Either);
    /// assert!(plan.is_idle(), "{:?}", plan.reasons);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.way == Way::Nothing && self.spent.is_empty() && self.abandoned.is_none()
    }

    /// The steps that it takes of the plan in [`Self::objects`], those that leave an object as it is among them: not those
    /// about records, which stand in [`Self::records`] and [`Self::prune`], and what is not of objects only where the
    /// interrupted rollback goes on by its journal.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// use helm_release_core::plan::{Action, RollbackOptions};
    /// use helm_release_core::recover::{Wish, decide, look};
    /// # use helm_release_core::ports::NoObserver;
    /// # use helm_release_core::recover::Eyes;
    /// # use helm_release_core::run::Engine;
    /// # use helm_release_store::crash::{Crash, Moment};
    /// # use helm_release_store::{clock::SystemClock, journal::SecretJournal, lock::LeaseLock};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let examples::Shop { storage, cluster, namespace, name } = &shop;
    /// # let plan = shop.plan(&RollbackOptions::default()).await?;
    /// # let (lock, journal) = (LeaseLock::new(cluster.clone()), SecretJournal::new(cluster.clone()));
    /// # let crash = Arc::new(Crash::at(1, Moment::After));
    /// # let crashing = crash.cluster(cluster.clone());
    /// # let engine = Engine::new(storage, &crashing, &SystemClock, &NoObserver).with_journal(&journal);
    /// # futures::future::select(Box::pin(engine.run(&plan)), Box::pin(crash.happened())).await;
    /// # let eyes = Eyes { storage, cluster, lock: &lock, journal: &journal, clock: &SystemClock };
    /// // A rollback was killed when it had written one object. Its record is there, and the recovery makes no other.
    /// let recovery = decide(&look(eyes, namespace, name).await?, Wish::Finish);
    /// let taken: Vec<Action> = recovery.object_steps().map(|step| step.action).collect();
    /// assert!(taken.contains(&Action::RunHook) && !taken.contains(&Action::CreateRecord), "{taken:?}");
    /// # Ok(()) });
    /// ```
    pub fn object_steps(&self) -> impl Iterator<Item = &Step> {
        self.objects.iter().flat_map(|plan| &plan.steps).filter(|step| self.takes(step))
    }

    fn takes(&self, step: &Step) -> bool {
        match step.action {
            Action::CreateRecord | Action::FinishRecord | Action::Supersede | Action::PruneRecord => false,
            Action::RunHook | Action::RecreatePods | Action::Wait => self.goes_on(),
            _ => true,
        }
    }

    /// Whether an interrupted rollback goes on where its journal ends, with its hooks and waits; or else only objects are
    /// written.
    fn goes_on(&self) -> bool {
        let is_safe = self.objects.as_ref().is_some_and(|plan| plan.options.mode == Mode::Safe);
        let key = self.interrupted.as_ref().map(|interrupted| UndoLog::key(&self.namespace, &self.name, interrupted.revision()));
        self.way == Way::Finish && is_safe && key.is_some_and(|key| self.spent.contains(&key))
    }
}
