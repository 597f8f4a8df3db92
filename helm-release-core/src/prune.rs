//! Removes old revisions on request, and never one that is needed ([`crate::history::select`] decides).
//!
//! ```
//! use helm_release_core::history::PruneRules;
//! use helm_release_core::lock::Claim;
//! use helm_release_core::ports::{HeadQuery, Storage as _};
//! use helm_release_core::prune;
//! use helm_release_store::clock::SystemClock;
//! use helm_release_store::lock::LeaseLock;
//!
//! # examples::run(async {
//! # let shop = examples::Shop::open().await?;
//! let mut rules = PruneRules::default();
//! (rules.keep, rules.keep_good) = (Some(1), 0);
//! let plan = prune::plan(&shop.storage, &shop.namespace, &shop.name, &rules).await?.ok_or("no such release")?;
//!
//! let (lock, claim) = (LeaseLock::new(shop.cluster.clone()), Claim::new("4f1c", "ann@bastion", 4711, "prune shop"));
//! prune::run(&plan, &shop.storage, &lock, &SystemClock, &claim).await?;
//! // The deployed revision and the latest one are more than one, and stay.
//! let left = shop.storage.heads(&HeadQuery::release(&shop.namespace, &shop.name)).await?;
//! assert_eq!(left.iter().map(|head| head.key.revision.get()).collect::<Vec<_>>(), [2, 3]);
//! # Ok(()) });
//! ```

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::codec::{self, DecodeOptions};
use crate::history::{History, PruneRules, Selection, select};
use crate::hold::{Hold, hold};
use crate::lock::{Claim, NotTaken};
use crate::ports::{
    Clock, Head, HeadQuery, Held, Lock, LockError, LockKey, NoObserver, RecordKey, Storage, StorageError, StorageExt as _,
};
use crate::recover::last_written;
use crate::release::{Info, Status};
use crate::run::Gate;
use crate::{Namespace, ReleaseName, Revision};

/// A pruning, not begun.
///
/// ```
/// use helm_release_core::history::PruneRules;
/// use helm_release_core::ports::Storage as _;
/// use helm_release_core::prune;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let mut rules = PruneRules::default();
/// (rules.keep, rules.keep_good) = (Some(2), 0);
/// let plan = prune::plan(&shop.storage, &shop.namespace, &shop.name, &rules).await?.ok_or("no such release")?;
/// let [goes] = &plan.selection.remove[..] else { panic!("{plan:?}") };
/// assert_eq!(goes.revision.get(), 1);
/// assert_eq!(plan.bytes, shop.storage.get(&shop.key(1)?).await?.payload.0.len());
/// assert_eq!(serde_json::to_value(&plan)?["selection"]["keep"][0]["revision"], 2);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PrunePlan {
    /// The release's namespace.
    pub namespace: Namespace,
    /// The release's name.
    pub name: ReleaseName,
    /// What goes and what stays, each with its reason.
    pub selection: Selection,
    /// How many bytes of payload go.
    pub bytes: usize,
    #[serde(skip)]
    heads: Vec<Head>,
    #[serde(skip)]
    newest: Option<(Revision, Status, Option<Timestamp>)>,
}

