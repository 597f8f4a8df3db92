//! Kubernetes' quantities: `500m`, `1Gi`, `2e3` (`k8s.io/apimachinery/pkg/api/resource`).
//!
//! ```
//! use helm_release_core::quantity::{nanos, text};
//!
//! let wanted: Option<i128> = ["250m", "0.5", "2"].into_iter().map(nanos).sum();
//! assert!(wanted > nanos("2500m"), "more than a quota of two and a half cores");
//! assert_eq!(wanted.map(text).as_deref(), Some("2750m"));
//! ```

use serde_json::Value;

/// Thousandths of a thousandth of a thousandth: the finest that a quantity tells apart.
const NANO: i128 = 1_000_000_000;

/// A quantity in billionths; `None` when the text is none, or too large to count.
///
/// ```
/// use helm_release_core::quantity::nanos;
///
/// assert_eq!(nanos("1000m"), nanos("1"));
/// assert_eq!(nanos("1Ki"), nanos("1024"));
/// assert_eq!(nanos("2e3"), nanos("2k"));
/// assert_eq!(nanos("lots"), None);
/// ```
#[must_use]
pub fn nanos(text: &str) -> Option<i128> {
    let text = text.trim();
    let end = text.find(|letter: char| !matches!(letter, '0'..='9' | '.' | '+' | '-')).unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let negative = whole.starts_with('-');
    let whole = whole.strip_prefix(['+', '-']).unwrap_or(whole);
    if whole.is_empty() && fraction.is_empty()
        || ![whole, fraction].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
    {
        return None;
    }
    let (multiplier, divisor) = scale(suffix)?;
    let digits: i128 = format!("0{whole}{fraction}").parse().ok()?;
    let places = 10_i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let scaled = digits.checked_mul(multiplier)?.checked_mul(NANO)?;
    let divisor = places.checked_mul(divisor)?;
    // Kubernetes rounds up what is finer than it counts.
    let rounded = scaled.checked_add(divisor - 1)? / divisor;
    Some(if negative { -rounded } else { rounded })
}

/// A number or text as a quantity.
///
/// ```
/// use helm_release_core::quantity::of;
/// use serde_json::json;
///
/// let limits = json!({"cpu": 2, "memory": "1Gi", "debug": true});
/// assert_eq!(of(&limits["cpu"]), of(&json!("2000m")));
/// assert_eq!(of(&limits["memory"]), of(&json!(1_073_741_824)));
/// assert_eq!(of(&limits["debug"]), None);
/// ```
#[must_use]
pub fn of(value: &Value) -> Option<i128> {
    match value {
        Value::String(text) => nanos(text),
        Value::Number(number) => nanos(&number.to_string()),
        _ => None,
    }
}

/// What a suffix multiplies and divides by.
fn scale(suffix: &str) -> Option<(i128, i128)> {
    let binary = |power: u32| Some((1_i128 << (10 * power), 1));
    let decimal = |power: u32| Some((10_i128.pow(power), 1));
    match suffix {
        "" => Some((1, 1)),
        "n" => Some((1, NANO)),
        "u" => Some((1, 1_000_000)),
        "m" => Some((1, 1_000)),
        "k" => decimal(3),
        "M" => decimal(6),
        "G" => decimal(9),
        "T" => decimal(12),
        "P" => decimal(15),
        "E" => decimal(18),
        "Ki" => binary(1),
        "Mi" => binary(2),
        "Gi" => binary(3),
        "Ti" => binary(4),
        "Pi" => binary(5),
        "Ei" => binary(6),
        _ => {
            let exponent: i32 = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
            let power = 10_i128.checked_pow(exponent.unsigned_abs())?;
            Some(if exponent < 0 { (1, power) } else { (power, 1) })
        }
    }
}

/// A quantity for people: the largest unit that keeps it whole.
///
/// ```
/// use helm_release_core::quantity::{nanos, text};
///
/// assert_eq!(nanos("1.5Gi").map(text).as_deref(), Some("1536Mi"));
/// assert_eq!(nanos("0.25").map(text).as_deref(), Some("250m"));
/// assert_eq!(nanos("1k").map(text).as_deref(), Some("1000"));
/// ```
#[must_use]
pub fn text(nanos: i128) -> String {
    if nanos % NANO != 0 {
        return format!("{}m", (nanos + 999_999) / 1_000_000);
    }
    let units = nanos / NANO;
    let suffixes = [("Ei", 60), ("Pi", 50), ("Ti", 40), ("Gi", 30), ("Mi", 20), ("Ki", 10)];
    let fitting = suffixes.iter().find(|(_, bits)| units != 0 && units % (1_i128 << bits) == 0);
    fitting.map_or_else(|| units.to_string(), |(suffix, bits)| format!("{}{suffix}", units >> bits))
}

#[cfg(test)]
mod tests;
