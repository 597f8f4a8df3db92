//! Finds what went wrong, the most specific cause that there is a proof of.
//!
//! One file per family of causes. Each either reads a message of the API server or of a controller ([`refusal`]), or looks
//! at a pod ([`of_pod`]), and says what it found in words that fit behind the name of what it happened to.

mod admission;
mod connection;
mod crash;
mod field_manager;
mod hook;
mod image;
mod invalid;
mod quota;
mod readiness;
mod right;
mod scheduling;
mod start;
mod timeout;

use std::fmt;

use serde::Serialize;

use super::objects::has_pods;
use super::wording::in_a_sentence;
use super::{ClusterEvent, ContainerEvidence, Evidence, PodEvidence};
use crate::run::FailedPhase;

/// The family of a cause.
///
/// ```
/// use helm_release_core::evidence::{CauseKind, Scene, collect};
/// use helm_release_store::clock::SystemClock;
/// # use helm_release_core::plan::RollbackOptions;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let plan = shop.plan(&RollbackOptions::default()).await?;
/// let admission = "admission webhook \"policy.example.com\" denied the request: no tags that move";
/// let right = "deployments.apps \"shop\" is forbidden: User \"ci\" cannot patch resource \"deployments\" in API group \"apps\"";
/// let immutable = "Service \"shop\" is invalid: spec.clusterIP: Invalid value: \"10.0.0.9\": field is immutable";
/// for (said, kind) in [
///     (admission, CauseKind::Admission),
///     (right, CauseKind::Right),
///     (immutable, CauseKind::Immutable),
///     // This one says nothing, but the pods do.
///     ("context deadline exceeded", CauseKind::ImagePull),
/// ] {
///     let scene = Scene::told(&plan, said, jiff::Timestamp::now());
///     assert_eq!(collect(&shop.cluster, &SystemClock, &scene).await.cause().kind, kind, "{said}");
/// }
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum CauseKind {
    /// A container ends again and again, or ended with an error.
    Crash,
    /// An image cannot be pulled.
    ImagePull,
    /// A container cannot be started: a missing Secret, a volume, a wrong command.
    CannotStart,
    /// No node takes a pod.
    Unschedulable,
    /// A container runs and never becomes ready.
    NeverReady,
    /// A quota is used up.
    Quota,
    /// A webhook, a policy or another admission check said no, or did not answer.
    Admission,
    /// The right to do something is missing.
    Right,
    /// The server refuses to change a field.
    Immutable,
    /// The server refuses an object for what it holds.
    Invalid,
    /// Another field manager owns a field, or somebody else wrote meanwhile.
    FieldConflict,
    /// A hook failed, and its pods do not say more.
    Hook,
    /// The server could not be reached, or did not answer.
    Connection,
    /// An object that was told to go is held by its finalizers.
    HeldByFinalizer,
    /// Not ready in time, and nothing says why.
    Timeout,
    /// Anything else: the first error speaks for itself.
    Other,
}

/// What went wrong, in one sentence.
///
/// ```
/// use helm_release_core::evidence::collect;
/// use serde_json::json;
/// use helm_release_store::clock::SystemClock;
/// # use helm_release_core::evidence::Scene;
/// # use helm_release_core::plan::RollbackOptions;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let plan = shop.plan(&RollbackOptions::default()).await?;
/// # let scene = Scene::told(&plan, "context deadline exceeded", jiff::Timestamp::now());
/// // The image of the live Deployment "shop" cannot be pulled.
/// let evidence = collect(&shop.cluster, &SystemClock, &scene).await;
/// let cause = evidence.cause();
/// assert_eq!(cause.to_string(), cause.sentence);
/// assert_eq!(json!(cause)["kind"], "image-pull");
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Cause {
    /// Its family.
    pub kind: CauseKind,
    /// The sentence, without a full stop.
    pub sentence: String,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

/// A cause in words that stand behind the name of what it happened to.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Words {
    kind: CauseKind,
    text: String,
}

impl Words {
    /// Words on one line, whatever the messages that they repeat look like.
    fn new(kind: CauseKind, text: impl AsRef<str>) -> Self {
        Self { kind, text: text.as_ref().split_whitespace().collect::<Vec<_>>().join(" ") }
    }

    fn about(self, subject: impl fmt::Display) -> Cause {
        Cause { kind: self.kind, sentence: format!("{subject}: {}", self.text) }
    }
}

/// What a message of the API server means, when it is a refusal that is known.
fn refusal(message: &str) -> Option<Words> {
    // A webhook's own text may quote any of the others, so it is asked for before them.
    admission::of_webhook(message)
        .or_else(|| quota::of(message))
        .or_else(|| right::of(message))
        .or_else(|| field_manager::of(message))
        .or_else(|| invalid::of(message))
        .or_else(|| admission::of(message))
}

/// What a message of the API server means, in words that stand behind the name of an object; `None` when it is no refusal
/// that is known.
pub(crate) fn in_words(message: &str) -> Option<(CauseKind, String)> {
    refusal(message).map(|words| (words.kind, words.text))
}

