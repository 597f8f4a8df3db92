use serde_json::json;

use super::*;

fn annotated(annotations: &Value) -> Object {
    Object::new(json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "annotations": annotations } })).unwrap()
}

fn declared(annotations: &Value) -> Declaration {
    match read(&annotated(annotations)) {
        HookReading::Hook(declaration) => declaration,
        other => panic!("{other:?}"),
    }
}

#[test]
fn only_the_hook_annotation_makes_a_hook() {
    assert_eq!(read(&annotated(&json!(null))), HookReading::NotAHook);
    assert_eq!(read(&annotated(&json!({}))), HookReading::NotAHook);
    assert_eq!(read(&annotated(&json!({ WEIGHT: "1" }))), HookReading::NotAHook);
}

#[test]
fn events_are_trimmed_lowered_and_kept_in_order() {
    let declaration = declared(&json!({ HOOK: " Post-Rollback ,pre-rollback,TEST-success,pre-rollback" }));
    assert_eq!(declaration.events, [Event::PostRollback, Event::PreRollback, Event::Test, Event::PreRollback]);
    assert_eq!(declared(&json!({ HOOK: "pre-\u{130}nstall" })).events, [Event::PreInstall]);
}

#[test]
fn one_unknown_word_drops_the_manifest() {
    let dropped = |word: &str| HookReading::Dropped { word: word.to_owned() };
    assert_eq!(read(&annotated(&json!({ HOOK: "pre-install, Crd-Install ,nope" }))), dropped("crd-install"));
    assert_eq!(read(&annotated(&json!({ HOOK: "pre-install," }))), dropped(""));
    assert_eq!(read(&annotated(&json!({ HOOK: true }))), dropped("true"));
    assert_eq!(read(&annotated(&json!({ HOOK: null }))), dropped(""));
}

#[test]
fn weight_is_zero_for_everything_but_plain_digits() {
    let weight = |value: Value| declared(&json!({ HOOK: "test", WEIGHT: value })).weight.get();
    for (text, number) in
        [("+2", 2), ("-5", -5), ("007", 7), (" 3", 0), ("1.5", 0), ("", 0), ("abc", 0), ("1_0", 0), ("9223372036854775808", 0)]
    {
        assert_eq!(weight(json!(text)), number, "{text}");
    }
    assert_eq!(weight(json!(5)), 5);
    assert_eq!(weight(json!(2.0)), 2);
    assert_eq!(weight(json!(1.5)), 0);
    assert_eq!(weight(json!(1_000_000.0)), 0);
}

#[test]
fn empty_policy_annotation_gives_one_empty_policy() {
    let declaration = declared(&json!({ HOOK: "test", DELETE_POLICY: "", OUTPUT_LOG_POLICY: "Hook-Failed, later" }));
    assert_eq!(declaration.delete_policies, [DeletePolicy::Other(String::new())]);
    assert_eq!(declaration.output_log_policies, [OutputLogPolicy::HookFailed, OutputLogPolicy::Other("later".to_owned())]);
    assert_eq!(declared(&json!({ HOOK: "test" })).delete_policies, []);
}

#[test]
fn values_that_are_no_text_are_found_before_the_hook_runs() {
    let object = annotated(&json!({ HOOK: "test", WEIGHT: 5, "a": true, "b": null, "c": "text" }));
    assert_eq!(not_text(&object), ["a", WEIGHT]);
}

#[test]
fn list_or_mapping_makes_helm_refuse_the_chart() {
    let refused = HookReading::Refused { key: "a".to_owned() };
    assert_eq!(read(&annotated(&json!({ HOOK: "test", "a": ["b"] }))), refused);
}

#[test]
fn fractions_are_written_as_go_writes_them() {
    let texts = [
        (0.1, "0.1"),
        (1.0, "1"),
        (0.0001, "0.0001"),
        (0.00001, "1e-05"),
        (123_456.0, "123456"),
        (1e6, "1e+06"),
        (1e20, "1e+20"),
    ];
    for (number, expected) in texts {
        assert_eq!(text(&json!(number)), expected);
    }
}
