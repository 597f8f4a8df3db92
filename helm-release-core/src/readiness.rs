//! Decides whether a live object is ready, by the rules of Helm 3 and of Helm 4.
//!
//! [`legacy`] holds the rules of Helm 3, which Helm 4 keeps as its wait strategy `legacy`; [`watcher`] holds those of
//! Helm 4's strategy `watcher`. Both are pure: they look at one object and at those that belong to it ([`Related`]),
//! send no request and read no clock.

use std::fmt;

use serde::{Deserialize, Serialize};

mod field;
pub mod legacy;
mod related;
mod selector;
pub mod watcher;

pub use related::{Need, Related};
pub use selector::{InvalidSelector, Selector};

/// How far an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Everything asked for is there and works.
    Ready,
    /// On the way; may still become ready by itself.
    Waiting,
    /// Will not become ready without somebody's help.
    Failed,
    /// Told to go and not gone yet.
    Terminating,
    /// Absent.
    NotFound,
    /// Cannot be told from the object.
    Unknown,
}

impl State {
    /// The word of kstatus, which Helm 4 prints.
    #[must_use]
    pub const fn kstatus(self) -> &'static str {
        match self {
            Self::Ready => "Current",
            Self::Waiting => "InProgress",
            Self::Failed => "Failed",
            Self::Terminating => "Terminating",
            Self::NotFound => "NotFound",
            Self::Unknown => "Unknown",
        }
    }
}

/// A word for people: `ready`, `waiting`, and so on.
impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ready => "ready",
            Self::Waiting => "waiting",
            Self::Failed => "failed",
            Self::Terminating => "terminating",
            Self::NotFound => "not found",
            Self::Unknown => "unknown",
        })
    }
}

/// How far an object is, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Readiness {
    /// How far it is.
    pub state: State,
    /// Why, for people: `2 of 3 replicas are ready`.
    pub reason: String,
    /// Helm's own words: with the watcher rules kstatus' message, with the legacy rules the text of Helm's error.
    /// Empty where Helm says nothing.
    pub message: String,
}

impl Readiness {
    fn new(state: State, message: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { state, reason: reason.into(), message: message.into() }
    }

    fn ready(message: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::new(State::Ready, message, reason)
    }

    fn waiting(message: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::new(State::Waiting, message, reason)
    }

    fn failed(message: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::new(State::Failed, message, reason)
    }

    /// The readiness of an object that is absent.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(State::NotFound, "Resource not found", "it does not exist")
    }

    /// The readiness of an object that has not been looked at, or cannot be judged.
    #[must_use]
    pub fn unknown(reason: impl Into<String>) -> Self {
        Self::new(State::Unknown, "", reason)
    }

    /// Whether nothing more needs to be waited for.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.state == State::Ready
    }

    /// The line that Helm 4 prints for an object that did not become ready in time.
    #[must_use]
    pub fn helm_error(&self, kind: &str, namespace: &str, name: &str) -> String {
        format!("resource {kind}/{namespace}/{name} not ready. status: {}, message: {}", self.state.kstatus(), self.message)
    }
}

impl fmt::Display for Readiness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.state, self.reason)
    }
}

#[cfg(test)]
mod tests;
