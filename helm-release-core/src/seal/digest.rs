//! Digests of JSON values, the same for equal values however they are written.

use std::fmt::Write as _;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// How many hexadecimal digits of a part's digest are kept: enough that no two states of it meet by chance.
const DIGITS: usize = 32;

/// Makes digests that are unlike those of every other file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Digester<'a> {
    salt: &'a str,
}

impl<'a> Digester<'a> {
    pub(super) fn new(salt: &'a str) -> Self {
        Self { salt }
    }

    pub(super) fn of(self, value: &Value) -> String {
        let mut digest = whole(&format!("{}\n{}", self.salt, canonical(value)));
        digest.truncate(DIGITS);
        digest
    }
}

/// SHA-256 of a text in hexadecimal digits.
pub(super) fn whole(text: &str) -> String {
    let mut digits = String::new();
    for byte in Sha256::digest(text.as_bytes()) {
        // Writing to a String cannot fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

/// The value in one line, members in the order of their names.
pub(super) fn canonical(value: &Value) -> String {
    let mut text = String::new();
    write_canonical(&mut text, value);
    text
}

fn write_canonical(text: &mut String, value: &Value) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            text.push('{');
            for (index, (name, value)) in members.into_iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                write_canonical(text, value);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (index, value) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_canonical(text, value);
            }
            text.push(']');
        }
        scalar => text.push_str(&scalar.to_string()),
    }
}
