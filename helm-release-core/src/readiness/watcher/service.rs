//! Services.

use super::Options;
use crate::Object;
use crate::readiness::Readiness;
use crate::readiness::field::{self, WrongType};

#[expect(clippy::unnecessary_wraps, reason = "one signature for the rule of every kind")]
pub(super) fn status(service: &Object, _: &Options) -> Result<Readiness, WrongType> {
    let balanced = field::text(service, &["spec", "type"]) == Some("LoadBalancer");
    let address = field::text(service, &["spec", "clusterIP"]).unwrap_or_default();
    if balanced && address.is_empty() {
        return Ok(Readiness::waiting("ClusterIP not set. Service type: LoadBalancer", "it has no cluster address yet"));
    }
    Ok(Readiness::ready("Service is ready", "it exists"))
}
