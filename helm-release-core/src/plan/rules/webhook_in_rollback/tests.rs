use serde_json::json;

use super::*;
use crate::plan::tests::world::{World, config_map, only, ours};

fn webhook(policy: &str) -> Value {
    json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration", "metadata": {"name": "gate"},
        "webhooks": [{
            "name": "gate.example.org", "sideEffects": "None", "failurePolicy": policy,
            "clientConfig": {"service": {"namespace": "default", "name": "gate"}},
            "rules": [{"operations": ["*"], "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*"]}],
        }],
    })
}

fn gate(image: &str) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "gate"},
        "spec": {
            "selector": {"matchLabels": {"app": "gate"}},
            "template": {"metadata": {"labels": {"app": "gate"}}, "spec": {"containers": [{"name": "gate", "image": image}]}},
        },
    })
}

fn service() -> Value {
    json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "gate"}, "spec": {"selector": {"app": "gate"}}})
}

fn world() -> World {
    let old = [gate("gate:1"), service(), config_map("a", "red")];
    let new = [gate("gate:2"), service(), config_map("a", "blue")];
    let world = World::default().revision("superseded", &old).revision("deployed", &new);
    new.iter().fold(world, |world, object| world.live(ours(object)))
}

#[test]
fn a_strict_webhook_whose_pods_change_holds_up_the_other_writes() {
    let finding = only(world().around(webhook("Fail")).found_by(WebhookInRollback));
    assert_eq!((finding.id.as_str(), finding.severity), ("webhook-in-rollback", Severity::Caution));
    assert_eq!(finding.what, "webhook gate.example.org calls Service default/gate, which this rollback changes");
    assert_eq!(finding.object.unwrap().to_string(), "Deployment default/gate");
}

#[test]
fn one_that_may_fail_holds_up_nothing() {
    assert_eq!(world().around(webhook("Ignore")).found_by(WebhookInRollback), []);
}
