use serde_json::json;

use super::*;

fn object(extra: &Value) -> Object {
    let mut value = json!({ "apiVersion": "v1", "kind": "Pod" });
    for (key, member) in extra.as_object().unwrap() {
        value[key] = member.clone();
    }
    Object::new(value).unwrap()
}

#[test]
fn lenient_reads_take_a_wrong_type_for_absent() {
    let object = object(&json!({ "spec": { "replicas": "3", "half": 1.5, "whole": 1.0, "size": 3 } }));
    assert_eq!(int(&object, &["spec", "replicas"]), None);
    assert_eq!(int(&object, &["spec", "half"]), None);
    assert_eq!(int(&object, &["spec", "whole"]), None);
    assert_eq!(int(&object, &["spec", "size", "deeper"]), None);
    assert_eq!(int(&object, &["spec", "size"]), Some(3));
    assert_eq!(text(&object, &["spec", "size"]), None);
}

#[test]
fn strict_reads_refuse_a_wrong_type_and_null() {
    let object = object(&json!({ "spec": { "null": null, "text": "3", "size": 3 }, "status": "fine" }));
    assert_eq!(strict_int(&object, &["spec", "absent"]), Ok(None));
    assert_eq!(strict_int(&object, &["spec", "null", "deeper"]), Ok(None));
    assert_eq!(strict_int(&object, &["spec", "size"]), Ok(Some(3)));
    assert_eq!(strict_int(&object, &["spec", "null"]), Err(WrongType));
    assert_eq!(strict_int(&object, &["spec", "text"]), Err(WrongType));
    assert_eq!(strict_int(&object, &["status", "observedGeneration"]), Err(WrongType));
    assert_eq!(strict_text(&object, &["spec", "size"]), Err(WrongType));
}

#[test]
fn conditions_keep_their_order_and_read_null_as_empty() {
    let object = object(
        &json!({ "status": { "conditions": [{ "type": "B", "status": "True" }, null, { "type": "A", "reason": null }] } }),
    );
    let kinds: Vec<_> = conditions(&object).unwrap().iter().map(|condition| condition.kind).collect();
    assert_eq!(kinds, ["B", "", "A"]);
}

#[test]
fn conditions_of_a_wrong_type_are_an_error() {
    for status in [
        json!("up"),
        json!({ "conditions": {} }),
        json!({ "conditions": ["Ready"] }),
        json!({ "conditions": [{ "status": true }] }),
    ] {
        assert_eq!(conditions(&object(&json!({ "status": status }))), Err(WrongType), "{status}");
    }
}
