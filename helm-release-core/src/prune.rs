//! Removes old revisions on request, and never one that is needed ([`crate::history::select`] decides).

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
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.heads.is_empty()
    }

    /// What holds the release, so that nothing must be removed now.
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
