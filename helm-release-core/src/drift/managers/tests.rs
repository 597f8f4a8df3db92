use serde_json::{Value, json};

use super::{Managers, writes_releases};
use crate::drift::FieldPath;
use crate::drift::tests::{object, owned};
use crate::patch::FieldChange;

fn live(entries: &[(&str, &str, &str, Value)]) -> crate::Object {
    object(&owned(&json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}}), entries))
}

#[test]
fn whoever_writes_releases_is_known_by_name() {
    for name in ["helm", "helm-controller", "terraform-provider-helm_v3.0.1"] {
        assert!(writes_releases(name), "{name}");
    }
    for name in ["helmet", "kubectl", "Terraform", ""] {
        assert!(!writes_releases(name), "{name}");
    }
}

#[test]
fn owners_of_a_field_are_named_and_those_of_the_status_are_not() {
    let live = live(&[
        ("kubectl", "Update", "scale", json!({"f:spec": {"f:replicas": {}}})),
        ("controller", "Update", "status", json!({"f:spec": {"f:replicas": {}}})),
        ("helm", "Apply", "", json!({"f:spec": {"f:paused": {}}})),
    ]);
    let managers = Managers::of(&live);
    let owners = managers.owners(&FieldPath::of_fields(&["spec", "replicas"]));
    assert_eq!(owners.iter().map(ToString::to_string).collect::<Vec<_>>(), ["kubectl/scale"]);
    assert_eq!(owners[0].time.as_deref(), Some("2026-11-27T08:00:00Z"));
    assert!(managers.applied().is_some_and(|applied| applied["f:spec"]["f:paused"].is_object()));
    assert!(managers.has("kubectl") && !managers.has("nobody"));
}

#[test]
fn a_controller_is_one_of_the_control_plane_or_keeps_the_status() {
    let live = live(&[
        ("operator", "Update", "", json!({"f:spec": {}})),
        ("operator", "Update", "status", json!({"f:status": {}})),
        ("old-operator", "Update", "", json!({"f:status": {"f:a": {}}})),
        ("kubectl", "Update", "", json!({"f:spec": {}})),
    ]);
    let managers = Managers::of(&live);
    for name in ["operator", "old-operator", "kube-controller-manager", "kube-scheduler", "my-controller-manager"] {
        assert!(managers.is_controller(name), "{name}");
    }
    assert!(!managers.is_controller("kubectl"));
}

#[test]
fn a_change_of_a_field_that_others_own_is_contended() {
    let image = json!({"f:spec": {"f:containers": {"k:{\"name\":\"web\"}": {".": {}, "f:image": {}}}}});
    let contended = |manager: &str, path: &str| {
        let live = live(&[(manager, "Update", "", image.clone())]);
        Managers::of(&live).contend(&[FieldChange::new(path, Some(json!("a")), Some(json!("b")))])
    };
    assert!(contended("kubectl", "spec.containers[name=web].image"));
    assert!(contended("kubectl", "spec.containers"));
    assert!(!contended("kubectl", "spec.containers[name=web].args"));
    assert!(!contended("helm", "spec.containers[name=web].image"));
}
