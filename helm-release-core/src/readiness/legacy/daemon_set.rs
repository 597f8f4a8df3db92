//! Daemon sets.

use super::{fence, present, status, unobserved};
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
    let (updated, desired) = (status(set, "updatedNumberScheduled"), status(set, "desiredNumberScheduled"));
    if updated != desired {
        return Readiness::waiting("", format!("{updated} of {desired} pods are updated"));
    }
    let tolerated = present(set, &["spec", "updateStrategy", "rollingUpdate", "maxUnavailable"]);
    // An absent or unreadable number tolerates that no pod is ready at all.
    let tolerated = tolerated.and_then(|value| fence::scaled_up(value, desired)).unwrap_or(desired);
    let ready = status(set, "numberReady");
    let needed = desired.saturating_sub(tolerated);
    let reason = format!("{ready} of {desired} pods are ready, {} needed", needed.max(0));
    if ready < needed { Readiness::waiting("", reason) } else { Readiness::ready("", reason) }
}
