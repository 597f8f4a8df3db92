//! Persistent volume claims.

use crate::Object;
use crate::readiness::{Readiness, field};

pub(super) fn ready(claim: &Object) -> Readiness {
    match field::text(claim, &["status", "phase"]).unwrap_or("unknown") {
        "Bound" => Readiness::ready("", "it is bound to a volume"),
        phase => Readiness::waiting("", format!("no volume is bound to it, phase {phase}")),
    }
}
