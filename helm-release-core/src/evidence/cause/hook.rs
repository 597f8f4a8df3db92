//! Hooks that failed.

use super::{Cause, CauseKind, Words, of_pod, refusal};
use crate::evidence::wording::in_a_sentence;
use crate::evidence::{Evidence, FailedHook};

pub(super) fn of(evidence: &Evidence, hook: &FailedHook) -> Cause {
    let subject = format!("The {} hook {} failed", hook.event, hook.hook);
    if let Some(words) = refusal(&hook.reason) {
        return words.about(subject);
    }
    let is_of_hook = |owner: &crate::ObjectId| hook.objects.iter().any(|location| location.id() == *owner);
    let pods = evidence.pods.iter().filter(|pod| is_of_hook(&pod.owner) && !pod.ready);
    let of_pods = pods.filter_map(|pod| of_pod(pod, &evidence.events)).next();
    // A Job that may make no pods says so in events alone.
    let of_controller = || {
        let warnings = evidence.events.iter().rev().filter(|event| event.warning && is_of_hook(&event.object));
        warnings.filter_map(|event| refusal(&event.message)).next()
    };
    let words = of_pods.or_else(of_controller);
    words.unwrap_or_else(|| Words::new(CauseKind::Hook, in_a_sentence(&hook.reason))).about(subject)
}
