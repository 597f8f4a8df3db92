//! Hooks: Jobs and Pods must finish, every other kind is ready once it exists.

use super::{job, undecidable};
use crate::Object;
use crate::readiness::Readiness;
use crate::readiness::field::{self, WrongType};

/// Judges a live hook object by Helm 4's rules.
///
/// Neither a deletion time nor a generation plays a part: a terminating Pod of an earlier run that has succeeded counts.
///
/// ```
/// use helm_release_core::Object;
/// use helm_release_core::readiness::{State, watcher::hook_status};
/// use serde_json::json;
///
/// let pod = |phase: &str| {
///     let metadata = json!({"name": "check", "deletionTimestamp": "2026-11-20T08:00:00Z"});
///     Object::new(json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "status": {"phase": phase}}))
/// };
/// assert_eq!(hook_status(&pod("Running")?).state, State::Waiting);
/// assert_eq!(hook_status(&pod("Succeeded")?).message, "pod check succeeded", "though it is being deleted");
/// # Ok::<(), helm_release_core::object::NotAnObject>(())
/// ```
#[must_use]
pub fn hook_status(object: &Object) -> Readiness {
    let gvk = object.gvk();
    match (gvk.group.as_str(), gvk.kind.as_str()) {
        ("batch", "Job") => job::finished(object).unwrap_or_else(|WrongType| undecidable()),
        ("", "Pod") => pod(object),
        _ => Readiness::ready("Resource is current", "it exists"),
    }
}

fn pod(pod: &Object) -> Readiness {
    let name = pod.name();
    match field::text(pod, &["status", "phase"]) {
        Some("Succeeded") => Readiness::ready(format!("pod {name} succeeded"), "it has completed"),
        Some("Failed") => Readiness::failed(format!("pod {name} failed"), "it has failed"),
        _ => Readiness::waiting("Pod in progress", "it has not finished yet"),
    }
}
