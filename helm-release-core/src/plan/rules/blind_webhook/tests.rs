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

#[test]
fn selectors_leave_out_what_they_do_not_ask_for() {
    let with = |member: &str, selector: Value| {
        let mut configuration = webhook("Some", &["configmaps"]);
        configuration["webhooks"][0][member] = selector;
        world(configuration).found_by(BlindWebhook).len()
    };
    assert_eq!(with("objectSelector", json!({"matchLabels": {"team": "shop"}})), 0);
    assert_eq!(with("objectSelector", json!({"matchExpressions": [{"key": "team", "operator": "DoesNotExist"}]})), 1);
    let named = |operator: &str, name: &str| json!({"matchExpressions": [{"key": "kubernetes.io/metadata.name", "operator": operator, "values": [name]}]});
    assert_eq!(with("namespaceSelector", named("NotIn", "default")), 0);
    assert_eq!(with("namespaceSelector", named("In", "default")), 1);
    // Other labels of a namespace are not known, so the webhook may see the write.
    assert_eq!(with("namespaceSelector", json!({"matchLabels": {"gated": "yes"}})), 1);
}
