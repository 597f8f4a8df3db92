//! The way of a rollback: record, hooks, objects, wait, hooks, records.

use super::apply::{self, Applied};
use super::writer::{NotCreated, Writer, Written};
use super::{Event, FailedPhase, RunError, hooks, records, recreate_pods, wait};
use crate::Revision;
use crate::hook::Event as HookEvent;
use crate::plan::{Action, Mode, Plan, Subject};
use crate::ports::{Clock, Cluster, Head, Observer, Storage, StorageError};

/// Runs plans.
#[derive(Debug, Clone, Copy)]
pub struct Engine<'a> {
    /// Where records are.
    pub storage: &'a dyn Storage,
    /// Where live objects are.
    pub cluster: &'a dyn Cluster,
    /// What time it is.
    pub clock: &'a dyn Clock,
    /// Who listens.
    pub observer: &'a dyn Observer,
}

/// How a run ended that ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The release is at the target, under this new revision.
    RolledBack(Revision),
    /// There was nothing to do, and nothing was done.
    NothingToDo,
}

/// A run that did not end well.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
#[non_exhaustive]
pub struct Failure {
    /// Where it stopped.
    pub phase: FailedPhase,
    /// The first error.
    #[source]
    pub error: RunError,
    /// Why the records could not be brought to the truth, when even that failed.
    pub unrecorded: Option<Box<RunError>>,
}

impl Failure {
    fn at(phase: FailedPhase, error: RunError) -> Self {
        Self { phase, error, unrecorded: None }
    }
}

impl Engine<'_> {
    fn writer(&self) -> Writer<'_> {
        Writer { storage: self.storage, cluster: self.cluster, clock: self.clock, observer: self.observer }
    }

    /// Runs a plan.
    ///
    /// # Errors
    /// [`Failure`] with the first error and where it happened. With [`FailedPhase::Start`] nothing was written. Otherwise the new record
    /// says `failed` and why, and the revision before is `deployed` as it was; with [`FailedPhase::Records`] the new record may be
    /// `deployed`, and an earlier one still be called so too. All that unless [`Failure::unrecorded`] is set.
    ///
    /// # Cancellation
    /// Dropping the future leaves the new record `pending-rollback` and the objects in between.
    pub async fn run(&self, plan: &Plan) -> Result<Outcome, Failure> {
        let ids: Vec<String> = plan.blocking().map(|finding| finding.id.to_string()).collect();
        if !ids.is_empty() {
            return Err(Failure::at(FailedPhase::Start, RunError::Blocked { ids }));
        }
        if plan.is_idle() {
            return Ok(Outcome::NothingToDo);
        }
        let writer = self.writer();
        if plan.options.mode == Mode::Compat {
            prune(&writer, plan, &[]).await.map_err(|error| Failure::at(FailedPhase::Start, error))?;
        }
        let mut own = records::begin(&writer, plan).await.map_err(|NotCreated { error, unknown }| Failure {
            phase: FailedPhase::Start,
            error,
            unrecorded: unknown.map(Box::new),
        })?;
        if let Err((phase, error)) = rollback(&writer, plan, &mut own).await {
            let unrecorded = records::fail(&writer, plan, &mut own, phase, &error).await.err().map(Box::new);
            return Err(Failure { phase, error, unrecorded });
        }
        let superseded = records::supersede(&writer, plan).await.map_err(|error| Failure::at(FailedPhase::Records, error))?;
        if plan.options.mode == Mode::Safe
            && let Err(error) = prune(&writer, plan, &superseded).await
        {
            // The release is where it should be, and its next rollback or upgrade prunes again.
            writer.observer.event(&Event::Warning { message: format!("cannot prune the history: {error}") });
        }
        Ok(Outcome::RolledBack(plan.new_revision))
    }
}

/// Everything between the two states of the new record.
async fn rollback(writer: &Writer<'_>, plan: &Plan, own: &mut Written) -> Result<(), (FailedPhase, RunError)> {
    hooks::run(writer, plan, &HookEvent::PreRollback, own).await.map_err(|error| (FailedPhase::PreHooks, error))?;
    let mut applied = Applied::default();
    if let Err(error) = apply::apply(writer, plan, &mut applied).await {
        if plan.options.cleanup_on_fail {
            apply::clean_up(writer, plan, &applied).await;
        }
        return Err((FailedPhase::Apply, error));
    }
    recreate_pods::recreate_pods(writer, plan).await;
    wait::wait(writer, plan).await.map_err(|error| (FailedPhase::Wait, error))?;
    hooks::run(writer, plan, &HookEvent::PostRollback, own).await.map_err(|error| (FailedPhase::PostHooks, error))?;
    records::deployed(writer, own).await.map_err(|error| (FailedPhase::Records, error))
}

/// Deletes the records that the plan names, those that this run has `written` in the version that it gave them.
async fn prune(writer: &Writer<'_>, plan: &Plan, written: &[Head]) -> Result<(), RunError> {
    for step in plan.steps_of(Action::PruneRecord) {
        let Subject::Record(revision) = step.subject else { continue };
        let mut heads = written.iter().chain(&plan.heads);
        let Some(head) = heads.find(|head| head.key.revision == revision) else { continue };
        match writer.delete_record(&head.key, &head.version).await {
            // Somebody was faster, or rewrote it since it was listed: then it is not what was to be pruned any more.
            Err(RunError::Storage(StorageError::NotFound { .. } | StorageError::Conflict { .. })) => {}
            result => result?,
        }
    }
    Ok(())
}
