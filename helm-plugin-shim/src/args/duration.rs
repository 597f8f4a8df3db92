//! Durations as Go writes them: `1h30m`, `90s`, `1.5m`.

use std::time::Duration;

/// A text that is no duration for Go.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidDuration {
    /// A number without a unit.
    #[error("time: missing unit in duration {0:?} (timeouts need a unit, such as 300s or 5m)")]
    MissingUnit(String),
    /// A unit that there is not.
    #[error("time: unknown unit {unit:?} in duration {text:?}")]
    UnknownUnit {
        /// The unit.
        unit: String,
        /// The whole text.
        text: String,
    },
    /// Below zero: nothing can take so long.
    #[error("negative duration {0:?}")]
    Negative(String),
    /// No duration at all, or one that is too long.
    #[error("time: invalid duration {0:?}")]
    Invalid(String),
}

/// Reads a duration as Go's `time.ParseDuration` does, but for negative ones, which are refused.
///
/// # Errors
/// [`InvalidDuration`] with Go's text.
pub(crate) fn go_duration(text: &str) -> Result<Duration, InvalidDuration> {
    let invalid = || InvalidDuration::Invalid(text.to_owned());
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(Duration::ZERO);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut nanos: u128 = 0;
    while !rest.is_empty() {
        let (whole, after) = split_digits(rest);
        let (fraction, after) = match after.strip_prefix('.') {
            Some(after) => split_digits(after),
            None => ("", after),
        };
        if whole.is_empty() && fraction.is_empty() {
            return Err(invalid());
        }
        let unit_end = after.find(|character: char| character == '.' || character.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_end);
        let scale: u128 = match unit {
            "" => return Err(InvalidDuration::MissingUnit(text.to_owned())),
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return Err(InvalidDuration::UnknownUnit { unit: unit.to_owned(), text: text.to_owned() }),
        };
        let whole: u128 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| invalid())? };
        let part = whole.checked_mul(scale).and_then(|part| part.checked_add(fraction_of(fraction, scale)));
        nanos = part.and_then(|part| nanos.checked_add(part)).ok_or_else(invalid)?;
        rest = after;
    }
    // Go keeps nanoseconds in 63 bits.
    let nanos = u64::try_from(nanos).ok().filter(|nanos| i64::try_from(*nanos).is_ok()).ok_or_else(invalid)?;
    if negative && nanos != 0 { Err(InvalidDuration::Negative(text.to_owned())) } else { Ok(Duration::from_nanos(nanos)) }
}

fn split_digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len()))
}

/// The fraction `0.<digits>` of a unit; digits past the nineteenth are far below a nanosecond.
fn fraction_of(digits: &str, scale: u128) -> u128 {
    let digits = &digits[..digits.len().min(19)];
    let exponent = u32::try_from(digits.len()).unwrap_or(19);
    digits.parse::<u128>().map_or(0, |value| value * scale / 10u128.pow(exponent))
}

#[cfg(test)]
mod tests;
