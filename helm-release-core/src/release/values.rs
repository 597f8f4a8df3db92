//! A release's values: what the user gave, over the chart's defaults (`pkg/chart/common/util/coalesce.go`).

use serde_json::{Map, Value};

/// Puts the user's values over a chart's defaults as Helm does: maps are merged, everything else is replaced, and a
/// user's `null` takes a default away.
///
/// Stored charts hold no subcharts, so that there are none to look into.
///
/// # Examples
/// ```
/// use serde_json::json;
/// let computed = helm_release_core::release::coalesce_values(
///     json!({ "image": { "tag": "2" }, "debug": null }),
///     json!({ "image": { "name": "web", "tag": "1" }, "debug": true }),
/// );
/// assert_eq!(computed, json!({ "image": { "name": "web", "tag": "2" } }));
/// ```
#[must_use]
pub fn coalesce_values(given: Value, defaults: Value) -> Value {
    let Value::Object(mut given) = given_or_empty(given) else { return Value::Object(Map::new()) };
    let Value::Object(defaults) = defaults else { return Value::Object(given) };
    for (key, default) in defaults {
        match (given.get_mut(&key), default) {
            (Some(Value::Null), _) => {
                given.remove(&key);
            }
            (Some(Value::Object(target)), Value::Object(mut source)) => {
                remove_nulls(&mut source);
                merge_tables(target, source);
            }
            (Some(_), _) | (None, Value::Null) => {}
            (None, mut default) => {
                if let Value::Object(table) = &mut default {
                    remove_nulls(table);
                }
                given.insert(key, default);
            }
        }
    }
    Value::Object(given)
}

fn given_or_empty(given: Value) -> Value {
    if given.is_null() { Value::Object(Map::new()) } else { given }
}

/// Nulls among defaults are no values.
fn remove_nulls(table: &mut Map<String, Value>) {
    table.retain(|_, value| !value.is_null());
    for value in table.values_mut() {
        if let Value::Object(table) = value {
            remove_nulls(table);
        }
    }
}

fn merge_tables(target: &mut Map<String, Value>, source: Map<String, Value>) {
    for (key, default) in source {
        match (target.get_mut(&key), default) {
            // A null for a default takes it away; one for nothing stays.
            (Some(Value::Null), default) if !default.is_null() => {
                target.remove(&key);
            }
            (Some(Value::Object(inner)), Value::Object(defaults)) => merge_tables(inner, defaults),
            (Some(_), _) => {}
            (None, default) => {
                target.insert(key, default);
            }
        }
    }
}

#[cfg(test)]
mod tests;
