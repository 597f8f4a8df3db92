//! Services: a load balancer gets an address at once.

use helm_release_core::ObjectId;
use serde_json::{Value, json};

use super::{State, tree};

impl State {
    pub(super) fn live_service(&mut self, id: &ObjectId, service: &Value) {
        let balanced = tree::text(service, &["spec", "type"]) == "LoadBalancer";
        if balanced && tree::items(service, &["status", "loadBalancer", "ingress"]).is_empty() {
            self.amend(id, "cloud-controller-manager", true, |service| {
                tree::set(service, &["status", "loadBalancer", "ingress"], json!([{"ip": "192.0.2.1", "ipMode": "VIP"}]));
            });
        }
    }
}
