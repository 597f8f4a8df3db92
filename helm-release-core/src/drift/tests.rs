//! What the tests of drift share, and comparisons with several revisions.

use serde_json::{Value, json};

use super::{Drifted, drifted, drifted_since, left_by};
use crate::patch::Schemas;
use crate::{Object, Revision};

pub(super) fn object(value: &Value) -> Object {
    Object::new(value.clone()).unwrap()
}

/// The object with owners: manager, operation, subresource, `fieldsV1`.
pub(super) fn owned(value: &Value, entries: &[(&str, &str, &str, Value)]) -> Value {
    let mut value = value.clone();
    let entry = |(manager, operation, subresource, fields): &(&str, &str, &str, Value)| {
        let mut entry = json!({"manager": manager, "operation": operation, "time": "2026-11-27T08:00:00Z",
            "fieldsType": "FieldsV1", "fieldsV1": fields});
        if !subresource.is_empty() {
            entry["subresource"] = json!(subresource);
        }
        entry
    };
    value["metadata"]["managedFields"] = entries.iter().map(entry).collect();
    value
}

/// `path: was -> is by managers`.
pub(super) fn by(field: &Drifted) -> String {
    let value = |value: &Option<Value>| value.clone().unwrap_or_default();
    let managers: Vec<String> = field.by.iter().map(ToString::to_string).collect();
    format!("{}: {} -> {} by {}", field.path, value(&field.was), value(&field.is), managers.join(" "))
}

fn map(color: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web"}, "data": {"color": color}})
}

#[test]
fn a_secret_is_compared_as_the_server_stores_it() {
    let applied = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "web"},
        "data": {"old": "aHVu\ndGVyMg=="}, "stringData": {"key": "hunter2"}});
    let live = |key: &str| {
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "web"},
        "data": {"old": "aHVudGVyMg==", "key": key}})
    };
    assert_eq!(drifted(Schemas::built_in(), &object(&applied), &object(&live("aHVudGVyMg=="))), []);
    let found = drifted(Schemas::built_in(), &object(&applied), &object(&live("b3RoZXI=")));
    assert_eq!(found.iter().map(|field| field.path.to_string()).collect::<Vec<_>>(), ["data.key"]);
    assert!(!format!("{found:?}").contains("aHVu"), "debug output shows no value");
}

#[test]
fn what_any_revision_since_the_deployed_one_may_have_written_is_no_drift() {
    let found = |live: &str, revisions: &[&str]| {
        let revisions: Vec<Object> = revisions.iter().map(|color| object(&map(color))).collect();
        drifted_since(Schemas::built_in(), &revisions, &object(&map(live))).iter().map(by).collect::<Vec<_>>()
    };
    assert_eq!(found("blue", &["red", "blue"]), [] as [&str; 0], "the failed revision never came to write it");
    assert_eq!(found("red", &["red", "blue"]), [] as [&str; 0]);
    assert_eq!(found("green", &["red", "blue"]), [r#"data.color: "red" -> "green" by "#]);
    assert_eq!(found("green", &[]), [] as [&str; 0], "what no revision applied cannot drift");
}

#[test]
fn what_a_later_revision_left_is_told_with_its_number() {
    let mut later = map("red");
    later["data"]["new"] = json!("n");
    let revision = Revision::new(3).unwrap();
    let left = |live: &Value| left_by(Schemas::built_in(), &object(&map("blue")), &object(&later), &object(live), revision);
    let found = left(&later);
    assert_eq!(found.iter().map(by).collect::<Vec<_>>(), [r#"data.color: "blue" -> "red" by "#, r#"data.new: null -> "n" by "#]);
    assert!(found.iter().all(|field| field.left_by == Some(revision)));
    assert_eq!(left(&map("blue")), [], "it never came to write");
    let others = owned(&later, &[("somebody", "Update", "", json!({"f:data": {"f:color": {}, "f:new": {}}}))]);
    assert_eq!(left(&others), [], "somebody else wrote it");
}
