//! The way of a rollback: lock, journal, record, hooks, objects, wait, hooks, records.

use std::panic::AssertUnwindSafe;

use futures::FutureExt as _;

use super::apply::{self, Applied};
use super::gate::{Closed, Gate};
use super::hooks::Past;
use super::journal::WayBack;
use super::progress::Progress;
use super::witness::Witness;
use super::writer::{NotCreated, Writer, Written};
use super::{
    Event, FailedPhase, Failure, Interrupt, Left, Outcome, RunError, hooks, journal, records, recreate_pods, undo, wait,
};
use crate::evidence::Limits;
use crate::hook::Event as HookEvent;
use crate::lock::{Claim, NotTaken};
use crate::plan::{Action, Mode, OnFailure, Plan, Subject};
use crate::ports::{Clock, Cluster, Head, HeadQuery, Journal, Lock, LockError, LockKey, Observer, Storage};
use crate::{Namespace, ReleaseName};

/// Runs plans.
///
/// Without a lock the new record alone keeps others off; without a journal a run that is killed cannot be undone. Both are
/// for tests and for clusters that have no room for them.
///
/// ```
/// use helm_release_core::lock::Claim;
/// use helm_release_core::ports::{Journal, NoObserver};
/// use helm_release_core::run::{Engine, Interrupt, Outcome};
/// use helm_release_store::clock::SystemClock;
/// use helm_release_store::journal::SecretJournal;
/// use helm_release_store::lock::LeaseLock;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let plan = shop.plan(&helm_release_core::plan::RollbackOptions::default()).await?;
/// let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
/// let interrupt = Interrupt::new();
/// let engine = Engine::new(&shop.storage, &shop.cluster, &SystemClock, &NoObserver)
///     .with_lock(&lock, Claim::new("7f3a", "ann@bastion", 4711, "rollback shop"))
///     .with_journal(&journal)
///     .with_interrupt(&interrupt);
/// assert_eq!(engine.run(&plan).await?, Outcome::RolledBack(plan.new_revision));
/// // A run that came to its end leaves no journal.
/// assert!(journal.list(None, None).await?.is_empty());
/// # Ok(()) });
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Engine<'a> {
    /// Where records are.
    pub storage: &'a dyn Storage,
    /// Where live objects are.
    pub cluster: &'a dyn Cluster,
    /// What time it is.
    pub clock: &'a dyn Clock,
    /// Who listens.
    pub observer: &'a dyn Observer,
    /// What keeps other operations off, and in whose name.
    pub lock: Option<(&'a dyn Lock, Claim)>,
    /// Where the way back is written down.
    pub journal: Option<&'a dyn Journal>,
    /// What asks the run to stop.
    pub interrupt: Option<&'a Interrupt>,
    /// How much is collected when a run fails, before anything is undone; `None` is nothing.
    pub evidence: Option<Limits>,
}

