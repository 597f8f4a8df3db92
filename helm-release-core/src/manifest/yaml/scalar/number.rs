//! Numbers as Go's `strconv` reads and writes them.

use std::borrow::Cow;

use serde_json::Number;

use super::Scalar;

/// Reads a scalar that begins with a digit or a sign.
pub(super) fn number(text: &str) -> Option<Scalar<'static>> {
    let plain = if text.contains('_') { Cow::Owned(text.replace('_', "")) } else { Cow::Borrowed(text) };
    integer(&plain, 0).or_else(|| styled_float(&plain)).or_else(|| late_binary(&plain))
}

/// Reads a scalar that begins with a dot: a decimal fraction whose digits may have underscores between them.
pub(super) fn dotted(text: &str) -> Option<Scalar<'static>> {
    let bytes = text.as_bytes();
    let digit_at = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    let between_digits =
        bytes.iter().enumerate().all(|(at, byte)| *byte != b'_' || (digit_at(at.checked_sub(1)) && digit_at(Some(at + 1))));
    if between_digits { styled_float(&text.replace('_', "")) } else { None }
}

/// `ParseInt(text, base, 64)`, then `ParseUint` where that overflows; base 0 is told by the prefix.
fn integer(text: &str, base: u32) -> Option<Scalar<'static>> {
    let (negative, unsigned) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let signed = unsigned.len() != text.len();
    let (base, digits) = if base == 0 { base_of(unsigned) } else { (base, unsigned) };
    if !digits.bytes().all(|byte| char::from(byte).is_digit(base)) {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, base).ok()?;
    let whole = if negative { 0_i64.checked_sub_unsigned(magnitude) } else { i64::try_from(magnitude).ok() };
    match whole {
        Some(whole) => Some(Scalar::Int(whole)),
        None if signed => None,
        None => Some(Scalar::Uint(magnitude)),
    }
}

fn base_of(text: &str) -> (u32, &str) {
    match text.as_bytes() {
        [b'0', b'x' | b'X', _, ..] => (16, &text[2..]),
        [b'0', b'o' | b'O', _, ..] => (8, &text[2..]),
        [b'0', b'b' | b'B', _, ..] => (2, &text[2..]),
        [b'0', _, ..] => (8, &text[1..]),
        _ => (10, text),
    }
}

/// Binary numbers once more, as Go does: `0b` may have a sign behind it.
fn late_binary(text: &str) -> Option<Scalar<'static>> {
    if let Some(digits) = text.strip_prefix("0b") {
        integer(digits, 2)
    } else {
        let digits = text.strip_prefix("-0b")?;
        if digits.starts_with(['+', '-']) { None } else { integer(&format!("-{digits}"), 2) }
    }
}

/// A float in the style of YAML: sign, digits with at most one dot, decimal exponent; too large ones stay texts.
fn styled_float(text: &str) -> Option<Scalar<'static>> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
        None => (unsigned, None),
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let mantissa_fits = match mantissa.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction) && (!whole.is_empty() || !fraction.is_empty()),
        None => digits(mantissa) && !mantissa.is_empty(),
    };
    let exponent_fits = exponent.is_none_or(|exponent| {
        let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        digits(unsigned) && !unsigned.is_empty()
    });
    if !mantissa_fits || !exponent_fits {
        return None;
    }
    text.parse().ok().filter(|float: &f64| float.is_finite()).map(Scalar::Float)
}

/// The nearest float of a whole number.
pub(super) fn float_of(whole: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "Go's conversion rounds to the nearest float as well")]
    let float = whole as f64;
    float
}

/// What a whole number beyond `i64` is for the API machinery.
pub(super) fn json_uint(whole: u64) -> Number {
    #[expect(clippy::cast_precision_loss, reason = "the API machinery rounds such numbers to a float as well")]
    let float = whole as f64;
    i64::try_from(whole).ok().map(Number::from).or_else(|| Number::from_f64(float)).unwrap_or_else(|| whole.into())
}

/// What a float is after Go's JSON writer and the API machinery's reader: a whole number where its text is one.
pub(super) fn json_float(float: f64) -> Option<Number> {
    // Go writes no exponent below 1e21. The text, not the float, decides the digits: 2^62 is 4611686018427388000.
    let is_written_whole = float.is_finite() && float.fract() == 0.0 && float.abs() < 1e21;
    let whole = if is_written_whole { float.to_string().parse::<i64>().ok() } else { None };
    whole.map(Number::from).or_else(|| Number::from_f64(float))
}

/// The number that the API machinery reads from a number in JSON text.
pub(super) fn machinery_number(number: &Number) -> Number {
    number.as_u64().map_or_else(|| number.clone(), json_uint)
}

/// Go's `FormatFloat(key, 'g', -1, 32)`, with YAML's words for what is no number.
pub(super) fn key_of_float(key: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "Go writes float keys with the precision of 32 bits")]
    let key = key as f32;
    if key.is_nan() {
        return ".nan".to_owned();
    }
    if key.is_infinite() {
        return if key > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let scientific = format!("{key:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..6).contains(&exponent) {
        format!("{key}")
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
    }
}
