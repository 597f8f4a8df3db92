//! The check that an object's `metadata` has the types of Kubernetes' `ObjectMeta`.
//!
//! The client that Helm uses refuses anything else when it builds an object (`metadataValidatingDecoder` of
//! cli-runtime), most often an annotation or label whose value is an unquoted number or boolean.

use serde_json::{Map, Value};

/// Finds the first field of `metadata` that has the wrong type: its path, and what it should be.
pub(super) fn find_mistyped(object: &Value) -> Option<(String, &'static str)> {
    for key in ["apiVersion", "kind"] {
        if object.get(key).is_some_and(|value| !is_text(value)) {
            return Some((key.to_owned(), "a string"));
        }
    }
    let metadata = match object.get("metadata") {
        None | Some(Value::Null) => return None,
        Some(Value::Object(metadata)) => metadata,
        Some(_) => return Some(("metadata".to_owned(), "a mapping")),
    };
    metadata
        .iter()
        .find_map(|(key, value)| mistyped_field(key, value).map(|(rest, wanted)| (format!("metadata.{key}{rest}"), wanted)))
}

fn mistyped_field(key: &str, value: &Value) -> Option<(String, &'static str)> {
    match key {
        "name" | "generateName" | "namespace" | "selfLink" | "uid" | "resourceVersion" => wrong(!is_text(value), "a string"),
        "generation" | "deletionGracePeriodSeconds" => wrong(!value.is_null() && !value.is_i64(), "a whole number"),
        "creationTimestamp" | "deletionTimestamp" => wrong(!is_time(value), "a time"),
        "labels" | "annotations" => texts_of_mapping(value),
        "finalizers" => items_of(value, "a list of strings", |item| wrong(!is_text(item), "a string")),
        "ownerReferences" => items_of(value, "a list of mappings", owner_reference),
        "managedFields" => items_of(value, "a list of mappings", managed_field),
        _ => None,
    }
}

fn wrong(is_wrong: bool, wanted: &'static str) -> Option<(String, &'static str)> {
    is_wrong.then(|| (String::new(), wanted))
}

fn is_text(value: &Value) -> bool {
    matches!(value, Value::Null | Value::String(_))
}

fn is_time(value: &Value) -> bool {
    match value {
        Value::Null => true,
        // Go's RFC 3339: a date, a capital T, a clock and a zone. Blanks instead of T and zone names are jiff's extensions.
        Value::String(text) => {
            text.len() >= 20 && text.as_bytes().get(10) == Some(&b'T') && text.parse::<jiff::Timestamp>().is_ok()
        }
        _ => false,
    }
}

fn texts_of_mapping(value: &Value) -> Option<(String, &'static str)> {
    match value {
        Value::Null => None,
        Value::Object(entries) => {
            entries.iter().find(|(_, value)| !is_text(value)).map(|(key, _)| (format!(".{key}"), "a string"))
        }
        _ => wrong(true, "a mapping"),
    }
}

fn items_of(
    value: &Value,
    wanted: &'static str,
    check: impl Fn(&Value) -> Option<(String, &'static str)>,
) -> Option<(String, &'static str)> {
    match value {
        Value::Null => None,
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(at, item)| check(item).map(|(rest, wanted)| (format!("[{at}]{rest}"), wanted)))
        }
        _ => wrong(true, wanted),
    }
}

fn fields_of(value: &Value, check: impl Fn(&str, &Value) -> Option<&'static str>) -> Option<(String, &'static str)> {
    let empty = Map::new();
    let entries = match value {
        Value::Null => &empty,
        Value::Object(entries) => entries,
        _ => return wrong(true, "a mapping"),
    };
    entries.iter().find_map(|(key, value)| check(key, value).map(|wanted| (format!(".{key}"), wanted)))
}

fn owner_reference(value: &Value) -> Option<(String, &'static str)> {
    fields_of(value, |key, value| match key {
        "apiVersion" | "kind" | "name" | "uid" => (!is_text(value)).then_some("a string"),
        "controller" | "blockOwnerDeletion" => (!value.is_null() && !value.is_boolean()).then_some("true or false"),
        _ => None,
    })
}

fn managed_field(value: &Value) -> Option<(String, &'static str)> {
    fields_of(value, |key, value| match key {
        "manager" | "operation" | "apiVersion" | "fieldsType" | "subresource" => (!is_text(value)).then_some("a string"),
        "time" => (!is_time(value)).then_some("a time"),
        _ => None,
    })
}