impl<'a> Engine<'a> {
    /// An engine without lock, journal and interrupt.
    ///
    /// ```
    /// use helm_release_core::ports::{Cluster, NoObserver, Storage};
    /// use helm_release_core::run::{Engine, Outcome};
    /// use helm_release_store::clock::SystemClock;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let plan = shop.plan(&helm_release_core::plan::RollbackOptions::default()).await?;
    /// // Which storage and which cluster it is may be decided while the program runs.
    /// let (storage, cluster): (&dyn Storage, &dyn Cluster) = (&shop.storage, &shop.cluster);
    /// let engine = Engine::new(storage, cluster, &SystemClock, &NoObserver);
    /// assert!(engine.lock.is_none() && engine.journal.is_none());
    /// assert_eq!(engine.run(&plan).await?, Outcome::RolledBack(plan.new_revision));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn new(storage: &'a dyn Storage, cluster: &'a dyn Cluster, clock: &'a dyn Clock, observer: &'a dyn Observer) -> Self {
        Self { storage, cluster, clock, observer, lock: None, journal: None, interrupt: None, evidence: None }
    }

    /// Takes that lock before anything is written.
    ///
    /// ```
    /// use helm_release_core::lock::{Claim, acquire};
    /// use helm_release_core::ports::{LockKey, NoObserver};
    /// use helm_release_core::run::{Engine, Left, RunError};
    /// use helm_release_store::clock::SystemClock;
    /// use helm_release_store::lock::LeaseLock;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let plan = shop.plan(&helm_release_core::plan::RollbackOptions::default()).await?;
    /// # let key = LockKey { namespace: shop.namespace.clone(), name: shop.name.clone() };
    /// let lock = LeaseLock::new(shop.cluster.clone());
    /// let hers = Claim::new("7f3a", "ann@bastion", 4711, "upgrade shop");
    /// acquire(&lock, &SystemClock, &NoObserver, &key, &hers).await?;
    ///
    /// let his = Claim::new("c94e", "bob@laptop", 815, "rollback shop");
    /// let engine = Engine::new(&shop.storage, &shop.cluster, &SystemClock, &NoObserver).with_lock(&lock, his);
    /// let failure = engine.run(&plan).await.unwrap_err();
    /// assert!(matches!(failure.error, RunError::NotLocked(_)));
    /// assert!(failure.to_string().contains("upgrade shop by ann@bastion"));
    /// assert_eq!(failure.left, Left::Untouched);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn with_lock(self, lock: &'a dyn Lock, claim: Claim) -> Self {
        Self { lock: Some((lock, claim)), ..self }
    }

    /// Writes the way back into that journal before it goes.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use futures::future::select;
    /// use helm_release_core::ports::{Journal, NoObserver};
    /// use helm_release_core::run::{Engine, UndoLog};
    /// use helm_release_store::clock::SystemClock;
    /// use helm_release_store::crash::{Crash, Moment};
    /// use helm_release_store::journal::SecretJournal;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let plan = shop.plan(&helm_release_core::plan::RollbackOptions::default()).await?;
    /// let journal = SecretJournal::new(shop.cluster.clone());
    /// // The process dies when it has written one object.
    /// let crash = Arc::new(Crash::at(1, Moment::After));
    /// let cluster = crash.cluster(shop.cluster.clone());
    /// let engine = Engine::new(&shop.storage, &cluster, &SystemClock, &NoObserver).with_journal(&journal);
    /// select(Box::pin(engine.run(&plan)), Box::pin(crash.happened())).await;
    /// // What is needed to undo the run outlives it.
    /// let key = UndoLog::key(&shop.namespace, &shop.name, plan.new_revision);
    /// assert_eq!(journal.list(None, None).await?, [key]);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn with_journal(self, journal: &'a dyn Journal) -> Self {
        Self { journal: Some(journal), ..self }
    }

    /// Stops at the next safe point when that asks it to.
    ///
    /// ```
    /// use helm_release_core::ports::NoObserver;
    /// use helm_release_core::run::{Engine, FailedPhase, Interrupt, RunError};
    /// use helm_release_store::clock::SystemClock;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let plan = shop.plan(&helm_release_core::plan::RollbackOptions::default()).await?;
    /// let interrupt = Interrupt::new();
    /// let engine = Engine::new(&shop.storage, &shop.cluster, &SystemClock, &NoObserver).with_interrupt(&interrupt);
    /// // As a handler of Ctrl-C would.
    /// interrupt.request();
    /// let failure = engine.run(&plan).await.unwrap_err();
    /// assert!(matches!(failure.error, RunError::Interrupted));
    /// assert_eq!(failure.phase, FailedPhase::Start);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn with_interrupt(self, interrupt: &'a Interrupt) -> Self {
        Self { interrupt: Some(interrupt), ..self }
    }

    /// Collects evidence when a run fails.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use helm_release_core::history::Selector;
    /// # use helm_release_core::plan::{Acceptance, RollbackOptions, WaitStrategy};
    /// use helm_release_core::evidence::Limits;
    /// use helm_release_core::ports::NoObserver;
    /// use helm_release_core::run::{Engine, FailedPhase};
    /// use helm_release_store::clock::SystemClock;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let engine = Engine::new(&shop.storage, &shop.cluster, &SystemClock, &NoObserver);
    /// # engine.run(&shop.plan(&RollbackOptions::default()).await?).await?;
    /// # let options = RollbackOptions::default().with_selector(Selector::Revision(shop.key(3)?.revision));
    /// # let options = options.with_wait(WaitStrategy::Watcher).with_timeout(Duration::from_millis(100));
    /// # let options = options.with_accepted([Acceptance::parse("target-not-good")]);
    /// # let plan = shop.plan(&options).await?;
    /// // `plan` goes to revision 3, whose image is not there, and waits for the objects.
    /// let failure = engine.with_evidence(Limits::default()).run(&plan).await.unwrap_err();
    /// assert_eq!(failure.phase, FailedPhase::Wait);
    /// let cause = failure.evidence.unwrap().cause();
    /// assert!(cause.sentence.contains(r#"image "registry.example/shop:1.2-typo" of container "web" cannot be pulled"#));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn with_evidence(self, limits: Limits) -> Self {
        Self { evidence: Some(limits), ..self }
    }

    pub(super) fn writer<'w>(&'w self, gate: &'w Gate<'w>, progress: &'w Progress, witness: &'w Witness<'w>) -> Writer<'w> {
        let Self { storage, cluster, clock, .. } = self;
        Writer { storage: *storage, cluster: *cluster, clock: *clock, observer: &witness.timeline, gate, progress, witness }
    }

    pub(super) fn warn(&self, message: String) {
        self.observer.event(&Event::Warning { message });
    }

    /// The gate of a run: guarded by the release's lock, where there may be one.
    pub(super) async fn gate(&self, key: &LockKey) -> Result<Gate<'_>, RunError> {
        match &self.lock {
            Some((lock, claim)) => match Gate::take(self.clock, self.observer, self.interrupt, *lock, (key, claim)).await {
                Err(NotTaken::Interrupted) => Err(RunError::Interrupted),
                taken => Ok(taken?),
            },
            None => Ok(Gate::new(self.clock, self.interrupt)),
        }
    }

    /// Gives a lock back that was taken before and is not needed ([`Claim::with_held`]).
    async fn give_back(&self) {
        let Some((lock, Claim { held: Some(held), .. })) = &self.lock else { return };
        let lock: &dyn Lock = *lock;
        match lock.delete(held).await {
            // Somebody else has it by now.
            Ok(()) | Err(LockError::Lost { .. }) => {}
            Err(error) => self.warn(format!("the lock was not given back and expires by itself: {error}")),
        }
    }

    /// Gives the lock back; one that cannot be given back expires.
    pub(super) async fn release(&self, gate: &Gate<'_>) {
        if let Err(error) = gate.release().await {
            self.warn(format!("the lock was not given back and expires by itself: {error}"));
        }
    }

    /// Runs a plan.
    ///
    /// # Errors
    /// [`Failure`] with the first error and where it happened. With [`FailedPhase::Start`] nothing was written. Otherwise the new record
    /// says `failed` and why, and the revision before is `deployed` as it was; with [`FailedPhase::Records`] the new record may be
    /// `deployed`, and an earlier one still be called so too. All that unless [`Failure::unrecorded`] is set. [`Failure::left`] says
    /// what became of the objects.
    ///
    /// # Cancellation
    /// Dropping the future is like killing the process: the new record stays `pending-rollback`, the objects in between, the journal
    /// says how to undo it, and the lock expires. [`Engine::recover`] finishes or undoes it.
    ///
    /// ```
    /// use helm_release_core::ports::NoObserver;
    /// use helm_release_core::run::{Engine, Outcome};
    /// use helm_release_store::clock::SystemClock;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let plan = shop.plan(&helm_release_core::plan::RollbackOptions::default()).await?;
    /// let is_live = |name: &str| shop.cluster.objects().iter().any(|object| object.name() == name);
    /// // Revision 3 brought it, and the target has none.
    /// assert!(is_live("shop-feature"));
    /// let outcome = Engine::new(&shop.storage, &shop.cluster, &SystemClock, &NoObserver).run(&plan).await?;
    /// assert_eq!(outcome, Outcome::RolledBack(plan.new_revision));
    /// assert!(!is_live("shop-feature"));
    /// assert_eq!(shop.record(4).await?.info()?.description, "Rollback to 2");
    /// # Ok(()) });
    /// ```
    pub async fn run(&self, plan: &Plan) -> Result<Outcome, Failure> {
        if let Some(blocked) = RunError::blocked(plan) {
            self.give_back().await;
            return Err(Failure::at(FailedPhase::Start, blocked));
        }
        if plan.is_idle() {
            self.give_back().await;
            return Ok(Outcome::NothingToDo);
        }
        let at_start = |error| Failure::at(FailedPhase::Start, error);
        let key = LockKey { namespace: plan.namespace.clone(), name: plan.name.clone() };
        let gate = self.gate(&key).await.map_err(at_start)?;
        let (progress, witness) = (Progress::new(), Witness::new(self.observer, self.clock, self.evidence.clone()));
        let result = self.run_held(plan, &self.writer(&gate, &progress, &witness)).await;
        self.release(&gate).await;
        result.map_err(|failure| Failure { evidence: witness.take(), ..failure })
    }

    async fn run_held(&self, plan: &Plan, writer: &Writer<'_>) -> Result<Outcome, Failure> {
        let (gate, progress, mut begun) = (writer.gate, writer.progress, None);
        let error = match self.forward(writer, plan, &mut begun).await {
            Ok(outcome) => return Ok(outcome),
            Err(Stopped::At(failure)) => return Err(failure),
            Err(Stopped::Early(error)) => error,
        };
        let phase = progress.phase();
        let Some(mut begun) = begun else { return Err(Failure::at(FailedPhase::Start, error)) };
        if progress.is_committed() {
            return Err(Failure { left: Left::AtTarget, ..Failure::at(phase, error) });
        }
        let not_recorded = || Some(Box::new(RunError::LockLost { reason: "nothing was written afterwards".to_owned() }));
        if matches!(error, RunError::LockLost { .. }) {
            // Whoever holds the lock decides: not a single write more.
            return Err(Failure { unrecorded: not_recorded(), ..Failure::at(phase, error) });
        }
        gate.heed_no_interrupt();
        let mut failure = Failure::at(phase, error);
        if gate.guard(self.back(writer, plan, &mut begun, &mut failure)).await.is_err() {
            failure.unrecorded = not_recorded();
        }
        Err(failure)
    }

    /// Everything up to the end or the first error.
    async fn forward(&self, writer: &Writer<'_>, plan: &Plan, begun: &mut Option<Begun>) -> Result<Outcome, Stopped> {
        let work = AssertUnwindSafe(self.forward_unguarded(writer, plan, begun)).catch_unwind();
        match writer.gate.guard(work).await {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => Err(Stopped::Early(RunError::Panicked { message: panic_text(panic.as_ref()) })),
            Err(Closed::Interrupted) => Err(Stopped::Early(RunError::Interrupted)),
            Err(Closed::LockLost(reason)) => Err(Stopped::Early(RunError::LockLost { reason })),
        }
    }

    async fn forward_unguarded(&self, writer: &Writer<'_>, plan: &Plan, begun: &mut Option<Begun>) -> Result<Outcome, Stopped> {
        let at_start = |error| Stopped::At(Failure::at(FailedPhase::Start, error));
        // The journal comes before the record: a pending record of ours without one has touched nothing.
        let checking = async {
            if self.lock.is_some() { check_heads(writer, &plan.namespace, &plan.name, &plan.heads).await } else { Ok(()) }
        };
        let mut way_back = journal::begin(writer, self.journal, plan, checking).await.map_err(at_start)?;
        if plan.options.mode == Mode::Compat {
            prune(writer, plan, &[]).await.map_err(at_start)?;
        }
        let own = match records::begin(writer, plan).await {
            Ok(own) => own,
            Err(NotCreated { error, unknown }) => {
                if unknown.is_none() {
                    journal::end(writer, self.journal, &mut way_back).await;
                }
                let failure = Failure { unrecorded: unknown.map(Box::new), ..Failure::at(FailedPhase::Start, error) };
                return Err(Stopped::At(failure));
            }
        };
        let begun = begun.insert(Begun { own, way_back });
        writer.progress.enter(FailedPhase::PreHooks);
        rollback(writer, plan, &mut begun.own, Past::Nothing).await.map_err(Stopped::Early)?;
        let superseded = records::supersede(writer, plan).await.map_err(Stopped::Early)?;
        if plan.options.mode == Mode::Safe
            && let Err(error) = prune(writer, plan, &superseded).await
        {
            // The release is where it should be, and its next rollback or upgrade prunes again.
            self.warn(format!("cannot prune the history: {error}"));
        }
        journal::end(writer, self.journal, &mut begun.way_back).await;
        Ok(Outcome::RolledBack(plan.new_revision))
    }

    /// What follows the first error: the way back, or what `stop` leaves; and the records.
    async fn back(&self, writer: &Writer<'_>, plan: &Plan, begun: &mut Begun, failure: &mut Failure) {
        writer.witness.look(writer, plan, &failure.error).await;
        let returns = plan.options.on_failure == OnFailure::Return && plan.options.mode == Mode::Safe;
        if let (true, Some(log)) = (returns, &begun.way_back.log) {
            self.observer.event(&Event::ReturnBegun { cause: failure.error.to_string() });
            let is_meant = |entry: &crate::plan::Undo| writer.progress.has_begun(entry.at());
            let way_back = async {
                hooks::give_up(writer, &mut begun.own).await?;
                undo::undo(writer, log, is_meant).await
            };
            match way_back.await {
                Ok(()) => failure.left = Left::Returned,
                Err(error) => failure.unreturned = Some(Box::new(error)),
            }
        }
        let recorded = records::fail(writer, plan, &mut begun.own, failure).await;
        failure.unrecorded = recorded.err().map(Box::new);
        if failure.left == Left::Returned && failure.unrecorded.is_none() {
            journal::end(writer, self.journal, &mut begun.way_back).await;
        }
    }
}

