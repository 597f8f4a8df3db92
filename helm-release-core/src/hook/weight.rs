//! The weight that orders hooks.

use std::fmt;

/// Where a hook stands among those of its event; the lightest runs first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Weight(i64);

impl Weight {
    /// Reads the text of an annotation: decimal digits with an optional sign, and 0 for everything else, such as
    /// `" 3"`, `1.5`, the empty text, and a number that does not fit 64 bits.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        Self(text.parse().unwrap_or_default())
    }

    /// The weight as a number.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl fmt::Display for Weight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
