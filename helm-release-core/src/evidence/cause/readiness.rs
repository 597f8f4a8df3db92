//! Containers that run and never become ready, or never make room for the others.

use super::{CauseKind, Words, last_words};
use crate::evidence::wording::in_a_sentence;
use crate::evidence::{ClusterEvent, ContainerEvidence, ContainerState, PodEvidence};

pub(super) fn of(pod: &PodEvidence, events: &[ClusterEvent]) -> Option<Words> {
    let unready = |container: &&ContainerEvidence| matches!(container.state, ContainerState::Running { .. }) && !container.ready;
    let text = match pod.containers.iter().find(unready)? {
        container if container.init => {
            format!(
                "init container {:?} does not end, so the others wait (Pod {}){}",
                container.name,
                pod.name,
                last_words(container)
            )
        }
        container => {
            let why = reason(pod, container, events);
            let last = last_words(container);
            format!("container {:?} runs but never becomes ready (Pod {}): {why}{last}", container.name, pod.name)
        }
    };
    Some(Words::new(CauseKind::NeverReady, text))
}

fn reason(pod: &PodEvidence, container: &ContainerEvidence, events: &[ClusterEvent]) -> String {
    let mut told = events.iter().rev().filter(|event| pod.is(&event.object) && event.reason == "Unhealthy");
    match (told.next(), &container.readiness_probe) {
        (Some(event), _) => in_a_sentence(&event.message),
        (None, Some(probe)) => format!("its readiness probe ({probe}) has not succeeded"),
        (None, None) => "it has no readiness probe, and no event says why".to_owned(),
    }
}
