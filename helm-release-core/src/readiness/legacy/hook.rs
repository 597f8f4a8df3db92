//! Hooks: Jobs and Pods must finish, every other kind is ready once it exists.

use crate::Object;
use crate::readiness::{Readiness, field};

/// Judges a live hook object by Helm 3's rules, which Helm 4's `legacy` strategy shares.
///
/// Helm goes by the kind's name alone, so a `Job` or `Pod` of another API group fails at once. The message of a
/// failure is the text of Helm's error. An object that is deleted while it is watched counts as a success for Helm.
///
/// ```
/// use helm_release_core::Object;
/// use helm_release_core::readiness::{State, legacy::hook_ready};
/// use serde_json::{Value, json};
///
/// let job = |conditions: Value| {
///     let status = json!({"conditions": conditions});
///     Object::new(json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "migrate"}, "status": status}))
/// };
/// assert_eq!(hook_ready(&job(json!([]))?).state, State::Waiting);
/// assert!(hook_ready(&job(json!([{"type": "Complete", "status": "True"}]))?).is_ready());
/// let failed = hook_ready(&job(json!([{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"}]))?);
/// assert_eq!(failed.message, "job migrate failed: BackoffLimitExceeded");
/// # Ok::<(), helm_release_core::object::NotAnObject>(())
/// ```
#[must_use]
pub fn hook_ready(object: &Object) -> Readiness {
    match (object.api_version(), object.kind()) {
        ("batch/v1", "Job") => job(object),
        ("v1", "Pod") => pod(object),
        (_, "Job") => foreign(object, "*batch.Job"),
        (_, "Pod") => foreign(object, "*v1.Pod"),
        _ => Readiness::ready("", "it exists"),
    }
}

fn job(job: &Object) -> Readiness {
    for condition in field::conditions(job).unwrap_or_default() {
        if condition.holds("Complete") {
            return Readiness::ready("", "it has completed");
        }
        if condition.holds("Failed") {
            let message = format!("job {} failed: {}", job.name(), condition.reason);
            let words = [condition.reason, condition.message].into_iter().filter(|word| !word.is_empty());
            let words: Vec<_> = std::iter::once("it has failed").chain(words).collect();
            return Readiness::failed(message, words.join(": "));
        }
    }
    Readiness::waiting("", "it has not finished yet")
}

fn pod(pod: &Object) -> Readiness {
    match field::text(pod, &["status", "phase"]) {
        Some("Succeeded") => Readiness::ready("", "it has completed"),
        Some("Failed") => Readiness::failed(format!("pod {} failed", pod.name()), "it has failed"),
        _ => Readiness::waiting("", "it has not finished yet"),
    }
}

fn foreign(object: &Object, wanted: &str) -> Readiness {
    let message = format!("expected {} to be a {wanted}, got *unstructured.Unstructured", object.name());
    Readiness::failed(message, format!("Helm cannot wait for a {} of {}", object.kind(), object.api_version()))
}
