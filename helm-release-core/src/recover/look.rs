//! Reads what a recovery needs to know. Only reads.

use crate::codec::{self, DecodeOptions};
use crate::history::Selector;
use crate::plan::{Acceptance, FindingId, Hooks, Plan, RollbackOptions, plan};
use crate::ports::{
    Clock, Cluster, Head, HeadQuery, Held, Journal, JournalError, Lock, LockError, LockKey, NoteKey, NoteKind, Storage,
    StorageError,
};
use crate::release::{Info, Status};
use crate::run::UndoLog;
use crate::survey::{SurveyError, survey};
use crate::{Namespace, Record, ReleaseName, Revision};

use super::life::{Life, Signs};
use super::traces::Traces;

/// The revision whose operation did not come to its end.
///
/// ```
/// use helm_release_core::recover::look;
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
/// // An upgrade to revision 2 was killed.
/// let interrupted = look(eyes, &namespace, &name).await?.interrupted.ok_or("its newest revision is pending")?;
/// assert_eq!(interrupted.info.status, Status::PendingUpgrade);
/// assert_eq!(interrupted.head.status_label(), "pending-upgrade");
/// assert!(interrupted.record.manifest()?.contains("blue"));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Interrupted {
    /// What the storage says of its record.
    pub head: Head,
    /// The stored bytes of the record, as they were read.
    pub payload: crate::ports::Payload,
    /// The record.
    pub record: Record,
    /// Status, times, description.
    pub info: Info,
}

impl Interrupted {
    /// Its number.
    ///
    /// ```
    /// use helm_release_core::recover::look;
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
    /// // An upgrade to revision 2 was killed.
    /// let interrupted = look(eyes, &namespace, &name).await?.interrupted.ok_or("its newest revision is pending")?;
    /// assert_eq!(interrupted.revision().get(), 2);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.head.key.revision
    }
}

/// Everything that was read. Plain data: the decision is a function of it.
///
/// ```
/// use helm_release_core::recover::look;
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
/// // An upgrade to revision 2 was killed.
/// let situation = look(eyes, &namespace, &name).await?;
/// assert!(situation.held.is_none() && situation.journals.is_empty(), "Helm leaves neither");
/// let (ahead, behind) = (situation.ahead.ok_or("to 2")?, situation.behind.ok_or("back to 1")?);
/// assert_eq!((ahead.target.revision().get(), behind.target.revision().get()), (2, 1));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Situation {
    /// The release's namespace.
    pub namespace: Namespace,
    /// Its name.
    pub name: ReleaseName,
    /// Every record, oldest first.
    pub heads: Vec<Head>,
    /// The newest revision, when its operation did not come to its end.
    pub interrupted: Option<Interrupted>,
    /// Its journal.
    pub log: Option<UndoLog>,
    /// Why its journal cannot be used.
    pub unusable: Option<String>,
    /// Every journal of the release.
    pub journals: Vec<NoteKey>,
    /// The release's lock, whoever holds it.
    pub held: Option<Held>,
    /// Whether its operation is still at work.
    pub life: Life,
    /// What brings the objects to what the interrupted revision wants.
    pub ahead: Option<Box<Plan>>,
    /// What brings them back to the last good revision; `None` when there is none, or a journal tells more.
    pub behind: Option<Box<Plan>>,
}

