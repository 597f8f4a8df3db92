//! Objects that did not become ready, or did not go, in time.

use super::{Cause, CauseKind, Words};
use crate::evidence::wording::{counted, in_a_sentence};
use crate::evidence::{ClusterEvent, Evidence, ObjectEvidence, Presence};
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

/// Kind, namespace and name of an object that was waited for, and what the wait said of it.
struct Waited<'a> {
    place: &'a str,
    message: &'a str,
}

/// `resource Deployment/default/web not ready. status: InProgress, message: Available: 0/1`
fn waited(line: &str) -> Option<Waited<'_>> {
    let (place, said) = line.strip_prefix("resource ")?.split_once(" not ready. status: ")?;
    let message = said.split_once(", message: ").map_or(said, |(_, message)| message);
    Some(Waited { place, message })
}

/// What the wait itself said, when pods say nothing, with the last warning about one of the objects.
pub(super) fn of(evidence: &Evidence) -> Option<Cause> {
    let text = &evidence.error.text;
    let late: Vec<Waited<'_>> = text.lines().filter_map(waited).collect();
    let Some(first) = late.first() else {
        let words = Words::new(CauseKind::Timeout, in_a_sentence(text));
        return text.contains("context deadline exceeded").then(|| words.about("Not ready in time"));
    };
    let place = |event: &ClusterEvent| {
        let object = &event.object;
        format!("{}/{}/{}", object.kind, object.namespace.as_deref().unwrap_or_default(), object.name)
    };
    let mut warnings = evidence.events.iter().rev().filter(|event| event.warning);
    let warned = warnings.find_map(|event| Some((late.iter().find(|waited| waited.place == place(event))?, event)));
    let (told, warning) = match warned {
        Some((waited, event)) => {
            (waited, format!("; the last warning about it: {}: {}", event.reason, in_a_sentence(&event.message)))
        }
        None => (first, "; neither pods nor events say why".to_owned()),
    };
    let more = match late.len() - 1 {
        0 => String::new(),
        more => format!(" (and {} not ready)", counted(u64::try_from(more).unwrap_or(u64::MAX), "further object")),
    };
    let words = format!("{}: {}{more}{warning}", told.place, in_a_sentence(told.message));
    Some(Words::new(CauseKind::Timeout, words).about("Not ready in time"))
}