/// Why records were not removed.
///
/// ```
/// use helm_release_core::prune::PruneError;
/// # use helm_release_core::history::PruneRules;
/// # use helm_release_core::lock::Claim;
/// # use helm_release_core::ports::{NewRecord, Storage as _, StorageError};
/// # use helm_release_core::prune;
/// # use helm_release_store::{clock::SystemClock, lock::LeaseLock};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let mut rules = PruneRules::default();
/// # (rules.keep, rules.keep_good) = (Some(2), 0);
/// # let (lock, claim) = (LeaseLock::new(shop.cluster.clone()), Claim::new("4f1c", "ann@bastion", 4711, "prune shop"));
/// let plan = prune::plan(&shop.storage, &shop.namespace, &shop.name, &rules).await?.ok_or("no such release")?;
/// // Somebody labels the record that is to go.
/// # let stored = shop.storage.get(&shop.key(1)?).await?;
/// # let mut record = NewRecord { payload: stored.payload, labels: stored.head.labels };
/// # record.labels.insert("team".to_owned(), "web".to_owned());
/// # shop.storage.replace(&stored.head.key, &stored.head.version, &record).await?;
/// match prune::run(&plan, &shop.storage, &lock, &SystemClock, &claim).await {
///     Err(PruneError::Stopped { removed, revision, source: StorageError::Conflict { .. } }) => {
///         assert_eq!((removed.len(), revision.get()), (0, 1));
///     }
///     other => panic!("{other:?}"),
/// }
/// # Ok(()) });
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PruneError {
    /// The lock was not taken, and nothing was removed: [`NotTaken::Held`] when another operation is at work.
    #[error(transparent)]
    NotTaken(#[from] NotTaken),
    /// The lock was lost half-way, and nothing was removed afterwards.
    #[error("the lock was lost")]
    LockLost {
        /// What was removed before, oldest first.
        removed: Vec<Revision>,
        /// How.
        #[source]
        source: LockError,
    },
    /// It stopped half-way; what was removed stays removed.
    #[error("cannot remove revision {revision}")]
    Stopped {
        /// What was removed before, oldest first.
        removed: Vec<Revision>,
        /// What was not.
        revision: Revision,
        /// Why; [`StorageError::Conflict`] when somebody wrote it since it was read.
        #[source]
        source: StorageError,
    },
}

/// Reads a release's records and plans what to remove; `None` when there is no such release.
///
/// # Errors
/// [`StorageError`] when the records cannot be listed or read. One that is broken is no error: it stays.
///
/// # Cancellation
/// Nothing is left behind: nothing is written.
///
/// ```
/// use helm_release_core::history::PruneRules;
/// use helm_release_core::prune;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let mut rules = PruneRules::default();
/// (rules.keep, rules.keep_good) = (Some(2), 0);
/// let plan = prune::plan(&shop.storage, &shop.namespace, &shop.name, &rules).await?.ok_or("no such release")?;
/// assert_eq!(plan.selection.remove[0].revision.get(), 1);
/// assert!(plan.selection.unmet.is_empty());
///
/// let unknown = prune::plan(&shop.storage, &shop.namespace, &"cart".parse()?, &rules).await?;
/// assert!(unknown.is_none());
/// # Ok(()) });
/// ```
pub async fn plan(
    storage: &dyn Storage,
    namespace: &Namespace,
    name: &ReleaseName,
    rules: &PruneRules,
) -> Result<Option<PrunePlan>, StorageError> {
    let heads = storage.heads(&HeadQuery::release(namespace, name)).await?;
    if heads.is_empty() {
        return Ok(None);
    }
    let keys: Vec<RecordKey> = heads.iter().map(|head| head.key.clone()).collect();
    let mut history = History::new(heads);
    let mut sizes = BTreeMap::new();
    for (key, stored) in keys.iter().zip(storage.get_all(&keys).await) {
        let summary = match stored {
            Ok(stored) => {
                // Somebody may have written it since it was listed: what is decided goes by what was read.
                history.refresh(&stored.head);
                sizes.insert(key.revision, stored.payload.0.len());
                codec::summary(&stored.payload.0, DecodeOptions::default()).map_err(|error| error.to_string())
            }
            Err(StorageError::Malformed { reason, .. }) => Err(reason),
            Err(StorageError::NotFound { .. }) => Err("it was deleted a moment ago".to_owned()),
            Err(error) => return Err(error),
        };
        history.learn(key.revision, summary);
    }
    let selection = select(&history, &sizes, rules);
    let chosen: Vec<Revision> = selection.remove.iter().map(|fate| fate.revision).collect();
    let heads = history.heads().iter().filter(|head| chosen.contains(&head.key.revision)).cloned().collect();
    let newest = history.latest().map(|head| match history.summary(head.key.revision) {
        Some(Ok(summary)) => (head.key.revision, summary.info.status.clone(), last_written(head, &summary.info)),
        _ => (head.key.revision, Status::from(head.status_label().to_owned()), last_written(head, &Info::default())),
    });
    let bytes = chosen.iter().filter_map(|revision| sizes.get(revision)).sum();
    Ok(Some(PrunePlan { namespace: namespace.clone(), name: name.clone(), selection, bytes, heads, newest }))
}

impl PrunePlan {
    /// Whether there is nothing to remove.
    ///
    /// ```
    /// use helm_release_core::history::PruneRules;
    /// use helm_release_core::prune;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let mut rules = PruneRules::default();
    /// rules.keep = Some(2);
    /// let plan = prune::plan(&shop.storage, &shop.namespace, &shop.name, &rules).await?.ok_or("no such release")?;
    /// assert!(plan.is_idle(), "revision 1 worked, and such revisions stay");
    /// (rules.keep, rules.keep_good) = (Some(2), 0);
    /// let plan = prune::plan(&shop.storage, &shop.namespace, &shop.name, &rules).await?.ok_or("no such release")?;
    /// assert!(!plan.is_idle());
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.heads.is_empty()
    }

    /// What holds the release, so that nothing must be removed now.
    ///
    /// ```
    /// use helm_release_core::history::PruneRules;
    /// use helm_release_core::prune;
    /// use helm_release_store::storage::load_memory_data;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let upgrade = r#"[{name: shop, version: 4, info: {status: pending-upgrade, last_deployed: "2026-11-27T03:00:00Z"}}]"#;
    /// load_memory_data(&shop.storage, upgrade).await?;
    /// let rules = PruneRules::default();
    /// let plan = prune::plan(&shop.storage, &shop.namespace, &shop.name, &rules).await?.ok_or("no such release")?;
    ///
    /// let hold = plan.hold(None, "2026-11-27T03:05:00Z".parse()?).ok_or("nothing holds it")?;
    /// assert_eq!(hold.to_string(), "revision 4 is pending-upgrade since 2026-11-27T03:00:00Z");
    /// assert_eq!(plan.hold(None, "2026-11-28T03:00:00Z".parse()?), None);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn hold(&self, lock: Option<&Held>, now: Timestamp) -> Option<Hold> {
        hold(lock, self.newest.as_ref().map(|(revision, status, since)| (*revision, status, *since)), now)
    }
}

