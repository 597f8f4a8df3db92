use serde_json::json;

use super::*;

#[test]
fn equal_values_get_equal_marks_and_no_value_is_left() {
    let mut masker = Masker::default();
    let mut secret = json!({"kind": "Secret", "data": {"a": "aGk=", "b": "aGk=", "c": "eW8="}, "stringData": {"d": 7},
        "metadata": {"name": "s", "annotations": {LAST_APPLIED: "{\"data\":{\"a\":\"aGk=\"}}", "x": "y"}}});
    masker.mask_object("Secret", &mut secret);
    assert_eq!(secret["data"]["a"], "(masked #1, 4 bytes)");
    assert_eq!(secret["data"]["a"], secret["data"]["b"]);
    assert_ne!(secret["data"]["a"], secret["data"]["c"]);
    assert_eq!(secret["metadata"]["annotations"]["x"], "y");
    assert!(!secret.to_string().contains("aGk="), "{secret}");
}

#[test]
fn other_kinds_stay_and_lists_are_looked_into() {
    let mut masker = Masker::default();
    let mut map = json!({"kind": "ConfigMap", "data": {"a": "b"}});
    masker.mask_object("ConfigMap", &mut map);
    assert_eq!(map["data"]["a"], "b");
    let mut list = json!({"kind": "List", "items": [{"kind": "Secret", "data": {"a": "b"}}]});
    masker.mask_object("List", &mut list);
    assert_eq!(list["items"][0]["data"]["a"], "(masked #1, 1 bytes)");
}

#[test]
fn single_fields_of_a_secret_are_masked_by_path() {
    let mut masker = Masker::default();
    for (path, masked) in
        [("data.password", true), ("data", true), ("stringData[x]", true), ("metadata.labels.app", false), ("type", false)]
    {
        let mut value = json!("x");
        masker.mask_field("Secret", path, &mut value);
        assert_eq!(value != "x", masked, "{path}");
    }
}
