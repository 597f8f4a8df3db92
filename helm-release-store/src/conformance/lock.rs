//! What every lock must do.
//!
//! The namespace must exist, where namespaces have to, and hold no locks of the releases `lock-…`.
//!
//! ```
//! use std::sync::Arc;
//!
//! use helm_release_store::cluster::MemoryCluster;
//! use helm_release_store::conformance::lock::run_all;
//! use helm_release_store::lock::LeaseLock;
//!
//! # examples::run(async {
//! let lock = LeaseLock::new(Arc::new(MemoryCluster::new()));
//! run_all(&lock, &"default".parse()?).await?;
//! // On a cluster the namespace must exist.
//! let deviation = run_all(&lock, &"absent".parse()?).await.unwrap_err();
//! assert!(deviation.what.starts_with("taking a free lock failed: "));
//! # Ok(()) });
//! ```

use std::time::Duration;

use helm_release_core::Namespace;
use helm_release_core::ports::{Held, Holder, Lock, LockError, LockKey};

use super::Deviation;

type Outcome = Result<(), Deviation>;

struct Bench<'a> {
    check: &'static str,
    lock: &'a dyn Lock,
    key: LockKey,
}

impl<'a> Bench<'a> {
    fn new(check: &'static str, lock: &'a dyn Lock, namespace: &Namespace, release: &str) -> Result<Self, Deviation> {
        let name = release.parse().map_err(|error| Deviation { check, what: format!("{error}") })?;
        Ok(Self { check, lock, key: LockKey { namespace: namespace.clone(), name } })
    }

    fn require(&self, holds: bool, what: &str) -> Outcome {
        if holds { Ok(()) } else { Err(Deviation { check: self.check, what: what.to_owned() }) }
    }

    fn did<T>(&self, what: &str, result: Result<T, LockError>) -> Result<T, Deviation> {
        result.map_err(|error| Deviation { check: self.check, what: format!("{what} failed: {error}") })
    }

    fn lost<T>(&self, what: &str, result: &Result<T, LockError>) -> Outcome {
        self.require(matches!(result, Err(LockError::Lost { .. })), &format!("{what} is not `Lost`"))
    }

    async fn take(&self, id: &str) -> Result<Held, Deviation> {
        self.did("taking a free lock", self.lock.create(&self.key, &holder(id)).await)
    }
}

fn holder(id: &str) -> Holder {
    let since = jiff::Timestamp::UNIX_EPOCH;
    Holder {
        id: id.to_owned(),
        who: "ann@bastion".to_owned(),
        process: 4711,
        command: "rollback web 3".to_owned(),
        since,
        renewed: since,
        lasts: Duration::from_secs(15),
    }
}

/// Checks everything.
///
/// # Errors
/// The first [`Deviation`].
///
/// ```
/// use std::sync::Arc;
///
/// use helm_release_core::ports::{ClusterErrorKind, Lock as _};
/// use helm_release_store::cluster::{Fault, FaultyCluster, MemoryCluster};
/// use helm_release_store::conformance::lock::run_all;
/// use helm_release_store::lock::LeaseLock;
///
/// # examples::run(async {
/// let cluster = Arc::new(FaultyCluster::new(MemoryCluster::new()));
/// let lock = LeaseLock::new(cluster.clone());
/// run_all(&lock, &"default".parse()?).await?;
/// // The first deviation ends it.
/// cluster.fail_next(Fault::Refuse(ClusterErrorKind::Forbidden));
/// let deviation = run_all(&lock, &"default".parse()?).await.unwrap_err();
/// assert_eq!(deviation.check, "a_free_lock_is_taken_once");
/// assert_eq!(lock.list(None).await?, []);
/// # Ok(()) });
/// ```
pub async fn run_all(lock: &dyn Lock, namespace: &Namespace) -> Result<(), Deviation> {
    a_free_lock_is_taken_once(lock, namespace).await?;
    a_holder_is_read_back_as_it_was_written(lock, namespace).await?;
    a_renewal_is_bound_to_what_was_read(lock, namespace).await?;
    a_removal_is_bound_to_what_was_read(lock, namespace).await?;
    locks_are_listed(lock, namespace).await
}

