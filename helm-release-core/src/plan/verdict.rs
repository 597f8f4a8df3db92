//! What the findings of a plan add up to.

use std::fmt;

use serde::Serialize;

/// Whether to roll back at all. Later ones outweigh earlier ones.
///
/// ```
/// use helm_release_core::plan::Verdict;
///
/// // Of several, the heaviest counts.
/// assert_eq!([Verdict::BackUpFirst, Verdict::RollBack].into_iter().max(), Some(Verdict::BackUpFirst));
/// assert!(Verdict::FixForward > Verdict::BackUpFirst);
/// assert_eq!(Verdict::BackUpFirst.to_string(), "back up first, then roll back");
/// assert_eq!(serde_json::json!(Verdict::FixForward), "fix-forward");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Verdict {
    /// The target is what runs already.
    NothingToDo,
    /// Go.
    RollBack,
    /// Something that holds data is touched: save it first.
    BackUpFirst,
    /// Something cannot be undone: repair by a new upgrade.
    FixForward,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NothingToDo => "nothing to do",
            Self::RollBack => "roll back",
            Self::BackUpFirst => "back up first, then roll back",
            Self::FixForward => "fix forward",
        })
    }
}
