//! Executes a repair, each record kept as a backup before it is touched.

use jiff::Timestamp;

use super::{Backup, RepairAction, RepairPlan, RepairStep, UnreadableBackup};
use crate::ports::{
    Journal, JournalError, Lock, LockError, NewRecord, NoteKey, RecordKey, Storage, StorageError, StorageExt as _, StoredRecord,
};

/// How many backups of one revision may be kept within one second.
const BACKUPS_PER_SECOND: usize = 100;

/// Why a step was not done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RepairFailure {
    /// A record was not written; [`StorageError::Conflict`] when somebody else wrote it since it was examined.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A backup was not kept, or a journal not removed.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The lock was not removed.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// A backup cannot be read or written.
    #[error(transparent)]
    Backup(#[from] UnreadableBackup),
}

/// A repair that stopped. Steps before the one that failed are done, later ones are not.
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

/// Does what a plan says, step by step, and stops at the first step that fails.
///
/// # Errors
/// [`RepairError`]; every write is conditional, so what somebody else changed since the examination is a conflict.
///
/// # Cancellation
/// Steps that are done stay done, each with its backup; the next examination finds what is left.
pub async fn repair(
    plan: &RepairPlan,
    storage: &dyn Storage,
    lock: &dyn Lock,
    journal: &dyn Journal,
    now: Timestamp,
) -> Result<Vec<Repaired>, RepairError> {
    let mut done = Vec::new();
    for step in &plan.steps {
        match take(step, storage, lock, journal, now).await {
            Ok(backup) => done.push(Repaired { action: step.action.describe(), backup: backup.map(|key| key.id) }),
            Err(failure) => return Err(RepairError { done, step: step.action.describe(), failure }),
        }
    }
    Ok(done)
}

async fn take(
    step: &RepairStep,
    storage: &dyn Storage,
    lock: &dyn Lock,
    journal: &dyn Journal,
    now: Timestamp,
) -> Result<Option<NoteKey>, RepairFailure> {
    match &step.action {
        RepairAction::RemoveLock { held } => {
            lock.delete(held).await?;
            Ok(None)
        }
        RepairAction::RemoveNote { note } => {
            journal.delete(note).await?;
            Ok(None)
        }
        RepairAction::Rewrite { before, .. } | RepairAction::Remove { before } => {
            let kept = keep(journal, &Backup::of(before, step.action.describe(), now)).await?;
            let written = write(storage, &step.action, before).await;
            if written.is_err() {
                // A backup of what was not changed would bring back nothing. One that stays does no harm.
                let _ = journal.delete(&kept).await;
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
