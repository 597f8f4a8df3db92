use helm_release_core::ports::{Location, PatchBody, Resource, Scope, Validation};
use helm_release_core::{Gvk, Object};
use serde_json::json;

use super::*;

fn at(kind: &str) -> Location {
    Resource { gvk: Gvk::new("v1", kind), plural: "x".to_owned(), scope: Scope::Namespaced }.at("default", "s")
}

fn create(kind: &str, data: &Value) -> Request {
    let object = json!({
        "apiVersion": "v1", "kind": kind, "metadata": {"name": "s", "annotations": {"last": "{\"token\":\"abc\"}"}}, "stringData": data
    });
    Request::Create {
        at: at(kind),
        object: Object::new(object).unwrap(),
        manager: "m".to_owned(),
        validation: Validation::Strict,
    }
}

fn masked(request: &Request, text: &str) -> String {
    Mask::of(request).apply(text.to_owned())
}

#[test]
fn values_of_a_secret_are_masked_as_text_and_as_base64() {
    let request = create("Secret", &json!({"a": "hunter2", "b": "aHVudGVyMw==", "c": {"deep": [12_345_678]}}));
    assert_eq!(masked(&request, "got hunter2, aHVudGVyMw==, hunter3 and Value:12345678"), "got ***, ***, *** and Value:***");
}

#[test]
fn values_are_masked_in_one_line_and_in_quotes_too() {
    let request = create("Secret", &json!({"a": "first line\nsecond \"line\""}));
    assert_eq!(masked(&request, r#"got first line second "line""#), "got ***");
    assert_eq!(masked(&request, r#"got "first line\nsecond \"line\"""#), r#"got "***""#);
}

#[test]
fn a_value_within_another_does_not_leave_the_rest() {
    let request = create("Secret", &json!({"a": "hunter2", "b": "hunter2-and-more"}));
    assert_eq!(masked(&request, "got hunter2-and-more"), "got ***");
}

#[test]
fn a_short_value_is_masked_only_where_it_stands_alone() {
    let request = create("Secret", &json!({"a": "be"}));
    assert_eq!(masked(&request, "be: must be better, got \"be\""), "***: must *** better, got \"***\"");
}

#[test]
fn annotations_that_repeat_the_data_are_masked() {
    assert_eq!(masked(&create("Secret", &json!({})), r#"annotation {"token":"abc"} is bad"#), "annotation *** is bad");
}

#[test]
fn patches_of_secrets_are_masked_and_other_kinds_are_not() {
    let patch = |kind: &str| Request::Patch {
        at: at(kind),
        patch: PatchBody::Json(json!([{"op": "replace", "path": "/data/a", "value": "hunter2"}])),
        manager: "m".to_owned(),
        validation: Validation::Ignore,
    };
    assert_eq!(masked(&patch("Secret"), "bad hunter2"), "bad ***");
    assert_eq!(masked(&patch("ConfigMap"), "bad hunter2"), "bad hunter2");
}
