//! How a person names the revision to return to.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use crate::Revision;

/// Which revision to return to.
///
/// ```
/// use helm_release_core::history::Selector;
///
/// assert_eq!("-1".parse(), Ok(Selector::Back(1)));
/// assert_eq!("@good~1".parse(), Ok(Selector::Good(1)));
/// assert_eq!("@app=1.4".parse(), Ok(Selector::App("1.4".to_owned())));
/// assert!("latest".parse::<Selector>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Selector {
    /// Exactly this one: `3`.
    Revision(Revision),
    /// That many revisions before the latest: `-1`.
    Back(u32),
    /// The newest good one before the latest, or the one that many good ones earlier: `@good`, `@good~1`.
    Good(u32),
    /// The good one that was deployed last before a moment: `@before=2026-01-02T03:04:05Z`.
    Before(Timestamp),
    /// The newest good one of an application version: `@app=1.4`.
    App(String),
    /// The newest good one of a chart version, or of `name-version`: `@chart=2.0.1`.
    Chart(String),
}

impl Default for Selector {
    fn default() -> Self {
        Self::Good(0)
    }
}

/// A text that names no revision.
///
/// ```
/// use helm_release_core::history::Selector;
///
/// let error = "latest".parse::<Selector>().unwrap_err();
/// assert!(error.to_string().starts_with("\"latest\" names no revision: write a number (3), a step back (-1), @good"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} names no revision: write a number (3), a step back (-1), @good, @good~1, @before=TIME, @app=VERSION or @chart=VERSION"
)]
pub struct InvalidSelector {
    text: String,
}

impl FromStr for Selector {
    type Err = InvalidSelector;

    /// Reads a selector. `0` is the default, as in Helm.
    fn from_str(text: &str) -> Result<Self, InvalidSelector> {
        let invalid = || InvalidSelector { text: text.to_owned() };
        if let Some(word) = text.strip_prefix('@') {
            return match word.split_once('=') {
                Some(("before", time)) => time.parse().map(Self::Before).map_err(|_| invalid()),
                Some(("app", version)) if !version.is_empty() => Ok(Self::App(version.to_owned())),
                Some(("chart", version)) if !version.is_empty() => Ok(Self::Chart(version.to_owned())),
                Some(_) => Err(invalid()),
                None => match word.split_once('~') {
                    None if word == "good" => Ok(Self::Good(0)),
                    Some(("good", steps)) => steps.parse().map(Self::Good).map_err(|_| invalid()),
                    _ => Err(invalid()),
                },
            };
        }
        if let Some(steps) = text.strip_prefix('-') {
            return steps.parse().ok().filter(|steps| *steps > 0).map(Self::Back).ok_or_else(invalid);
        }
        let number: u32 = text.parse().map_err(|_| invalid())?;
        Ok(Revision::new(number).map_or_else(Self::default, Self::Revision))
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Revision(revision) => write!(f, "{revision}"),
            Self::Back(steps) => write!(f, "-{steps}"),
            Self::Good(0) => f.write_str("@good"),
            Self::Good(steps) => write!(f, "@good~{steps}"),
            Self::Before(time) => write!(f, "@before={time}"),
            Self::App(version) => write!(f, "@app={version}"),
            Self::Chart(version) => write!(f, "@chart={version}"),
        }
    }
}
