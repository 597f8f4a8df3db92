use serde_json::{Value, json};

use super::additions;
use crate::drift::tests::{by, object, owned};

fn found(applied: &Value, live: &Value) -> Vec<String> {
    additions(applied, &object(live)).iter().map(by).collect()
}

fn map(data: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web", "creationTimestamp": "2026-01-01T00:00:00Z"}, "data": data})
}

const NONE: [&str; 0] = [];

#[test]
fn what_somebody_added_is_told_with_whoever_did() {
    let fields = json!({"f:data": {"f:new": {}}});
    let live = owned(&map(&json!({"a": "1", "new": "2"})), &[("kubectl-edit", "Update", "", fields.clone())]);
    assert_eq!(found(&map(&json!({"a": "1"})), &live), [r#"data.new: null -> "2" by kubectl-edit"#]);
    let both = [("kubectl-edit", "Update", "", fields.clone()), ("other", "Apply", "", fields)];
    let live = owned(&map(&json!({"new": "2"})), &both);
    assert_eq!(found(&map(&json!({"a": "1"})), &live), [r#"data.new: null -> "2" by kubectl-edit other"#]);
}

#[test]
fn an_entry_of_a_list_is_told_whole_and_the_fields_of_a_mapping_one_by_one() {
    let pod = |spec: &Value| json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": spec});
    let applied = pod(&json!({"containers": [{"name": "web"}]}));
    let live =
        pod(&json!({"containers": [{"name": "web"}, {"name": "side", "image": "s"}], "securityContext": {"runAsUser": 1}}));
    let fields = json!({"f:spec": {
        "f:containers": {"k:{\"name\":\"side\"}": {".": {}, "f:image": {}, "f:name": {}}},
        "f:securityContext": {".": {}, "f:runAsUser": {}},
    }});
    assert_eq!(
        found(&applied, &owned(&live, &[("injector", "Update", "", fields)])),
        [
            r#"spec.containers[name=side]: null -> {"image":"s","name":"side"} by injector"#,
            "spec.securityContext.runAsUser: null -> 1 by injector",
        ]
    );
}

#[test]
fn labels_and_annotations_are_open_to_all() {
    let fields = json!({"f:metadata": {"f:labels": {"f:x": {}}}});
    let mut live = map(&json!({}));
    live["metadata"]["labels"] = json!({"x": "y"});
    assert_eq!(found(&map(&json!({})), &owned(&live, &[("anybody", "Update", "", fields)])), NONE);
}

#[test]
fn a_restart_is_no_setting() {
    let fields = json!({"f:spec": {"f:template": {"f:metadata": {"f:annotations": {".": {}, "f:kubectl.kubernetes.io/restartedAt": {}}}}}});
    let live = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
        "spec": {"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": "now"}}}}});
    let applied = json!({"spec": {"template": {"metadata": {"labels": {}}}}});
    assert_eq!(found(&applied, &owned(&live, &[("kubectl-rollout", "Update", "", fields)])), NONE);
}

#[test]
fn controllers_and_helm_add_what_is_theirs() {
    let fields = json!({"f:data": {"f:new": {}}});
    let live = |entries: &[(&str, &str, &str, Value)]| owned(&map(&json!({"new": "2"})), entries);
    for name in ["helm", "kube-controller-manager", "openshift-controller-manager"] {
        assert_eq!(found(&map(&json!({})), &live(&[(name, "Update", "", fields.clone())])), NONE, "{name}");
    }
    let keeps_status = [("operator", "Update", "", fields.clone()), ("operator", "Update", "status", json!({"f:status": {}}))];
    assert_eq!(found(&map(&json!({})), &live(&keeps_status)), NONE, "who keeps the status is the controller");
    assert_eq!(found(&map(&json!({})), &live(&[("operator", "Update", "", fields)])).len(), 1);
}

#[test]
fn what_the_maker_of_an_object_gave_it_was_there_before_the_release() {
    let fields = json!({"f:data": {"f:new": {}}});
    let live = |entries: &[(&str, &str, &str, Value)], times: &[&str]| {
        let mut live = owned(&map(&json!({"new": "2"})), entries);
        for (index, time) in times.iter().enumerate() {
            live["metadata"]["managedFields"][index]["time"] = json!(time);
        }
        live
    };
    let (then, later) = ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z");
    let entries = [("kubectl-create", "Update", "", fields), ("helm", "Apply", "", json!({"f:data": {"f:a": {}}}))];
    assert_eq!(found(&map(&json!({})), &live(&entries, &[then, later])), NONE);
    assert_eq!(found(&map(&json!({})), &live(&entries, &[later, later])).len(), 1);
    assert_eq!(found(&map(&json!({})), &live(&entries, &[then, then])).len(), 1, "Helm made it, and somebody was quick");
}
