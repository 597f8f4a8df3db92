use serde_json::json;

use super::*;

fn labelled(labels: &Value) -> Object {
    Object::new(json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "labels": labels } })).unwrap()
}

#[test]
fn selector_is_written_as_list_requests_take_it() {
    let selector = json!({
        "matchLabels": { "tier": "web", "app": "shop" },
        "matchExpressions": [
            { "key": "zone", "operator": "In", "values": ["b", "a"] },
            { "key": "canary", "operator": "DoesNotExist" },
            { "key": "owner", "operator": "Exists" },
            { "key": "stage", "operator": "NotIn", "values": ["test"] },
        ],
    });
    let selector = Selector::from_label_selector(Some(&selector)).unwrap();
    assert_eq!(selector.to_string(), "app=shop,!canary,owner,stage notin (test),tier=web,zone in (a,b)");
    assert!(selector.matches(&labelled(&json!({ "app": "shop", "tier": "web", "zone": "a", "owner": "x" }))));
    assert!(!selector.matches(&labelled(&json!({ "app": "shop", "tier": "web", "zone": "c", "owner": "x" }))));
    assert!(!selector.matches(&labelled(&json!({ "app": "shop", "tier": "web", "zone": "a", "owner": "x", "canary": "" }))));
    assert!(!selector.matches(&labelled(&json!({ "app": "shop", "tier": "web", "zone": "a", "owner": "x", "stage": "test" }))));
}

#[test]
fn empty_selector_matches_everything() {
    assert!(Selector::from_labels(None).unwrap().matches(&labelled(&json!({ "app": "shop" }))));
    assert!(Selector::from_label_selector(Some(&json!({}))).unwrap().matches(&labelled(&json!(null))));
}

#[test]
fn wrong_operators_and_value_counts_are_refused() {
    let read = |expression: Value| Selector::from_label_selector(Some(&json!({ "matchExpressions": [expression] }))).unwrap_err();
    assert_eq!(read(json!({ "key": "a", "operator": "Like" })), InvalidSelector::Operator("Like".to_owned()));
    assert_eq!(
        read(json!({ "key": "a", "operator": "In", "values": [] })).to_string(),
        "label selector operator In on key \"a\" has the wrong number of values"
    );
    assert!(matches!(read(json!({ "key": "a", "operator": "Exists", "values": ["b"] })), InvalidSelector::Values { .. }));
    assert_eq!(read(json!({ "key": 1, "operator": "Exists" })), InvalidSelector::Field("key"));
}

#[test]
fn keys_and_values_that_no_label_can_have_are_refused() {
    let read = |key: &str, value: &str| Selector::from_labels(Some(&json!({ key: value }))).is_ok();
    assert!(read("app.kubernetes.io/name", "web"));
    assert!(read("app", ""));
    assert!(!read("", "web"));
    assert!(!read("App.io/name", "web"));
    assert!(!read("a/b/c", "web"));
    assert!(!read("app", "not good"));
    assert!(!read("app", &"a".repeat(64)));
}
