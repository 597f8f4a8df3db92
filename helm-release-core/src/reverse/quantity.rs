//! Kubernetes quantities, as far as comparing them needs.

use std::cmp::Ordering;

use serde_json::Value;

/// A quantity as a number of thousandths of a billionth, so that every suffix is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Quantity(i128);

const NANO: i128 = 1_000_000_000;

impl Quantity {
    /// Reads a quantity (`apimachinery/pkg/api/resource`), `None` when it is none or too large to be told.
    pub(super) fn read(value: &Value) -> Option<Self> {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '+' | '-'))).unwrap_or(text.len());
        let (digits, suffix) = text.split_at(end);
        let (numerator, denominator) = scale(suffix)?;
        let (sign, digits) = match digits.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, digits.strip_prefix('+').unwrap_or(digits)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let number: i128 = format!("{whole}{fraction}").parse().ok()?;
        let places = u32::try_from(fraction.len()).ok()?;
        let scaled = number.checked_mul(NANO)?.checked_mul(numerator)?;
        let divisor = denominator.checked_mul(10_i128.checked_pow(places)?)?;
        // The server rounds up what is finer than it keeps.
        let rounded = scaled / divisor + i128::from(scaled % divisor != 0);
        Some(Self(sign * rounded))
    }

    /// Compares two values that may be quantities.
    pub(super) fn compare(a: &Value, b: &Value) -> Option<Ordering> {
        Some(Self::read(a)?.cmp(&Self::read(b)?))
    }
}

/// What a suffix multiplies by and divides by.
fn scale(suffix: &str) -> Option<(i128, i128)> {
    let decimal = |power: u32| 10_i128.checked_pow(power);
    Some(match suffix {
        "" => (1, 1),
        "n" => (1, NANO),
        "u" => (1, 1_000_000),
        "m" => (1, 1000),
        "k" => (decimal(3)?, 1),
        "M" => (decimal(6)?, 1),
        "G" => (decimal(9)?, 1),
        "T" => (decimal(12)?, 1),
        "P" => (decimal(15)?, 1),
        "E" => (decimal(18)?, 1),
        "Ki" => (1 << 10, 1),
        "Mi" => (1 << 20, 1),
        "Gi" => (1 << 30, 1),
        "Ti" => (1 << 40, 1),
        "Pi" => (1 << 50, 1),
        "Ei" => (1 << 60, 1),
        exponent => {
            let power: i32 = exponent.strip_prefix(['e', 'E'])?.parse().ok()?;
            let factor = decimal(power.unsigned_abs())?;
            if power < 0 { (1, factor) } else { (factor, 1) }
        }
    })
}

#[cfg(test)]
mod tests;
