//! Hooks that failed.

use super::{Cause, CauseKind, Words, of_pod, refusal};
use crate::ObjectId;
use crate::evidence::wording::in_a_sentence;
use crate::evidence::{Evidence, FailedHook};
use crate::ports::Location;

pub(super) fn of(evidence: &Evidence, hook: &FailedHook) -> Cause {
    let subject = format!("The {} hook {} failed", hook.event, hook.hook);
    if let Some(words) = refusal(&hook.reason) {
        return words.about(subject);
    }
    // Events need not say of which API group an object is.
    let is_of_hook = |object: &ObjectId| {
        hook.objects
            .iter()
            .map(Location::id)
            .any(|id| (&id.kind, &id.namespace, &id.name) == (&object.kind, &object.namespace, &object.name))
    };
    let mut pods = evidence.pods.iter().filter(|pod| is_of_hook(&pod.owner) && !pod.ready);
    let of_pods = pods.find_map(|pod| of_pod(pod, &evidence.events));
    // A Job that may make no pods says so in events alone.
    let of_controller = || {
        let mut warnings = evidence.events.iter().rev().filter(|event| event.warning && is_of_hook(&event.object));
        warnings.find_map(|event| refusal(&event.message))
    };
    let words = of_pods.or_else(of_controller);
    words.unwrap_or_else(|| Words::new(CauseKind::Hook, in_a_sentence(&hook.reason))).about(subject)
}
