use serde_json::json;

use super::*;

#[test]
fn keys_are_sorted_and_lists_are_not_indented() {
    let text = to_string(&json!({"b": [1, {"x": null, "w": []}, [true]], "a": {"c": {}}, "_z": 1.5}));
    assert_eq!(text, "_z: 1.5\na:\n  c: {}\nb:\n- 1\n- w: []\n  x: null\n- - true\n");
}

#[test]
fn numbers_inside_keys_are_ordered_by_value_and_letters_come_last() {
    let text = to_string(&json!({"a10": 1, "a2": 1, "a": 1, "B": 1, "1": 1, "a-b": 1}));
    assert_eq!(text, "\"1\": 1\nB: 1\na: 1\na-b: 1\na2: 1\na10: 1\n");
}

#[test]
fn text_is_quoted_only_when_it_would_be_read_as_something_else() {
    for (value, written) in [
        ("y", "\"y\""),
        ("", "\"\""),
        ("0644", "\"0644\""),
        ("1_000", "\"1_000\""),
        ("1:20", "\"1:20\""),
        ("2026-01-02", "\"2026-01-02\""),
        ("2026-13-02", "2026-13-02"),
        ("1.2.3", "1.2.3"),
        ("<<", "<<"),
        ("a: b", "'a: b'"),
        ("it's #1", "'it''s #1'"),
        ("it's", "it's"),
        (" edge", "' edge'"),
        ("tab\there", "\"tab\\there\""),
        ("\u{1f600}", "\"\\U0001F600\""),
        ("äö", "äö"),
        ("-", "'-'"),
        ("-x", "-x"),
        ("a\nb\n", "|\n  a\n  b"),
    ] {
        assert_eq!(to_string(&json!(value)), format!("{written}\n"), "{value:?}");
    }
}

#[test]
fn lines_are_folded_behind_column_eighty() {
    let value = "word ".repeat(20);
    let text = to_string(&json!({"k": value.trim_end()}));
    assert_eq!(text, format!("k: {}\n  {}\n", "word ".repeat(16).trim_end(), "word ".repeat(4).trim_end()));
}

#[test]
fn blocks_say_how_they_end() {
    let text = to_string(&json!({"a": "x\ny", "b": "x\n", "c": "x\n\n", "d": " x\ny"}));
    assert_eq!(text, "a: |-\n  x\n  y\nb: |\n  x\nc: |+\n  x\n\nd: |2-\n   x\n  y\n");
}

#[test]
fn floats_look_as_in_gos_shortest_form() {
    assert_eq!(
        to_string(&json!([1_234_567.5, 123_456.5, 1e-7, 1e21, u64::MAX])),
        "- 1.2345675e+06\n- 123456.5\n- 1e-07\n- 1e+21\n- 18446744073709551615\n"
    );
}
