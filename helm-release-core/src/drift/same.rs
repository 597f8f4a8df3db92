//! Whether two values are one to the server, which writes some of them in a form of its own.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;
use serde_json::{Number, Value};

use crate::quantity;

/// What a value is, as far as its place tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Text that is taken to the letter, as in a `ConfigMap`.
    Literal,
    /// Bytes in base64, as in a Secret.
    Base64,
    /// A field of which nothing is known: a text may be a duration.
    Field,
    /// An amount such as `500m` or `1Gi`.
    Quantity,
}

/// Mappings whose values are quantities, and fields that are one.
const QUANTITIES: [&str; 13] = [
    "limits",
    "requests",
    "hard",
    "capacity",
    "podFixed",
    "min",
    "max",
    "default",
    "defaultRequest",
    "maxLimitRequestRatio",
    "allocatable",
    "sizeLimit",
    "divisor",
];

impl Form {
    /// The form of the field `name` in something of this form.
    pub(super) fn below(self, name: &str) -> Self {
        match self {
            Self::Field if QUANTITIES.contains(&name) => Self::Quantity,
            form => form,
        }
    }
}

/// Whether the server leaves a value out when it writes an object down.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.values().all(is_empty),
    }
}

/// Whether the live value has everything that the wanted one has. What the server added, or left out because it is empty, counts as had.
pub(super) fn has_all(form: Form, wanted: &Value, live: &Value) -> bool {
    match (wanted, live) {
        (Value::Object(wanted), Value::Object(live)) => wanted.iter().all(|(name, wanted)| match live.get(name) {
            Some(live) => wanted.is_null() || has_all(form.below(name), wanted, live),
            None => is_empty(wanted),
        }),
        (Value::Array(wanted), Value::Array(live)) => {
            wanted.len() == live.len() && wanted.iter().zip(live).all(|(wanted, live)| has_all(form, wanted, live))
        }
        (wanted, live) => is_same_scalar(form, wanted, live),
    }
}

fn is_same_scalar(form: Form, a: &Value, b: &Value) -> bool {
    if a == b {
        return true;
    }
    match (form, a, b) {
        (_, Value::Number(a), Value::Number(b)) => is_same_number(a, b),
        (Form::Quantity, a, b) => quantity::of(a).is_some_and(|a| Some(a) == quantity::of(b)),
        (Form::Base64, Value::String(a), Value::String(b)) => bytes(a).is_some_and(|a| Some(a) == bytes(b)),
        (Form::Field, Value::String(a), Value::String(b)) => duration(a).is_some_and(|a| Some(a) == duration(b)),
        _ => false,
    }
}

fn is_same_number(a: &Number, b: &Number) -> bool {
    (a.is_f64() || b.is_f64()) && a.as_f64() == b.as_f64()
}

/// Base64 in any layout.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let text: String = text.chars().filter(|sign| !sign.is_whitespace()).collect();
    STANDARD.decode(text).ok()
}

/// A duration as Go writes it: `300s` and `5m0s` are one.
fn duration(text: &str) -> Option<SignedDuration> {
    let is_plain = text.starts_with(|sign: char| sign.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'h' | b'm' | b's' | b'.'));
    if is_plain { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests;