/// Removes what a plan says under the release's lock, oldest first, each record only when it still is what was read.
///
/// # Errors
/// [`PruneError`] when the lock is taken, or for the first record that was not removed. One that is gone already is no error.
///
/// # Cancellation
/// What was removed stays removed.
///
/// ```
/// use helm_release_core::history::PruneRules;
/// use helm_release_core::lock::Claim;
/// use helm_release_core::{Revision, prune};
/// use helm_release_store::clock::SystemClock;
/// use helm_release_store::lock::LeaseLock;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let mut rules = PruneRules::default();
/// # (rules.keep, rules.keep_good) = (Some(2), 0);
/// let plan = prune::plan(&shop.storage, &shop.namespace, &shop.name, &rules).await?.ok_or("no such release")?;
/// let (lock, claim) = (LeaseLock::new(shop.cluster.clone()), Claim::new("4f1c", "ann@bastion", 4711, "prune shop"));
/// assert_eq!(prune::run(&plan, &shop.storage, &lock, &SystemClock, &claim).await?, [Revision::FIRST]);
/// // The same again finds the record gone.
/// assert_eq!(prune::run(&plan, &shop.storage, &lock, &SystemClock, &claim).await?, [Revision::FIRST]);
/// # Ok(()) });
/// ```
pub async fn run(
    plan: &PrunePlan,
    storage: &dyn Storage,
    lock: &dyn Lock,
    clock: &dyn Clock,
    claim: &Claim,
) -> Result<Vec<Revision>, PruneError> {
    let key = LockKey { namespace: plan.namespace.clone(), name: plan.name.clone() };
    let gate = Gate::take(clock, &NoObserver, None, lock, (&key, claim)).await?;
    let mut removed = Vec::new();
    let work = async {
        for head in &plan.heads {
            let revision = head.key.revision;
            let _ticket = gate.enter().await;
            match storage.delete(&head.key, &head.version).await {
                Ok(()) | Err(StorageError::NotFound { .. }) => removed.push(revision),
                Err(source) => return Err((revision, source)),
            }
        }
        Ok(())
    };
    let worked = gate.guard(work).await;
    // A lock that cannot be given back expires.
    let _ = gate.release().await;
    match worked {
        Ok(Ok(())) => Ok(removed),
        Ok(Err((revision, source))) => Err(PruneError::Stopped { removed, revision, source }),
        Err(_) => Err(PruneError::LockLost { removed, source: LockError::Lost { key } }),
    }
}
