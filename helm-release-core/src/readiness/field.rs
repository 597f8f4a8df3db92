//! Reads fields of an untyped object as Kubernetes' Go libraries do.
//!
//! Two ways exist there: a lenient one, for which a field of the wrong type is absent, and a strict one,
//! for which it is an error. An integer is a JSON number without fraction and exponent that fits 64 bits.

use serde_json::{Map, Value};

use crate::Object;

/// A field that has another type than the rules expect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct WrongType;

/// The integer at `path`, if there is one.
pub(super) fn int(object: &Object, path: &[&str]) -> Option<i64> {
    object.at(path)?.as_i64()
}

/// The text at `path`, if there is one.
pub(super) fn text<'a>(object: &'a Object, path: &[&str]) -> Option<&'a str> {
    object.at(path)?.as_str()
}

/// The value at `path`; a value in the way that is neither a mapping nor null is an error.
pub(super) fn strict<'a>(object: &'a Object, path: &[&str]) -> Result<Option<&'a Value>, WrongType> {
    let mut value = object.as_value();
    for key in path {
        value = match value {
            Value::Object(map) => match map.get(*key) {
                Some(inner) => inner,
                None => return Ok(None),
            },
            Value::Null => return Ok(None),
            _ => return Err(WrongType),
        };
    }
    Ok(Some(value))
}

/// The integer at `path`; anything else there, even null, is an error.
pub(super) fn strict_int(object: &Object, path: &[&str]) -> Result<Option<i64>, WrongType> {
    strict(object, path)?.map(|value| value.as_i64().ok_or(WrongType)).transpose()
}

/// The text at `path`; anything else there, even null, is an error.
pub(super) fn strict_text<'a>(object: &'a Object, path: &[&str]) -> Result<Option<&'a str>, WrongType> {
    strict(object, path)?.map(|value| value.as_str().ok_or(WrongType)).transpose()
}

/// One entry of `status.conditions`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Condition<'a> {
    pub(super) kind: &'a str,
    pub(super) status: &'a str,
    pub(super) reason: &'a str,
    pub(super) message: &'a str,
}

impl Condition<'_> {
    /// Whether this is the condition `kind` with status `True`.
    pub(super) fn holds(&self, kind: &str) -> bool {
        self.kind == kind && self.status == "True"
    }
}

/// Every entry of `status.conditions`, in order; null stands for an empty value everywhere.
pub(super) fn conditions(object: &Object) -> Result<Vec<Condition<'_>>, WrongType> {
    let Some(list) = strict(object, &["status", "conditions"])? else { return Ok(Vec::new()) };
    match list {
        Value::Null => Ok(Vec::new()),
        Value::Array(entries) => entries.iter().map(condition).collect(),
        _ => Err(WrongType),
    }
}

fn condition(entry: &Value) -> Result<Condition<'_>, WrongType> {
    let map = match entry {
        Value::Null => return Ok(Condition { kind: "", status: "", reason: "", message: "" }),
        Value::Object(map) => map,
        _ => return Err(WrongType),
    };
    Ok(Condition {
        kind: member(map, "type")?,
        status: member(map, "status")?,
        reason: member(map, "reason")?,
        message: member(map, "message")?,
    })
}

fn member<'a>(map: &'a Map<String, Value>, key: &str) -> Result<&'a str, WrongType> {
    match map.get(key) {
        None | Some(Value::Null) => Ok(""),
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(WrongType),
    }
}

#[cfg(test)]
mod tests;
