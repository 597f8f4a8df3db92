//! Whether the operation that a pending record speaks of is still at work.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use super::traces::Traces;
use crate::hold::is_abandoned;
use crate::ports::Held;

/// Whether somebody is at work.
///
/// ```
/// use helm_release_core::recover::{Life, Signs, Traces, Vitality};
///
/// let traces = Traces::default();
/// let signs = Signs { lock: None, has_journal: false, last_written: None, traces: &traces };
/// let life = Life::judge(signs, "2026-11-27T03:00:00Z".parse()?);
/// assert_eq!(life.vitality, Vitality::Unknown, "Helm tells nobody who is at work");
/// assert_eq!(serde_json::to_value(life.vitality)?, "unknown");
/// assert_eq!(life.vitality.to_string(), "unknown");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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

/// As JSON has it.
impl fmt::Display for Vitality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Alive => "alive",
            Self::Dead => "dead",
            Self::Unknown => "unknown",
        })
    }
}

/// The judgement, and what it rests on.
///
/// ```
/// use helm_release_core::recover::{Life, Signs, Traces, Vitality};
///
/// let (traces, written) = (Traces::default(), Some("2026-11-27T01:00:00Z".parse()?));
/// let signs = Signs { lock: None, has_journal: false, last_written: written, traces: &traces };
/// let life = Life::judge(signs, "2026-11-27T03:00:00Z".parse()?);
/// assert_eq!(life.vitality, Vitality::Dead);
/// let reason = "its record was written 120 minutes ago: no operation of Helm's with usual timeouts takes that long";
/// assert_eq!(life.reasons, [reason]);
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Life {
    /// The judgement.
    pub vitality: Vitality,
    /// What it rests on, the weightiest first.
    pub reasons: Vec<String>,
}

/// Helm's default `--timeout`, which bounds each of its waits.
const HELM_TIMEOUT_SECONDS: u64 = 300;
const HELM_TIMEOUT: Duration = Duration::from_secs(HELM_TIMEOUT_SECONDS);

/// What is known of an operation.
///
/// ```
/// use helm_release_core::recover::{Life, Signs, Traces, Vitality};
///
/// let (traces, written) = (Traces::default(), "2026-11-27T02:59:00Z".parse()?);
/// // A record of Helm's, a minute old.
/// let signs = Signs { lock: None, has_journal: false, last_written: Some(written), traces: &traces };
/// let now = "2026-11-27T03:00:00Z".parse()?;
/// assert_eq!(Life::judge(signs, now).vitality, Vitality::Unknown);
/// // Whoever keeps a journal keeps a lock as long as it works.
/// assert_eq!(Life::judge(Signs { has_journal: true, ..signs }, now).vitality, Vitality::Dead);
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Signs<'a> {
    /// The release's lock.
    pub lock: Option<&'a Held>,
    /// Whether there is a journal of this tool for the pending revision.
    pub has_journal: bool,
    /// When the pending record was written last.
    pub last_written: Option<Timestamp>,
    /// What the cluster shows of it.
    pub traces: &'a Traces,
}

impl Life {
    /// An operation that has written down its own failure.
    pub(super) fn over() -> Self {
        Self { vitality: Vitality::Dead, reasons: vec!["its record says that it failed: nobody is at work any more".to_owned()] }
    }

    /// Judges by the lock first, then by the journal, then by age: that of the record, and of what Helm has written since. A hook that
    /// still runs keeps an old operation from counting as dead, for Helm waits for hooks as long as it was told to.
    ///
    /// ```
    /// use std::time::Duration;
    /// use helm_release_core::recover::{Life, Signs, Traces, Vitality};
    /// # use helm_release_core::lock::{Claim, acquire};
    /// # use helm_release_core::ports::{LockKey, NoObserver};
    /// # use helm_release_store::{clock::SystemClock, lock::LeaseLock};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let lock = LeaseLock::new(shop.cluster.clone());
    /// # let key = LockKey { namespace: shop.namespace.clone(), name: shop.name.clone() };
    /// # let claim = Claim::new("4f1c", "ann@bastion", 4711, "rollback shop 2");
    /// # let held = acquire(&lock, &SystemClock, &NoObserver, &key, &claim).await?;
    /// # let traces = Traces::default();
    /// // Somebody has taken the lock.
    /// let signs = Signs { lock: Some(&held), has_journal: true, last_written: None, traces: &traces };
    /// assert_eq!(Life::judge(signs, held.holder.renewed).vitality, Vitality::Alive);
    /// let later = held.holder.expires() + Duration::from_secs(1);
    /// assert_eq!(Life::judge(signs, later).vitality, Vitality::Dead, "it was not renewed");
    /// # Ok(()) });
    /// ```
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
        let traces = signs.traces;
        let hooks = traces.running_hooks.iter().map(|hook| format!("its hook {hook} is still running, and Helm waits for hooks"));
        reasons.extend(hooks);
        let Some(written) = signs.last_written else {
            reasons.push("its record does not say when it was written".to_owned());
            return Self { vitality: Vitality::Unknown, reasons };
        };
        let age_of = |moment: Timestamp| Duration::try_from(now.duration_since(moment)).unwrap_or_default();
        let (age, since) = (age_of(written), traces.last_write.as_ref().filter(|(moment, _)| *moment > written));
        let last_sign = since.map_or(written, |(moment, _)| *moment);
        if is_abandoned(Some(last_sign), now) && traces.running_hooks.is_empty() {
            reasons.push(format!(
                "its record was written {} ago: no operation of Helm's with usual timeouts takes that long",
                in_words(age)
            ));
            return Self { vitality: Vitality::Dead, reasons };
        }
        if let Some((moment, object)) = since {
            reasons.push(format!("Helm wrote {object} {} ago", in_words(age_of(*moment))));
        }
        let written = format!("its record was written {} ago", in_words(age));
        reasons.push(if age <= HELM_TIMEOUT {
            format!("{written}, within Helm's default timeout of 5 minutes")
        } else {
            format!("{written}, and Helm tells nobody how long it may take")
        });
        if let Some(first) = traces.changing.first() {
            let (others, are) = match traces.changing.len() {
                1 => (String::new(), "is"),
                count => (format!(" and {} more", count - 1), "are"),
            };
            reasons.push(format!("{first}{others} {are} not yet as wanted: a Helm that waits for that may be at work"));
        }
        Self { vitality: Vitality::Unknown, reasons }
    }
}

fn in_words(age: Duration) -> String {
    match age.as_secs() {
        seconds @ 0..=HELM_TIMEOUT_SECONDS => format!("{seconds} seconds"),
        seconds => format!("{} minutes", seconds / 60),
    }
}

#[cfg(test)]
mod tests;
