//! Writes the objects of a plan: by kind order, objects of one rank together.

use futures::StreamExt as _;

use super::undo::bound_to;
use super::watch::wait_until_gone;
use super::writer::{ATTEMPTS, PAUSE, Writer};
use super::{Event, RunError};
use crate::Object;
use crate::manifest::install_rank;
use crate::patch::changed_fields;
use crate::plan::{Action, Mode, Owner, Plan, Step, is_migration, migration, owner_of};
use crate::ports::{ClusterError, ClusterErrorKind, ClusterExt as _, Location, PatchBody, Preconditions, Propagation, Request};
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
            && !step.exchanges()
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
    if let (Action::Recreate, Some(location), false) = (step.action, step.location(), step.exchanges()) {
        wait_until_gone(writer, location, None, plan.options.timeout).await?;
    }
    if let Some(location) = step.location() {
        writer.progress.begin(location);
    }
    let mut left = None;
    for request in &step.requests {
        if let (Request::Delete { at, preconditions, .. }, true) = (request, step.exchanges()) {
            match delete(writer, request).await {
                Err(RunError::Cluster(error)) if error.kind == ClusterErrorKind::NotFound => {}
                Err(RunError::Cluster(error)) if error.kind == ClusterErrorKind::Conflict => {
                    return Err(RunError::Moved { what: at.to_string() });
                }
                result => drop(result?),
            }
            wait_until_gone(writer, at, preconditions.uid.as_deref(), plan.options.timeout).await?;
            continue;
        }
        let sent = match (plan.options.mode, step.action) {
            (Mode::Safe, Action::Patch) => send_bound(writer, step, request, left.as_ref()).await,
            (Mode::Safe, Action::Delete) => delete(writer, request).await,
            _ => send(writer, step, request).await.map_err(RunError::from),
        };
        match sent {
            Ok(object) => left = object,
            Err(RunError::Cluster(error)) if step.action == Action::Delete && error.kind == ClusterErrorKind::NotFound => {}
            Err(error) => return Err(error),
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

/// Sends a change of an object that is still what the plan saw, or what the request before `left` of it.
///
/// When somebody wrote between, what is live is compared with what was seen: as long as no field differs that the step changes,
/// the change is as right as it was, and so is its way back.
async fn send_bound(
    writer: &Writer<'_>,
    step: &Step,
    request: &Request,
    left: Option<&Object>,
) -> Result<Option<Object>, RunError> {
    let (Some(seen), false) = (&step.seen, is_migration(request)) else { return Ok(send(writer, step, request).await?) };
    let mut version = left.unwrap_or(seen).resource_version().map(str::to_owned);
    let mut pause = PAUSE;
    let mut attempts = 1..ATTEMPTS;
    loop {
        let error = match writer.object(&bound(request, version.as_deref())).await {
            Err(error) if error.kind == ClusterErrorKind::Conflict && attempts.next().is_some() => error,
            result => return Ok(result?),
        };
        writer.clock.sleep(pause).await;
        pause *= 2;
        let Some(live) = writer.cluster.find(request.at()).await? else { return Err(error.into()) };
        if let Some(what) = moved(writer, step, seen, &live).await? {
            return Err(RunError::Moved { what });
        }
        version = live.resource_version().map(str::to_owned);
    }
}

/// A request that the server refuses when the object is not in that version any more.
fn bound(request: &Request, version: Option<&str>) -> Request {
    let mut request = request.clone();
    match &mut request {
        Request::Patch { patch, .. } => *patch = bound_to(patch, version),
        Request::Apply { object, .. } => {
            if let Some(version) = version {
                object.metadata_mut().insert("resourceVersion".to_owned(), version.into());
            }
        }
        Request::Create { .. } | Request::Replace { .. } | Request::Delete { .. } => {}
    }
    request
}

/// What differs between the live object and the one that the plan saw, and matters to the step.
async fn moved(writer: &Writer<'_>, step: &Step, seen: &Object, live: &Object) -> Result<Option<String>, ClusterError> {
    let id = live.id();
    if live.uid() != seen.uid() {
        return Ok(Some(format!("{id} was replaced by another object of that name, which")));
    }
    if live.is_terminating() && !seen.is_terminating() {
        return Ok(Some(format!("{id} is being deleted, it")));
    }
    let gvk = seen.gvk();
    let schemas = writer.cluster.schemas(std::slice::from_ref(&gvk)).await?;
    let differs = changed_fields(&schemas, &gvk, seen.as_value(), live.as_value());
    let touches = |path: &str| step.changes.iter().any(|change| overlap(&change.path, path));
    Ok(differs.into_iter().find(|change| touches(&change.path)).map(|change| format!("{id}: {}", change.path)))
}

/// Whether one path is the other or lies below it.
fn overlap(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// Deletes an object by its uid. When the answer is lost, what is live tells whether it was done; if not, it is safe to ask again.
async fn delete(writer: &Writer<'_>, request: &Request) -> Result<Option<Object>, RunError> {
    let mut attempts = 1..ATTEMPTS;
    loop {
        let error = match writer.object(request).await {
            Err(error) if error.kind == ClusterErrorKind::Ambiguous && attempts.next().is_some() => error,
            result => return Ok(result?),
        };
        writer.clock.sleep(PAUSE).await;
        match writer.cluster.find(request.at()).await {
            Ok(Some(live)) if !live.is_terminating() => {}
            Ok(_) => return Ok(None),
            Err(_) => return Err(error.into()),
        }
    }
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
