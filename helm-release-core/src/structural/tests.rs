use serde_json::json;

use super::*;

fn complaints(schema: &Value, spec: &Value) -> Vec<String> {
    let schema = json!({"type": "object", "properties": {"spec": schema}});
    let object = json!({"apiVersion": "example.org/v1", "kind": "Thing", "metadata": {"name": "a", "labels": {}}, "spec": spec});
    let text = |complaint: Complaint| match complaint {
        Complaint::Refused { path, why } => format!("{path}: {why}"),
        Complaint::Dropped { path } => format!("{path}: dropped"),
    };
    check(&schema, &object).into_iter().map(text).collect()
}

#[test]
fn types_and_bounds_are_checked_to_the_depth_of_lists() {
    let schema = json!({
        "type": "object", "required": ["size"],
        "properties": {
            "size": {"type": "integer", "minimum": 1, "maximum": 9},
            "mode": {"type": "string", "enum": ["on", "off"], "maxLength": 3},
            "parts": {"type": "array", "minItems": 1, "items": {"type": "object", "properties": {"port": {"x-kubernetes-int-or-string": true}}}},
        },
    });
    assert_eq!(
        complaints(&schema, &json!({"size": 3, "mode": "on", "parts": [{"port": "http"}, {"port": 80}]})),
        Vec::<String>::new()
    );
    let wrong = json!({"size": 12, "mode": "maybe", "parts": [{"port": []}]});
    assert_eq!(
        complaints(&schema, &wrong),
        [
            "spec.mode: \"maybe\" is none of \"on\", \"off\"",
            "spec.mode: 5 is above maxLength 3",
            "spec.parts[0].port: a list, where integer or string is asked for",
            "spec.size: 12 is above maximum 9",
        ]
    );
    assert_eq!(
        complaints(&schema, &json!({"parts": []})),
        ["spec.size: missing, and required", "spec.parts: 0 is below minItems 1"]
    );
}

#[test]
fn unknown_fields_are_dropped_unless_they_are_preserved() {
    let schema = json!({"type": "object", "properties": {"a": {"type": "string"}, "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}});
    assert_eq!(complaints(&schema, &json!({"a": "x", "b": 1, "free": {"c": 1}})), ["spec.b: dropped"]);
    let map = json!({"type": "object", "additionalProperties": {"type": "string"}});
    assert_eq!(complaints(&map, &json!({"x": "y", "z": 1})), ["spec.z: a number, where string is asked for"]);
}

#[test]
fn combinations_say_what_is_valid() {
    let schema = json!({
        "type": "object", "x-kubernetes-preserve-unknown-fields": true,
        "oneOf": [{"required": ["a"]}, {"required": ["b"]}], "not": {"required": ["c"]},
    });
    assert_eq!(complaints(&schema, &json!({"a": 1})), Vec::<String>::new());
    assert_eq!(complaints(&schema, &json!({"a": 1, "b": 1})), ["spec: not exactly one that oneOf asks for"]);
    assert_eq!(complaints(&schema, &json!({"b": 1, "c": 1})), ["spec: what `not` rules out"]);
}

#[test]
fn null_is_allowed_where_it_is_said() {
    let schema = json!({"type": "object", "properties": {"a": {"type": "string", "nullable": true}, "b": {"type": "string"}}});
    assert_eq!(complaints(&schema, &json!({"a": null, "b": null})), ["spec.b: null, which is not allowed"]);
}

#[test]
fn texts_look_as_patterns_and_formats_ask_for() {
    let schema = json!({"type": "object", "properties": {
        "size": {"type": "string", "pattern": "^[0-9]+(Mi|Gi)$"}, "some": {"type": "string", "pattern": "b"},
        "odd": {"type": "string", "pattern": "(?<unread"}, "from": {"type": "string", "format": "ipv4"},
        "to": {"type": "string", "format": "ipv6"}, "day": {"type": "string", "format": "date"}, "free": {"type": "string", "format": "futuristic"},
        "step": {"type": "integer", "multipleOf": 5},
    }});
    let good = json!({
        "size": "10Gi", "some": "abc", "odd": "x", "from": "10.0.0.1", "to": "fd00::1", "day": "2026-02-28", "free": "x", "step": 10,
    });
    assert_eq!(complaints(&schema, &good), Vec::<String>::new());
    let bad = json!({"size": "10 Gi", "some": "ac", "from": "10.0.0.256", "to": "10.0.0.1", "day": "2026-02-30", "step": 7});
    let mut found = complaints(&schema, &bad);
    found.sort();
    assert_eq!(
        found,
        [
            "spec.day: no date",
            "spec.from: no ipv4",
            "spec.size: not as pattern ^[0-9]+(Mi|Gi)$ asks for",
            "spec.some: not as pattern b asks for",
            "spec.step: 7 is no multiple of 5",
            "spec.to: no ipv6",
        ]
    );
    // What a combination rules out is judged by the pattern too.
    let not = json!({"type": "object", "properties": {"name": {"type": "string", "not": {"pattern": "^kube-"}}}});
    assert_eq!(complaints(&not, &json!({"name": "shop"})), Vec::<String>::new());
    assert_eq!(complaints(&not, &json!({"name": "kube-shop"})), ["spec.name: what `not` rules out"]);
}
