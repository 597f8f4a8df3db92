//! Writes the way back down before it may be needed, and removes it when it is not needed any more.

use super::undo_log::{HookTrace, UndoLog};
use super::writer::Writer;
use super::{Event, RunError};
use crate::plan::{Action, Mode, Plan, Subject};
use crate::ports::{ClusterExt as _, Journal, JournalError};

/// How to undo a run.
#[derive(Debug, Default)]
pub(super) struct WayBack {
    /// The way itself; `None` in compat mode, which knows none.
    pub(super) log: Option<UndoLog>,
    /// Whether it is written down.
    is_logged: bool,
}

/// Writes the journal of a run: one write for every object of the plan, before anything else is.
///
/// Without the right to it the run goes on, and can still return by itself. Meanwhile `checking` looks whether the plan still
/// holds; when it does not, nothing of this run stays.
pub(super) async fn begin(
    writer: &Writer<'_>,
    journal: Option<&dyn Journal>,
    plan: &Plan,
    checking: impl Future<Output = Result<(), RunError>> + Send,
) -> Result<WayBack, RunError> {
    let Some(journal) = journal.filter(|_| plan.options.mode == Mode::Safe) else {
        checking.await?;
        let is_safe = plan.options.mode == Mode::Safe;
        let log = if is_safe { Some(way_back(writer, plan).await?) } else { None };
        return Ok(WayBack { log, is_logged: false });
    };
    let log = way_back(writer, plan).await?;
    let (key, note) = (log.own_key(), log.encode()?);
    let _ticket = writer.gate.enter().await;
    let (checked, mut created) = futures::join!(checking, journal.create(&key, &note));
    if let Err(error) = checked {
        if created.is_ok() {
            // One that stays is out of date, and harms nobody.
            let _ = journal.delete(&key).await;
        }
        return Err(error);
    }
    if matches!(created, Err(JournalError::AlreadyExists { .. })) {
        // A run that died before its record was made: there is no such record, and the lock is held.
        journal.delete(&key).await?;
        created = journal.create(&key, &note).await;
    }
    let is_logged = match created {
        Ok(()) => true,
        Err(JournalError::Forbidden { action, message }) => {
            let message = format!("no right to {action}: a run that is killed cannot be undone ({message})");
            writer.observer.event(&Event::Warning { message });
            false
        }
        Err(error) => return Err(error.into()),
    };
    Ok(WayBack { log: Some(log), is_logged })
}

async fn way_back(writer: &Writer<'_>, plan: &Plan) -> Result<UndoLog, RunError> {
    Ok(UndoLog::of(plan, traces(writer, plan).await?, writer.clock.now().timestamp()))
}

/// Which objects are in the places of the hooks that will run.
async fn traces(writer: &Writer<'_>, plan: &Plan) -> Result<Vec<HookTrace>, RunError> {
    let mut traces: Vec<HookTrace> = Vec::new();
    for step in plan.steps_of(Action::RunHook) {
        let Subject::Hook(planned) = &step.subject else { continue };
        for placed in &planned.objects {
            let at = placed.location.clone();
            if traces.iter().any(|trace| trace.at == at) {
                continue;
            }
            let before = writer.cluster.find(&at).await?.and_then(|live| live.uid().map(str::to_owned));
            traces.push(HookTrace { at, before });
        }
    }
    Ok(traces)
}

/// Removes the journal; one that stays is out of date, and harms nobody.
pub(super) async fn end(writer: &Writer<'_>, journal: Option<&dyn Journal>, way_back: &mut WayBack) {
    let (Some(journal), Some(log), true) = (journal, &way_back.log, way_back.is_logged) else { return };
    let _ticket = writer.gate.enter().await;
    match journal.delete(&log.own_key()).await {
        Ok(()) => way_back.is_logged = false,
        Err(error) => {
            writer.observer.event(&Event::Warning { message: format!("the journal was not removed: {error}") });
        }
    }
}
