//! JSON as Helm prints it: one line, escaped for HTML, a newline at the end.

use std::io::{self, Write};

use helm_release_core::release::to_go_json;
use serde::Serialize;
use serde_json::{Map, Number, Value};

/// Writes a value as one line of JSON.
///
/// # Errors
/// What the writer says.
pub(crate) fn write<T: Serialize + ?Sized>(out: &mut dyn Write, value: &T) -> io::Result<()> {
    writeln!(out, "{}", to_go_json(value)?)
}

/// Brings free-form JSON into the form that it has after Go read and wrote it: keys sorted, every number a float.
///
/// Helm decodes values into `float64`, so a whole number above 2^53 loses digits; that is what it prints.
#[must_use]
pub(crate) fn through_go(value: Value) -> Value {
    match value {
        Value::Number(number) => number.as_f64().and_then(go_number).map_or(Value::Null, Value::Number),
        Value::Array(items) => Value::Array(items.into_iter().map(through_go).collect()),
        Value::Object(members) => {
            let mut members: Vec<(String, Value)> = members.into_iter().map(|(key, value)| (key, through_go(value))).collect();
            members.sort_by(|left, right| left.0.cmp(&right.0));
            Value::Object(Map::from_iter(members))
        }
        other => other,
    }
}

/// Brings a live object into the form that it has after Go read and wrote it: keys sorted, whole numbers of 64 bits kept.
#[must_use]
pub(crate) fn live_through_go(value: Value) -> Value {
    match value {
        Value::Number(number) if number.as_i64().is_some() => Value::Number(number),
        Value::Array(items) => Value::Array(items.into_iter().map(live_through_go).collect()),
        Value::Object(members) => {
            let mut members: Vec<(String, Value)> =
                members.into_iter().map(|(key, value)| (key, live_through_go(value))).collect();
            members.sort_by(|left, right| left.0.cmp(&right.0));
            Value::Object(Map::from_iter(members))
        }
        other => through_go(other),
    }
}

/// A float that Go would print without a fraction becomes a whole number, which reads the same in JSON and YAML.
fn go_number(value: f64) -> Option<Number> {
    Number::from_f64(value)
}

#[cfg(test)]
mod tests;
