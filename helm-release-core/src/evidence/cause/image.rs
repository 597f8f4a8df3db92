//! Images that cannot be pulled.

use super::{CauseKind, Words};
use crate::evidence::wording::in_a_sentence;
use crate::evidence::{ClusterEvent, ContainerState, PodEvidence};

/// The kubelet's words (`pkg/kubelet/images/types.go`).
const REASONS: [&str; 7] = [
    "ErrImagePull",
    "ImagePullBackOff",
    "InvalidImageName",
    "ErrImageNeverPull",
    "ImageInspectError",
    "RegistryUnavailable",
    "SignatureValidationFailed",
];

pub(super) fn of(pod: &PodEvidence, events: &[ClusterEvent]) -> Option<Words> {
    let (container, reason, message) = pod.containers.iter().find_map(|container| match &container.state {
        ContainerState::Waiting { reason, message } if REASONS.contains(&reason.as_str()) => Some((container, reason, message)),
        _ => None,
    })?;
    // The event tells what the registry said; the container only that it is waited before the next try.
    let mut told = events.iter().rev().filter(|event| pod.is(&event.object) && event.message.contains(&container.image));
    let told = told.find_map(|event| event.message.strip_prefix("Failed to pull image ")?.split_once(": ").map(|(_, why)| why));
    let why = in_a_sentence(told.unwrap_or(message));
    let why = if why.is_empty() { String::new() } else { format!(": {why}") };
    let text = format!(
        "image {:?} of container {:?} cannot be pulled ({reason}, Pod {}){why}",
        container.image, container.name, pod.name
    );
    Some(Words::new(CauseKind::ImagePull, text))
}
