//! Services.

use serde_json::Value;

use super::present;
use crate::Object;
use crate::readiness::{Readiness, field};

pub(super) fn ready(service: &Object) -> Readiness {
    let kind = field::text(service, &["spec", "type"]).unwrap_or_default();
    if kind == "ExternalName" {
        return Readiness::ready("", "it points outside the cluster");
    }
    let address = field::text(service, &["spec", "clusterIP"]).unwrap_or_default();
    if address.is_empty() {
        return Readiness::waiting("", "it has no cluster address yet");
    }
    let has_external_address =
        present(service, &["spec", "externalIPs"]).and_then(Value::as_array).is_some_and(|addresses| !addresses.is_empty());
    // An ingress list that is there but empty is enough for Helm.
    let balanced = present(service, &["status", "loadBalancer", "ingress"]).is_some();
    if kind == "LoadBalancer" && !has_external_address && !balanced {
        return Readiness::waiting("", "its load balancer has no address yet");
    }
    Readiness::ready("", "it has its addresses")
}