/// What is wrong with a pod, by its containers and by the events about it.
fn of_pod(pod: &PodEvidence, events: &[ClusterEvent]) -> Option<Words> {
    image::of(pod, events)
        .or_else(|| crash::of(pod, events))
        .or_else(|| start::of(pod, events))
        .or_else(|| scheduling::of(pod))
        .or_else(|| readiness::of(pod, events))
}

/// What a container wrote last, to stand at the end of a sentence; nothing when that is not known.
fn last_words(container: &ContainerEvidence) -> String {
    let left = container.exit().map(|exit| exit.message.as_str()).filter(|message| !message.is_empty());
    match (container.last_line(), left) {
        (Some(line), _) => format!("; its last log line: {}", in_a_sentence(line)),
        (None, Some(message)) => format!("; it left this message: {}", in_a_sentence(message)),
        (None, None) => String::new(),
    }
}

/// How much doubt a cause leaves: a pod that is not ready may be on its way, a container that crashes is not.
fn doubt(kind: CauseKind) -> usize {
    match kind {
        CauseKind::NeverReady => 2,
        CauseKind::Unschedulable => 1,
        _ => 0,
    }
}

/// Of which template of their owner pods are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Template {
    Present,
    Earlier,
}

/// The cause in pods that leaves the least doubt.
fn of_pods(evidence: &Evidence, template: Template) -> Option<Cause> {
    let pods = evidence.pods.iter().filter(|pod| pod.current == (template == Template::Present) && pod.is_in_trouble());
    let found = pods.filter_map(|pod| Some((pod, of_pod(pod, &evidence.events)?)));
    let (pod, words) = found.min_by_key(|(_, words)| doubt(words.kind))?;
    Some(words.about(&pod.owner))
}

/// Events by which a controller says that it could not make or change what it has to.
const FAILURES: [&str; 3] = ["FailedCreate", "ReplicaSetCreateError", "FailedUpdate"];

/// What a controller was told when it made pods or other objects, by conditions and events.
fn of_controllers(evidence: &Evidence) -> Option<Cause> {
    let workloads = evidence.objects.iter().filter(|object| has_pods(&object.object.kind));
    let conditions =
        workloads.flat_map(|object| object.conditions.iter().map(move |condition| (&object.object, condition.message.as_str())));
    let warnings = evidence.events.iter().rev().filter(|event| FAILURES.contains(&event.reason.as_str()));
    let events = warnings.map(|event| (&event.object, event.message.as_str()));
    conditions.chain(events).find_map(|(object, message)| Some(refusal(message)?.about(object)))
}

pub(super) fn find(evidence: &Evidence) -> Cause {
    if let Some(hook) = &evidence.hook {
        return hook::of(evidence, hook);
    }
    let message = &evidence.error.message;
    let subject = subject(evidence);
    if let Some(words) = refusal(message).or_else(|| connection::of(&evidence.error)) {
        return words.about(subject);
    }
    if let Some(cause) = timeout::held(evidence) {
        return cause;
    }
    // Only a wait is stopped by pods: those of an object that could not even be written are not what went wrong.
    if matches!(evidence.phase, None | Some(FailedPhase::Wait)) {
        let pods = of_pods(evidence, Template::Present).filter(|cause| doubt(cause.kind) == 0);
        let cause = pods.or_else(|| of_controllers(evidence)).or_else(|| of_pods(evidence, Template::Present));
        let cause = cause.or_else(|| of_pods(evidence, Template::Earlier)).or_else(|| timeout::of(evidence));
        if let Some(cause) = cause {
            return cause;
        }
    }
    Words::new(CauseKind::Other, in_a_sentence(message)).about(subject)
}

/// What could not be done: `Cannot patch Deployment default/web`, or where the run stopped.
fn subject(evidence: &Evidence) -> String {
    match &evidence.error.action {
        Some(action) => format!("Cannot {action}"),
        None => format!("The rollback failed {}", when(evidence.phase)),
    }
}

/// Where a run stopped, in words.
pub(super) fn when(phase: Option<FailedPhase>) -> &'static str {
    match phase {
        Some(FailedPhase::Start) => "before anything was written",
        Some(FailedPhase::PreHooks) => "in the pre-rollback hooks",
        Some(FailedPhase::Apply) => "while objects were written",
        Some(FailedPhase::Wait) => "while objects became ready",
        Some(FailedPhase::PostHooks) => "in the post-rollback hooks",
        Some(FailedPhase::Records) => "while the records were brought up to date",
        None => "on its way",
    }
}

/// Where a run stopped, in one word for programs.
pub(super) fn phase_id(phase: FailedPhase) -> &'static str {
    match phase {
        FailedPhase::Start => "start",
        FailedPhase::PreHooks => "pre-hooks",
        FailedPhase::Apply => "apply",
        FailedPhase::Wait => "wait",
        FailedPhase::PostHooks => "post-hooks",
        FailedPhase::Records => "records",
    }
}

#[cfg(test)]
mod tests;
