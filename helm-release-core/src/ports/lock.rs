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
///
/// ```
/// use helm_release_core::ports::LockKey;
///
/// let key = LockKey { namespace: "default".parse()?, name: "shop".parse()? };
/// assert_eq!(key.to_string(), "default/shop");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
///
/// ```
/// use std::time::Duration;
///
/// use helm_release_core::ports::Holder;
///
/// let since = "2026-11-27T03:00:00Z".parse()?;
/// let holder = Holder {
///     id: "8c1f".to_owned(),
///     who: "ann@bastion".to_owned(),
///     process: 4711,
///     command: "rollback web 3".to_owned(),
///     since,
///     renewed: since,
///     lasts: Duration::from_secs(15),
/// };
/// assert_eq!(holder.to_string(), "rollback web 3 by ann@bastion (process 4711), since 2026-11-27T03:00:00Z");
/// assert_eq!(serde_json::to_value(&holder)?["seconds"], 15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    ///
    /// ```
    /// use helm_release_core::ports::Holder;
    ///
    /// let holder: Holder = serde_json::from_str(
    ///     r#"{"id": "8c1f", "who": "ann@bastion", "process": 4711, "command": "rollback web 3",
    ///         "since": "2026-11-27T03:00:00Z", "renewed": "2026-11-27T03:01:00Z", "seconds": 15}"#,
    /// )?;
    /// // It counts from the last renewal.
    /// assert_eq!(holder.expires(), "2026-11-27T03:01:15Z".parse()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn expires(&self) -> Timestamp {
        self.renewed.checked_add(self.lasts).unwrap_or(Timestamp::MAX)
    }

    /// Whether the lock has ended, by the clock of whoever asks.
    ///
    /// ```
    /// use helm_release_core::ports::Holder;
    ///
    /// # let text = r#"{"id": "8c1f", "who": "ann@bastion", "process": 4711, "command": "rollback web 3",
    /// #     "since": "2026-11-27T03:00:00Z", "renewed": "2026-11-27T03:01:00Z", "seconds": 15}"#;
    /// # let holder: Holder = serde_json::from_str(text)?;
    /// // Renewed at 03:01:00, for 15 seconds.
    /// assert!(!holder.is_expired("2026-11-27T03:01:15Z".parse()?));
    /// assert!(holder.is_expired("2026-11-27T03:01:16Z".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
