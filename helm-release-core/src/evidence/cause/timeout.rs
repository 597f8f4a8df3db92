//! Objects that did not become ready, or did not go, in time.

use super::{Cause, CauseKind, Words};
use crate::evidence::wording::{counted, in_a_sentence};
use crate::evidence::{Evidence, ObjectEvidence, Presence};
use crate::plan::Action;

/// An object that the run waited to see go, and what holds it.
pub(super) fn held(evidence: &Evidence) -> Option<Cause> {
    let is_held = |object: &&ObjectEvidence| {
        object.presence == Presence::Terminating
            && matches!(object.action, Some(Action::Recreate))
            && evidence.error.text.contains(&object.object.to_string())
    };
    let object = evidence.objects.iter().find(is_held)?;
    let text = match object.finalizers.as_slice() {
        [] => "it was told to go and is still there".to_owned(),
        finalizers => format!("it was told to go and is held by its finalizers: {}", finalizers.join(", ")),
    };
    Some(Words::new(CauseKind::HeldByFinalizer, text).about(&object.object))
}

/// What the wait itself said, when pods and events say nothing: `resource Deployment/default/web not ready. status: …`.
pub(super) fn of(evidence: &Evidence) -> Option<Cause> {
    let text = &evidence.error.text;
    let lines: Vec<&str> = text.lines().filter(|line| line.contains(" not ready. status: ")).collect();
    if lines.is_empty() && !text.contains("context deadline exceeded") {
        return None;
    }
    let subject = "Not ready in time, and neither pods nor events say why";
    let Some((place, said)) = lines.first().and_then(|line| line.strip_prefix("resource ")?.split_once(" not ready. status: "))
    else {
        return Some(Words::new(CauseKind::Timeout, in_a_sentence(text)).about(subject));
    };
    let message = said.split_once(", message: ").map_or(said, |(_, message)| message);
    let more = match lines.len() - 1 {
        0 => String::new(),
        more => format!(" (and {})", counted(u64::try_from(more).unwrap_or(u64::MAX), "further object")),
    };
    Some(Words::new(CauseKind::Timeout, format!("{place}: {}{more}", in_a_sentence(message))).about(subject))
}
