//! YAML as Helm prints it: what `sigs.k8s.io/yaml` makes of JSON.

mod scalar;

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

pub(super) use scalar::go_float;

/// Writes a value as YAML: keys sorted, two spaces a level, lists not indented.
///
/// # Errors
/// What the writer says.
pub(crate) fn write<T: Serialize + ?Sized>(out: &mut dyn Write, value: &T) -> io::Result<()> {
    out.write_all(to_string(&serde_json::to_value(value)?).as_bytes())
}

/// A value as YAML, with a newline at its end.
#[must_use]
pub(crate) fn to_string(value: &Value) -> String {
    let mut text = String::new();
    match value {
        Value::Array(items) if !items.is_empty() => push_items(&mut text, items, 0),
        Value::Object(members) if !members.is_empty() => push_members(&mut text, members, 0),
        scalar => {
            push_scalar(&mut text, scalar, 1);
            end_line(&mut text);
        }
    }
    text
}

/// Ends a line, unless a block of text has ended it already.
fn end_line(text: &mut String) {
    if !text.ends_with('\n') {
        text.push('\n');
    }
}

fn push_indent(text: &mut String, level: usize) {
    text.extend(std::iter::repeat_n("  ", level));
}

/// The items of a list whose dashes stand at `level`.
fn push_items(text: &mut String, items: &[Value], level: usize) {
    for item in items {
        if text.is_empty() || text.ends_with('\n') {
            push_indent(text, level);
        }
        text.push_str("- ");
        match item {
            Value::Array(items) if !items.is_empty() => push_items(text, items, level + 1),
            Value::Object(members) if !members.is_empty() => push_members(text, members, level + 1),
            scalar => {
                push_scalar(text, scalar, level + 1);
                end_line(text);
            }
        }
    }
}

fn push_members(text: &mut String, members: &serde_json::Map<String, Value>, level: usize) {
    let mut sorted: Vec<(&String, &Value)> = members.iter().collect();
    sorted.sort_by(|left, right| scalar::compare_keys(left.0, right.0));
    for (key, value) in sorted {
        if text.is_empty() || text.ends_with('\n') {
            push_indent(text, level);
        }
        let is_simple = scalar::push_key(text, key, level);
        if !is_simple {
            end_line(text);
            push_indent(text, level);
        }
        text.push(':');
        match value {
            Value::Array(items) if !items.is_empty() => {
                // A list under a key that is written out begins on the key's line, one level in.
                if is_simple {
                    text.push('\n');
                    push_items(text, items, level);
                } else {
                    text.push(' ');
                    push_items(text, items, level + 1);
                }
            }
            Value::Object(members) if !members.is_empty() => {
                text.push(if is_simple { '\n' } else { ' ' });
                push_members(text, members, level + 1);
            }
            scalar => {
                text.push(' ');
                push_scalar(text, scalar, level + 1);
                end_line(text);
            }
        }
    }
}

/// A scalar or an empty collection; lines of a block of text stand at `level`.
fn push_scalar(text: &mut String, value: &Value, level: usize) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => text.push_str(&scalar::number(number)),
        Value::String(string) => scalar::push_string(text, string, level),
        Value::Array(_) => text.push_str("[]"),
        Value::Object(_) => text.push_str("{}"),
    }
}

#[cfg(test)]
mod tests;