/// # Errors
/// [`Deviation`] when two may hold one lock.
///
/// ```
/// use std::sync::Arc;
///
/// use helm_release_store::cluster::{Fault, FaultyCluster, MemoryCluster};
/// use helm_release_store::conformance::lock::a_free_lock_is_taken_once;
/// use helm_release_store::lock::LeaseLock;
///
/// # examples::run(async {
/// let cluster = Arc::new(FaultyCluster::new(MemoryCluster::new()));
/// // Without an answer to the second taking nobody knows that it was refused.
/// cluster.fail_nth(2, Fault::LoseAnswer);
/// let deviation = a_free_lock_is_taken_once(&LeaseLock::new(cluster), &"default".parse()?).await.unwrap_err();
/// assert_eq!(deviation.what, "a held lock can be taken");
/// # Ok(()) });
/// ```
pub async fn a_free_lock_is_taken_once(lock: &dyn Lock, namespace: &Namespace) -> Result<(), Deviation> {
    let bench = Bench::new("a_free_lock_is_taken_once", lock, namespace, "lock-once")?;
    let held = bench.take("first").await?;
    let second = lock.create(&bench.key, &holder("second")).await;
    bench.require(matches!(second, Err(LockError::Taken { .. })), "a held lock can be taken")?;
    bench.did("releasing", lock.delete(&held).await)?;
    let again = bench.take("third").await?;
    bench.did("releasing", lock.delete(&again).await)
}

/// # Errors
/// [`Deviation`] when something of the holder is lost.
///
/// ```
/// use std::sync::Arc;
///
/// use helm_release_core::ports::{Holder, Lock as _, LockKey};
/// use helm_release_store::cluster::MemoryCluster;
/// use helm_release_store::conformance::lock::a_holder_is_read_back_as_it_was_written;
/// use helm_release_store::lock::LeaseLock;
///
/// # examples::run(async {
/// # let since = jiff::Timestamp::UNIX_EPOCH;
/// # let lasts = std::time::Duration::from_secs(15);
/// # let (id, who, command) = ("a1".to_owned(), "ann@bastion".to_owned(), "rollback web 3".to_owned());
/// # let holder = Holder { id, who, process: 4711, command, since, renewed: since, lasts };
/// let lock = LeaseLock::new(Arc::new(MemoryCluster::new()));
/// a_holder_is_read_back_as_it_was_written(&lock, &"default".parse()?).await?;
/// // It starts from a lock that is free.
/// lock.create(&LockKey { namespace: "default".parse()?, name: "lock-read".parse()? }, &holder).await?;
/// let deviation = a_holder_is_read_back_as_it_was_written(&lock, &"default".parse()?).await.unwrap_err();
/// assert_eq!(deviation.what, "a lock is there that nobody took");
/// # Ok(()) });
/// ```
pub async fn a_holder_is_read_back_as_it_was_written(lock: &dyn Lock, namespace: &Namespace) -> Result<(), Deviation> {
    let bench = Bench::new("a_holder_is_read_back_as_it_was_written", lock, namespace, "lock-read")?;
    bench.require(bench.did("reading", lock.find(&bench.key).await)?.is_none(), "a lock is there that nobody took")?;
    let held = bench.take("reader").await?;
    let read = bench.did("reading", lock.find(&bench.key).await)?;
    bench.require(read.as_ref() == Some(&held), "what is read is not what creating returned")?;
    bench.require(held.holder == holder("reader"), "the holder is not the one that was written")?;
    bench.did("releasing", lock.delete(&held).await)?;
    bench.require(bench.did("reading", lock.find(&bench.key).await)?.is_none(), "a released lock is still there")
}

