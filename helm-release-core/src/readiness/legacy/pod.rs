//! Pods.

use crate::Object;
use crate::readiness::{Readiness, field};

pub(super) fn is_ready(pod: &Object) -> bool {
    field::conditions(pod).is_ok_and(|conditions| conditions.iter().any(|condition| condition.holds("Ready")))
}

pub(super) fn ready(pod: &Object) -> Readiness {
    if is_ready(pod) {
        return Readiness::ready("", "it is ready");
    }
    match field::text(pod, &["status", "phase"]).unwrap_or_default() {
        "" => Readiness::waiting("", "no node has reported on it yet"),
        phase => Readiness::waiting("", format!("it is not ready, phase {phase}")),
    }
}
