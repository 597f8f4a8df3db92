//! Values of `prune`'s flags.

use std::time::Duration;

use helm_release_core::release::Status;

use crate::args::go_duration;

const DAY: u64 = 24 * 60 * 60;

/// Reads a duration as Go writes it, or whole days: `90d`.
pub(super) fn age(text: &str) -> Result<Duration, String> {
    match text.strip_suffix('d').map(str::parse::<u64>) {
        Some(Ok(days)) => days.checked_mul(DAY).map(Duration::from_secs).ok_or_else(|| "too long".to_owned()),
        _ => go_duration(text).map_err(|error| format!("{error}; days are written 90d")),
    }
}

/// Reads a size: bytes, or with `Ki`, `Mi`, `Gi` (of 1024) or `K`, `M`, `G` (of 1000) behind the number.
pub(super) fn bytes(text: &str) -> Result<usize, String> {
    const UNITS: [(&str, usize); 6] =
        [("Ki", 1 << 10), ("Mi", 1 << 20), ("Gi", 1 << 30), ("K", 1_000), ("M", 1_000_000), ("G", 1_000_000_000)];
    let unit = UNITS.iter().find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, *factor)));
    let (number, factor) = unit.unwrap_or((text, 1));
    let size = number.parse::<usize>().ok().and_then(|number| number.checked_mul(factor));
    size.ok_or_else(|| "write bytes, or a number with Ki, Mi or Gi behind it".to_owned())
}

/// Reads one of Helm's statuses.
pub(super) fn known_status(text: &str) -> Result<Status, String> {
    let known: Vec<&str> = Status::LISTED.iter().chain([&Status::Unknown]).map(Status::as_str).collect();
    if known.contains(&text) { Ok(Status::from(text.to_owned())) } else { Err(format!("must be one of {}", known.join(", "))) }
}

#[cfg(test)]
mod tests;
