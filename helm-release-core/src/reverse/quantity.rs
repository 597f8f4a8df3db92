//! Kubernetes quantities, as far as comparing them needs.

use std::cmp::Ordering;

use serde_json::Value;

/// A quantity, in billionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Quantity(i128);

impl Quantity {
    /// Reads a quantity, `None` when it is none or too large to be told.
    pub(super) fn read(value: &Value) -> Option<Self> {
        crate::quantity::of(value).map(Self)
    }

    /// Compares two values that may be quantities.
    pub(super) fn compare(a: &Value, b: &Value) -> Option<Ordering> {
        Some(Self::read(a)?.cmp(&Self::read(b)?))
    }
}

#[cfg(test)]
mod tests;