/// Why it cannot be told what to do.
///
/// ```
/// use helm_release_core::recover::{LookError, look};
/// use helm_release_core::survey::SurveyError;
/// # use helm_release_core::recover::Eyes;
/// # use helm_release_store::{clock::SystemClock, journal::SecretJournal, lock::LeaseLock};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
/// # let eyes = Eyes { storage: &shop.storage, cluster: &shop.cluster, lock: &lock, journal: &journal, clock: &SystemClock };
/// match look(eyes, &shop.namespace, &"cart".parse()?).await {
///     Err(LookError::Survey(SurveyError::ReleaseNotFound { name, .. })) => assert_eq!(name.as_str(), "cart"),
///     other => panic!("{other:?}"),
/// }
/// # Ok(()) });
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LookError {
    /// The records or objects cannot be read.
    #[error(transparent)]
    Survey(#[from] SurveyError),
    /// The lock cannot be read.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The journals cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

impl From<StorageError> for LookError {
    fn from(error: StorageError) -> Self {
        Self::Survey(error.into())
    }
}

/// Through which ports to look.
///
/// ```
/// use helm_release_core::recover::{Eyes, look};
/// use helm_release_store::{clock::SystemClock, journal::SecretJournal, lock::LeaseLock};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
/// let eyes = Eyes { storage: &shop.storage, cluster: &shop.cluster, lock: &lock, journal: &journal, clock: &SystemClock };
/// assert_eq!(look(eyes, &shop.namespace, &shop.name).await?.heads.len(), 3);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Eyes<'a> {
    /// Where records are.
    pub storage: &'a dyn Storage,
    /// Where live objects are.
    pub cluster: &'a dyn Cluster,
    /// Where locks are.
    pub lock: &'a dyn Lock,
    /// Where journals are.
    pub journal: &'a dyn Journal,
    /// What time it is.
    pub clock: &'a dyn Clock,
}

/// Reads everything that decides what to do with a release.
///
/// # Errors
/// [`LookError`] when there is neither a record nor a journal of the release, or no connection. Without the right to locks or journals it goes on as if there were none.
///
/// # Cancellation
/// Nothing is left behind: nothing is written.
///
/// ```
/// use helm_release_core::recover::look;
/// # use helm_release_core::recover::Eyes;
/// # use helm_release_store::{clock::SystemClock, journal::SecretJournal, lock::LeaseLock};
/// # use helm_release_store::storage::load_memory_data;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
/// # let eyes = Eyes { storage: &shop.storage, cluster: &shop.cluster, lock: &lock, journal: &journal, clock: &SystemClock };
/// // A revision that failed has come to its end.
/// assert!(look(eyes, &shop.namespace, &shop.name).await?.interrupted.is_none());
/// // One that is pending has not, or not yet.
/// load_memory_data(&shop.storage, "[{name: shop, version: 4, info: {status: pending-upgrade}}]").await?;
/// let situation = look(eyes, &shop.namespace, &shop.name).await?;
/// assert_eq!(situation.interrupted.map(|interrupted| interrupted.revision().get()), Some(4));
/// # Ok(()) });
/// ```
pub async fn look(eyes: Eyes<'_>, namespace: &Namespace, name: &ReleaseName) -> Result<Situation, LookError> {
    let Eyes { storage, lock, journal, clock, .. } = eyes;
    let query = HeadQuery::release(namespace, name);
    let key = LockKey { namespace: namespace.clone(), name: name.clone() };
    let (heads, held, notes) = futures::join!(storage.heads(&query), lock.find(&key), journal.list(Some(namespace), Some(name)));
    let mut heads = heads?;
    heads.sort_by_key(|head| head.key.revision);
    let held: Option<Held> = match held {
        Err(LockError::Forbidden { .. }) => None,
        held => held?,
    };
    let notes = match notes {
        Err(JournalError::Forbidden { .. }) => Vec::new(),
        notes => notes?,
    };
    let journals: Vec<NoteKey> = notes.into_iter().filter(|note| note.kind == NoteKind::Journal).collect();
    let Some(newest) = heads.last().cloned() else {
        return match journals.first() {
            None => Err(SurveyError::ReleaseNotFound { name: name.clone(), namespace: namespace.clone() }.into()),
            Some(journal_of_old) => {
                let (log, unusable) = read_log(journal, journal_of_old).await;
                let signs = Signs { lock: held.as_ref(), has_journal: true, last_written: None, traces: &Traces::default() };
                let life = Life::judge(signs, clock.now().timestamp());
                Ok(Situation::without_records(namespace, name, journals, log, unusable, held, life))
            }
        };
    };
    let own_key = UndoLog::key(namespace, name, newest.key.revision);
    let has_journal = journals.contains(&own_key);
    let (log, unusable) = if has_journal { read_log(journal, &own_key).await } else { (None, None) };
    let is_pending = Status::from(newest.status_label().to_owned()).is_pending();
    let is_headless = is_headless(&heads);
    let interrupted =
        if is_pending || has_journal || is_headless { Some(read_interrupted(storage, newest).await?) } else { None };
    let last_written = interrupted.as_ref().and_then(|interrupted| last_written(&interrupted.head, &interrupted.info));
    let now = clock.now().timestamp();
    let (mut ahead, mut behind, mut traces) = (None, None, Traces::default());
    if let Some(interrupted) = &interrupted {
        let (forth, back) = plans(eyes, namespace, name, interrupted.revision(), log.as_ref()).await?;
        // Of its own operations this tool knows more: by lock and journal.
        if held.is_none() && !has_journal && !is_headless {
            traces = Traces::gather(eyes.cluster, interrupted, &forth, now).await;
        }
        (ahead, behind) = (Some(Box::new(forth)), back.map(Box::new));
    }
    let life = Life::judge(Signs { lock: held.as_ref(), has_journal, last_written, traces: &traces }, now);
    let life = if is_headless && !has_journal && held.is_none() { Life::over() } else { life };
    Ok(Situation {
        namespace: namespace.clone(),
        name: name.clone(),
        heads,
        interrupted,
        log,
        unusable,
        journals,
        held,
        life,
        ahead,
        behind,
    })
}

impl Situation {
    /// What is left of a release that somebody uninstalled, records and all, while a rollback of ours was at work.
    fn without_records(
        namespace: &Namespace,
        name: &ReleaseName,
        journals: Vec<NoteKey>,
        log: Option<UndoLog>,
        unusable: Option<String>,
        held: Option<Held>,
        life: Life,
    ) -> Self {
        Self {
            namespace: namespace.clone(),
            name: name.clone(),
            heads: Vec::new(),
            interrupted: None,
            log,
            unusable,
            journals,
            held,
            life,
            ahead: None,
            behind: None,
        }
    }
}

/// Whether the newest revision failed and took the status from the one before: Helm calls the current revision superseded when
/// its rollback fails while applying (`pkg/action/rollback.go`), and nothing is deployed then.
pub(super) fn is_headless(heads: &[Head]) -> bool {
    let has = |status: &Status| heads.iter().any(|head| head.status_label() == status.as_str());
    let newest_failed = heads.last().is_some_and(|head| head.status_label() == Status::Failed.as_str());
    newest_failed && has(&Status::Superseded) && !has(&Status::Deployed)
}

async fn read_log(journal: &dyn Journal, key: &NoteKey) -> (Option<UndoLog>, Option<String>) {
    match journal.read(key).await {
        Ok(note) => match UndoLog::decode(key, &note) {
            Ok(log) => (Some(log), None),
            Err(error) => (None, Some(error.to_string())),
        },
        Err(error) => (None, Some(error.to_string())),
    }
}

async fn read_interrupted(storage: &dyn Storage, newest: Head) -> Result<Interrupted, LookError> {
    let stored = storage.get(&newest.key).await?;
    let undecodable = |reason: String| SurveyError::Undecodable { key: newest.key.clone(), reason };
    let record = codec::decode(&stored.payload.0, DecodeOptions::default()).map_err(|error| undecodable(error.to_string()))?;
    let info = record.info().map_err(|error| undecodable(error.to_string()))?;
    Ok(Interrupted { head: stored.head, payload: stored.payload, record, info })
}

/// When the record was written last, as far as its labels and its own times say.
pub(crate) fn last_written(head: &Head, info: &Info) -> Option<jiff::Timestamp> {
    let label = |key: &str| {
        let seconds = head.labels.get(key)?.parse().ok()?;
        jiff::Timestamp::from_second(seconds).ok()
    };
    [label("createdAt"), label("modifiedAt"), info.last_deployed.timestamp()].into_iter().flatten().max()
}

/// Findings that are the very reason for a recovery.
fn accepting(options: RollbackOptions) -> RollbackOptions {
    let ids = [FindingId::PENDING_REVISION, FindingId::TARGET_NOT_GOOD];
    options.with_accepted(ids.iter().map(|id| Acceptance::parse(id.as_str())))
}

/// The ways to both ends.
async fn plans(
    eyes: Eyes<'_>,
    namespace: &Namespace,
    name: &ReleaseName,
    interrupted: Revision,
    log: Option<&UndoLog>,
) -> Result<(Plan, Option<Plan>), LookError> {
    let Eyes { storage, cluster, .. } = eyes;
    let planned = async |options: RollbackOptions| {
        let mut seen = survey(storage, cluster, namespace, name, &options).await?;
        seen.surroundings.is_resumed = log.is_some();
        seen.surroundings.exchanged = log.map(UndoLog::exchanged).unwrap_or_default();
        Ok::<_, SurveyError>(plan(&seen, &options))
    };
    if let Some(log) = log {
        let options = accepting(log.asked.options().with_selector(Selector::Revision(log.to)));
        return Ok((planned(options).await?, None));
    }
    // Which of Helm's hooks have run nobody knows, and none may run twice.
    let without_hooks = RollbackOptions { hooks: Hooks::Skip, ..RollbackOptions::default() };
    let ahead = planned(accepting(without_hooks.clone().with_selector(Selector::Revision(interrupted)))).await?;
    let behind = match planned(accepting(without_hooks)).await {
        Ok(plan) => Some(plan),
        Err(SurveyError::NoTarget(_)) => None,
        Err(error) => return Err(error.into()),
    };
    Ok((ahead, behind))
}
