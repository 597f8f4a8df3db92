//! Pods that no node takes.

use super::{CauseKind, Words};
use crate::evidence::PodEvidence;
use crate::evidence::wording::in_a_sentence;

pub(super) fn of(pod: &PodEvidence) -> Option<Words> {
    let mut conditions = pod.conditions.iter();
    let unscheduled = conditions.find(|condition| condition.kind == "PodScheduled" && condition.status != "True")?;
    let message = if unscheduled.message.is_empty() { &unscheduled.reason } else { &unscheduled.message };
    let text = format!("no node takes Pod {}: {}", pod.name, in_a_sentence(message));
    Some(Words::new(CauseKind::Unschedulable, text))
}
