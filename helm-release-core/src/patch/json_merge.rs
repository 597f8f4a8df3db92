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

/// The merge patch from one mapping to another, whatever is live: what Helm sends for custom resources.
pub(super) fn two_way(before: &Map<String, Value>, after: &Map<String, Value>) -> Map<String, Value> {
    let mut patch = Map::new();
    for (key, new) in after {
        match (before.get(key), new) {
            (Some(Value::Object(old)), Value::Object(new)) => {
                let below = two_way(old, new);
                if !below.is_empty() {
                    patch.insert(key.clone(), Value::Object(below));
                }
            }
            (Some(old), new) if old == new => {}
            _ => {
                patch.insert(key.clone(), new.clone());
            }
        }
    }
    let gone = before.keys().filter(|key| !after.contains_key(*key));
    patch.extend(gone.map(|key| (key.clone(), Value::Null)));
    patch
}

/// The merge patch that gives `live` every field of `target` and takes from it what `original` had and `target` has not.
pub(super) fn three_way(
    original: Option<&Map<String, Value>>,
    target: &Map<String, Value>,
    live: &Map<String, Value>,
) -> Map<String, Value> {
    let mut patch = Map::new();
    for (key, wanted) in target {
        match (live.get(key), wanted) {
            (None, Value::Null) => {}
            (Some(Value::Object(live)), Value::Object(wanted)) => {
                let original = original.and_then(|original| original.get(key)?.as_object());
                let below = three_way(original, wanted, live);
                if !below.is_empty() {
                    patch.insert(key.clone(), Value::Object(below));
                }
            }
            (Some(live), wanted) if live == wanted => {}
            _ => {
                patch.insert(key.clone(), wanted.clone());
            }
        }
    }
    let gone = original.into_iter().flat_map(Map::keys);
    let gone = gone.filter(|key| !target.contains_key(*key) && live.contains_key(*key));
    patch.extend(gone.map(|key| (key.clone(), Value::Null)));
    patch
}
