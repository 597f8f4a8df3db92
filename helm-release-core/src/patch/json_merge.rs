//! JSON merge patches (RFC 7386).

use serde_json::{Map, Value};

/// Applies a merge patch.
///
/// The server's library differs from the RFC in one thing: it also drops the nulls of mappings that stand in a
/// list, when the list takes the place of something that is no mapping.
pub(super) fn apply(target: &mut Value, patch: &Value) {
    match (target, patch) {
        (Value::Object(target), Value::Object(patch)) => apply_to_mapping(target, patch),
        (target @ Value::Object(_), patch) => *target = patch.clone(),
        (target, patch) => {
            *target = patch.clone();
            drop_nulls(target);
        }
    }
}

fn apply_to_mapping(target: &mut Map<String, Value>, patch: &Map<String, Value>) {
    for (key, value) in patch {
        if value.is_null() {
            target.remove(key);
        } else {
            apply(target.entry(key.as_str()).or_insert(Value::Null), value);
        }
    }
}

/// Drops every null field, in mappings that stand in lists too; a null that is itself an entry of a list stays.
fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(drop_nulls);
        }
        Value::Array(list) => list.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}
