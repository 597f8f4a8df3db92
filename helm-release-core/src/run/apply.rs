//! Writes the objects of a plan: by kind order, objects of one rank together.

use futures::StreamExt as _;

use super::watch::wait_until_gone;
use super::writer::Writer;
use super::{Event, RunError};
use crate::manifest::install_rank;
use crate::plan::{Action, Mode, Plan, Step};
use crate::ports::{ClusterErrorKind, Location, Request};
use crate::release::HelmLine;

/// What applying has done so far.
#[derive(Debug, Default)]
pub(super) struct Applied {
    /// Objects that this run made.
    pub(super) created: Vec<Location>,
    /// Objects that it changed.
    pub(super) changed: Vec<Location>,
}

/// Takes every object step of the plan.
///
/// Objects of one rank of Helm's install order go out together. After a rank with an error nothing more is sent.
/// In compat mode all go out one after another, and what an error ends is what it ends in Helm.
pub(super) async fn apply(writer: &Writer<'_>, plan: &Plan, applied: &mut Applied) -> Result<(), RunError> {
    let is_target = |step: &&Step| step.action.writes_object() && step.action != Action::Delete;
    let steps: Vec<&Step> = plan.steps.iter().filter(is_target).collect();
    if plan.options.mode == Mode::Compat {
        return apply_like_helm(writer, plan, &steps, applied).await;
    }
    for group in steps.chunk_by(|a, b| rank(a) == rank(b)) {
        take(writer, plan, group, applied).await?;
    }
    let deletions: Vec<&Step> = plan.steps_of(Action::Delete).collect();
    take(writer, plan, &deletions, applied).await
}

/// One object after another: a failed creation ends everything at once, failed changes keep the deletions from being sent,
/// and failed deletions are told by Helm 4 alone (`pkg/kube/client.go`, `update`).
async fn apply_like_helm(writer: &Writer<'_>, plan: &Plan, steps: &[&Step], applied: &mut Applied) -> Result<(), RunError> {
    let mut errors = Vec::new();
    for step in steps {
        let creates = matches!(step.action, Action::Create | Action::Recreate);
        if let Some(location) = step.location().cloned() {
            if creates { applied.created.push(location) } else { applied.changed.push(location) }
        }
        match take_one(writer, plan, step).await {
            Err(error) if creates => return Err(error),
            Err(error) => errors.push(error),
            Ok(()) => {}
        }
    }
    if let Some(error) = RunError::first_of(errors) {
        return Err(error);
    }
    let mut errors = Vec::new();
    for step in plan.steps_of(Action::Delete) {
        match take_one(writer, plan, step).await {
            Err(error) if plan.line == HelmLine::V3 => {
                writer.observer.event(&Event::Warning { message: format!("not deleted: {error}") });
            }
            Err(error) => errors.push(error),
            Ok(()) => {}
        }
    }
    RunError::first_of(errors).map_or(Ok(()), Err)
}

fn rank(step: &Step) -> Option<(usize, &str)> {
    let kind = step.location()?.resource.gvk.kind.as_str();
    Some((install_rank(kind, HelmLine::V4), kind))
}

/// Takes steps together, a bounded number at a time.
async fn take(writer: &Writer<'_>, plan: &Plan, steps: &[&Step], applied: &mut Applied) -> Result<(), RunError> {
    let concurrency = plan.options.concurrency.max(1);
    let steps: Vec<Step> = steps.iter().map(|step| (*step).clone()).collect();
    let taken = futures::stream::iter(steps).map(|step| async move {
        let result = take_one(writer, plan, &step).await;
        (step, result)
    });
    let mut errors = Vec::new();
    let mut taken = taken.buffered(concurrency);
    while let Some((step, result)) = taken.next().await {
        let Some(location) = step.location().cloned() else { continue };
        match step.action {
            // Helm counts an object whose creation failed as created too: cleaning up may find it.
            Action::Create | Action::Recreate => applied.created.push(location),
            _ if result.is_ok() => applied.changed.push(location),
            _ => {}
        }
        if let Err(error) = result {
            errors.push(error);
        }
    }
    RunError::first_of(errors).map_or(Ok(()), Err)
}

async fn take_one(writer: &Writer<'_>, plan: &Plan, step: &Step) -> Result<(), RunError> {
    if let (Action::Recreate, Some(location)) = (step.action, step.location()) {
        wait_until_gone(writer, location, None, plan.options.timeout).await?;
    }
    for request in &step.requests {
        match writer.object(request).await {
            Ok(_) => {}
            Err(error) if step.action == Action::Delete && error.kind == ClusterErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    if let Some(object) = step.object() {
        writer.observer.event(&Event::ObjectWritten { object, action: step.action });
    }
    Ok(())
}

/// Deletes what this run created (`--cleanup-on-fail`). Problems are warnings: the first error stays the one reported.
pub(super) async fn clean_up(writer: &Writer<'_>, applied: &Applied) {
    for location in &applied.created {
        let request = Request::Delete {
            at: location.clone(),
            propagation: crate::ports::Propagation::Background,
            preconditions: crate::ports::Preconditions::default(),
        };
        match writer.object(&request).await {
            Ok(_) => writer.observer.event(&Event::ObjectWritten { object: location.id(), action: Action::Delete }),
            Err(error) if error.kind == ClusterErrorKind::NotFound => {}
            Err(error) => writer.observer.event(&Event::Warning { message: format!("cannot clean up: {error}") }),
        }
    }
}
