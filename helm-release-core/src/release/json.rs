//! JSON text as Go's `encoding/json` writes it.

use std::io;

use serde::Serialize;
use serde_json::ser::{CharEscape, Formatter};
use serde_json::value::RawValue;

/// Writes JSON as Go does: compact, `<`, `>`, `&`, U+2028 and U+2029 escaped, floats in Go's form.
///
/// ```
/// use helm_release_core::release::GoFormatter;
/// use serde::Serialize as _;
///
/// let mut bytes = Vec::new();
/// let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, GoFormatter);
/// serde_json::json!({ "args": "a && b > c", "ratio": 1e21 }).serialize(&mut serializer)?;
/// assert_eq!(String::from_utf8(bytes)?, r#"{"args":"a \u0026\u0026 b \u003e c","ratio":1e+21}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct GoFormatter;

fn is_escaped_by_go(character: char) -> bool {
    matches!(character, '<' | '>' | '&' | '\u{2028}' | '\u{2029}')
}

impl Formatter for GoFormatter {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, found)) = rest.char_indices().find(|(_, character)| is_escaped_by_go(*character)) {
            writer.write_all(&rest.as_bytes()[..at])?;
            write!(writer, "\\u{:04x}", u32::from(found))?;
            rest = &rest[at + found.len_utf8()..];
        }
        writer.write_all(rest.as_bytes())
    }

    fn write_char_escape<W: ?Sized + io::Write>(&mut self, writer: &mut W, escape: CharEscape) -> io::Result<()> {
        let text: &[u8] = match escape {
            CharEscape::Quote => b"\\\"",
            CharEscape::ReverseSolidus => b"\\\\",
            CharEscape::Solidus => b"/",
            CharEscape::Backspace => b"\\b",
            CharEscape::FormFeed => b"\\f",
            CharEscape::LineFeed => b"\\n",
            CharEscape::CarriageReturn => b"\\r",
            CharEscape::Tab => b"\\t",
            CharEscape::AsciiControl(byte) => return write!(writer, "\\u{byte:04x}"),
        };
        writer.write_all(text)
    }

    fn write_f64<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        writer.write_all(go_float(value).as_bytes())
    }
}

/// A float as `encoding/json` writes it: shortest digits, an exponent below 1e-6 and from 1e21.
fn go_float(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let text = format!("{value:e}");
        return match text.split_once('e') {
            Some((digits, exponent)) if !exponent.starts_with('-') => format!("{digits}e+{exponent}"),
            _ => text,
        };
    }
    if value == 0.0 && value.is_sign_negative() { "-0".to_owned() } else { format!("{value}") }
}

/// The JSON of a value as Go's `json.Marshal` would write it, without a newline.
///
/// # Errors
/// What the value's own `Serialize` refuses, such as a map with keys that are not text.
///
/// ```
/// use helm_release_core::release::to_go_json;
///
/// let page = "<h1>Sale & more</h1>";
/// assert_eq!(to_go_json(page)?, r#""\u003ch1\u003eSale \u0026 more\u003c/h1\u003e""#);
/// assert_eq!(serde_json::from_str::<String>(&to_go_json(page)?)?, page, "the same text for every reader");
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn to_go_json<T: Serialize + ?Sized>(value: &T) -> Result<String, serde_json::Error> {
    let mut bytes = Vec::with_capacity(128);
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut bytes, GoFormatter))?;
    String::from_utf8(bytes).map_err(|error| serde::ser::Error::custom(error.to_string()))
}

/// The JSON of a value that always has one: text, numbers, plain structs of them.
pub(super) fn raw_json<T: Serialize + ?Sized>(value: &T) -> Box<RawValue> {
    to_go_json(value).and_then(RawValue::from_string).unwrap_or_else(|_| RawValue::NULL.to_owned())
}
