//! What the records say while a rollback runs, and after it.

use super::outcome::{Failure, Left};
use super::writer::{NotCreated, Writer, Written};
use super::{FailedPhase, RunError};
use crate::codec::{self, DecodeOptions};
use crate::plan::{Mode, Plan};
use crate::ports::{Head, RecordKey, StorageError, StorageExt as _};
use crate::recover::{RecordRepair, RecoveryPlan};
use crate::release::{HelmTime, RevisionUpdate, Status};

/// How often a record that others keep changing is read and written again.
const ATTEMPTS: usize = 3;

/// Creates the new record, `pending-rollback`. Its creation is what keeps two rollbacks apart.
pub(super) async fn begin(writer: &Writer<'_>, plan: &Plan) -> Result<Written, NotCreated> {
    let record = plan.new_record(&HelmTime::from_zoned(&writer.clock.now())).map_err(RunError::from)?;
    let key = RecordKey { namespace: plan.namespace.clone(), name: plan.name.clone(), revision: plan.new_revision };
    let created = writer.create_record(&key, record, &plan.target.head.labels).await;
    created.map_err(|failure| match failure.error {
        RunError::Storage(StorageError::AlreadyExists { .. }) => RunError::Overtaken { revision: plan.new_revision }.into(),
        _ => failure,
    })
}

/// Gives a record the status and description that a recovery decided on; one that has them already is not written.
pub(super) async fn repair(writer: &Writer<'_>, plan: &RecoveryPlan, repair: &RecordRepair) -> Result<(), RunError> {
    let key = RecordKey { namespace: plan.namespace.clone(), name: plan.name.clone(), revision: repair.revision };
    let mut attempts = 1..ATTEMPTS;
    loop {
        let stored = writer.storage.get(&key).await?;
        let undecodable =
            |error: codec::CodecError| RunError::Storage(StorageError::Malformed { key: key.clone(), reason: error.to_string() });
        let record = codec::decode(&stored.payload.0, DecodeOptions::default()).map_err(undecodable)?;
        let info = record.info()?;
        let is_own = plan.interrupted.as_ref().is_some_and(|interrupted| interrupted.revision() == repair.revision);
        let own = match plan.own_hooks.filter(|_| is_own) {
            Some(count) => record.with_first_hooks(count)?,
            None => record.clone(),
        };
        let is_right = own.raw("hooks") == record.raw("hooks")
            && info.status == repair.status
            && stored.head.status_label() == repair.status.as_str();
        if is_right && repair.description.as_ref().is_none_or(|description| *description == info.description) {
            return Ok(());
        }
        let update = RevisionUpdate { status: Some(repair.status.clone()), description: repair.description.clone() };
        match writer.replace_record(&stored.head, own.updated(&update)).await {
            Err(RunError::Storage(StorageError::Conflict { .. })) if attempts.next().is_some() => {}
            result => return result.map(drop),
        }
    }
}

/// Stores the status and the description with which a run ends in its own record. Hooks that were lent to it leave it.
async fn end(writer: &Writer<'_>, plan: &Plan, own: &mut Written, update: &RevisionUpdate) -> Result<(), RunError> {
    let record = own.record.with_first_hooks(plan.target.hooks.len())?;
    *own = writer.replace_own(own, record.updated(update)).await?;
    Ok(())
}

/// Which records may be given a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Eligible {
    /// Only one that is deployed: whatever else it says by now, somebody else has written since.
    Deployed,
    /// Any, as Helm does.
    Any,
}

/// Reads an older record again and gives it a status; one that cannot be decoded or is gone stays as it is.
async fn set_status(writer: &Writer<'_>, key: &RecordKey, status: &Status, from: Eligible) -> Result<Option<Head>, RunError> {
    let mut attempts = 1..ATTEMPTS;
    loop {
        let Some(stored) = writer.storage.find(key).await? else { return Ok(None) };
        let Ok(record) = codec::decode(&stored.payload.0, DecodeOptions::default()) else { return Ok(None) };
        if from == Eligible::Deployed && record.info()?.status != Status::Deployed {
            return Ok(None);
        }
        let update = RevisionUpdate { status: Some(status.clone()), description: None };
        match writer.replace_record(&stored.head, record.updated(&update)).await {
            Err(RunError::Storage(StorageError::Conflict { .. })) if attempts.next().is_some() => {}
            Err(RunError::Storage(StorageError::NotFound { .. })) => return Ok(None),
            result => return result.map(Some),
        }
    }
}

/// Marks the run's own record deployed.
pub(super) async fn deployed(writer: &Writer<'_>, plan: &Plan, own: &mut Written) -> Result<(), RunError> {
    end(writer, plan, own, &RevisionUpdate { status: Some(Status::Deployed), description: None }).await
}

/// Marks every revision that was deployed before superseded, and returns what is known of those afterwards.
///
/// Until then two revisions say deployed, which Helm survives by taking the newer one; none would not be true.
/// One that cannot be written does not keep the others from it.
pub(super) async fn supersede(writer: &Writer<'_>, plan: &Plan) -> Result<Vec<Head>, RunError> {
    let (mut superseded, mut errors) = (Vec::new(), Vec::new());
    for head in &plan.deployed {
        match supersede_one(writer, plan, head).await {
            Ok(head) => superseded.extend(head),
            Err(error) => errors.push(error),
        }
    }
    RunError::first_of(errors).map_or(Ok(superseded), Err)
}

async fn supersede_one(writer: &Writer<'_>, plan: &Plan, head: &Head) -> Result<Option<Head>, RunError> {
    let superseded = RevisionUpdate { status: Some(Status::Superseded), description: None };
    // What the plan has read need not be read again: the write is conditional on it.
    if let Some(known) = [&plan.current, &plan.target].into_iter().find(|known| known.head.key == head.key) {
        match writer.replace_record(&known.head, known.record.updated(&superseded)).await {
            Err(RunError::Storage(StorageError::Conflict { .. } | StorageError::NotFound { .. })) => {}
            result => return result.map(Some),
        }
    }
    set_status(writer, &head.key, &Status::Superseded, Eligible::Deployed).await
}

/// Deletes records that are still as they were listed. One that somebody was faster with, or rewrote since, is not what was to be
/// pruned any more.
pub(super) async fn prune(writer: &Writer<'_>, heads: &[Head]) -> Result<(), RunError> {
    for head in heads {
        match writer.delete_record(&head.key, &head.version).await {
            Err(RunError::Storage(StorageError::NotFound { .. } | StorageError::Conflict { .. })) => {}
            result => result?,
        }
    }
    Ok(())
}

/// Writes down that the run failed: its own record `failed` with the first error, every other one as it was.
///
/// In compat mode a failure while applying also marks the current revision superseded, as Helm does.
pub(super) async fn fail(writer: &Writer<'_>, plan: &Plan, own: &mut Written, failure: &Failure) -> Result<(), RunError> {
    let word = if failure.phase == FailedPhase::Wait { "Release" } else { "Rollback" };
    let mut description = format!("{word} {:?} failed: {}", plan.name.as_str(), failure.error);
    if failure.left == Left::Returned {
        description += "; every object was brought back";
    }
    let mut before = Ok(None);
    if plan.options.mode == Mode::Compat && failure.phase == FailedPhase::Apply {
        before = set_status(writer, &plan.current.head.key, &Status::Superseded, Eligible::Any).await;
    }
    end(writer, plan, own, &RevisionUpdate { status: Some(Status::Failed), description: Some(description) }).await?;
    before.map(drop)
}
