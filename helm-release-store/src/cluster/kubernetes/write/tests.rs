use serde_json::{Value, json};

use super::json_as_yaml;

#[test]
fn characters_that_yaml_reads_otherwise_are_escaped() {
    let text = "a\u{7f}\u{85}\u{9f}\u{a0}\u{2028}\u{2029}\u{feff}\u{ffff}\u{1f600}ü";
    let json = json!({ text: text }).to_string();
    let yaml = json_as_yaml(&json);
    let escaped = "a\\u007f\\u0085\\u009f\u{a0}\\u2028\\u2029\\ufeff\\uffff\u{1f600}ü";
    assert_eq!(yaml, format!("{{\"{escaped}\":\"{escaped}\"}}"));
    assert_eq!(serde_json::from_str::<Value>(&yaml).ok(), serde_json::from_str(&json).ok());
}