/// # Errors
/// [`Deviation`] when an old holder can write over a new one.
///
/// ```
/// use std::sync::Arc;
///
/// use helm_release_store::cluster::{Fault, FaultyCluster, MemoryCluster};
/// use helm_release_store::conformance::lock::a_renewal_is_bound_to_what_was_read;
/// use helm_release_store::lock::LeaseLock;
///
/// # examples::run(async {
/// let cluster = Arc::new(FaultyCluster::new(MemoryCluster::new()));
/// // The third write renews from a state that is gone.
/// cluster.fail_nth(3, Fault::LoseAnswer);
/// let deviation = a_renewal_is_bound_to_what_was_read(&LeaseLock::new(cluster), &"default".parse()?).await.unwrap_err();
/// assert_eq!(deviation.what, "renewing from an old state is not `Lost`");
/// # Ok(()) });
/// ```
pub async fn a_renewal_is_bound_to_what_was_read(lock: &dyn Lock, namespace: &Namespace) -> Result<(), Deviation> {
    let bench = Bench::new("a_renewal_is_bound_to_what_was_read", lock, namespace, "lock-renew")?;
    let first = bench.take("old").await?;
    let mut renewed = holder("old");
    renewed.renewed = jiff::Timestamp::UNIX_EPOCH + Duration::from_secs(5);
    let second = bench.did("renewing", lock.replace(&first, &renewed).await)?;
    bench.require(second.holder == renewed, "the renewal does not show")?;
    bench.lost("renewing from an old state", &lock.replace(&first, &renewed).await)?;
    let taken = bench.did("taking over", lock.replace(&second, &holder("new")).await)?;
    bench.lost("renewing after a takeover", &lock.replace(&second, &renewed).await)?;
    bench.did("releasing", lock.delete(&taken).await)?;
    bench.lost("renewing a lock that is gone", &lock.replace(&taken, &renewed).await)
}

/// # Errors
/// [`Deviation`] when an old holder can remove the lock of a new one.
///
/// ```
/// use std::sync::Arc;
///
/// use helm_release_core::ports::ClusterErrorKind;
/// use helm_release_store::cluster::{Fault, FaultyCluster, MemoryCluster};
/// use helm_release_store::conformance::lock::a_removal_is_bound_to_what_was_read;
/// use helm_release_store::lock::LeaseLock;
///
/// # examples::run(async {
/// let cluster = Arc::new(FaultyCluster::new(MemoryCluster::new()));
/// // The third write is the old holder's.
/// cluster.fail_nth(3, Fault::Refuse(ClusterErrorKind::Forbidden));
/// let deviation = a_removal_is_bound_to_what_was_read(&LeaseLock::new(cluster), &"default".parse()?).await.unwrap_err();
/// assert_eq!(deviation.what, "releasing after a takeover is not `Lost`");
/// # Ok(()) });
/// ```
pub async fn a_removal_is_bound_to_what_was_read(lock: &dyn Lock, namespace: &Namespace) -> Result<(), Deviation> {
    let bench = Bench::new("a_removal_is_bound_to_what_was_read", lock, namespace, "lock-remove")?;
    let first = bench.take("old").await?;
    let taken = bench.did("taking over", lock.replace(&first, &holder("new")).await)?;
    bench.lost("releasing after a takeover", &lock.delete(&first).await)?;
    bench.did("releasing", lock.delete(&taken).await)?;
    bench.lost("releasing a lock that is gone", &lock.delete(&taken).await)
}

/// # Errors
/// [`Deviation`] when a list leaves out a lock or shows one of another namespace.
///
/// ```
/// use std::sync::Arc;
///
/// use helm_release_store::cluster::MemoryCluster;
/// use helm_release_store::conformance::lock::locks_are_listed;
/// use helm_release_store::lock::LeaseLock;
///
/// # examples::run(async {
/// let lock = LeaseLock::new(Arc::new(MemoryCluster::new()));
/// locks_are_listed(&lock, &"default".parse()?).await?;
/// // The other namespace that it looks into is `kube-system`.
/// let deviation = locks_are_listed(&lock, &"kube-system".parse()?).await.unwrap_err();
/// assert_eq!(deviation.what, "a lock is listed in another namespace");
/// # Ok(()) });
/// ```
pub async fn locks_are_listed(lock: &dyn Lock, namespace: &Namespace) -> Result<(), Deviation> {
    let bench = Bench::new("locks_are_listed", lock, namespace, "lock-list")?;
    let held = bench.take("listed").await?;
    let listed = bench.did("listing", lock.list(Some(namespace)).await)?;
    bench.require(listed.contains(&held), "a held lock is not listed")?;
    let other = Namespace::new("kube-system").map_err(|error| Deviation { check: bench.check, what: error.to_string() })?;
    let elsewhere = bench.did("listing another namespace", lock.list(Some(&other)).await)?;
    bench.require(!elsewhere.contains(&held), "a lock is listed in another namespace")?;
    let everywhere = bench.did("listing everything", lock.list(None).await)?;
    bench.require(everywhere.contains(&held), "a held lock is not listed everywhere")?;
    bench.did("releasing", lock.delete(&held).await)
}
