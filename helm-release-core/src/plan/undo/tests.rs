use serde_json::{Value, json};

use super::{Undo, as_made};
use crate::patch::{Schemas, apply};
use crate::ports::{Location, Resource, Scope};
use crate::{Gvk, Object};

fn at(api_version: &str, kind: &str, plural: &str) -> Location {
    let gvk = Gvk::new(api_version, kind);
    Resource { gvk, plural: plural.to_owned(), scope: Scope::Namespaced }.at("default", "web")
}

fn object(value: Value) -> Object {
    Object::new(value).unwrap()
}

fn reverse(location: &Location, before: &Object, after: &Value) -> Option<crate::ports::PatchBody> {
    match Undo::of_change(Schemas::built_in(), location, before, after).unwrap() {
        Undo::Restore { reverse, .. } => reverse,
        other => panic!("{other:?}"),
    }
}

fn deployment(image: &str, replicas: i64, extra: &Value) -> Value {
    let mut value = json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "web", "uid": "u1", "resourceVersion": "7", "generation": 3},
        "spec": {"replicas": replicas, "template": {"spec": {"containers": [{"name": "a", "image": "a"}, {"name": "web", "image": image}]}}},
        "status": {"replicas": replicas},
    });
    if let Some(extra) = extra.as_object() {
        for (key, inner) in extra {
            value["metadata"][key] = inner.clone();
        }
    }
    value
}

#[test]
fn a_change_is_undone_field_by_field_and_edits_of_other_fields_survive() {
    let location = at("apps/v1", "Deployment", "deployments");
    let before = object(deployment("web:1", 3, &json!({"labels": {"tier": "a"}})));
    let after = deployment("web:2", 3, &json!({"labels": {"tier": "a", "added": "yes"}}));
    let reverse = reverse(&location, &before, &after).unwrap();
    // Meanwhile somebody scaled it and set a label.
    let live = deployment("web:2", 9, &json!({"labels": {"tier": "a", "added": "yes", "edited": "yes"}, "resourceVersion": "9"}));
    let restored = apply(Schemas::built_in(), &before.gvk(), &live, &reverse).unwrap();
    let wanted = deployment("web:1", 9, &json!({"labels": {"tier": "a", "edited": "yes"}, "resourceVersion": "9"}));
    assert_eq!(restored, wanted);
}

#[test]
fn a_change_of_nothing_but_owners_has_no_reverse_patch() {
    let location = at("apps/v1", "Deployment", "deployments");
    let before = object(deployment("web:1", 3, &json!({"managedFields": [{"manager": "helm"}]})));
    assert_eq!(reverse(&location, &before, &deployment("web:1", 3, &json!({}))), None);
}

#[test]
fn texts_of_a_secret_are_undone_in_its_data() {
    let location = at("v1", "Secret", "secrets");
    let before = object(json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "web"}, "data": {"a": "b2xk"}}));
    let after = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "web"}, "data": {"a": "b2xk"},
        "stringData": {"a": "new", "b": "added"},
    });
    let reverse = reverse(&location, &before, &after).unwrap();
    assert_eq!(*reverse.value(), json!({"data": {"a": "b2xk", "b": null}}));
}

#[test]
fn a_deleted_job_is_made_again_without_what_its_controller_added() {
    let live = object(json!({
        "apiVersion": "batch/v1", "kind": "Job",
        "metadata": {"name": "web", "uid": "u1", "labels": {"app": "web", "job-name": "web"}, "creationTimestamp": "2026-01-01T00:00:00Z"},
        "spec": {
            "selector": {"matchLabels": {"batch.kubernetes.io/controller-uid": "u1"}},
            "template": {"metadata": {"labels": {"app": "web", "controller-uid": "u1", "batch.kubernetes.io/job-name": "web"}}},
        },
        "status": {"active": 1},
    }));
    let made = json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "web", "labels": {"app": "web"}},
        "spec": {"template": {"metadata": {"labels": {"app": "web"}}}},
    });
    assert_eq!(as_made(&live).into_value(), made);
}

#[test]
fn a_job_that_chooses_its_own_pods_keeps_its_selector() {
    let spec = json!({"manualSelector": true, "selector": {"matchLabels": {"job-name": "web"}}});
    let live = object(json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "web"}, "spec": spec}));
    assert_eq!(as_made(&live).into_value()["spec"], spec);
}

#[test]
fn debug_output_shows_no_value() {
    let location = at("v1", "Secret", "secrets");
    let live =
        object(json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "web", "uid": "u"}, "data": {"a": "c2VjcmV0"}}));
    assert_eq!(format!("{:?}", Undo::of_deletion(&location, &live)), "MakeAgain(Secret default/web)");
}
