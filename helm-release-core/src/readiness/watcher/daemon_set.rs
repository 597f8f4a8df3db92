//! Daemon sets.

use super::{Options, count};
use crate::Object;
use crate::readiness::Readiness;
use crate::readiness::field::{self, WrongType};

pub(super) fn status(set: &Object, _: &Options) -> Result<Readiness, WrongType> {
    // The controller always sets both, so an absent one means that it has not come by.
    for path in [["metadata", "generation"], ["status", "observedGeneration"]] {
        if field::strict_int(set, &path)?.is_none() {
            let message = format!("{} {} not found", set.kind(), path.join("."));
            return Ok(Readiness::waiting(message, "its controller has not seen it yet"));
        }
    }
    let status = |name: &str| field::int(set, &["status", name]);
    let Some(desired) = status("desiredNumberScheduled").filter(|desired| *desired != -1) else {
        return Ok(Readiness::waiting("Missing .status.desiredNumberScheduled", "the number of its pods is not known yet"));
    };
    let steps = [
        ("currentNumberScheduled", "Current", "scheduled"),
        ("updatedNumberScheduled", "Updated", "updated"),
        ("numberAvailable", "Available", "available"),
        ("numberReady", "Ready", "ready"),
    ];
    for (name, word, are) in steps {
        let have = status(name).unwrap_or(0);
        if desired > have {
            return Ok(Readiness::waiting(format!("{word}: {have}/{desired}"), count(have, desired, "pods", are)));
        }
    }
    let message = format!("All replicas scheduled as expected. Replicas: {desired}");
    Ok(Readiness::ready(message, count(desired, desired, "pods", "ready")))
}
