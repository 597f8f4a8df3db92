use serde_json::json;

use super::*;

fn change(path: &str, before: Option<Value>, after: Option<Value>) -> FieldChange {
    FieldChange::new(path, before, after)
}

#[test]
fn each_change_is_a_line_and_long_texts_are_diffs() {
    let changes = [
        change("spec.replicas", Some(json!(2)), Some(json!(3))),
        change("spec.paused", None, Some(json!(true))),
        change("metadata.labels", Some(json!({"a": "b"})), None),
        change("data.motd", Some(json!("one\ntwo\nthree\n")), Some(json!("one\n2\nthree\n"))),
        change("data.blank", Some(json!("")), Some(json!(" x"))),
        change("data.long", None, Some(json!("0123456789".repeat(20)))),
    ];
    let mut text = String::new();
    write(&mut text, &changes, "  ", Palette::new(false));
    insta::assert_snapshot!(text, @r#"
      ~ spec.replicas: 2 -> 3
      + spec.paused: true
      - metadata.labels: {"a":"b"}
      ~ data.motd:
        @@ -1,3 +1,3 @@
         one
        -two
        +2
         three
      ~ data.blank: "" -> " x"
      + data.long: 0123456789012345678901234567890123456789012345678901234567 … 2345678901234567890123456789012345678901234567890123456789
    "#);
}
