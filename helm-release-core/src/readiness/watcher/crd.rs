//! Custom resource definitions.

use super::{Options, because};
use crate::Object;
use crate::readiness::Readiness;
use crate::readiness::field::{self, WrongType};

pub(super) fn status(crd: &Object, _: &Options) -> Result<Readiness, WrongType> {
    for condition in field::conditions(crd)? {
        match (condition.kind, condition.status) {
            ("NamesAccepted", "False") => {
                return Ok(Readiness::failed(condition.message, because("its names were not accepted", condition.message)));
            }
            ("Established", "False") if condition.reason != "Installing" => {
                return Ok(Readiness::failed(condition.message, because("the server does not serve it", condition.message)));
            }
            ("Established", "True") => return Ok(Readiness::ready("CRD is established", "the server serves it")),
            _ => {}
        }
    }
    Ok(Readiness::waiting("Install in progress", "the server does not serve it yet"))
}
