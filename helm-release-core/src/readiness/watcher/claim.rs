//! Persistent volume claims.

use super::Options;
use crate::Object;
use crate::readiness::Readiness;
use crate::readiness::field::{self, WrongType};

#[expect(clippy::unnecessary_wraps, reason = "one signature for the rule of every kind")]
pub(super) fn status(claim: &Object, _: &Options) -> Result<Readiness, WrongType> {
    Ok(match field::text(claim, &["status", "phase"]).unwrap_or("unknown") {
        "Bound" => Readiness::ready("PVC is Bound", "it is bound to a volume"),
        phase => {
            Readiness::waiting(format!("PVC is not Bound. phase: {phase}"), format!("no volume is bound to it, phase {phase}"))
        }
    })
}
