//! The port through which one operation keeps others off a release.

use std::fmt::{self, Debug, Display};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::KeepersRights;
use super::Version;
use crate::{Namespace, ReleaseName};

/// Which release is locked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LockKey {
    /// Namespace of the release.
    pub namespace: Namespace,
    /// Its name.
    pub name: ReleaseName,
}

impl Display for LockKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

/// Who holds a lock, since when, and until when unless it is renewed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Holder {
    /// A random id, different for every operation.
    pub id: String,
    /// `user@host`.
    pub who: String,
    /// Number of the process on that host.
    pub process: u32,
    /// What it does, such as `rollback web 3`.
    pub command: String,
    /// When the lock was taken.
    pub since: Timestamp,
    /// When it was renewed last.
    pub renewed: Timestamp,
    /// For how long after that it is held, in whole seconds.
    #[serde(rename = "seconds", with = "seconds")]
    pub lasts: Duration,
}

mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(duration.as_secs())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_secs)
    }
}

impl Holder {
    /// When the lock ends unless it is renewed.
    #[must_use]
    pub fn expires(&self) -> Timestamp {
        self.renewed.checked_add(self.lasts).unwrap_or(Timestamp::MAX)
    }

    /// Whether the lock has ended, by the clock of whoever asks.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires() < now
    }
}

/// `rollback web 3 by ann@bastion (process 4711), since 2026-11-27T03:00:00Z`
impl Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { who, process, command, since, .. } = self;
        write!(f, "{command} by {who} (process {process}), since {since:.0}")
    }
}

/// A lock as it was read or written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Which release.
    pub key: LockKey,
    /// State that a conditional write expects.
    pub version: Version,
    /// Who holds it.
    pub holder: Holder,
}

/// Why a lock was not read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// A create met a lock.
    #[error("the lock of release {key} is taken")]
    Taken {
        /// Which release.
        key: LockKey,
    },
    /// A replace or delete met a lock that somebody else wrote or removed since it was read.
    #[error("the lock of release {key} was taken over or removed by somebody else")]
    Lost {
        /// Which release.
        key: LockKey,
    },
    /// The right to do it is missing.
    #[error("no right to {action}: {message}")]
    Forbidden {
        /// What was tried.
        action: String,
        /// What the server said.
        message: String,
    },
    /// What is stored is no lock of this tool.
    #[error("the lock of release {key} cannot be read: {reason}")]
    Malformed {
        /// Which release.
        key: LockKey,
        /// What is wrong with it.
        reason: String,
    },
    /// Anything else; whether a write was done is unknown.
    #[error("cannot {action}: {message}")]
    Other {
        /// What was tried.
        action: String,
        /// What came of it.
        message: String,
    },
}

/// Where locks are kept. When a lock may be taken over is [`crate::lock`]'s decision; here every write is conditional.
#[async_trait]
pub trait Lock: Display + Debug + Send + Sync + 'static {
    /// Reads the lock of a release; `None` when it is free.
    ///
    /// # Errors
    /// [`LockError::Forbidden`], [`LockError::Malformed`] or [`LockError::Other`].
    async fn find(&self, key: &LockKey) -> Result<Option<Held>, LockError>;

    /// Reads every lock in a namespace, or everywhere.
    ///
    /// # Errors
    /// As of [`Lock::find`]; a lock that cannot be read is left out.
    async fn list(&self, namespace: Option<&Namespace>) -> Result<Vec<Held>, LockError>;

    /// Takes a free lock.
    ///
    /// # Errors
    /// [`LockError::Taken`] when it is not free.
    ///
    /// # Cancellation
    /// The lock may or may not be held.
    async fn create(&self, key: &LockKey, holder: &Holder) -> Result<Held, LockError>;

    /// Writes a holder over a lock that is still as it was read: renews it, or takes it over.
    ///
    /// # Errors
    /// [`LockError::Lost`] when it is not as it was read.
    ///
    /// # Cancellation
    /// The lock may or may not have been written.
    async fn replace(&self, held: &Held, holder: &Holder) -> Result<Held, LockError>;

    /// Removes a lock that is still as it was read.
    ///
    /// # Errors
    /// [`LockError::Lost`] when it is not.
    ///
    /// # Cancellation
    /// The lock may or may not have been removed.
    async fn delete(&self, held: &Held) -> Result<(), LockError>;

    /// What authorisation asks of a user who writes locks in a namespace; nothing where nobody asks.
    fn rights(&self, namespace: &Namespace) -> KeepersRights {
        let _ = namespace;
        KeepersRights::default()
    }
}

macro_rules! forward_lock {
    ($(($($generic:tt)+) $for:ty),+) => {$(
        #[async_trait]
        impl<$($generic)+> Lock for $for {
            async fn find(&self, key: &LockKey) -> Result<Option<Held>, LockError> {
                (**self).find(key).await
            }
            async fn list(&self, namespace: Option<&Namespace>) -> Result<Vec<Held>, LockError> {
                (**self).list(namespace).await
            }
            async fn create(&self, key: &LockKey, holder: &Holder) -> Result<Held, LockError> {
                (**self).create(key, holder).await
            }
            async fn replace(&self, held: &Held, holder: &Holder) -> Result<Held, LockError> {
                (**self).replace(held, holder).await
            }
            async fn delete(&self, held: &Held) -> Result<(), LockError> {
                (**self).delete(held).await
            }
            fn rights(&self, namespace: &Namespace) -> KeepersRights {
                (**self).rights(namespace)
            }
        }
    )+};
}
forward_lock!((L: Lock + ?Sized) &'static L, (L: Lock + ?Sized) Box<L>, (L: Lock + ?Sized) Arc<L>);
