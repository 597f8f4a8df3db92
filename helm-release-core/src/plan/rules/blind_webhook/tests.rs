use serde_json::{Value, json};

use super::*;
use crate::plan::tests::world::{World, config_map, only};

fn webhook(side_effects: &str, resources: &[&str]) -> Value {
    json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration", "metadata": {"name": "gate"},
        "webhooks": [{
            "name": "gate.example.org", "sideEffects": side_effects,
            "rules": [{"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["*"], "resources": resources}],
        }],
    })
}

fn world(webhook: Value) -> World {
    let world = World::default().revision("superseded", &[config_map("a", "red"), config_map("b", "red")]);
    world.revision("deployed", &[]).around(webhook)
}

#[test]
fn a_webhook_without_dry_runs_that_sees_a_write_is_named() {
    let finding = only(world(webhook("Some", &["configmaps"])).found_by(BlindWebhook));
    assert_eq!((finding.id.as_str(), finding.severity), ("blind-webhook", Severity::Caution));
    let what = "webhook gate.example.org of ValidatingWebhookConfiguration gate sees the write of ConfigMap default/a and 1 more \
                and does not support dry runs";
    assert_eq!(finding.what, what);
}

#[test]
fn one_that_takes_dry_runs_or_sees_other_kinds_is_not() {
    assert_eq!(world(webhook("None", &["configmaps"])).found_by(BlindWebhook), []);
    assert_eq!(world(webhook("Some", &["secrets"])).found_by(BlindWebhook), []);
}
