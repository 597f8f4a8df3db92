//! Runs the hooks of one event, one after another.

use super::undo_log::UndoLog;
use super::watch::{Change, Follow, Scope, follow, wait_until_gone, within};
use super::writer::{Writer, Written};
use super::{Event, RunError};
use crate::hook::{
    Awaited, Cleanup, CleanupAction, CleanupError, DeletionWait, Event as HookEvent, Hook, LastRun, LogSource, Phase, Schedule,
};
use crate::plan::{Action, FIELD_MANAGER, Mode, Placed, Plan, PlannedHook, Subject, WaitStrategy};
use crate::ports::{
    ClusterErrorKind, ClusterExt as _, Conflicts, ListOptions, LogOptions, Preconditions, Propagation, Request, Validation,
};
use crate::readiness::{Readiness, State, watcher};
use crate::release::{ApplyMethod, HelmTime};
use crate::{Gvk, Object};

/// What is needed while hooks run.
struct Runner<'a> {
    writer: &'a Writer<'a>,
    plan: &'a Plan,
    schedule: &'a Schedule,
    hooks: Vec<&'a PlannedHook>,
    past: Past<'a>,
}

/// What an earlier process has done of the same run.
#[derive(Debug, Clone, Copy)]
pub(super) enum Past<'a> {
    /// There was none.
    Nothing,
    /// It was killed somewhere, and left this journal.
    Logged(&'a UndoLog),
}

/// How far a hook had come.
enum Earlier {
    /// It had not begun.
    NotBegun,
    /// It had ended well, or may have: it does not run again.
    Over,
    /// Its object is there, and it has not been seen to end.
    Running(Box<Object>),
    /// It had failed.
    Failed,
}

/// A hook that stopped the event.
enum Stop {
    /// Before its object was there: nothing is cleaned up, as in Helm.
    Early(RunError),
    /// After that.
    Late(RunError),
}

/// Runs every hook of one event that the plan lists.
///
/// Each hook's begin is stored in the run's own record, its end with the next write of it. After a failure the objects
/// are cleaned up by their policies and no further hook runs. What ran in the past of the same run does not run again.
pub(super) async fn run(
    writer: &Writer<'_>,
    plan: &Plan,
    event: &HookEvent,
    own: &mut Written,
    past: Past<'_>,
) -> Result<(), RunError> {
    let planned = plan.steps_of(Action::RunHook).filter_map(|step| match &step.subject {
        Subject::Hook(planned) if planned.event == *event => Some(planned.as_ref()),
        _ => None,
    });
    let hooks: Vec<&PlannedHook> = planned.collect();
    let Some(schedule) = plan.schedules.iter().find(|schedule| schedule.event == *event).filter(|_| !hooks.is_empty()) else {
        return Ok(());
    };
    let runner = Runner { writer, plan, schedule, hooks, past };
    for (position, planned) in runner.hooks.iter().enumerate() {
        match runner.run_one(planned, own).await {
            Ok(()) => {}
            Err(Stop::Early(error)) => return Err(error),
            Err(Stop::Late(error)) => {
                writer.witness.look(writer, plan, &error).await;
                if let Err(problem) = runner.clean_up(&schedule.on_failure_of(position), own).await {
                    runner.warn(format!("cannot clean up after the hook: {problem}"));
                }
                return Err(error);
            }
        }
    }
    runner.clean_up(&schedule.on_success(), own).await
}

/// Stores that hooks which have not ended will not: before the way back removes their objects, after which only the record could
/// tell that they have run.
pub(super) async fn give_up(writer: &Writer<'_>, own: &mut Written) -> Result<(), RunError> {
    let (began, now) = (began(own), HelmTime::from_zoned(&writer.clock.now()));
    let hooks = own.record.hooks()?;
    let is_of_this_run = |run: &LastRun| run.started_at.timestamp().is_some_and(|started| started >= began);
    if !hooks.iter().any(|hook| is_of_this_run(&hook.last_run)) {
        return Ok(());
    }
    let mut record = own.record.clone();
    for (index, hook) in hooks.iter().enumerate() {
        let run = &hook.last_run;
        if is_of_this_run(run) && run.phase == Phase::Running {
            let ended = LastRun { started_at: run.started_at.clone(), completed_at: now.clone(), phase: Phase::Failed };
            record = record.with_hook_run(index, &ended)?;
        }
    }
    *own = writer.replace_own(own, record).await?;
    Ok(())
}

