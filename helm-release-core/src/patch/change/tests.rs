use serde_json::{Value, json};

use super::changed_fields;
use crate::Gvk;
use crate::patch::Schemas;

fn paths(gvk: &Gvk, before: &Value, after: &Value) -> Vec<String> {
    changed_fields(Schemas::built_in(), gvk, before, after).into_iter().map(|change| change.path).collect()
}

fn pod() -> Gvk {
    Gvk::new("v1", "Pod")
}

#[test]
fn a_container_is_named_by_its_name() {
    let before =
        json!({"spec": {"containers": [{"name": "side"}, {"name": "web", "image": "1", "ports": [{"containerPort": 80}]}]}});
    let after =
        json!({"spec": {"containers": [{"name": "web", "image": "2", "ports": [{"containerPort": 81}]}, {"name": "new"}]}});
    assert_eq!(
        paths(&pod(), &before, &after),
        [
            "spec.containers[name=side]",
            "spec.containers[name=web].image",
            "spec.containers[name=web].ports[containerPort=80]",
            "spec.containers[name=web].ports[containerPort=81]",
            "spec.containers[name=new]",
        ]
    );
}

#[test]
fn ports_of_one_number_are_told_apart_by_their_protocol() {
    let ports = |target: u32| json!({"spec": {"ports": [{"port": 53, "protocol": "UDP", "targetPort": 1}, {"port": 53, "protocol": "TCP", "targetPort": target}]}});
    assert_eq!(paths(&Gvk::new("v1", "Service"), &ports(1), &ports(2)), ["spec.ports[port=53,protocol=TCP].targetPort"]);
}

#[test]
fn what_the_server_keeps_for_itself_is_no_change() {
    let before = json!({"metadata": {"generation": 1, "resourceVersion": "1", "managedFields": [], "labels": {"a": "b"}}, "status": {"x": 1}});
    let after =
        json!({"metadata": {"generation": 2, "resourceVersion": "2", "labels": {"a": "b", "c": null}}, "status": {"x": 2}});
    assert_eq!(changed_fields(Schemas::built_in(), &pod(), &before, &after), []);
}

#[test]
fn annotations_stand_in_brackets_and_lists_without_keys_by_place() {
    let before = json!({"metadata": {"annotations": {"example.com/x": "1"}, "finalizers": ["a"]}, "spec": {"tolerations": [{"key": "a"}]}});
    let after = json!({"metadata": {"annotations": {"example.com/x": "2"}, "finalizers": ["b"]}, "spec": {"tolerations": [{"key": "b"}]}});
    assert_eq!(
        paths(&pod(), &before, &after),
        ["metadata.annotations[example.com/x]", "metadata.finalizers[a]", "metadata.finalizers[b]", "spec.tolerations[0].key"]
    );
}

#[test]
fn entries_that_changed_places_are_reported_as_an_order() {
    let before = json!({"spec": {"initContainers": [{"name": "a", "image": "i"}, {"name": "b"}]}});
    let after = json!({"spec": {"initContainers": [{"name": "b"}, {"name": "a", "image": "i"}]}});
    let changes = changed_fields(Schemas::built_in(), &pod(), &before, &after);
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].path, "spec.initContainers");
    assert_eq!(changes[0].after, Some(json!([{"name": "b"}, {"name": "a"}])));
}

#[test]
fn debug_prints_the_path_and_no_value() {
    let changes = changed_fields(
        Schemas::built_in(),
        &Gvk::new("v1", "Secret"),
        &json!({"data": {"a": "old"}}),
        &json!({"data": {"a": "hunter2"}}),
    );
    assert_eq!(format!("{changes:?}"), "[FieldChange(data.a changed)]");
}
