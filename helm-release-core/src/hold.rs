//! Whether another operation is at work on a release.
//!
//! ```
//! use std::time::Duration;
//! use helm_release_core::hold::hold;
//! use helm_release_core::lock::{Claim, acquire};
//! use helm_release_core::ports::{LockKey, NoObserver};
//! use helm_release_store::clock::SystemClock;
//! use helm_release_store::lock::LeaseLock;
//!
//! # examples::run(async {
//! # let shop = examples::Shop::open().await?;
//! let lock = LeaseLock::new(shop.cluster.clone());
//! let key = LockKey { namespace: shop.namespace.clone(), name: shop.name.clone() };
//! let claim = Claim::new("4f1c", "ann@bastion", 4711, "rollback shop 2");
//! let held = acquire(&lock, &SystemClock, &NoObserver, &key, &claim).await?;
//!
//! let now = held.holder.renewed;
//! let told = hold(Some(&held), None, now).map(|hold| hold.to_string()).unwrap_or_default();
//! assert!(told.starts_with("it is held by rollback shop 2 by ann@bastion (process 4711), since "));
//! let later = held.holder.expires() + Duration::from_secs(1);
//! assert_eq!(hold(Some(&held), None, later), None, "its holder did not renew it");
//! # Ok(()) });
//! ```

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

use crate::Revision;
use crate::ports::{Held, Holder};
use crate::release::Status;

/// How long an operation may be pending before it counts as abandoned. A record does not tell its timeout; Helm's own is
/// five minutes for each thing that it waits for.
///
/// ```
/// use std::time::Duration;
///
/// use helm_release_core::Revision;
/// use helm_release_core::hold::{PATIENCE, hold};
/// use helm_release_core::release::Status;
///
/// // An upgrade whose record was written at noon keeps everybody else waiting until one.
/// let noon: jiff::Timestamp = "2026-05-01T12:00:00Z".parse()?;
/// let held = |now| hold(None, Some((Revision::FIRST, &Status::PendingUpgrade, Some(noon))), now).is_some();
/// assert_eq!((noon + PATIENCE).to_string(), "2026-05-01T13:00:00Z");
/// assert!(held(noon + PATIENCE) && !held(noon + PATIENCE + Duration::from_secs(1)));
/// # Ok::<(), jiff::Error>(())
/// ```
pub const PATIENCE: Duration = Duration::from_secs(60 * 60);

/// What holds a release.
///
/// ```
/// use helm_release_core::Revision;
/// use helm_release_core::hold::{Hold, hold};
/// use helm_release_core::release::Status;
///
/// let written = "2026-05-01T12:00:00Z".parse()?;
/// let newest = (Revision::FIRST, &Status::PendingInstall, Some(written));
/// let Some(hold) = hold(None, Some(newest), written) else { panic!("it was written this moment") };
/// assert_eq!(hold.to_string(), "revision 1 is pending-install since 2026-05-01T12:00:00Z");
/// assert!(matches!(hold, Hold::Pending { status: Status::PendingInstall, .. }));
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hold {
    /// A lock that has not expired.
    Locked(Box<Holder>),
    /// The newest revision's operation has begun a short while ago.
    Pending {
        /// Which revision.
        revision: Revision,
        /// What it says of itself.
        status: Status,
        /// When its record was written last, as far as that is known.
        since: Option<Timestamp>,
    },
}

impl fmt::Display for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Locked(holder) => write!(f, "it is held by {holder}"),
            Self::Pending { revision, status, since: Some(since) } => {
                write!(f, "revision {revision} is {status} since {since:.0}")
            }
            Self::Pending { revision, status, since: None } => write!(f, "revision {revision} is {status}"),
        }
    }
}

/// Whether the record of a pending operation was written long ago, or nobody knows when.
///
/// ```
/// use std::time::Duration;
/// use helm_release_core::hold::{PATIENCE, is_abandoned};
/// use jiff::Timestamp;
///
/// let written: Timestamp = "2026-05-01T12:00:00Z".parse()?;
/// assert!(!is_abandoned(Some(written), written + PATIENCE));
/// assert!(is_abandoned(Some(written), written + PATIENCE + Duration::from_secs(1)));
/// assert!(is_abandoned(None, written), "nobody can tell that it is young");
/// # Ok::<(), jiff::Error>(())
/// ```
#[must_use]
pub fn is_abandoned(last_written: Option<Timestamp>, now: Timestamp) -> bool {
    last_written.and_then(|written| written.checked_add(PATIENCE).ok()).is_none_or(|until| until < now)
}

/// Says what holds a release: its lock, or the newest revision when that has begun and not ended. Of that number, status and
/// when its record was written last are asked for.
///
/// ```
/// use helm_release_core::Revision;
/// use helm_release_core::hold::hold;
/// use helm_release_core::release::Status;
///
/// let written = Some("2026-05-01T12:00:00Z".parse()?);
/// let at = |now: &str| hold(None, Some((Revision::FIRST, &Status::PendingUpgrade, written)), now.parse().unwrap());
/// assert!(at("2026-05-01T12:10:00Z").is_some());
/// assert_eq!(at("2026-05-01T13:10:00Z"), None, "nobody is at work for so long");
/// # Ok::<(), jiff::Error>(())
/// ```
#[must_use]
pub fn hold(lock: Option<&Held>, newest: Option<(Revision, &Status, Option<Timestamp>)>, now: Timestamp) -> Option<Hold> {
    if let Some(held) = lock.filter(|held| !held.holder.is_expired(now)) {
        return Some(Hold::Locked(Box::new(held.holder.clone())));
    }
    let (revision, status, since) = newest?;
    let is_young = status.is_pending() && !is_abandoned(since, now);
    is_young.then(|| Hold::Pending { revision, status: status.clone(), since })
}

#[cfg(test)]
mod tests;