/// When the run began that the record is of.
fn began(own: &Written) -> jiff::Timestamp {
    let info = own.record.info().ok();
    info.and_then(|info| info.last_deployed.timestamp()).unwrap_or(jiff::Timestamp::MIN)
}

fn title(hook: &Hook) -> String {
    format!("{} {}", hook.kind, hook.name)
}

impl Runner<'_> {
    fn failure(planned: &PlannedHook, reason: impl Into<String>) -> RunError {
        RunError::Hook { event: planned.event.to_string(), hook: title(&planned.hook), reason: reason.into() }
    }

    async fn run_one(&self, planned: &PlannedHook, own: &mut Written) -> Result<(), Stop> {
        let adopted = match self.earlier(planned, own).await.map_err(Stop::Early)? {
            Earlier::NotBegun => None,
            Earlier::Over => return Ok(()),
            Earlier::Failed => return Err(Stop::Late(Self::failure(planned, "it had failed before the run was cut off"))),
            Earlier::Running(object) => Some(object),
        };
        if let Some(object) = adopted {
            return self.see_through(planned, own, &object).await;
        }
        if planned.entry.deleted_before {
            self.delete(planned).await.map_err(Stop::Early)?;
        }
        let started_at = HelmTime::from_zoned(&self.writer.clock.now());
        let running = LastRun { started_at: started_at.clone(), completed_at: HelmTime::zero(), phase: Phase::Running };
        self.store(planned, own, &running).await.map_err(Stop::Early)?;
        let (event, hook) = (planned.event.to_string(), title(&planned.hook));
        self.writer.observer.event(&Event::HookStarted { event: event.clone(), hook: hook.clone() });
        let result = self.create_and_wait(planned).await;
        self.note_end(planned, own, started_at, &result)?;
        result
    }

    /// Keeps in the run's own record how a hook ended, and tells it.
    fn note_end(
        &self,
        planned: &PlannedHook,
        own: &mut Written,
        started_at: HelmTime,
        result: &Result<(), Stop>,
    ) -> Result<(), Stop> {
        let (event, hook) = (planned.event.to_string(), title(&planned.hook));
        let phase = if result.is_ok() { Phase::Succeeded } else { Phase::Failed };
        let ended = LastRun { started_at, completed_at: HelmTime::from_zoned(&self.writer.clock.now()), phase };
        own.record = own.record.with_hook_run(planned.entry.index, &ended).map_err(|error| Stop::Late(error.into()))?;
        let failure = match result {
            Ok(()) => None,
            Err(Stop::Early(error) | Stop::Late(error)) => Some(error.to_string()),
        };
        self.writer.observer.event(&Event::HookEnded { event, hook, failure });
        Ok(())
    }

    /// How far the hook had come when an earlier process of the same run ended.
    ///
    /// The record says `Running` before the hook's object is made, and how it ended before its object is deleted: so a
    /// running hook without an object was never made, unless something else removes it after its end.
    async fn earlier(&self, planned: &PlannedHook, own: &Written) -> Result<Earlier, RunError> {
        let Past::Logged(log) = self.past else { return Ok(Earlier::NotBegun) };
        let hooks = own.record.hooks()?;
        let Some(run) = hooks.get(planned.entry.index).map(|hook| &hook.last_run) else { return Ok(Earlier::NotBegun) };
        let is_of_this_run = run.started_at.timestamp().is_some_and(|started| started >= began(own));
        match run.phase {
            _ if !is_of_this_run => return Ok(Earlier::NotBegun),
            Phase::Succeeded => return Ok(Earlier::Over),
            Phase::Failed => return Ok(Earlier::Failed),
            _ => {}
        }
        let Some(placed) = planned.objects.first() else { return Ok(Earlier::NotBegun) };
        let before = log.hooks.iter().find(|trace| trace.at == placed.location).and_then(|trace| trace.before.as_deref());
        match self.writer.cluster.find(&placed.location).await? {
            Some(live) if live.uid() != before => Ok(Earlier::Running(Box::new(live))),
            None if placed.object.unpack().at(&["spec", "ttlSecondsAfterFinished"]).is_some() => {
                self.warn(format!(
                    "{} hook {} may have run and been removed; it is not run again",
                    planned.event,
                    title(&planned.hook)
                ));
                Ok(Earlier::Over)
            }
            _ => Ok(Earlier::NotBegun),
        }
    }

    /// Waits for the end of a hook that an earlier process began.
    async fn see_through(&self, planned: &PlannedHook, own: &mut Written, first: &Object) -> Result<(), Stop> {
        let hooks = own.record.hooks().map_err(|error| Stop::Early(error.into()))?;
        let started_at = hooks.get(planned.entry.index).map_or_else(HelmTime::zero, |hook| hook.last_run.started_at.clone());
        let mut result = Ok(());
        for (position, placed) in planned.objects.iter().enumerate() {
            let object = if position == 0 {
                Some(first.clone())
            } else {
                match self.writer.cluster.find(&placed.location).await.map_err(|error| Stop::Early(error.into()))? {
                    Some(object) => Some(object),
                    None => self.create(planned, placed).await.map_err(Stop::Early)?,
                }
            };
            if let Err(error) = self.wait_for(planned, placed, object.as_ref()).await {
                result = Err(Stop::Late(error));
                break;
            }
        }
        self.note_end(planned, own, started_at, &result)?;
        result
    }

    async fn store(&self, planned: &PlannedHook, own: &mut Written, run: &LastRun) -> Result<(), RunError> {
        let record = own.record.with_hook_run(planned.entry.index, run)?;
        *own = self.writer.replace_own(own, record).await?;
        Ok(())
    }

    async fn create_and_wait(&self, planned: &PlannedHook) -> Result<(), Stop> {
        let mut created = Vec::new();
        for placed in &planned.objects {
            let object = self.create(planned, placed).await.map_err(Stop::Early)?;
            created.push((placed, object));
        }
        for (placed, object) in created {
            self.wait_for(planned, placed, object.as_ref()).await.map_err(Stop::Late)?;
        }
        Ok(())
    }

    /// Creates a hook's object. One that exists is an error: adopting it would let an old run pass for this one.
    async fn create(&self, planned: &PlannedHook, placed: &Placed) -> Result<Option<Object>, RunError> {
        let (at, object, manager) = (placed.location.clone(), placed.object.unpack(), FIELD_MANAGER.to_owned());
        let is_applied = self.plan.apply_method == ApplyMethod::Ssa;
        if is_applied && self.plan.options.mode == Mode::Safe && self.writer.cluster.find(&at).await?.is_some() {
            let reason = format!("{at} already exists, and its delete policy does not remove it first");
            return Err(Self::failure(planned, reason));
        }
        let request = if is_applied {
            Request::Apply { at, object, manager, conflicts: Conflicts::Refuse, validation: Validation::Strict }
        } else {
            Request::Create { at, object, manager, validation: Validation::Ignore }
        };
        self.writer.object(&request).await.map_err(|error| Self::failure(planned, error.to_string()))
    }

    /// Waits for the end of a Job or Pod; other kinds are ready once they exist.
    async fn wait_for(&self, planned: &PlannedHook, placed: &Placed, created: Option<&Object>) -> Result<(), RunError> {
        if planned.entry.awaited == Awaited::Creation {
            return Ok(());
        }
        let uid = created.and_then(Object::uid);
        let mut last = Readiness::unknown("nothing was seen of it yet");
        let mut end = None;
        let location = &placed.location;
        let scope = Scope::one(location);
        let following = follow(self.writer, &scope, |change| {
            let seen = match change {
                Change::All(objects) => objects.into_iter().next(),
                Change::One(object) => Some(object),
                Change::Gone(_) => None,
            };
            let Some(object) = seen else {
                end = Some(Err("it was deleted while it ran".to_owned()));
                return Follow::Stop;
            };
            if uid.is_some() && object.uid() != uid {
                end = Some(Err("somebody replaced it while it ran".to_owned()));
                return Follow::Stop;
            }
            let readiness = watcher::hook_status(&object);
            if readiness != last {
                let (state, reason) = (readiness.state, readiness.reason.clone());
                self.writer.observer.event(&Event::ObjectState { object: location.id(), state, reason });
            }
            match readiness.state {
                State::Ready => end = Some(Ok(())),
                State::Failed => end = Some(Err(readiness.reason.clone())),
                _ => {}
            }
            last = readiness;
            if end.is_some() { Follow::Stop } else { Follow::On }
        });
        let in_time = within(self.writer, self.plan.options.timeout, following).await;
        match (in_time, end) {
            (Some(Err(error)), _) => Err(error.into()),
            (_, Some(result)) => result.map_err(|reason| Self::failure(planned, reason)),
            (_, None) => {
                let seconds = self.plan.options.timeout.as_secs();
                Err(Self::failure(planned, format!("not finished after {seconds} s; {}", last.reason)))
            }
        }
    }

    /// Deletes a hook's objects, and waits until they are gone.
    async fn delete(&self, planned: &PlannedHook) -> Result<(), RunError> {
        for placed in &planned.objects {
            let Some(live) = self.writer.cluster.find(&placed.location).await? else { continue };
            let uid = live.uid().map(str::to_owned);
            let request = Request::Delete {
                at: placed.location.clone(),
                propagation: Propagation::Background,
                preconditions: Preconditions { uid: uid.clone(), resource_version: None },
            };
            match self.writer.object(&request).await {
                Ok(_) => {}
                Err(error) if error.kind == ClusterErrorKind::NotFound => continue,
                Err(error) => return Err(error.into()),
            }
            if self.awaits_deletion() {
                wait_until_gone(self.writer, &placed.location, uid.as_deref(), self.plan.options.timeout).await?;
            }
        }
        Ok(())
    }

    /// Helm 4 does not wait for a hook's deletion unless told to wait, and then meets the old object again.
    fn awaits_deletion(&self) -> bool {
        let waits_anyway = self.plan.options.wait != WaitStrategy::HookOnly;
        self.plan.options.mode == Mode::Safe || waits_anyway || self.schedule.manner.deletion_wait == DeletionWait::Always
    }

    /// Takes the steps of a cleaning up; an error ends it only where the schedule says so.
    ///
    /// How the hooks ended is stored before the first object is deleted: afterwards only the record could tell.
    async fn clean_up(&self, steps: &[Cleanup], own: &mut Written) -> Result<(), RunError> {
        let deletes = steps.iter().any(|step| matches!(step.action, CleanupAction::Delete));
        if deletes && self.plan.options.mode == Mode::Safe {
            *own = self.writer.replace_own(own, own.record.clone()).await?;
        }
        for step in steps {
            let Some(planned) = self.hooks.get(step.entry) else { continue };
            let result = match &step.action {
                CleanupAction::ShowLogs(source) => self.show_logs(planned, source).await,
                CleanupAction::Delete => self.delete(planned).await,
            };
            match (result, step.on_error) {
                (Ok(()), _) => {}
                (Err(error), CleanupError::Ends) => return Err(error),
                (Err(error), CleanupError::Told) => self.warn(error.to_string()),
            }
        }
        Ok(())
    }

    fn warn(&self, message: String) {
        self.writer.observer.event(&Event::Warning { message });
    }

    async fn show_logs(&self, planned: &PlannedHook, source: &LogSource) -> Result<(), RunError> {
        let namespace = planned.objects.first().and_then(|placed| placed.location.namespace.as_deref());
        let options = ListOptions::within(namespace);
        let options = match source {
            LogSource::Labels(selector) => options.with_labels(selector),
            LogSource::Fields(selector) => options.with_fields(selector),
        };
        let kinds = self.writer.cluster.kinds(false).await?;
        let Some(pods) = kinds.find(&Gvk::new("v1", "Pod")) else { return Ok(()) };
        for pod in self.writer.cluster.list(pods, &options).await?.items {
            let containers = pod.at(&["spec", "containers"]).and_then(serde_json::Value::as_array).cloned().unwrap_or_default();
            for container in containers.iter().filter_map(|container| container.get("name")?.as_str()) {
                let namespace = pod.namespace().unwrap_or_default();
                let log = self.writer.cluster.logs(namespace, pod.name(), &LogOptions::container(container)).await?;
                let source = format!("{}/{container}", pod.name());
                for line in log.lines() {
                    self.writer.observer.event(&Event::HookLog { source: source.clone(), line: line.to_owned() });
                }
            }
        }
        Ok(())
    }
}
