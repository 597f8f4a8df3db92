//! Whether the operation that a pending record speaks of is still at work.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use crate::hold::is_abandoned;
use crate::ports::Held;

/// Whether somebody is at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Vitality {
    /// Somebody is: hands off.
    Alive,
    /// Nobody is.
    Dead,
    /// That cannot be told.
    Unknown,
}

/// The judgement, and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Life {
    /// The judgement.
    pub vitality: Vitality,
    /// What it rests on, the weightiest first.
    pub reasons: Vec<String>,
}

/// Helm's default `--timeout`, which bounds each of its waits.
const HELM_TIMEOUT: Duration = Duration::from_secs(300);

/// What is known of an operation.
#[derive(Debug, Clone, Copy)]
pub struct Signs<'a> {
    /// The release's lock.
    pub lock: Option<&'a Held>,
    /// Whether there is a journal of this tool for the pending revision.
    pub has_journal: bool,
    /// When the pending record was written last.
    pub last_written: Option<Timestamp>,
}

impl Life {
    /// An operation that has written down its own failure.
    pub(super) fn over() -> Self {
        Self { vitality: Vitality::Dead, reasons: vec!["its record says that it failed: nobody is at work any more".to_owned()] }
    }

    /// Judges by the lock first, then by the journal, then by age.
    #[must_use]
    pub fn judge(signs: Signs<'_>, now: Timestamp) -> Self {
        let mut reasons = Vec::new();
        if let Some(held) = signs.lock {
            let holder = &held.holder;
            if !holder.is_expired(now) {
                reasons.push(format!("its lock is held: {holder}"));
                return Self { vitality: Vitality::Alive, reasons };
            }
            reasons.push(format!("its lock expired at {:.0}: {holder}", holder.expires()));
            return Self { vitality: Vitality::Dead, reasons };
        }
        if signs.has_journal {
            reasons.push("it was begun by this tool, and nobody holds its lock".to_owned());
            return Self { vitality: Vitality::Dead, reasons };
        }
        let Some(written) = signs.last_written else {
            reasons.push("its record does not say when it was written".to_owned());
            return Self { vitality: Vitality::Unknown, reasons };
        };
        let age = Duration::try_from(now.duration_since(written)).unwrap_or_default();
        let minutes = age.as_secs() / 60;
        if is_abandoned(Some(written), now) {
            reasons.push(format!(
                "its record was written {minutes} minutes ago: no operation of Helm's with usual timeouts takes that long"
            ));
            return Self { vitality: Vitality::Dead, reasons };
        }
        if age <= HELM_TIMEOUT {
            reasons.push(format!(
                "its record was written {} seconds ago, within Helm's default timeout of 5 minutes",
                age.as_secs()
            ));
        } else {
            reasons.push(format!("its record was written {minutes} minutes ago, and Helm tells nobody how long it may take"));
        }
        Self { vitality: Vitality::Unknown, reasons }
    }
}

#[cfg(test)]
mod tests;
