use serde_json::{Value, json};

use super::{is_same, owners_after};

fn entry(manager: &str, operation: &str, fields: &Value) -> Value {
    json!({"manager": manager, "operation": operation, "apiVersion": "v1", "fieldsV1": fields})
}

#[test]
fn fields_that_were_taken_from_another_manager_are_given_back() {
    let before = [entry("helm", "Apply", &json!({"f:a": {}})), entry("kubectl-edit", "Update", &json!({"f:b": {}}))];
    let now = [entry("helm", "Apply", &json!({"f:a": {}, "f:b": {}}))];
    let wanted = owners_after(&before, &now);
    assert_eq!(wanted, before);
}

#[test]
fn what_other_managers_wrote_since_stays_theirs() {
    let before = [entry("helm", "Apply", &json!({"f:a": {}}))];
    let now = [entry("helm", "Update", &json!({"f:a": {}})), entry("hpa", "Update", &json!({"f:replicas": {}}))];
    let wanted = owners_after(&before, &now);
    assert_eq!(wanted, [before[0].clone(), now[1].clone()]);
}

#[test]
fn a_null_is_as_good_as_no_field() {
    assert!(is_same(&json!({"a": null, "b": [{"c": null}]}), &json!({"b": [{}]})));
    assert!(!is_same(&json!({"a": 1}), &json!({})));
    assert!(!is_same(&json!([1]), &json!([1, 2])));
}
