use serde_json::json;

use super::*;

#[test]
fn a_null_that_takes_no_default_away_stays_inside_tables_and_at_the_top() {
    let computed = coalesce_values(json!({"a": {"x": null}, "b": null}), json!({"a": {"y": 1}}));
    assert_eq!(computed, json!({"a": {"x": null, "y": 1}, "b": null}));
}

#[test]
fn nulls_among_defaults_are_left_out_at_any_depth() {
    let computed = coalesce_values(json!({"a": {}}), json!({"a": {"x": null, "t": {"u": null}}, "b": {"c": null}, "d": null}));
    assert_eq!(computed, json!({"a": {"t": {}}, "b": {}}));
}

#[test]
fn a_table_and_a_scalar_do_not_mix_the_users_wins() {
    let computed = coalesce_values(json!({"a": 1, "b": {"c": 1}}), json!({"a": {"x": 2}, "b": 3}));
    assert_eq!(computed, json!({"a": 1, "b": {"c": 1}}));
}

#[test]
fn no_values_give_the_defaults() {
    assert_eq!(coalesce_values(Value::Null, json!({"a": 1})), json!({"a": 1}));
}
