//! A number that was measured, and how far it may go.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::child::median;

/// How far a number may go.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Limit {
    /// No further than this.
    AtMost(f64),
    /// No less than this.
    AtLeast(f64),
    /// Only for comparison.
    None,
}

/// One measured number.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Bar {
    /// What was measured.
    pub name: String,
    /// Our side, with its unit.
    pub ours: String,
    /// The other side with its unit; empty when there is none.
    pub theirs: String,
    /// What counts: a ratio, or our side alone.
    pub value: f64,
    /// How far it may go.
    pub limit: Limit,
}

impl Bar {
    /// A ratio of medians of times, ours over theirs.
    pub(super) fn times(name: impl Into<String>, ours: &[Duration], theirs: &[Duration], limit: Limit) -> Self {
        let (ours, theirs) = (median(ours), median(theirs));
        let value = match limit {
            // "N times as fast" is the ratio the other way round.
            Limit::AtLeast(_) => theirs.as_secs_f64() / ours.as_secs_f64(),
            _ => ours.as_secs_f64() / theirs.as_secs_f64(),
        };
        Self { name: name.into(), ours: milliseconds(ours), theirs: milliseconds(theirs), value, limit }
    }

    /// A ratio of medians of bytes.
    pub(super) fn bytes(name: impl Into<String>, ours: &[u64], theirs: &[u64], limit: Limit) -> Self {
        let [ours, theirs] = [ours, theirs].map(|bytes| megabytes(median(bytes)));
        Self { name: name.into(), ours: format!("{ours:.1} MB"), theirs: format!("{theirs:.1} MB"), value: ours / theirs, limit }
    }

    /// A number of ours alone.
    pub(super) fn alone(name: impl Into<String>, value: f64, unit: &str, limit: Limit) -> Self {
        Self { name: name.into(), ours: format!("{value:.1} {unit}"), theirs: String::new(), value, limit }
    }

    /// Whether the number is as it should be.
    #[must_use]
    pub fn is_reached(&self) -> bool {
        match self.limit {
            Limit::AtMost(limit) => self.value <= limit,
            Limit::AtLeast(limit) => self.value >= limit,
            Limit::None => true,
        }
    }
}

/// Megabytes of a number of bytes.
pub(super) fn megabytes(bytes: u64) -> f64 {
    // A duration of as many microseconds makes the fraction without a cast.
    Duration::from_micros(bytes).as_secs_f64()
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

impl fmt::Display for Bar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limit = match self.limit {
            Limit::AtMost(limit) => format!("at most {limit}"),
            Limit::AtLeast(limit) => format!("at least {limit}"),
            Limit::None => String::new(),
        };
        let verdict = match (self.limit, self.is_reached()) {
            (Limit::None, _) => "",
            (_, true) => "reached",
            (_, false) => "MISSED",
        };
        write!(f, "{:<52} {:>10} {:>11} {:>8.3}  {limit:<14} {verdict}", self.name, self.ours, self.theirs, self.value)
    }
}
