//! Who may work on a release: takes its lock, waits for it, takes it over when its holder is gone.
//!
//! A holder renews its lock while it works. One that was not renewed for as long as it lasts has lost its right, and another
//! operation may take it over: not by its own clock alone, which may be wrong, but when nothing was renewed while it looked on.
//!
//! ```
//! use helm_release_core::lock::{Claim, acquire};
//! use helm_release_core::ports::{Lock as _, LockKey, NoObserver};
//! use helm_release_store::clock::SystemClock;
//! use helm_release_store::lock::LeaseLock;
//!
//! # examples::run(async {
//! # let shop = examples::Shop::open().await?;
//! let lock = LeaseLock::new(shop.cluster.clone());
//! let key = LockKey { namespace: shop.namespace.clone(), name: shop.name.clone() };
//! let claim = Claim::new("4f1c", "ann@bastion", 4711, "label shop");
//! let held = acquire(&lock, &SystemClock, &NoObserver, &key, &claim).await?;
//! // Nobody else works on the release now.
//! assert_eq!(lock.find(&key).await?.as_ref(), Some(&held));
//!
//! lock.delete(&held).await?;
//! assert_eq!(lock.find(&key).await?, None);
//! # Ok(()) });
//! ```

use std::time::Duration;

use futures::FutureExt as _;
use futures::future::{Either, select};

use crate::ports::{Clock, Held, Holder, Lock, LockError, LockKey, Observer};
use crate::run::{Event, Interrupt};

/// How often a lock that somebody holds is looked at again.
const POLL: Duration = Duration::from_millis(250);
/// The holder renews that many times while its lock lasts.
const RENEWALS: u32 = 3;

/// Who wants a lock, for how long, and how long to wait for it.
///
/// ```
/// use helm_release_core::lock::{Claim, acquire};
/// use helm_release_core::ports::{LockKey, NoObserver};
/// use helm_release_store::clock::SystemClock;
/// use helm_release_store::lock::LeaseLock;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let lock = LeaseLock::new(shop.cluster.clone());
/// # let key = LockKey { namespace: shop.namespace.clone(), name: shop.name.clone() };
/// let claim = Claim::new("4f1c", "ann@bastion", 4711, "rollback shop 2");
/// let holder = acquire(&lock, &SystemClock, &NoObserver, &key, &claim).await?.holder;
/// // What others are told of the one that holds the lock.
/// assert_eq!(holder.expires(), holder.since + claim.lasts);
/// assert_eq!((holder.who, holder.command), (claim.who, claim.command));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claim {
    /// A random id, different for every operation.
    pub id: String,
    /// `user@host`.
    pub who: String,
    /// Number of the process on that host.
    pub process: u32,
    /// What it does, such as `rollback web 3`.
    pub command: String,
    /// How long the lock lasts without renewal, in whole seconds.
    pub lasts: Duration,
    /// How long to wait while somebody else holds it.
    pub patience: Duration,
    /// The lock, when it was taken already; `None` to take it.
    pub held: Option<Box<Held>>,
}

impl Claim {
    /// A claim of a lock that lasts 15 seconds, without waiting.
    ///
    /// ```
    /// use std::time::Duration;
    /// use helm_release_core::lock::Claim;
    ///
    /// let claim = Claim::new("4f1c", "ann@bastion", std::process::id(), "rollback shop 2");
    /// assert_eq!(claim.lasts, Duration::from_secs(15));
    /// assert!(claim.patience.is_zero());
    /// ```
    #[must_use]
    pub fn new(id: impl Into<String>, who: impl Into<String>, process: u32, command: impl Into<String>) -> Self {
        let (lasts, patience) = (Duration::from_secs(15), Duration::ZERO);
        Self { id: id.into(), who: who.into(), process, command: command.into(), lasts, patience, held: None }
    }

