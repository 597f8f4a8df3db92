//! JSON inside manifests: streams of values, and numbers as the API machinery holds them.

use std::ops::Range;

use serde::de::IgnoredAny;
use serde_json::{Deserializer, Value};

use super::yaml::machinery_number;

/// What a text that begins like JSON turned out to be.
pub(super) struct Stream {
    /// Where the JSON values are.
    pub(super) values: Vec<Range<usize>>,
    pub(super) rest: Rest,
}

/// What follows the JSON values.
pub(super) enum Rest {
    Nothing,
    /// YAML from that byte on.
    Yaml(usize),
    /// Neither JSON nor, by the API machinery's rule, YAML; from that byte on.
    Broken(usize),
}

/// Takes JSON values from the front of a text for as long as there are any.
pub(super) fn take_stream(text: &str) -> Stream {
    let mut values = Vec::new();
    let mut stream = Deserializer::from_str(text).into_iter::<IgnoredAny>();
    let mut end = 0;
    loop {
        match stream.next() {
            None => return Stream { values, rest: Rest::Nothing },
            Some(Ok(IgnoredAny)) => {
                let next = stream.byte_offset();
                let start = next - text[end..next].trim_start().len();
                values.push(start..next);
                end = next;
            }
            Some(Err(_)) => {
                let rest = if values.len() > 1 { Rest::Broken(end) } else { skip_blanks(text, end) };
                return Stream { values, rest };
            }
        }
    }
}

/// Skips whitespace up to and including the first line break, as the API machinery does before it turns to
/// YAML. It looks at four bytes at a time and gives up when there are fewer.
fn skip_blanks(text: &str, from: usize) -> Rest {
    let mut at = from;
    loop {
        let rest = &text[at..];
        match rest.chars().next() {
            Some(character) if rest.len() >= 4 && character != char::REPLACEMENT_CHARACTER => {
                if !character.is_whitespace() {
                    return Rest::Yaml(at);
                }
                at += character.len_utf8();
                if character == '\n' {
                    return Rest::Yaml(at);
                }
            }
            _ => return Rest::Broken(from),
        }
    }
}

/// Reads one JSON value with the numbers of the API machinery.
pub(super) fn read(text: &str) -> Result<Value, serde_json::Error> {
    let mut value = serde_json::from_str(text)?;
    convert_numbers(&mut value);
    Ok(value)
}

fn convert_numbers(value: &mut Value) {
    match value {
        Value::Number(number) => *number = machinery_number(number),
        Value::Array(items) => items.iter_mut().for_each(convert_numbers),
        Value::Object(entries) => entries.values_mut().for_each(convert_numbers),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}
