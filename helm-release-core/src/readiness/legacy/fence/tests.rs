use serde_json::json;

use super::*;

#[test]
fn unavailable_rounds_down_and_is_at_least_one_without_surge() {
    let resolve = |surge: &Value, unavailable: &Value, replicas| max_unavailable(Some(surge), Some(unavailable), replicas);
    assert_eq!(resolve(&json!("25%"), &json!("25%"), 3), 0);
    assert_eq!(resolve(&json!(0), &json!("25%"), 3), 1);
    assert_eq!(resolve(&json!(1), &json!("50%"), 3), 1);
    assert_eq!(resolve(&json!(1), &json!(2), 3), 2);
    assert_eq!(max_unavailable(None, None, 3), 1);
}

#[test]
fn unreadable_limit_of_a_deployment_tolerates_nothing() {
    assert_eq!(max_unavailable(Some(&json!(1)), Some(&json!("many")), 3), 0);
    assert_eq!(max_unavailable(Some(&json!("few")), Some(&json!(2)), 3), 0);
}

#[test]
fn deployment_reads_digits_without_sign_as_a_percentage() {
    assert_eq!(max_unavailable(Some(&json!(1)), Some(&json!("%50")), 4), 2);
    assert_eq!(max_unavailable(Some(&json!(1)), Some(&json!("50")), 4), 2);
}

#[test]
fn daemon_set_percentage_rounds_up_and_needs_its_sign() {
    assert_eq!(scaled_up(&json!("10%"), 3), Some(1));
    assert_eq!(scaled_up(&json!("-10%"), 3), Some(0));
    assert_eq!(scaled_up(&json!("10"), 3), None);
    assert_eq!(scaled_up(&json!(2), 3), Some(2));
}
