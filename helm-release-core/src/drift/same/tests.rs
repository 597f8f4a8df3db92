use serde_json::json;

use super::{Form, has_all, is_empty};

#[test]
fn amounts_are_the_same_in_any_spelling() {
    let same = [("1000m", "1"), ("0.5", "500m"), ("1024Mi", "1Gi"), ("1e3", "1k"), ("1.5Gi", "1536Mi"), ("100000000", "100M")];
    for (a, b) in same {
        assert!(has_all(Form::Quantity, &json!(a), &json!(b)), "{a} {b}");
    }
    assert!(has_all(Form::Quantity, &json!(1), &json!("1")));
    assert!(has_all(Form::Quantity, &json!(0.5), &json!("500m")));
    for (a, b) in [("1", "2"), ("1Gi", "1G"), ("1", "one"), ("", "0")] {
        assert!(!has_all(Form::Quantity, &json!(a), &json!(b)), "{a} {b}");
    }
}

#[test]
fn an_amount_counts_as_one_only_where_amounts_stand() {
    let object = |cpu: &str| json!({"resources": {"limits": {"cpu": cpu}}});
    assert!(has_all(Form::Field, &object("1000m"), &object("1")));
    assert!(!has_all(Form::Field, &json!({"value": "1000m"}), &json!({"value": "1"})));
    assert!(!has_all(Form::Literal, &json!({"limits": {"cpu": "1000m"}}), &json!({"limits": {"cpu": "1"}})));
}

#[test]
fn durations_are_the_same_in_any_spelling() {
    for (a, b) in [("300s", "5m0s"), ("2160h", "2160h0m0s"), ("90m", "1h30m0s")] {
        assert!(has_all(Form::Field, &json!(a), &json!(b)), "{a} {b}");
    }
    assert!(!has_all(Form::Field, &json!("5m"), &json!("6m")));
    assert!(!has_all(Form::Literal, &json!("300s"), &json!("5m0s")));
}

#[test]
fn bytes_are_the_same_in_any_layout() {
    assert!(has_all(Form::Base64, &json!("aHVu\ndGVy\n"), &json!("aHVudGVy")));
    assert!(!has_all(Form::Base64, &json!("aHVudGVy"), &json!("aHVudGVz")));
    assert!(!has_all(Form::Literal, &json!("aHVu\ndGVy"), &json!("aHVudGVy")));
}

#[test]
fn what_the_server_adds_or_leaves_out_does_not_count() {
    let wanted = json!([{"port": 80, "name": "", "more": {}, "on": false, "none": null}]);
    assert!(has_all(Form::Field, &wanted, &json!([{"port": 80, "protocol": "TCP"}])));
    assert!(!has_all(Form::Field, &wanted, &json!([{"port": 80}, {"port": 81}])));
    assert!(!has_all(Form::Field, &json!({"on": true}), &json!({})));
    assert!(has_all(Form::Field, &json!(1.0), &json!(1)));
    assert!(!has_all(Form::Field, &json!(1.5), &json!(1)));
}

#[test]
fn nothing_is_empty_in_many_forms() {
    for empty in [json!(null), json!(""), json!(0), json!(false), json!([]), json!({}), json!({"a": {"b": ""}})] {
        assert!(is_empty(&empty), "{empty}");
    }
    for full in [json!("a"), json!(1), json!(true), json!([0]), json!({"a": 1})] {
        assert!(!is_empty(&full), "{full}");
    }
}
