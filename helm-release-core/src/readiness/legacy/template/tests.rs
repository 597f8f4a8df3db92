use serde_json::json;

use super::*;

fn template(template: &Value) -> Template {
    Template::of(
        &Object::new(json!({ "apiVersion": "apps/v1", "kind": "ReplicaSet", "spec": { "template": template } })).unwrap(),
    )
}

#[test]
fn hash_label_and_absent_members_make_no_difference() {
    let plain = template(&json!({ "metadata": { "labels": { "app": "web" } }, "spec": { "containers": [{ "name": "a" }] } }));
    let full = template(&json!({
        "metadata": { "creationTimestamp": null, "labels": { "app": "web", "pod-template-hash": "1" } },
        "spec": { "containers": [{ "name": "a", "resources": {}, "env": [] }], "nodeSelector": {} },
    }));
    assert!(plain == full);
}

#[test]
fn empty_mapping_that_means_something_is_a_difference() {
    let without = template(&json!({ "spec": { "volumes": [{ "name": "tmp" }] } }));
    let with = template(&json!({ "spec": { "volumes": [{ "name": "tmp", "emptyDir": {} }] } }));
    assert!(without != with);
}
