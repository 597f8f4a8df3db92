//! Stateful sets.

use super::{status, unobserved};
use crate::Object;
use crate::readiness::{Readiness, field};

pub(super) fn ready(set: &Object) -> Readiness {
    if let Some(waiting) = unobserved(set) {
        return waiting;
    }
    match field::text(set, &["spec", "updateStrategy", "type"]) {
        Some("RollingUpdate") => {}
        other => {
            let strategy = other.unwrap_or_default();
            return Readiness::ready("", format!("its pods are replaced by hand (update strategy {strategy})"));
        }
    }
    let partition = field::int(set, &["spec", "updateStrategy", "rollingUpdate", "partition"]).unwrap_or(0);
    let replicas = field::int(set, &["spec", "replicas"]).unwrap_or(1);
    let (updated, ready) = (status(set, "updatedReplicas"), status(set, "readyReplicas"));
    let to_update = replicas.saturating_sub(partition);
    if updated < to_update {
        return Readiness::waiting("", format!("{updated} of {to_update} replicas are updated"));
    }
    let reason = format!("{ready} of {replicas} replicas are ready");
    // More than wanted is not ready either.
    if ready != replicas {
        return Readiness::waiting("", reason);
    }
    let revision = |name: &str| field::text(set, &["status", name]).unwrap_or_default();
    if partition == 0 && revision("currentRevision") != revision("updateRevision") {
        return Readiness::waiting("", "its rollout has not finished yet");
    }
    Readiness::ready("", reason)
}