/// What a run has begun.
#[derive(Debug)]
pub(super) struct Begun {
    /// The run's own record.
    pub(super) own: Written,
    pub(super) way_back: WayBack,
}

/// How the way forward ended early.
enum Stopped {
    /// With nothing begun, or with nothing left to undo.
    At(Failure),
    /// In between.
    Early(RunError),
}

pub(super) fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no text".to_owned())
}

/// Looks whether the records are still those that the plan saw.
pub(super) async fn check_heads(
    writer: &Writer<'_>,
    namespace: &Namespace,
    name: &ReleaseName,
    seen: &[Head],
) -> Result<(), RunError> {
    let heads = writer.storage.heads(&HeadQuery::release(namespace, name)).await?;
    let (now, then) = (|| heads.iter(), || seen.iter());
    let added = now().find(|head| !then().any(|known| known.key == head.key));
    if let Some(added) = added {
        return Err(RunError::Overtaken { revision: added.key.revision });
    }
    let moved = then().find(|known| !now().any(|head| head.key == known.key && head.version == known.version));
    match moved {
        Some(moved) => Err(RunError::Moved { what: format!("the record of revision {}", moved.key.revision) }),
        None => Ok(()),
    }
}

/// Everything between the two states of the new record.
pub(super) async fn rollback(writer: &Writer<'_>, plan: &Plan, own: &mut Written, past: Past<'_>) -> Result<(), RunError> {
    hooks::run(writer, plan, &HookEvent::PreRollback, own, past).await?;
    writer.progress.enter(FailedPhase::Apply);
    let mut applied = Applied::default();
    if let Err(error) = apply::apply(writer, plan, &mut applied).await {
        let returns = plan.options.on_failure == OnFailure::Return && plan.options.mode == Mode::Safe;
        if plan.options.cleanup_on_fail && !returns {
            writer.witness.look(writer, plan, &error).await;
            apply::clean_up(writer, plan, &applied).await;
        }
        return Err(error);
    }
    recreate_pods::recreate_pods(writer, plan).await;
    writer.progress.enter(FailedPhase::Wait);
    wait::wait(writer, plan).await?;
    writer.progress.enter(FailedPhase::PostHooks);
    hooks::run(writer, plan, &HookEvent::PostRollback, own, past).await?;
    writer.progress.enter(FailedPhase::Records);
    records::deployed(writer, plan, own).await?;
    writer.gate.heed_no_interrupt();
    writer.progress.commit();
    Ok(())
}

/// Deletes the records that the plan names, those that this run has `written` in the version that it gave them.
async fn prune(writer: &Writer<'_>, plan: &Plan, written: &[Head]) -> Result<(), RunError> {
    let heads = plan.steps_of(Action::PruneRecord).filter_map(|step| {
        let Subject::Record(revision) = step.subject else { return None };
        written.iter().chain(&plan.heads).find(|head| head.key.revision == revision).cloned()
    });
    let heads: Vec<Head> = heads.collect();
    records::prune(writer, &heads).await
}
