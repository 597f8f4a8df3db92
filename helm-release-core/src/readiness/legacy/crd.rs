//! Custom resource definitions.

use crate::Object;
use crate::readiness::{Readiness, field};

pub(super) fn ready(crd: &Object) -> Readiness {
    for condition in field::conditions(crd).unwrap_or_default() {
        match (condition.kind, condition.status) {
            ("Established", "True") => return Readiness::ready("", "the server serves it"),
            // Helm holds that a conflict of names is not for the wait to report.
            ("NamesAccepted", "False") => return Readiness::ready("", "its names were not accepted, which Helm does not mind"),
            _ => {}
        }
    }
    Readiness::waiting("", "the server does not serve it yet")
}
