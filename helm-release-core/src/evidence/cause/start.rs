//! Containers that cannot be started at all.

use super::{CauseKind, Words};
use crate::evidence::wording::in_a_sentence;
use crate::evidence::{ClusterEvent, ContainerState, PodEvidence};

/// The kubelet's words for a container that it cannot make (`pkg/kubelet/container/sync_result.go`).
const REASONS: [&str; 7] = [
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
    "PreCreateHookError",
    "PreStartHookError",
    "PostStartHookError",
    "ContainerStatusUnknown",
];

/// Events about what a pod needs before its containers start.
const EVENTS: [&str; 4] = ["FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox", "FailedBinding"];

pub(super) fn of(pod: &PodEvidence, events: &[ClusterEvent]) -> Option<Words> {
    let refused = pod.containers.iter().find_map(|container| match &container.state {
        ContainerState::Waiting { reason, message } if REASONS.contains(&reason.as_str()) => {
            let why = if message.is_empty() { reason } else { message };
            Some(format!("container {:?} cannot be started (Pod {}): {}", container.name, pod.name, in_a_sentence(why)))
        }
        _ => None,
    });
    let evicted = || {
        (!pod.reason.is_empty() && pod.phase == "Failed")
            .then(|| format!("Pod {} was ended ({}): {}", pod.name, pod.reason, in_a_sentence(&pod.message)))
    };
    let has_started = pod.containers.iter().any(crate::evidence::ContainerEvidence::has_run);
    let lacking = || {
        let mut about = events.iter().rev().filter(|event| event.warning && pod.is(&event.object));
        let event = about.find(|event| EVENTS.contains(&event.reason.as_str())).filter(|_| !has_started)?;
        Some(format!("Pod {} cannot start ({}): {}", pod.name, event.reason, in_a_sentence(&event.message)))
    };
    Some(Words::new(CauseKind::CannotStart, refused.or_else(evicted).or_else(lacking)?))
}
