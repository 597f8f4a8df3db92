//! Numbers that may be percentages: `maxUnavailable` and `maxSurge`.

use serde_json::Value;

/// How many of `replicas` a Deployment may leave out.
///
/// A limit that cannot be read counts as "none may be left out"; when both limits come to nothing one may be.
pub(super) fn max_unavailable(surge: Option<&Value>, unavailable: Option<&Value>, replicas: i64) -> i64 {
    let resolve = |limit: Option<&Value>, up: bool| limit.map_or(Some(0), |limit| lenient(limit, replicas, up));
    let (Some(surge), Some(unavailable)) = (resolve(surge, true), resolve(unavailable, false)) else { return 0 };
    if surge == 0 && unavailable == 0 { 1 } else { truncated(unavailable) }
}

/// Reads a number or a percentage that ends in `%`, rounded up.
pub(super) fn scaled_up(limit: &Value, total: i64) -> Option<i64> {
    match limit {
        Value::String(text) => percentage(text.strip_suffix('%')?, total, true),
        other => other.as_i64(),
    }
}

/// Reads a number, or a text of digits as a percentage wherever its `%` signs stand.
fn lenient(limit: &Value, total: i64, up: bool) -> Option<i64> {
    match limit {
        Value::String(text) => percentage(&text.replace('%', ""), total, up),
        other => other.as_i64(),
    }
}

fn percentage(digits: &str, total: i64, up: bool) -> Option<i64> {
    let percent: i64 = digits.parse().ok()?;
    let product = i128::from(percent) * i128::from(total);
    let share = if up { -(-product).div_euclid(100) } else { product.div_euclid(100) };
    i64::try_from(share).ok()
}

/// The lowest 32 bits, as Kubernetes converts the number.
fn truncated(number: i64) -> i64 {
    let low = u32::try_from(number & 0xFFFF_FFFF).unwrap_or_default();
    i64::from(low.cast_signed())
}

#[cfg(test)]
mod tests;
