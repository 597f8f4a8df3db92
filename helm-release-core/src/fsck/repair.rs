//! Executes a repair, each record kept as a backup before it is touched.

use jiff::Timestamp;

use super::{Backup, RepairAction, RepairPlan, RepairStep, UnreadableBackup};
use crate::lock::{Claim, NotTaken};
use crate::ports::{
    Clock, Journal, JournalError, Lock, LockError, LockKey, NewRecord, NoObserver, NoteKey, RecordKey, Storage, StorageError,
    StorageExt as _, StoredRecord,
};
use crate::run::{Closed, Gate};
use crate::{Namespace, ReleaseName};

/// How many backups of one revision may be kept within one second.
const BACKUPS_PER_SECOND: usize = 100;

/// Why a step was not done.
///
/// ```
/// use helm_release_core::fsck::{RepairFailure, repair};
/// use helm_release_core::lock::{Claim, NotTaken, acquire};
/// # use helm_release_core::fsck::{Bench, RepairOptions, check, examine, repair_plan};
/// # use helm_release_core::ports::{LockKey, NoObserver};
/// # use helm_release_store::{clock::SystemClock, journal::SecretJournal, lock::LeaseLock};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
/// # let found = examine(&shop.storage, &lock, &journal, &shop.cluster, &shop.namespace, &shop.name).await?;
/// # let now = "2026-11-27T03:00:00Z".parse()?;
/// # let plan = repair_plan(&found, &check(&found, now), RepairOptions::default(), now);
/// # let claim = Claim::new("9b07", "bob@laptop", 815, "fsck shop --repair");
/// # let bench = Bench { storage: &shop.storage, lock: &lock, journal: &journal, clock: &SystemClock, claim: &claim };
/// # let key = LockKey { namespace: shop.namespace.clone(), name: shop.name.clone() };
/// // Somebody else begins to roll back.
/// let other = Claim::new("4f1c", "ann@bastion", 4711, "rollback shop 2");
/// acquire(&lock, &SystemClock, &NoObserver, &key, &other).await?;
/// match repair(&plan, bench).await.unwrap_err().failure {
///     RepairFailure::NotTaken(NotTaken::Held(held)) => assert_eq!(held.holder.who, "ann@bastion"),
///     other => panic!("{other}"),
/// }
/// # Ok(()) });
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RepairFailure {
    /// A record was not written; [`StorageError::Conflict`] when somebody else wrote it since it was examined.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A backup was not kept, or a journal not removed.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The lock was not taken: [`NotTaken::Held`] when another operation is at work.
    #[error(transparent)]
    NotTaken(#[from] NotTaken),
    /// The lock was not removed.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// A backup cannot be read or written.
    #[error(transparent)]
    Backup(#[from] UnreadableBackup),
}

/// A repair that stopped. Steps before the one that failed are done, later ones are not.
///
/// ```
/// use helm_release_core::fsck::repair;
/// # use helm_release_core::fsck::{Bench, RepairOptions, check, examine, repair_plan};
/// # use helm_release_core::lock::Claim;
/// # use helm_release_core::ports::{NewRecord, Storage as _};
/// # use helm_release_store::{clock::SystemClock, journal::SecretJournal, lock::LeaseLock};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
/// # let stored = shop.storage.get(&shop.key(1)?).await?;
/// # let mut record = NewRecord { payload: stored.payload, labels: stored.head.labels };
/// # record.labels.insert("status".to_owned(), "failed".to_owned());
/// # shop.storage.replace(&stored.head.key, &stored.head.version, &record).await?;
/// # let found = examine(&shop.storage, &lock, &journal, &shop.cluster, &shop.namespace, &shop.name).await?;
/// # let now = "2026-11-27T03:00:00Z".parse()?;
/// # let plan = repair_plan(&found, &check(&found, now), RepairOptions::default(), now);
/// # let claim = Claim::new("9b07", "bob@laptop", 815, "fsck shop --repair");
/// # let bench = Bench { storage: &shop.storage, lock: &lock, journal: &journal, clock: &SystemClock, claim: &claim };
/// // Somebody writes revision 1 between plan and repair.
/// # let stored = shop.storage.get(&shop.key(1)?).await?;
/// # let mut record = NewRecord { payload: stored.payload, labels: stored.head.labels };
/// # record.labels.insert("team".to_owned(), "web".to_owned());
/// # shop.storage.replace(&stored.head.key, &stored.head.version, &record).await?;
/// let error = repair(&plan, bench).await.unwrap_err();
/// assert!(error.done.is_empty());
/// assert_eq!(error.step, "write the labels of revision 1 anew (status superseded)");
/// assert!(error.failure.to_string().ends_with("was changed by somebody else since it was read"));
/// # Ok(()) });
/// ```
#[derive(Debug, thiserror::Error)]
#[error("cannot {step}: {failure}")]
pub struct RepairError {
    /// What was done before.
    pub done: Vec<Repaired>,
    /// What failed.
    pub step: String,
    /// Why.
    #[source]
    pub failure: RepairFailure,
}

/// A step that was done.
///
/// ```
/// use helm_release_core::fsck::{RepairOptions, repair, repair_plan};
/// # use helm_release_core::fsck::{Bench, check, examine};
/// # use helm_release_core::lock::Claim;
/// # use helm_release_core::ports::{NewRecord, Payload, Storage as _};
/// # use helm_release_store::{clock::SystemClock, journal::SecretJournal, lock::LeaseLock};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
/// # let stored = shop.storage.get(&shop.key(1)?).await?;
/// # let record = NewRecord { payload: Payload(b"%%%".to_vec()), labels: stored.head.labels };
/// # shop.storage.replace(&stored.head.key, &stored.head.version, &record).await?;
/// # let found = examine(&shop.storage, &lock, &journal, &shop.cluster, &shop.namespace, &shop.name).await?;
/// # let now = "2026-11-27T03:00:00Z".parse()?;
/// # let claim = Claim::new("9b07", "bob@laptop", 815, "fsck shop --repair");
/// # let bench = Bench { storage: &shop.storage, lock: &lock, journal: &journal, clock: &SystemClock, claim: &claim };
/// // Revision 1 cannot be decoded.
/// let options = RepairOptions::default().with_remove_undecodable(true);
/// let done = repair(&repair_plan(&found, &check(&found, now), options, now), bench).await?;
/// assert_eq!(done[0].action, "remove record sh.helm.release.v1.shop.v1");
/// assert!(done[0].backup.as_ref().is_some_and(|id| id.starts_with("v1-")));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Repaired {
    /// What was done.
    pub action: String,
    /// The id of the backup that was kept first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup: Option<String>,
}

/// Where a repair or restore writes, and who does it.
///
/// ```
/// use helm_release_core::fsck::{Bench, RepairOptions, check, examine, repair, repair_plan};
/// use helm_release_core::lock::Claim;
/// use helm_release_store::{clock::SystemClock, journal::SecretJournal, lock::LeaseLock};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
/// let claim = Claim::new("9b07", "bob@laptop", 815, "fsck shop --repair");
/// let bench = Bench { storage: &shop.storage, lock: &lock, journal: &journal, clock: &SystemClock, claim: &claim };
///
/// let now = bench.clock.now().timestamp();
/// let found = examine(bench.storage, bench.lock, bench.journal, &shop.cluster, &shop.namespace, &shop.name).await?;
/// let plan = repair_plan(&found, &check(&found, now), RepairOptions::default(), now);
/// assert_eq!(repair(&plan, bench).await?, [], "the shop's records are in order");
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Bench<'a> {
    /// The records.
    pub storage: &'a dyn Storage,
    /// The locks.
    pub lock: &'a dyn Lock,
    /// Journals and backups.
    pub journal: &'a dyn Journal,
    /// What time it is.
    pub clock: &'a dyn Clock,
    /// Who takes the release's lock meanwhile.
    pub claim: &'a Claim,
}