    /// Goes on with a lock that was taken already: who plans under the lock finds nothing moved when the plan is run.
    ///
    /// Nobody renews it in between. One that was lost meanwhile is taken like any other, and what was planned is looked at again.
    /// The run gives it back, also when it finds nothing to do.
    ///
    /// ```
    /// use helm_release_core::lock::{Claim, acquire};
    /// use helm_release_core::plan::RollbackOptions;
    /// use helm_release_core::ports::{LockKey, NoObserver};
    /// use helm_release_core::run::{Engine, Outcome};
    /// # use helm_release_store::{clock::SystemClock, lock::LeaseLock};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let lock = LeaseLock::new(shop.cluster.clone());
    /// # let key = LockKey { namespace: shop.namespace.clone(), name: shop.name.clone() };
    /// let claim = Claim::new("4f1c", "ann@bastion", 4711, "rollback shop 2");
    /// let held = acquire(&lock, &SystemClock, &NoObserver, &key, &claim).await?;
    /// let plan = shop.plan(&RollbackOptions::default()).await?;
    ///
    /// let engine = Engine::new(&shop.storage, &shop.cluster, &SystemClock, &NoObserver);
    /// let outcome = engine.with_lock(&lock, claim.with_held(held)).run(&plan).await?;
    /// assert_eq!(outcome, Outcome::RolledBack(plan.new_revision));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn with_held(self, held: Held) -> Self {
        Self { held: Some(Box::new(held)), ..self }
    }

    /// Waits that long while somebody else holds it.
    ///
    /// ```
    /// use std::time::Duration;
    /// use helm_release_core::lock::{Claim, acquire};
    /// use helm_release_core::ports::{Lock as _, LockKey, NoObserver};
    /// # use helm_release_store::{clock::SystemClock, lock::LeaseLock};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let lock = LeaseLock::new(shop.cluster.clone());
    /// # let key = LockKey { namespace: shop.namespace.clone(), name: shop.name.clone() };
    /// let first = Claim::new("4f1c", "ann@bastion", 4711, "rollback shop 2");
    /// let first = acquire(&lock, &SystemClock, &NoObserver, &key, &first).await?;
    ///
    /// let second = Claim::new("9b07", "bob@laptop", 815, "rollback shop 1").with_patience(Duration::from_secs(60));
    /// let (taken, _) = futures::join!(acquire(&lock, &SystemClock, &NoObserver, &key, &second), lock.delete(&first));
    /// assert_eq!(taken?.holder.who, "bob@laptop");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Lets the lock last that long without renewal, at least a second.
    ///
    /// ```
    /// use std::time::Duration;
    /// use helm_release_core::lock::Claim;
    ///
    /// let claim = Claim::new("4f1c", "ann@bastion", 4711, "rollback shop 2");
    /// let lasting = |millis| claim.clone().with_lasts(Duration::from_millis(millis)).lasts;
    /// assert_eq!(lasting(60_900), Duration::from_secs(60), "a Lease knows whole seconds");
    /// assert_eq!(lasting(0), Duration::from_secs(1));
    /// ```
    #[must_use]
    pub fn with_lasts(self, lasts: Duration) -> Self {
        Self { lasts: Duration::from_secs(lasts.as_secs().max(1)), ..self }
    }

    fn holder(&self, clock: &dyn Clock) -> Holder {
        let now = clock.now().timestamp();
        let Self { id, who, process, command, lasts, .. } = self.clone();
        Holder { id, who, process, command, since: now, renewed: now, lasts }
    }
}

