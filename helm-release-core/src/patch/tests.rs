use serde_json::{Value, json};

use super::{PatchError, Schemas, apply};
use crate::Gvk;
use crate::ports::PatchBody;

fn deployment() -> Gvk {
    Gvk::new("apps/v1", "Deployment")
}

fn pod_spec(spec: &Value) -> Value {
    json!({"spec": {"template": {"spec": spec}}})
}

fn strategic(live: &Value, patch: Value) -> Result<Value, PatchError> {
    apply(Schemas::built_in(), &deployment(), live, &PatchBody::Strategic(patch))
}

#[test]
fn containers_are_merged_by_name() {
    let live = pod_spec(&json!({"containers": [{"name": "a", "image": "1", "tty": true}, {"name": "b", "image": "1"}]}));
    let patch = pod_spec(&json!({"containers": [{"name": "a", "image": "2"}]}));
    let expected = pod_spec(&json!({"containers": [{"name": "a", "image": "2", "tty": true}, {"name": "b", "image": "1"}]}));
    assert_eq!(strategic(&live, patch), Ok(expected));
}

#[test]
fn an_entry_is_deleted_by_its_directive_and_the_order_is_the_wanted_one() {
    let live = pod_spec(&json!({"containers": [{"name": "a"}, {"name": "b"}, {"name": "c"}]}));
    let patch = pod_spec(&json!({
        "$setElementOrder/containers": [{"name": "c"}, {"name": "a"}],
        "containers": [{"name": "b", "$patch": "delete"}],
    }));
    assert_eq!(strategic(&live, patch), Ok(pod_spec(&json!({"containers": [{"name": "c"}, {"name": "a"}]}))));
}

#[test]
fn a_list_without_a_merge_key_is_replaced() {
    let live = pod_spec(&json!({"tolerations": [{"key": "a"}, {"key": "b"}]}));
    let patch = pod_spec(&json!({"tolerations": [{"key": "c"}]}));
    assert_eq!(strategic(&live, patch.clone()), Ok(patch));
}

#[test]
fn retained_keys_push_out_the_other_source_of_a_volume() {
    let live = pod_spec(&json!({"volumes": [{"name": "v", "emptyDir": {}}]}));
    let patch = pod_spec(&json!({"volumes": [{"name": "v", "$retainKeys": ["name", "secret"], "secret": {"secretName": "s"}}]}));
    assert_eq!(strategic(&live, patch), Ok(pod_spec(&json!({"volumes": [{"name": "v", "secret": {"secretName": "s"}}]}))));
}

#[test]
fn texts_are_deleted_from_a_list_of_texts() {
    let live = json!({"metadata": {"finalizers": ["a", "b", "c"]}});
    let patch = json!({"metadata": {"$deleteFromPrimitiveList/finalizers": ["b"], "finalizers": ["d"]}});
    assert_eq!(strategic(&live, patch), Ok(json!({"metadata": {"finalizers": ["d", "a", "c"]}})));
}

#[test]
fn an_entry_without_its_merge_key_is_named_by_its_path() {
    let live = pod_spec(&json!({"containers": [{"name": "a"}]}));
    let error = strategic(&live, pod_spec(&json!({"containers": [{"image": "secret"}]}))).unwrap_err();
    assert_eq!(error.to_string(), "spec.template.spec.containers: an entry of the list has no name");
}

#[test]
fn a_custom_resource_takes_no_strategic_merge() {
    let gvk = Gvk::new("example.com/v1", "Widget");
    let error = apply(Schemas::built_in(), &gvk, &json!({}), &PatchBody::Strategic(json!({}))).unwrap_err();
    assert_eq!(error, PatchError::NoStrategicMerge { gvk });
}

#[test]
fn a_json_merge_removes_nulls_and_replaces_lists() {
    let live = json!({"a": {"b": 1, "c": 2}, "l": [1, 2]});
    let patch = PatchBody::Merge(json!({"a": {"b": null, "d": {"e": null}}, "l": [3]}));
    let expected = json!({"a": {"c": 2, "d": {}}, "l": [3]});
    assert_eq!(apply(Schemas::built_in(), &deployment(), &live, &patch), Ok(expected));
}

#[test]
fn a_json_patch_that_does_not_fit_names_its_operation() {
    let patch = PatchBody::Json(json!([{"op": "remove", "path": "/a"}, {"op": "test", "path": "/b", "value": 2}]));
    let error = apply(Schemas::built_in(), &deployment(), &json!({"a": 1, "b": 1}), &patch).unwrap_err();
    assert!(matches!(error, PatchError::Operation { index: 1, .. }), "{error}");
}