impl<'a> Bench<'a> {
    /// Takes the release's lock; every step passes the gate that it guards.
    pub(super) async fn begin(self, namespace: &Namespace, name: &ReleaseName) -> Result<(Gate<'a>, LockKey), RepairError> {
        let key = LockKey { namespace: namespace.clone(), name: name.clone() };
        let taken = Gate::take(self.clock, &NoObserver, None, self.lock, (&key, self.claim)).await;
        let gate =
            taken.map_err(|error| RepairError { done: Vec::new(), step: "take the lock".to_owned(), failure: error.into() })?;
        Ok((gate, key))
    }
}

/// Gives the lock back, which expires where that fails, and says what came of the work.
pub(super) async fn end(
    (gate, key): (Gate<'_>, LockKey),
    done: Vec<Repaired>,
    worked: Result<Result<(), (String, RepairFailure)>, Closed>,
) -> Result<Vec<Repaired>, RepairError> {
    let _ = gate.release().await;
    match worked {
        Ok(Ok(())) => Ok(done),
        Ok(Err((step, failure))) => Err(RepairError { done, step, failure }),
        Err(_) => Err(RepairError { done, step: "go on".to_owned(), failure: LockError::Lost { key }.into() }),
    }
}

/// Does what a plan says under the release's lock, step by step, and stops at the first step that fails.
///
/// # Errors
/// [`RepairError`]; every write is conditional, so what somebody else changed since the examination is a conflict.
///
/// # Cancellation
/// Steps that are done stay done, each with its backup; the next examination finds what is left.
///
/// ```
/// use helm_release_core::fsck::{Bench, RepairOptions, check, examine, repair, repair_plan};
/// # use helm_release_core::lock::Claim;
/// # use helm_release_core::ports::{NewRecord, Storage as _};
/// # use helm_release_store::{clock::SystemClock, journal::SecretJournal, lock::LeaseLock};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
/// # let claim = Claim::new("9b07", "bob@laptop", 815, "fsck shop --repair");
/// # let now = "2026-11-27T03:00:00Z".parse()?;
/// // The label of revision 1 says failed, its payload superseded.
/// # let stored = shop.storage.get(&shop.key(1)?).await?;
/// # let mut record = NewRecord { payload: stored.payload, labels: stored.head.labels };
/// # record.labels.insert("status".to_owned(), "failed".to_owned());
/// # shop.storage.replace(&stored.head.key, &stored.head.version, &record).await?;
/// let found = examine(&shop.storage, &lock, &journal, &shop.cluster, &shop.namespace, &shop.name).await?;
/// let plan = repair_plan(&found, &check(&found, now), RepairOptions::default(), now);
/// let bench = Bench { storage: &shop.storage, lock: &lock, journal: &journal, clock: &SystemClock, claim: &claim };
/// assert_eq!(repair(&plan, bench).await?.len(), 1);
///
/// let found = examine(&shop.storage, &lock, &journal, &shop.cluster, &shop.namespace, &shop.name).await?;
/// assert_eq!(check(&found, now), []);
/// # Ok(()) });
/// ```
pub async fn repair(plan: &RepairPlan, bench: Bench<'_>) -> Result<Vec<Repaired>, RepairError> {
    let (gate, key) = bench.begin(&plan.namespace, &plan.name).await?;
    let mut done = Vec::new();
    let work = async {
        for step in &plan.steps {
            let _ticket = gate.enter().await;
            match take(step, bench).await {
                Ok(backup) => done.push(Repaired { action: step.action.describe(), backup: backup.map(|key| key.id) }),
                Err(failure) => return Err((step.action.describe(), failure)),
            }
        }
        Ok(())
    };
    let worked = gate.guard(work).await;
    end((gate, key), done, worked).await
}

async fn take(step: &RepairStep, bench: Bench<'_>) -> Result<Option<NoteKey>, RepairFailure> {
    match &step.action {
        RepairAction::RemoveLock { held } => match bench.lock.delete(held).await {
            // Taken over by this repair, which gives it back at its end.
            Ok(()) | Err(LockError::Lost { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        },
        RepairAction::RemoveNote { note } => {
            bench.journal.delete(note).await?;
            Ok(None)
        }
        RepairAction::Rewrite { before, .. } | RepairAction::Remove { before } => {
            let now: Timestamp = bench.clock.now().timestamp();
            let kept = keep(bench.journal, &Backup::of(before, step.action.describe(), now)).await?;
            let written = write(bench.storage, &step.action, before).await;
            if written.is_err() {
                // A backup of what was not changed would bring back nothing. One that stays does no harm.
                let _ = bench.journal.delete(&kept).await;
            }
            written.map(|()| Some(kept)).map_err(RepairFailure::from)
        }
    }
}

async fn keep(journal: &dyn Journal, backup: &Backup) -> Result<NoteKey, RepairFailure> {
    let note = backup.to_note()?;
    let mut again = 0;
    loop {
        let key = backup.note_key(again);
        match journal.create(&key, &note).await {
            Ok(()) => return Ok(key),
            Err(JournalError::AlreadyExists { .. }) if again < BACKUPS_PER_SECOND => again += 1,
            Err(error) => return Err(error.into()),
        }
    }
}

async fn write(storage: &dyn Storage, action: &RepairAction, before: &StoredRecord) -> Result<(), StorageError> {
    let (key, version) = (&before.head.key, &before.head.version);
    match action {
        RepairAction::Rewrite { to, after, .. } if to == key => storage.replace(key, version, after).await.map(drop),
        RepairAction::Rewrite { to, after, .. } => {
            // The record is never absent: first under both names, then under the right one alone.
            create(storage, to, after).await?;
            storage.delete(key, version).await
        }
        _ => storage.delete(key, version).await,
    }
}

/// Creates a record; when the answer is lost, what is stored tells whether it was made.
pub(super) async fn create(storage: &dyn Storage, key: &RecordKey, record: &NewRecord) -> Result<(), StorageError> {
    match storage.create(key, record).await {
        Err(error @ StorageError::Other { .. }) => match storage.find(key).await {
            Ok(Some(stored)) if stored.payload == record.payload => Ok(()),
            _ => Err(error),
        },
        result => result.map(drop),
    }
}
