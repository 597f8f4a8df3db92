use proptest::prelude::*;
use serde_json::Value;

use super::find_members;

fn members(text: &str) -> Option<Vec<(&str, &str)>> {
    Some(find_members(text)?.into_iter().map(|found| (&text[found.key], &text[found.value])).collect())
}

#[test]
fn members_come_with_their_exact_text() {
    let text = " { \"a\" : [1, {\"b\": \"]}\"}] ,\n\"c\\\"d\":\"x\\u00e9\\\\\" , \"e\":-0.5e+3\t} ";
    let expected = [("\"a\"", "[1, {\"b\": \"]}\"}]"), ("\"c\\\"d\"", "\"x\\u00e9\\\\\""), ("\"e\"", "-0.5e+3")];
    assert_eq!(members(text).unwrap(), expected);
    assert!(members("{}").unwrap().is_empty());
    assert!(members("{ }\n").unwrap().is_empty());
}

#[test]
fn what_is_no_object_is_none() {
    for text in [
        "",
        "[]",
        "1",
        "{",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{\"a\":1}}",
        "{\"a\":1}x",
        "{a:1}",
        "{\"a\":[1,]}",
        "{\"a\":[}]}",
        "{\"a\":{1:2}}",
        "{\"a\":01}",
        "{\"a\":1.}",
        "{\"a\":.5}",
        "{\"a\":1e}",
        "{\"a\":+1}",
        "{\"a\":-}",
        "{\"a\":tru}",
        "{\"a\":nul",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12g4\"}",
        "{\"a\":\"\\u12",
        "{\"a\":\"\n\"}",
        "{\"a\":\"",
    ] {
        assert!(members(text).is_none(), "{text}");
    }
}

#[test]
fn a_special_byte_is_seen_wherever_it_stands_in_a_long_text() {
    for length in 0..300 {
        let plain = "é".repeat(length / 3) + &"x".repeat(length);
        let text = format!("{{\"a\":\"{plain}\\\"{plain}\"}}");
        assert_eq!(members(&text).unwrap()[0].1, &text[5..text.len() - 1], "{length}");
        assert!(members(&text.replace("\\\"", "\u{1f}")).is_none(), "{length}");
        assert!(members(&text.replace("\\\"", "\u{7f}\u{80}!#[]")).is_some(), "{length}");
    }
}

#[test]
fn nesting_has_no_end() {
    let text = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(members(&text).is_some());
}

/// JSON with whatever may stand in it, and the same with a byte changed or the end missing.
fn nearly_json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,90}".prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(".{0,12}", inner, 0..5).prop_map(|map| map.into_iter().collect()),
        ]
    });
    let change = prop::option::of((any::<prop::sample::Index>(), prop::sample::select(b"{}[],:\"\\ \n0-.eu1tx".to_vec())));
    (prop::collection::btree_map(".{0,12}", value, 0..5), any::<bool>(), change).prop_map(|(map, is_pretty, change)| {
        let map: Value = map.into_iter().collect();
        let mut text = if is_pretty { format!("{map:#}") } else { map.to_string() };
        if let Some((index, byte)) = change {
            let at = index.index(text.len());
            if text.is_char_boundary(at) && text.is_char_boundary(at + 1) {
                text.replace_range(at..=at, std::str::from_utf8(&[byte]).unwrap());
            }
        }
        text
    })
}

proptest! {
    #[test]
    fn text_is_taken_for_json_exactly_when_serde_takes_it(text in nearly_json()) {
        let theirs = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok() && text.trim_start().starts_with('{');
        prop_assert_eq!(find_members(&text).is_some(), theirs, "{}", text);
    }
}
