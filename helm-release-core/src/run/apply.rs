//! Writes the objects of a plan: by kind order, objects of one rank together.

use futures::StreamExt as _;

use super::watch::wait_until_gone;
use super::writer::{ATTEMPTS, PAUSE, Writer};
use super::{Event, RunError};
use crate::Object;
use crate::manifest::install_rank;
use crate::plan::{Action, Mode, Owner, Plan, Step, is_migration, migration, owner_of};
use crate::ports::{ClusterError, ClusterErrorKind, Location, PatchBody, Preconditions, Propagation, Request};
use crate::release::HelmLine;

/// What applying has done so far.
#[derive(Debug, Default)]
pub(super) struct Applied {
    /// Objects that this run made, or may have made.
    pub(super) created: Vec<Created>,
}

/// An object that this run made, or may have made.
#[derive(Debug)]
pub(super) struct Created {
    location: Location,
    /// Its uid; `None` when the server did not say that it was made.
    uid: Option<String>,
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
        // Helm counts an object whose creation failed as created too, whoever made the one that is there.
        if let Some(location) = step.location().filter(|_| creates) {
            applied.created.push(Created { location: location.clone(), uid: None });
        }
        match take_one(writer, plan, step).await {
            Err(error) if creates => return Err(error),
            Err(error) => errors.push(error),
            Ok(_) => {}
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
            Ok(_) => {}
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
        if matches!(step.action, Action::Create | Action::Recreate)
            && let Some(location) = step.location().cloned()
        {
            let uid = result.as_ref().ok().and_then(|made| made.as_ref()?.uid().map(str::to_owned));
            if result.as_ref().map_or_else(is_ambiguous, |_| true) {
                applied.created.push(Created { location, uid });
            }
        }
        if let Err(error) = result {
            errors.push(error);
        }
    }
    RunError::first_of(errors).map_or(Ok(()), Err)
}

fn is_ambiguous(error: &RunError) -> bool {
    matches!(error, RunError::Cluster(error) if error.kind == ClusterErrorKind::Ambiguous)
}

/// Takes one step, and returns the object as the last request left it.
async fn take_one(writer: &Writer<'_>, plan: &Plan, step: &Step) -> Result<Option<Object>, RunError> {
    if let (Action::Recreate, Some(location)) = (step.action, step.location()) {
        wait_until_gone(writer, location, None, plan.options.timeout).await?;
    }
    let mut left = None;
    for request in &step.requests {
        match send(writer, step, request).await {
            Ok(object) => left = object,
            Err(error) if step.action == Action::Delete && error.kind == ClusterErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    if let Some(object) = step.object() {
        writer.observer.event(&Event::ObjectWritten { object, action: step.action });
    }
    Ok(left)
}

/// Sends a request of a step.
///
/// Taking over client-side fields is bound to the version that was seen, which any controller's word on the object's status ends:
/// it is worked out again from what is live, a few times, as Helm does (`pkg/kube/client.go`, `upgradeClientSideFieldManager`).
/// An object in the place of the one that was seen is not taken over.
async fn send(writer: &Writer<'_>, step: &Step, request: &Request) -> Result<Option<Object>, ClusterError> {
    let mut sent = writer.object(request).await;
    let Request::Patch { at, manager, validation, .. } = request else { return sent };
    let mut pause = PAUSE;
    for _ in 1..ATTEMPTS {
        if !is_migration(request) || !sent.as_ref().is_err_and(|error| error.kind == ClusterErrorKind::Conflict) {
            break;
        }
        writer.clock.sleep(pause).await;
        pause *= 2;
        let live = writer.cluster.get(at).await?;
        if step.precondition.as_ref().is_none_or(|seen| live.uid() != Some(&seen.uid)) {
            break;
        }
        let Some(operations) = migration(&live, manager) else { return Ok(Some(live)) };
        let (at, manager) = (at.clone(), manager.clone());
        let again = Request::Patch { at, patch: PatchBody::Json(operations), manager, validation: *validation };
        sent = writer.object(&again).await;
    }
    sent
}

/// Deletes what this run created (`--cleanup-on-fail`). Problems are warnings: the first error stays the one reported.
pub(super) async fn clean_up(writer: &Writer<'_>, plan: &Plan, applied: &Applied) {
    for created in &applied.created {
        match clean_up_one(writer, plan, created).await {
            Ok(true) => {
                writer.observer.event(&Event::ObjectWritten { object: created.location.id(), action: Action::Delete });
            }
            Ok(false) => {}
            Err(error) if error.kind == ClusterErrorKind::NotFound => {}
            Err(error) => writer.observer.event(&Event::Warning { message: format!("cannot clean up: {error}") }),
        }
    }
}

/// Deletes one object, and says whether it did. In safe mode only the very object that this run made.
async fn clean_up_one(writer: &Writer<'_>, plan: &Plan, created: &Created) -> Result<bool, ClusterError> {
    let uid = match (plan.options.mode, &created.uid) {
        (Mode::Compat, _) => None,
        (Mode::Safe, Some(uid)) => Some(uid.clone()),
        (Mode::Safe, None) => {
            let live = writer.cluster.get(&created.location).await?;
            if owner_of(&live, &plan.name, &plan.namespace) != Owner::Ours {
                return Ok(false);
            }
            live.uid().map(str::to_owned)
        }
    };
    let request = Request::Delete {
        at: created.location.clone(),
        propagation: Propagation::Background,
        preconditions: Preconditions { uid, resource_version: None },
    };
    writer.object(&request).await.map(|_| true)
}