///
/// ```
/// use helm_release_core::ports::{Holder, Lock as _, LockKey};
/// use helm_release_store::lock::LeaseLock;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let now = jiff::Timestamp::now();
/// # let holder = Holder {
/// #     id: "a1".to_owned(),
/// #     who: "ann@bastion".to_owned(),
/// #     process: 4711,
/// #     command: "rollback shop 2".to_owned(),
/// #     since: now,
/// #     renewed: now,
/// #     lasts: std::time::Duration::from_secs(15),
/// # };
/// # let key = LockKey { namespace: shop.namespace.clone(), name: shop.name.clone() };
/// let lock = LeaseLock::new(shop.cluster.clone());
/// let taken = lock.create(&key, &holder).await?;
/// assert_eq!((&taken.key, &taken.holder), (&key, &holder));
/// let later = Holder { renewed: holder.expires(), ..holder };
/// let renewed = lock.replace(&taken, &later).await?;
/// // It was written on condition of the one version, and has another.
/// assert_ne!(renewed.version, taken.version);
/// # Ok(()) });
/// ```
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
///
/// ```
/// use helm_release_core::ports::{Holder, Lock as _, LockError, LockKey};
/// use helm_release_store::lock::LeaseLock;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let now = jiff::Timestamp::now();
/// # let holder = Holder {
/// #     id: "a1".to_owned(),
/// #     who: "ann@bastion".to_owned(),
/// #     process: 4711,
/// #     command: "rollback shop 2".to_owned(),
/// #     since: now,
/// #     renewed: now,
/// #     lasts: std::time::Duration::from_secs(15),
/// # };
/// # let key = LockKey { namespace: shop.namespace.clone(), name: shop.name.clone() };
/// let lock = LeaseLock::new(shop.cluster.clone());
/// let held = lock.create(&key, &holder).await?;
/// let taken = lock.create(&key, &holder).await.err().ok_or("taken twice")?;
/// assert_eq!(taken.to_string(), "the lock of release default/shop is taken");
///
/// // Somebody removes the lock by hand.
/// lock.delete(&held).await?;
/// let lost = lock.replace(&held, &holder).await;
/// assert!(matches!(lost, Err(LockError::Lost { .. })));
/// # Ok(()) });
/// ```
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
///
/// ```
/// use helm_release_core::lock::{Claim, NotTaken, acquire};
/// use helm_release_core::ports::{Lock, LockKey, NoObserver};
/// use helm_release_store::clock::SystemClock;
/// use helm_release_store::lock::LeaseLock;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let lock: &dyn Lock = &LeaseLock::new(shop.cluster.clone());
/// let key = LockKey { namespace: shop.namespace.clone(), name: shop.name.clone() };
/// let first = Claim::new("8c1f", "ann@bastion", 4711, "rollback shop 2");
/// acquire(lock, &SystemClock, &NoObserver, &key, &first).await?;
/// let second = Claim::new("77d0", "bob@laptop", 99, "rollback shop 1");
/// let refused = acquire(lock, &SystemClock, &NoObserver, &key, &second).await;
/// assert!(matches!(refused, Err(NotTaken::Held(held)) if held.holder.who == "ann@bastion"));
/// # Ok(()) });
/// ```
#[async_trait]
pub trait Lock: Display + Debug + Send + Sync + 'static {
    /// Reads the lock of a release; `None` when it is free.
    ///
    /// # Errors
    /// [`LockError::Forbidden`], [`LockError::Malformed`] or [`LockError::Other`].
    ///
    /// ```
    /// use helm_release_core::ports::{Holder, Lock as _, LockKey};
    /// use helm_release_store::lock::LeaseLock;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let now = jiff::Timestamp::now();
    /// # let holder = Holder {
    /// #     id: "a1".to_owned(),
    /// #     who: "ann@bastion".to_owned(),
    /// #     process: 4711,
    /// #     command: "rollback shop 2".to_owned(),
    /// #     since: now,
    /// #     renewed: now,
    /// #     lasts: std::time::Duration::from_secs(15),
    /// # };
    /// # let key = LockKey { namespace: shop.namespace.clone(), name: shop.name.clone() };
    /// let lock = LeaseLock::new(shop.cluster.clone());
    /// assert_eq!(lock.find(&key).await?, None);
    /// let taken = lock.create(&key, &holder).await?;
    /// assert_eq!(lock.find(&key).await?, Some(taken));
    /// # Ok(()) });
    /// ```
    async fn find(&self, key: &LockKey) -> Result<Option<Held>, LockError>;

    /// Reads every lock in a namespace, or everywhere.
    ///
    /// # Errors
    /// As of [`Lock::find`]; a lock that cannot be read is left out.
    ///
    /// ```
    /// use helm_release_core::ports::{Holder, Lock as _, LockKey};
    /// use helm_release_store::lock::LeaseLock;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let now = jiff::Timestamp::now();
    /// # let holder = Holder {
    /// #     id: "a1".to_owned(),
    /// #     who: "ann@bastion".to_owned(),
    /// #     process: 4711,
    /// #     command: "rollback shop 2".to_owned(),
    /// #     since: now,
    /// #     renewed: now,
    /// #     lasts: std::time::Duration::from_secs(15),
    /// # };
    /// # let key = LockKey { namespace: shop.namespace.clone(), name: shop.name.clone() };
    /// let lock = LeaseLock::new(shop.cluster.clone());
    /// lock.create(&key, &holder).await?;
    /// let everywhere = lock.list(None).await?;
    /// let commands: Vec<&str> = everywhere.iter().map(|held| held.holder.command.as_str()).collect();
    /// assert_eq!(commands, ["rollback shop 2"]);
    /// assert_eq!(lock.list(Some(&"kube-system".parse()?)).await?, []);
    /// # Ok(()) });
    /// ```
    async fn list(&self, namespace: Option<&Namespace>) -> Result<Vec<Held>, LockError>;

    /// Takes a free lock.
    ///
    /// # Errors
    /// [`LockError::Taken`] when it is not free.
    ///
    /// # Cancellation
    /// The lock may or may not be held.
    ///
    /// ```
    /// use helm_release_core::ports::{Holder, Lock as _, LockError, LockKey};
    /// use helm_release_store::lock::LeaseLock;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let now = jiff::Timestamp::now();
    /// # let holder = Holder {
    /// #     id: "a1".to_owned(),
    /// #     who: "ann@bastion".to_owned(),
    /// #     process: 4711,
    /// #     command: "rollback shop 2".to_owned(),
    /// #     since: now,
    /// #     renewed: now,
    /// #     lasts: std::time::Duration::from_secs(15),
    /// # };
    /// # let key = LockKey { namespace: shop.namespace.clone(), name: shop.name.clone() };
    /// let lock = LeaseLock::new(shop.cluster.clone());
    /// lock.create(&key, &holder).await?;
    /// assert!(matches!(lock.create(&key, &holder).await, Err(LockError::Taken { .. })));
    /// // Each release has a lock of its own.
    /// let other = LockKey { name: "web".parse()?, ..key };
    /// assert!(lock.create(&other, &holder).await.is_ok());
    /// # Ok(()) });
    /// ```
    async fn create(&self, key: &LockKey, holder: &Holder) -> Result<Held, LockError>;

    /// Writes a holder over a lock that is still as it was read: renews it, or takes it over.
    ///
    /// # Errors
    /// [`LockError::Lost`] when it is not as it was read.
    ///
    /// # Cancellation
    /// The lock may or may not have been written.
    ///
    /// ```
    /// use helm_release_core::ports::{Holder, Lock as _, LockError, LockKey};
    /// use helm_release_store::lock::LeaseLock;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let now = jiff::Timestamp::now();
    /// # let holder = Holder {
    /// #     id: "a1".to_owned(),
    /// #     who: "ann@bastion".to_owned(),
    /// #     process: 4711,
    /// #     command: "rollback shop 2".to_owned(),
    /// #     since: now,
    /// #     renewed: now,
    /// #     lasts: std::time::Duration::from_secs(15),
    /// # };
    /// # let key = LockKey { namespace: shop.namespace.clone(), name: shop.name.clone() };
    /// let lock = LeaseLock::new(shop.cluster.clone());
    /// let held = lock.create(&key, &holder).await?;
    /// let bob = Holder { id: "77d0".to_owned(), who: "bob@laptop".to_owned(), ..holder.clone() };
    /// let taken_over = lock.replace(&held, &bob).await?;
    /// assert_eq!(taken_over.holder.who, "bob@laptop");
    /// // Ann's renewal comes too late.
    /// assert!(matches!(lock.replace(&held, &holder).await, Err(LockError::Lost { .. })));
    /// # Ok(()) });
    /// ```
    async fn replace(&self, held: &Held, holder: &Holder) -> Result<Held, LockError>;

    /// Removes a lock that is still as it was read.
    ///
    /// # Errors
    /// [`LockError::Lost`] when it is not.
    ///
    /// # Cancellation
    /// The lock may or may not have been removed.
    ///
    /// ```
    /// use helm_release_core::ports::{Holder, Lock as _, LockError, LockKey};
    /// use helm_release_store::lock::LeaseLock;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let now = jiff::Timestamp::now();
    /// # let holder = Holder {
    /// #     id: "a1".to_owned(),
    /// #     who: "ann@bastion".to_owned(),
    /// #     process: 4711,
    /// #     command: "rollback shop 2".to_owned(),
    /// #     since: now,
    /// #     renewed: now,
    /// #     lasts: std::time::Duration::from_secs(15),
    /// # };
    /// # let key = LockKey { namespace: shop.namespace.clone(), name: shop.name.clone() };
    /// let lock = LeaseLock::new(shop.cluster.clone());
    /// let taken = lock.create(&key, &holder).await?;
    /// let renewed = lock.replace(&taken, &Holder { renewed: holder.expires(), ..holder }).await?;
    /// assert!(matches!(lock.delete(&taken).await, Err(LockError::Lost { .. })));
    /// lock.delete(&renewed).await?;
    /// assert_eq!(lock.find(&key).await?, None);
    /// # Ok(()) });
    /// ```
    async fn delete(&self, held: &Held) -> Result<(), LockError>;

    /// What authorisation asks of a user who writes locks in a namespace; nothing where nobody asks.
    ///
    /// ```
    /// use helm_release_core::ports::Lock as _;
    /// use helm_release_store::lock::LeaseLock;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let rights = LeaseLock::new(shop.cluster.clone()).rights(&shop.namespace);
    /// assert_eq!(rights.create[0].to_string(), "create leases.coordination.k8s.io in namespace default");
    /// # Ok(()) });
    /// ```
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