/// Why a lock was not taken.
///
/// ```
/// use helm_release_core::lock::{Claim, NotTaken, acquire};
/// use helm_release_core::ports::{LockKey, NoObserver};
/// use helm_release_store::clock::SystemClock;
/// use helm_release_store::lock::LeaseLock;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let lock = LeaseLock::new(shop.cluster.clone());
/// # let key = LockKey { namespace: shop.namespace.clone(), name: shop.name.clone() };
/// # acquire(&lock, &SystemClock, &NoObserver, &key, &Claim::new("4f1c", "ann@bastion", 4711, "rollback shop 2")).await?;
/// // Ann is at work.
/// let claim = Claim::new("9b07", "bob@laptop", 815, "rollback shop 1");
/// match acquire(&lock, &SystemClock, &NoObserver, &key, &claim).await {
///     Err(NotTaken::Held(held)) => assert_eq!(held.holder.who, "ann@bastion"),
///     other => panic!("{other:?}"),
/// }
/// # Ok(()) });
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotTaken {
    /// Somebody else holds it.
    #[error("another operation holds the release: {}", .0.holder)]
    Held(Box<Held>),
    /// Somebody asked to stop while it was waited for.
    #[error("it was asked to stop")]
    Interrupted,
    /// It cannot be read or written.
    #[error(transparent)]
    Failed(#[from] LockError),
}

/// The pause between two renewals of a lock.
///
/// ```
/// use std::time::Duration;
/// use helm_release_core::lock::renewal_interval;
///
/// assert_eq!(renewal_interval(Duration::from_secs(15)), Duration::from_secs(5));
/// ```
#[must_use]
pub fn renewal_interval(lasts: Duration) -> Duration {
    lasts / RENEWALS
}

/// Takes the lock of a release, or renews the one that the claim has already ([`Claim::with_held`]).
///
/// A lock that is held is waited for as long as the claim says. One that has expired is taken over when it is still unchanged
/// after one more interval in which a live holder would have renewed it.
///
/// # Errors
/// [`NotTaken::Held`] with the holder when the patience is at its end.
///
/// # Cancellation
/// The lock may or may not be held; it expires by itself.
///
/// ```
/// use helm_release_core::lock::{Claim, acquire};
/// use helm_release_core::ports::{LockKey, NoObserver};
/// use helm_release_store::clock::SystemClock;
/// use helm_release_store::lock::LeaseLock;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let lock = LeaseLock::new(shop.cluster.clone());
/// let key = LockKey { namespace: shop.namespace.clone(), name: shop.name.clone() };
/// let take = async |id, who| {
///     let claim = Claim::new(id, who, 4711, "rollback shop 2");
///     acquire(&lock, &SystemClock, &NoObserver, &key, &claim).await
/// };
/// assert_eq!(take("4f1c", "ann@bastion").await?.key, key);
/// let refused = take("9b07", "bob@laptop").await.unwrap_err().to_string();
/// assert!(refused.starts_with("another operation holds the release: rollback shop 2 by ann@bastion (process 4711)"));
/// # Ok(()) });
/// ```
pub async fn acquire(
    lock: &dyn Lock,
    clock: &dyn Clock,
    observer: &dyn Observer,
    key: &LockKey,
    claim: &Claim,
) -> Result<Held, NotTaken> {
    if let Some(held) = claim.held.as_deref().filter(|held| held.key == *key) {
        let holder = Holder { since: held.holder.since, ..claim.holder(clock) };
        match lock.replace(held, &holder).await {
            // Somebody else may have it by now.
            Err(LockError::Lost { .. }) => {}
            result => return Ok(result?),
        }
    }
    let began = clock.elapsed();
    let mut told: Option<String> = None;
    loop {
        match lock.create(key, &claim.holder(clock)).await {
            Err(LockError::Taken { .. }) => {}
            result => return Ok(result?),
        }
        let Some(held) = lock.find(key).await? else { continue };
        if held.holder.is_expired(clock.now().timestamp()) {
            if let Some(taken) = take_over(lock, clock, &held, claim).await? {
                return Ok(taken);
            }
            continue;
        }
        if clock.elapsed().saturating_sub(began) >= claim.patience {
            return Err(NotTaken::Held(Box::new(held)));
        }
        if told.as_ref() != Some(&held.holder.id) {
            observer.event(&Event::LockAwaited { holder: held.holder.clone() });
            told = Some(held.holder.id.clone());
        }
        clock.sleep(POLL).await;
    }
}

/// [`acquire`] that ends when somebody asks to stop. A lock that was taken in that very moment is given back.
///
/// # Errors
/// As [`acquire`], and [`NotTaken::Interrupted`].
///
/// # Cancellation
/// The lock may or may not be held; it expires by itself.
///
/// ```
/// use std::time::Duration;
/// use helm_release_core::lock::{Claim, NotTaken, acquire, acquire_unless};
/// use helm_release_core::ports::{LockKey, NoObserver};
/// use helm_release_core::run::Interrupt;
/// # use helm_release_store::{clock::SystemClock, lock::LeaseLock};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let lock = LeaseLock::new(shop.cluster.clone());
/// # let key = LockKey { namespace: shop.namespace.clone(), name: shop.name.clone() };
/// acquire(&lock, &SystemClock, &NoObserver, &key, &Claim::new("4f1c", "ann@bastion", 4711, "rollback shop 2")).await?;
///
/// let bob = Claim::new("9b07", "bob@laptop", 815, "rollback shop 1").with_patience(Duration::from_secs(3600));
/// let interrupt = Interrupt::new();
/// let waiting = acquire_unless(&interrupt, &lock, &SystemClock, &NoObserver, &key, &bob);
/// let (taken, ()) = futures::join!(waiting, async { interrupt.request() });
/// assert!(matches!(taken, Err(NotTaken::Interrupted)));
/// # Ok(()) });
/// ```
pub async fn acquire_unless(
    interrupt: &Interrupt,
    lock: &dyn Lock,
    clock: &dyn Clock,
    observer: &dyn Observer,
    key: &LockKey,
    claim: &Claim,
) -> Result<Held, NotTaken> {
    let taking = acquire(lock, clock, observer, key, claim).boxed();
    match select(taking, interrupt.requested().boxed()).await {
        Either::Left((taken, _)) => taken,
        Either::Right(((), taking)) => {
            drop(taking);
            if let Ok(Some(held)) = lock.find(key).await
                && held.holder.id == claim.id
            {
                // One that cannot be given back expires.
                drop(lock.delete(&held).await);
            }
            Err(NotTaken::Interrupted)
        }
    }
}

/// Writes over an expired lock that nobody renews.
async fn take_over(lock: &dyn Lock, clock: &dyn Clock, held: &Held, claim: &Claim) -> Result<Option<Held>, LockError> {
    clock.sleep(renewal_interval(held.holder.lasts)).await;
    match lock.replace(held, &claim.holder(clock)).await {
        Ok(taken) => Ok(Some(taken)),
        Err(LockError::Lost { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
