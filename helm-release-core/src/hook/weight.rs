//! The weight that orders hooks.

use std::fmt;

/// Where a hook stands among those of its event; the lightest runs first.
///
/// ```
/// use helm_release_core::hook::Weight;
///
/// let mut weights = ["10", "-5", "9"].map(Weight::from_text);
/// weights.sort();
/// assert_eq!(weights.map(|weight| weight.to_string()), ["-5", "9", "10"]);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Weight(i64);

impl Weight {
    /// Reads the text of an annotation: decimal digits with an optional sign, and 0 for everything else, such as
    /// `" 3"`, `1.5`, the empty text, and a number that does not fit 64 bits.
    ///
    /// ```
    /// use helm_release_core::hook::Weight;
    ///
    /// assert_eq!(Weight::from_text("+7").get(), 7);
    /// for text in [" 3", "1.5", "", "first"] {
    ///     assert_eq!(Weight::from_text(text), Weight::default());
    /// }
    /// ```
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        Self(text.parse().unwrap_or_default())
    }

    /// The weight as a number.
    ///
    /// ```
    /// use helm_release_core::hook::Weight;
    ///
    /// assert_eq!(Weight::from_text("-5").get(), -5);
    /// assert_eq!(Weight::default().get(), 0, "that of a hook without the annotation");
    /// ```
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
