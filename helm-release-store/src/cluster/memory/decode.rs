//! Reads what a client sent as the type of its kind: unknown fields, wrong types, nulls.

use serde_json::Value;

use super::schema::{Node, Scalar};

/// A value as its type allows it, and what was left out or is wrong.
#[derive(Debug)]
pub(crate) struct Decoded {
    pub(crate) value: Value,
    /// Paths of fields that the type does not have; they are not in the value.
    pub(crate) unknown: Vec<String>,
    /// The first value that is not of its type.
    pub(crate) mistyped: Option<Mistyped>,
}

/// A value that is not of its type.
#[derive(Debug)]
pub(crate) struct Mistyped {
    pub(crate) path: String,
    pub(crate) found: &'static str,
    pub(crate) wanted: &'static str,
}

/// Reads a value as an object of that type.
pub(crate) fn decode(node: &Node, value: Value) -> Decoded {
    let mut decoded = Decoded { value: Value::Null, unknown: Vec::new(), mistyped: None };
    let value = decoded.read(node, value, "");
    decoded.value = value;
    decoded
}

impl Decoded {
    fn read(&mut self, node: &Node, value: Value, path: &str) -> Value {
        let node = node.resolve();
        match (node, value) {
            (Node::Struct(_) | Node::Map { .. }, Value::Object(map)) => {
                let mut kept = serde_json::Map::new();
                for (key, value) in map {
                    let below = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                    match node.field(&key) {
                        _ if value.is_null() => {}
                        Some(field) => {
                            let value = self.read(field, value, &below);
                            kept.insert(key, value);
                        }
                        None => self.unknown.push(below),
                    }
                }
                Value::Object(kept)
            }
            (Node::List(_, item), Value::Array(items)) => {
                let read = |(index, value)| self.read(item, value, &format!("{path}[{index}]"));
                items.into_iter().enumerate().map(read).collect()
            }
            (node, value) => {
                if let Some(wanted) = mismatch(node, &value) {
                    let found = name_of(&value);
                    self.mistyped.get_or_insert(Mistyped { path: path.to_owned(), found, wanted });
                }
                value
            }
        }
    }
}

fn mismatch(node: &Node, value: &Value) -> Option<&'static str> {
    match (node, value) {
        (_, Value::Null) | (Node::Any | Node::Named { .. }, _) => None,
        (Node::Scalar(Scalar::Text), value) => (!value.is_string()).then_some("string"),
        (Node::Scalar(Scalar::Integer), value) => (!value.is_i64() && !value.is_u64()).then_some("int"),
        (Node::Scalar(Scalar::Number), value) => (!value.is_number()).then_some("float64"),
        (Node::Scalar(Scalar::Boolean), value) => (!value.is_boolean()).then_some("bool"),
        (Node::List(..), value) => (!value.is_array()).then_some("list"),
        (Node::Map { .. } | Node::Struct(_), value) => (!value.is_object()).then_some("object"),
    }
}

fn name_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
