//! Takes the steps of a recovery.

use std::panic::AssertUnwindSafe;

use futures::FutureExt as _;

use super::apply::{self, Applied};
use super::engine::{Engine, check_heads, panic_text, rollback};
use super::gate::Closed;
use super::hooks::Past;
use super::outcome::{Failure, Left};
use super::progress::Progress;
use super::undo_log::UndoLog;
use super::witness::Witness;
use super::writer::{Writer, Written};
use super::{Event, FailedPhase, RunError, hooks, records, undo};
use crate::plan::{Mode, Plan};
use crate::ports::LockKey;
use crate::recover::{Interrupted, RecoveryPlan, Vitality, Way};
use crate::release::Status;

impl Engine<'_> {
    /// Recovers a release as the plan says. Whether an operation without a sign of life may still be alive is for the caller to
    /// decide ([`RecoveryPlan::vitality`]). One that is seen at work is left alone: with a lock ([`Engine::with_lock`]) it is
    /// waited for as long as the claim says, without one it is an error.
    ///
    /// # Errors
    /// [`Failure`] with the first error. The journal stays, and whatever was not done can be done by another recovery:
    /// every step goes by what is live. With [`FailedPhase::Start`] nothing was written.
    ///
    /// # Cancellation
    /// As if it had been killed: another recovery goes on from there.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use helm_release_core::plan::RollbackOptions;
    /// use helm_release_core::ports::NoObserver;
    /// use helm_release_core::recover::{Eyes, Vitality, Way, Wish, decide, look};
    /// use helm_release_core::release::Status;
    /// use helm_release_core::run::Engine;
    /// use helm_release_store::clock::SystemClock;
    /// # use helm_release_store::crash::{Crash, Moment};
    /// use helm_release_store::journal::SecretJournal;
    /// use helm_release_store::lock::LeaseLock;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let examples::Shop { storage, cluster, namespace, name } = &shop;
    /// # let plan = shop.plan(&RollbackOptions::default()).await?;
    /// let (lock, journal) = (LeaseLock::new(cluster.clone()), SecretJournal::new(cluster.clone()));
    /// # let crash = Arc::new(Crash::at(1, Moment::After));
    /// # let crashing = crash.cluster(cluster.clone());
    /// # let engine = Engine::new(storage, &crashing, &SystemClock, &NoObserver).with_journal(&journal);
    /// # futures::future::select(Box::pin(engine.run(&plan)), Box::pin(crash.happened())).await;
    /// // A rollback to revision 2 was killed when it had written one object.
    /// assert_eq!(shop.record(4).await?.info()?.status, Status::PendingRollback);
    /// let eyes = Eyes { storage, cluster, lock: &lock, journal: &journal, clock: &SystemClock };
    /// let recovery = decide(&look(eyes, namespace, name).await?, Wish::Undo);
    /// assert_eq!(recovery.vitality, Vitality::Dead);
    /// let engine = Engine::new(storage, cluster, &SystemClock, &NoObserver).with_journal(&journal);
    /// assert_eq!(engine.recover(&recovery).await?, Way::Undo);
    /// assert_eq!(shop.record(4).await?.info()?.status, Status::Failed);
    /// # Ok(()) });
    /// ```
    pub async fn recover(&self, plan: &RecoveryPlan) -> Result<Way, Failure> {
        let at_start = |error| Failure::at(FailedPhase::Start, error);
        if let Some(blocked) = plan.objects.as_deref().and_then(RunError::blocked) {
            return Err(at_start(blocked));
        }
        if plan.is_idle() {
            return Ok(Way::Nothing);
        }
        if self.lock.is_none() && plan.vitality == Vitality::Alive {
            // With a lock its holder is waited for, and the records are looked at again.
            let reason = plan.cautions.first().cloned().unwrap_or_default();
            return Err(at_start(RunError::StillAtWork { reason }));
        }
        let key = LockKey { namespace: plan.namespace.clone(), name: plan.name.clone() };
        let gate = self.gate(&key).await.map_err(at_start)?;
        let (progress, witness) = (Progress::new(), Witness::new(self.observer, self.clock, None));
        let writer = self.writer(&gate, &progress, &witness);
        let result = self.recover_held(plan, &writer).await;
        self.release(&gate).await;
        result
    }

    async fn recover_held(&self, plan: &RecoveryPlan, writer: &Writer<'_>) -> Result<Way, Failure> {
        let (gate, progress) = (writer.gate, writer.progress);
        let work = AssertUnwindSafe(self.take_recovery(writer, plan)).catch_unwind();
        let error = match gate.guard(work).await {
            Ok(Ok(Ok(()))) => return Ok(plan.way),
            Ok(Ok(Err(error))) => error,
            Ok(Err(panic)) => RunError::Panicked { message: panic_text(panic.as_ref()) },
            Err(Closed::Interrupted) => RunError::Interrupted,
            Err(Closed::LockLost(reason)) => RunError::LockLost { reason },
        };
        let mut failure = Failure::at(progress.phase(), error);
        if progress.is_committed() {
            failure.left = Left::AtTarget;
        } else if progress.phase() != FailedPhase::Start && !matches!(failure.error, RunError::LockLost { .. }) {
            gate.heed_no_interrupt();
            let recorded = gate.guard(self.record_failure(writer, plan, &failure)).await;
            failure.unrecorded = recorded.ok().and_then(Result::err).map(Box::new);
        }
        Err(failure)
    }

    /// A recovery that failed leaves no record pending: nobody is at work any more.
    async fn record_failure(&self, writer: &Writer<'_>, plan: &RecoveryPlan, failure: &Failure) -> Result<(), RunError> {
        let Some(interrupted) = plan.interrupted.as_ref().filter(|interrupted| interrupted.info.status.is_pending()) else {
            return Ok(());
        };
        let description = format!("Rollback {:?} failed: its recovery failed: {}", plan.name.as_str(), failure.error);
        let repair = crate::recover::RecordRepair {
            revision: interrupted.revision(),
            status: Status::Failed,
            description: Some(description),
            reason: String::new(),
        };
        records::repair(writer, plan, &repair).await
    }

    async fn take_recovery(&self, writer: &Writer<'_>, plan: &RecoveryPlan) -> Result<(), RunError> {
        check_heads(writer, &plan.namespace, &plan.name, &plan.heads).await?;
        writer.progress.enter(FailedPhase::Apply);
        match (&plan.log, &plan.objects, &plan.interrupted, plan.way) {
            (Some(log), ..) => {
                self.observer.event(&Event::ReturnBegun { cause: plan.reasons.first().cloned().unwrap_or_default() });
                if let Some(Interrupted { head, record, payload, .. }) = plan.interrupted.clone() {
                    hooks::give_up(writer, &mut Written::of(head, record, payload)).await?;
                }
                undo::undo(writer, log, |_| true).await?;
            }
            (None, Some(objects), Some(interrupted), Way::Finish) => self.go_on(writer, plan, objects, interrupted).await?,
            (None, Some(objects), ..) => apply::apply(writer, objects, &mut Applied::default()).await?,
            (None, None, ..) => {}
        }
        writer.progress.enter(FailedPhase::Records);
        writer.gate.heed_no_interrupt();
        for repair in &plan.records {
            records::repair(writer, plan, repair).await?;
        }
        writer.progress.commit();
        if let Err(error) = records::prune(writer, &plan.prune).await {
            // The release is where it should be, and its next rollback or upgrade prunes again.
            self.warn(format!("cannot prune the history: {error}"));
        }
        self.remove_journals(writer, plan).await;
        Ok(())
    }

    /// Brings the interrupted operation to its end, hooks that did not run included.
    async fn go_on(
        &self,
        writer: &Writer<'_>,
        plan: &RecoveryPlan,
        objects: &Plan,
        interrupted: &Interrupted,
    ) -> Result<(), RunError> {
        let log = self.log_of(plan, interrupted).await?;
        let Some(log) = log.filter(|_| objects.options.mode == Mode::Safe) else {
            return apply::apply(writer, objects, &mut Applied::default()).await;
        };
        let Interrupted { head, record, payload, .. } = interrupted.clone();
        let mut own = Written::of(head, record, payload);
        rollback(writer, objects, &mut own, Past::Logged(&log)).await
    }

    /// The journal of the interrupted rollback, read again: what it says of hooks decides which run.
    async fn log_of(&self, plan: &RecoveryPlan, interrupted: &Interrupted) -> Result<Option<UndoLog>, RunError> {
        let key = UndoLog::key(&plan.namespace, &plan.name, interrupted.revision());
        match self.journal.filter(|_| plan.spent.contains(&key)) {
            Some(journal) => Ok(Some(UndoLog::decode(&key, &journal.read(&key).await?)?)),
            None => Ok(None),
        }
    }

    async fn remove_journals(&self, writer: &Writer<'_>, plan: &RecoveryPlan) {
        let Some(journal) = self.journal else { return };
        for key in &plan.spent {
            let _ticket = writer.gate.enter().await;
            if let Err(error) = journal.delete(key).await {
                self.warn(format!("the journal was not removed: {error}"));
            }
        }
    }
}
