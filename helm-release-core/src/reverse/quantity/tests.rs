use std::cmp::Ordering;

use super::*;
use serde_json::json;

#[test]
fn quantities_of_different_spelling_are_the_same() {
    let same =
        [("1", "1000m"), ("1Gi", "1024Mi"), ("1.5", "1500m"), ("1e3", "1k"), ("0.5Gi", "512Mi"), ("+2", "2"), ("2e-1", "200m")];
    for (a, b) in same {
        assert_eq!(Quantity::compare(&json!(a), &json!(b)), Some(Ordering::Equal), "{a} {b}");
    }
    assert_eq!(Quantity::compare(&json!(2), &json!("2")), Some(Ordering::Equal));
}

#[test]
fn quantities_are_ordered_by_what_they_mean() {
    let less = [("1G", "1Gi"), ("900Mi", "1Gi"), ("100m", "1"), ("-1", "0"), ("999n", "1u"), ("1Ei", "2Ei")];
    for (a, b) in less {
        assert_eq!(Quantity::compare(&json!(a), &json!(b)), Some(Ordering::Less), "{a} {b}");
    }
}

#[test]
fn what_is_no_quantity_cannot_be_compared() {
    for odd in
        [json!(""), json!("Gi"), json!("1 Gi"), json!("ten"), json!(true), json!("1e99"), json!("9999999999999999999999999Ei")]
    {
        assert_eq!(Quantity::compare(&odd, &json!("1")), None, "{odd}");
    }
}
