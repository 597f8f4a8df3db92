use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{MAX_DEPTH, YamlProblem, read_yaml};
use crate::manifest::json;

/// One line for each text, with the JSON that Go makes of it or Go's error. Made with
/// `Unmarshal` of `k8s.io/apimachinery/pkg/util/yaml` v0.36.3, which calls `sigs.k8s.io/yaml` v1.6.0.
const GO: &str = include_str!("tests/go.jsonl");

#[test]
fn every_edge_case_reads_as_in_go() {
    let mut different = Vec::new();
    let mut count = 0;
    for line in GO.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let text = case["yaml"].as_str().unwrap();
        let wanted = case.get("json").map(|_| json::read(&case["json"].to_string()).unwrap());
        let read = read_yaml(text);
        if read.as_ref().ok() != wanted.as_ref() {
            different.push(format!("{text:?}: {read:?} instead of {}", case.get("json").unwrap_or(&case["error"])));
        }
        count += 1;
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
    assert!(count > 500, "only {count} cases");
}

#[test]
fn what_two_readers_understand_differently_is_refused() {
    let problem = |text: &str| read_yaml(text).unwrap_err().problem;
    assert_eq!(problem("[a::]"), YamlProblem::FlowText);
    assert_eq!(problem("a: [?b]"), YamlProblem::FlowText);
    assert_eq!(problem("{?a: b}"), YamlProblem::FlowText);
    assert_eq!(problem("{a:}"), YamlProblem::FlowText);
    assert_eq!(problem("a: |\n  x\u{2028}  y\n"), YamlProblem::LineBreak(0x2028));
    assert_eq!(problem("a: x\u{85}y"), YamlProblem::LineBreak(0x85));
    assert_eq!(problem("%YAML 1.2\n---\na: y"), YamlProblem::Version);
}

#[test]
fn an_error_names_line_and_column_and_no_value() {
    let error = read_yaml("a: 1\nb: !!int hunter2\n").unwrap_err();
    assert_eq!((error.line, error.column), (2, 10));
    assert_eq!(error.to_string(), "line 2, column 10: value cannot be decoded as a !!int");
    let error = read_yaml("a: 1\n\nb: \u{1}\n").unwrap_err();
    assert_eq!((error.line, error.column), (3, 4));
}

#[test]
fn spellings_that_only_go_accepts_are_read_as_go_reads_them() {
    assert_eq!(read_yaml(r#"a: "it\'s \\'b' \" \'c\'""#).unwrap(), json!({"a": "it's \\'b' \" 'c'"}));
    assert_eq!(read_yaml("a: [x]#c\nb: \"y\"#d\nc: z#e\n").unwrap(), json!({"a": ["x"], "b": "y", "c": "z#e"}));
    assert_eq!(read_yaml("args: [-, a, -]\nb: {c: -}\n").unwrap(), json!({"args": ["-", "a", "-"], "b": {"c": "-"}}));
    let many = r#"- "\'""#.to_owned() + "\n";
    assert!(read_yaml(&many.repeat(64)).is_ok());
    assert!(read_yaml(&many.repeat(65)).is_err());
}

#[test]
fn a_text_without_final_line_break_reads_as_with_one() {
    assert_eq!(read_yaml("a: |\n  x").unwrap(), json!({"a": "x\n"}));
}

#[test]
fn nesting_is_read_up_to_the_limit_and_refused_beyond() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert!(read_yaml(&nested(MAX_DEPTH)).is_ok());
    assert_eq!(read_yaml(&nested(MAX_DEPTH + 1)).unwrap_err().problem, YamlProblem::Depth);
    assert!(read_yaml(&nested(200_000)).is_err());
    assert!(read_yaml(&"- ".repeat(200_000)).is_err());
}

#[test]
fn an_alias_bomb_is_refused_where_go_refuses_it() {
    let bomb = |levels: u8, width: usize| {
        let mut text = format!("a: &a [{}]\n", vec!["x"; width].join(","));
        for (name, of) in (b'b'..b'b' + levels).zip(b'a'..) {
            let (name, of) = (char::from(name), char::from(of));
            let aliases = vec![format!("*{of}"); width].join(",");
            writeln!(text, "{name}: &{name} [{aliases}]").unwrap();
        }
        text
    };
    for (levels, width) in [(2, 9), (3, 7), (3, 5)] {
        assert!(read_yaml(&bomb(levels, width)).is_ok(), "{levels} levels of {width}");
    }
    for (levels, width) in [(3, 9), (4, 5), (8, 9), (25, 9)] {
        assert_eq!(read_yaml(&bomb(levels, width)).unwrap_err().problem, YamlProblem::Aliasing, "{levels} levels of {width}");
    }
}

#[test]
fn one_long_text_is_not_copied_without_end() {
    let text = format!("a: &a {}\nb: [{}]\n", "x".repeat(1 << 20), vec!["*a"; 5_000].join(","));
    assert_eq!(read_yaml(&text).unwrap_err().problem, YamlProblem::Aliasing);
}

#[test]
fn an_anchor_inside_itself_is_refused() {
    assert_eq!(read_yaml("a: &x [*x]").unwrap_err().problem, YamlProblem::Recursive);
    assert_eq!(read_yaml("a: &x {<<: *x}").unwrap_err().problem, YamlProblem::Recursive);
}

/// JSON values whose text means the same in YAML 1.1 and JSON.
fn json_value() -> impl Strategy<Value = Value> {
    let text = "[ -~\u{e4}\u{20ac}\u{1f600}\n\t]{0,12}";
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(text, inner, 0..6).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Numbers as YAML sees them: a float that JSON writes without a fraction is a whole number.
fn same(yaml: &Value, json: &Value) -> bool {
    match (yaml, json) {
        (Value::Number(left), Value::Number(right)) => left.as_f64() == right.as_f64(),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len() && left.iter().all(|(key, value)| right.get(key).is_some_and(|other| same(value, other)))
        }
        _ => yaml == json,
    }
}

proptest! {
    #[test]
    fn json_text_reads_as_the_value_it_stands_for(value in json_value()) {
        let read = read_yaml(&value.to_string()).unwrap();
        prop_assert!(same(&read, &value), "{read} is not {value}");
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read_yaml(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn arbitrary_indicators_never_panic(text in "[-\\[\\]{}:,?&*!|>'\"%@`#~ab1.<\\\\ \t\r\n]{0,80}") {
        let _ = read_yaml(&text);
    }
}
