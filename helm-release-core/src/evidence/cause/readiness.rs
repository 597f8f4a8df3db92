//! Containers that run and never become ready.

use super::{CauseKind, Words};
use crate::evidence::wording::in_a_sentence;
use crate::evidence::{ClusterEvent, ContainerState, PodEvidence};

pub(super) fn of(pod: &PodEvidence, events: &[ClusterEvent]) -> Option<Words> {
    let unready = |container: &&crate::evidence::ContainerEvidence| {
        matches!(container.state, ContainerState::Running { .. }) && !container.init && !container.ready
    };
    let container = pod.containers.iter().find(unready)?;
    let mut told = events.iter().rev().filter(|event| pod.is(&event.object) && event.reason == "Unhealthy");
    let why = match (told.next(), &container.readiness_probe) {
        (Some(event), _) => in_a_sentence(&event.message),
        (None, Some(probe)) => format!("its readiness probe ({probe}) has not succeeded"),
        (None, None) => "it has no readiness probe, and no event says why".to_owned(),
    };
    let text = format!("container {:?} runs but never becomes ready (Pod {}): {why}", container.name, pod.name);
    Some(Words::new(CauseKind::NeverReady, text))
}
