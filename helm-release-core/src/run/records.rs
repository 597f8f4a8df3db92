//! What the records say while a rollback runs, and after it.

use super::writer::{Writer, Written};
use super::{FailedPhase, RunError};
use crate::codec::{self, DecodeOptions};
use crate::plan::{Mode, Plan};
use crate::ports::{Head, RecordKey, StorageError};
use crate::release::{HelmTime, RevisionUpdate, Status};

/// Creates the new record, `pending-rollback`. Its creation is what keeps two rollbacks apart.
pub(super) async fn begin(writer: &Writer<'_>, plan: &Plan) -> Result<Written, RunError> {
    let record = plan.new_record(&HelmTime::from_zoned(&writer.clock.now()))?;
    let key = RecordKey { namespace: plan.namespace.clone(), name: plan.name.clone(), revision: plan.new_revision };
    match writer.create_record(&key, record, &plan.target.head.labels).await {
        Err(RunError::Storage(StorageError::AlreadyExists { .. })) => Err(RunError::Overtaken { revision: plan.new_revision }),
        other => other,
    }
}

/// Stores a status and a description in the run's own record.
pub(super) async fn update(writer: &Writer<'_>, own: &mut Written, update: &RevisionUpdate) -> Result<(), RunError> {
    *own = writer.replace_record(&own.head, own.record.updated(update)).await?;
    Ok(())
}

/// Reads an older record again and gives it a status; a record that cannot be decoded stays as it is.
async fn set_status(writer: &Writer<'_>, key: &RecordKey, status: &Status) -> Result<(), RunError> {
    let stored = writer.storage.get(key).await?;
    let Ok(record) = codec::decode(&stored.payload.0, DecodeOptions::default()) else { return Ok(()) };
    let update = RevisionUpdate { status: Some(status.clone()), description: None };
    writer.replace_record(&stored.head, record.updated(&update)).await?;
    Ok(())
}

/// Marks the run's own record deployed, then every revision that was deployed before superseded.
///
/// Between the two writes two revisions say deployed, which Helm survives by taking the newer one; none would not be true.
pub(super) async fn finish(writer: &Writer<'_>, plan: &Plan, own: &mut Written) -> Result<(), RunError> {
    update(writer, own, &RevisionUpdate { status: Some(Status::Deployed), description: None }).await?;
    for head in &plan.deployed {
        supersede(writer, plan, head).await?;
    }
    Ok(())
}

async fn supersede(writer: &Writer<'_>, plan: &Plan, head: &Head) -> Result<(), RunError> {
    let superseded = RevisionUpdate { status: Some(Status::Superseded), description: None };
    // What the plan has read need not be read again: the write is conditional on it.
    for known in [&plan.current, &plan.target] {
        if known.head.key == head.key {
            let result = writer.replace_record(&known.head, known.record.updated(&superseded)).await;
            return match result {
                Err(RunError::Storage(StorageError::Conflict { .. })) => set_status(writer, &head.key, &Status::Superseded).await,
                result => result.map(drop),
            };
        }
    }
    set_status(writer, &head.key, &Status::Superseded).await
}

/// Writes down that the run failed: its own record `failed` with the first error, every other one as it was.
///
/// In compat mode a failure while applying also marks the current revision superseded, as Helm does.
pub(super) async fn fail(
    writer: &Writer<'_>,
    plan: &Plan,
    own: &mut Written,
    phase: FailedPhase,
    error: &RunError,
) -> Result<(), RunError> {
    let word = if phase == FailedPhase::Wait { "Release" } else { "Rollback" };
    let description = format!("{word} {:?} failed: {error}", plan.name.as_str());
    if plan.options.mode == Mode::Compat && phase == FailedPhase::Apply {
        set_status(writer, &plan.current.head.key, &Status::Superseded).await?;
    }
    update(writer, own, &RevisionUpdate { status: Some(Status::Failed), description: Some(description) }).await
}
