//! Writes the way back down before it may be needed, and removes it when it is not needed any more.

use super::RunError;
use super::engine::Begun;
use super::undo_log::{HookTrace, UndoLog};
use super::writer::Writer;
use crate::plan::{Action, Mode, Plan, Subject};
use crate::ports::{ClusterExt as _, Journal, JournalError};

/// Writes the journal of a run: one write for every object of the plan, before the first of them is touched.
///
/// Without the right to it the run goes on, and can still return by itself.
pub(super) async fn begin(
    writer: &Writer<'_>,
    journal: Option<&dyn Journal>,
    plan: &Plan,
    begun: &mut Begun,
) -> Result<(), RunError> {
    if plan.options.mode == Mode::Compat {
        return Ok(());
    }
    let log = UndoLog::of(plan, traces(writer, plan).await?, writer.clock.now().timestamp());
    if let Some(journal) = journal {
        let note = log.encode()?;
        let _ticket = writer.gate.enter().await;
        match journal.create(&log.own_key(), &note).await {
            Ok(()) => begun.is_logged = true,
            Err(JournalError::Forbidden { action, message }) => {
                let message = format!("no right to {action}: a run that is killed cannot be undone ({message})");
                writer.observer.event(&super::Event::Warning { message });
            }
            Err(error) => return Err(error.into()),
        }
    }
    begun.log = Some(log);
    Ok(())
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
pub(super) async fn end(writer: &Writer<'_>, journal: Option<&dyn Journal>, begun: &mut Begun) {
    let (Some(journal), Some(log), true) = (journal, &begun.log, begun.is_logged) else { return };
    let _ticket = writer.gate.enter().await;
    match journal.delete(&log.own_key()).await {
        Ok(()) => begun.is_logged = false,
        Err(error) => {
            writer.observer.event(&super::Event::Warning { message: format!("the journal was not removed: {error}") });
        }
    }
}
