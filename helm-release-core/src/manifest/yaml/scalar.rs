//! Go's rules for plain scalars (`resolve.go` of go-yaml v2) and for what JSON makes of them.

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use granit_parser::{ScalarStyle, Tag};
use serde_json::{Number, Value};

use super::YamlProblem;

mod number;
mod timestamp;

/// What a scalar resolves to, before JSON.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Scalar<'a> {
    Null,
    Bool(bool),
    Int(i64),
    /// Beyond `i64`.
    Uint(u64),
    Float(f64),
    Text(Cow<'a, str>),
}

const CORE: &str = "tag:yaml.org,2002:";

/// The tags that change how a scalar is read; every other tag makes it text.
enum Wanted {
    Anything,
    Text,
    Bool,
    Int,
    Float,
    Null,
    Timestamp,
    Binary,
}

impl Wanted {
    fn of(tag: &Tag) -> Self {
        match tag.suffix_in_namespace(CORE).as_deref() {
            Some("bool") => Self::Bool,
            Some("int") => Self::Int,
            Some("float") => Self::Float,
            Some("null") => Self::Null,
            Some("timestamp") => Self::Timestamp,
            Some("binary") => Self::Binary,
            _ => Self::Text,
        }
    }
}

/// Whether a scalar in key position is a merge key: plain and untagged, or tagged as one.
pub(super) fn is_merge(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> bool {
    text == "<<"
        && match tag {
            None => style == ScalarStyle::Plain,
            Some(tag) => is_non_specific(tag) || tag.suffix_in_namespace(CORE).as_deref() == Some("merge"),
        }
}

fn is_non_specific(tag: &Tag) -> bool {
    matches!(tag.parts(), ("", "!") | ("!", ""))
}

/// Resolves a scalar to its value.
pub(super) fn resolve<'a>(text: Cow<'a, str>, style: ScalarStyle, tag: Option<&Tag>) -> Result<Scalar<'a>, YamlProblem> {
    let wanted = match tag {
        None if style == ScalarStyle::Plain => Wanted::Anything,
        None => Wanted::Text,
        Some(tag) => Wanted::of(tag),
    };
    match wanted {
        Wanted::Anything => Ok(plain(text)),
        Wanted::Text => Ok(Scalar::Text(text)),
        Wanted::Binary => binary(&text),
        Wanted::Timestamp if timestamp::is_timestamp(&text) => Ok(Scalar::Text(text)),
        Wanted::Timestamp => Err(YamlProblem::Tag("!!timestamp")),
        Wanted::Bool => match plain(text) {
            scalar @ Scalar::Bool(_) => Ok(scalar),
            _ => Err(YamlProblem::Tag("!!bool")),
        },
        Wanted::Null => match plain(text) {
            scalar @ Scalar::Null => Ok(scalar),
            _ => Err(YamlProblem::Tag("!!null")),
        },
        Wanted::Int => match plain(text) {
            scalar @ (Scalar::Int(_) | Scalar::Uint(_)) => Ok(scalar),
            _ => Err(YamlProblem::Tag("!!int")),
        },
        Wanted::Float => match plain(text) {
            scalar @ Scalar::Float(_) => Ok(scalar),
            Scalar::Int(whole) => Ok(Scalar::Float(number::float_of(whole))),
            _ => Err(YamlProblem::Tag("!!float")),
        },
    }
}

/// Reads a plain scalar: words first, then numbers, else text.
fn plain(text: Cow<'_, str>) -> Scalar<'_> {
    let found = match text.as_bytes().first() {
        None => Some(Scalar::Null),
        Some(b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~') => word(&text),
        Some(b'.') => special_float(&text).or_else(|| number::dotted(&text)),
        Some(b'+' | b'-') => special_float(&text).or_else(|| number::number(&text)),
        Some(b'0'..=b'9') => number::number(&text),
        Some(_) => None,
    };
    found.unwrap_or(Scalar::Text(text))
}

fn word(text: &str) -> Option<Scalar<'static>> {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Some(Scalar::Bool(true)),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Some(Scalar::Bool(false)),
        "~" | "null" | "Null" | "NULL" => Some(Scalar::Null),
        _ => None,
    }
}

fn special_float(text: &str) -> Option<Scalar<'static>> {
    match text {
        ".nan" | ".NaN" | ".NAN" => Some(Scalar::Float(f64::NAN)),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Some(Scalar::Float(f64::INFINITY)),
        "-.inf" | "-.Inf" | "-.INF" => Some(Scalar::Float(f64::NEG_INFINITY)),
        _ => None,
    }
}

fn binary(text: &str) -> Result<Scalar<'static>, YamlProblem> {
    const ENGINE: GeneralPurpose =
        GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));
    let packed: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    let bytes = ENGINE.decode(packed).map_err(|_| YamlProblem::Base64)?;
    let mut decoded = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        decoded.push_str(chunk.valid());
        // Go's JSON writer puts one replacement character for each byte that is no UTF-8.
        decoded.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    Ok(Scalar::Text(Cow::Owned(decoded)))
}

impl Scalar<'_> {
    /// The value that comes out of Go's way through JSON text.
    pub(super) fn into_value(self) -> Result<Value, YamlProblem> {
        Ok(match self {
            Self::Null => Value::Null,
            Self::Bool(flag) => Value::Bool(flag),
            Self::Int(whole) => Value::Number(whole.into()),
            Self::Uint(whole) => Value::Number(number::json_uint(whole)),
            Self::Float(float) => Value::Number(number::json_float(float).ok_or(YamlProblem::NotFinite)?),
            Self::Text(text) => Value::String(text.into_owned()),
        })
    }

    /// The text that stands for the scalar as a key, unless JSON has no such key.
    pub(super) fn into_key(self) -> Result<String, YamlProblem> {
        match self {
            Self::Text(text) => Ok(text.into_owned()),
            Self::Bool(flag) => Ok(flag.to_string()),
            Self::Int(whole) => Ok(whole.to_string()),
            Self::Float(float) => Ok(number::key_of_float(float)),
            Self::Null | Self::Uint(_) => Err(YamlProblem::Key),
        }
    }

    pub(super) fn into_owned(self) -> Scalar<'static> {
        match self {
            Self::Null => Scalar::Null,
            Self::Bool(flag) => Scalar::Bool(flag),
            Self::Int(whole) => Scalar::Int(whole),
            Self::Uint(whole) => Scalar::Uint(whole),
            Self::Float(float) => Scalar::Float(float),
            Self::Text(text) => Scalar::Text(Cow::Owned(text.into_owned())),
        }
    }
}

/// The number that the API machinery holds for a number of JSON text: `i64` where it fits, else `f64`.
pub(in crate::manifest) fn machinery_number(number: &Number) -> Number {
    number::machinery_number(number)
}
