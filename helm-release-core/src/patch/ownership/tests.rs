use serde_json::{Value, json};

use super::apply_is_noop;

fn configuration() -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "default", "labels": {"app": "web"}, "creationTimestamp": null},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {"spec": {"containers": [{"name": "web", "image": "1", "args": ["-v"], "ports": [{"containerPort": 80}]}]}},
        },
    })
}

fn live() -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {
            "name": "web", "namespace": "default", "uid": "u", "labels": {"app": "web", "other": "x"},
            "managedFields": [
                {"manager": "helm", "operation": "Apply", "apiVersion": "apps/v1", "fieldsType": "FieldsV1", "fieldsV1": {
                    "f:metadata": {"f:labels": {"f:app": {}}},
                    "f:spec": {
                        "f:replicas": {},
                        "f:selector": {},
                        "f:template": {"f:spec": {"f:containers": {"k:{\"name\":\"web\"}": {
                            ".": {}, "f:name": {}, "f:image": {}, "f:args": {},
                            "f:ports": {"k:{\"containerPort\":80,\"protocol\":\"TCP\"}": {".": {}, "f:containerPort": {}}},
                        }}}},
                    },
                }},
                {"manager": "kube-controller-manager", "operation": "Update", "apiVersion": "apps/v1", "subresource": "status",
                 "fieldsType": "FieldsV1", "fieldsV1": {"f:status": {}}},
            ],
        },
        "spec": {
            "replicas": 2, "paused": false,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {"spec": {"containers": [
                {"name": "injected"},
                {"name": "web", "image": "1", "args": ["-v"], "tty": false, "ports": [{"containerPort": 80, "protocol": "TCP"}]},
            ]}},
        },
    })
}

fn changed(mut object: Value, pointer: &str, value: Value) -> Value {
    *object.pointer_mut(pointer).unwrap() = value;
    object
}

#[test]
fn applying_what_is_applied_already_changes_nothing() {
    assert!(apply_is_noop(&live(), "helm", &configuration()));
}

#[test]
fn another_value_on_either_side_is_a_change() {
    assert!(!apply_is_noop(&live(), "helm", &changed(configuration(), "/spec/replicas", json!(3))));
    assert!(!apply_is_noop(&changed(live(), "/spec/replicas", json!(3)), "helm", &configuration()));
    assert!(!apply_is_noop(&live(), "helm", &changed(configuration(), "/metadata/name", json!("other"))));
}

#[test]
fn a_field_more_or_less_than_owned_is_a_change() {
    let mut more = configuration();
    more["spec"]["paused"] = json!(false);
    assert!(!apply_is_noop(&live(), "helm", &more));
    let mut less = configuration();
    less["metadata"]["labels"] = json!({});
    assert!(!apply_is_noop(&live(), "helm", &less));
}

#[test]
fn a_second_entry_of_the_manager_is_a_doubt() {
    let mut live = live();
    let update =
        json!({"manager": "helm", "operation": "Update", "apiVersion": "apps/v1", "fieldsType": "FieldsV1", "fieldsV1": {}});
    live["metadata"]["managedFields"].as_array_mut().unwrap().push(update);
    assert!(!apply_is_noop(&live, "helm", &configuration()));
}

#[test]
fn another_manager_version_or_operation_is_a_doubt() {
    assert!(!apply_is_noop(&live(), "kubectl", &configuration()));
    let entry = "/metadata/managedFields/0";
    assert!(!apply_is_noop(&changed(live(), &format!("{entry}/apiVersion"), json!("apps/v1beta2")), "helm", &configuration()));
    assert!(!apply_is_noop(&changed(live(), &format!("{entry}/operation"), json!("Update")), "helm", &configuration()));
}

#[test]
fn entries_in_another_order_are_a_change() {
    let two = json!([{"name": "a"}, {"name": "b"}]);
    let owned = json!({"k:{\"name\":\"a\"}": {".": {}, "f:name": {}}, "k:{\"name\":\"b\"}": {".": {}, "f:name": {}}});
    let containers = "/spec/template/spec/containers";
    let live = changed(
        changed(live(), containers, two.clone()),
        "/metadata/managedFields/0/fieldsV1/f:spec/f:template/f:spec/f:containers",
        owned,
    );
    assert!(apply_is_noop(&live, "helm", &changed(configuration(), containers, two)));
    let turned = json!([{"name": "b"}, {"name": "a"}]);
    assert!(!apply_is_noop(&live, "helm", &changed(configuration(), containers, turned)));
}

#[test]
fn a_mapping_that_may_have_been_applied_empty_is_a_doubt() {
    let owned = "/metadata/managedFields/0/fieldsV1/f:metadata/f:labels";
    let live = changed(changed(live(), owned, json!({})), "/metadata/labels", json!({"app": "web"}));
    assert!(!apply_is_noop(&live, "helm", &configuration()));
}
