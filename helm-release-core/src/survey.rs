//! Looks at the world before a plan is made. Only reads.
//!
//! Heads come first, then the few payloads that decide, then every live object that a revision names, as many at once
//! as the options allow. What cannot be read does not end the look: it becomes a finding of the plan.
//!
//! ```
//! use helm_release_core::plan::{RollbackOptions, plan};
//! use helm_release_core::survey::{look_at_lock, survey};
//! use helm_release_store::lock::LeaseLock;
//!
//! # examples::run(async {
//! # let shop = examples::Shop::open().await?;
//! # let examples::Shop { storage, cluster, namespace, name } = &shop;
//! let (lock, options) = (LeaseLock::new(cluster.clone()), RollbackOptions::default());
//! let (seen, held) = futures::join!(
//!     survey(storage, cluster, namespace, name, &options),
//!     look_at_lock(&lock, namespace, name),
//! );
//! let seen = seen?.with_lock(held, jiff::Timestamp::now());
//! assert_eq!((seen.current.get(), seen.choice.revision.get()), (3, 2));
//! // From here on nothing more is read: a plan is a function of what was seen.
//! let plan = plan(&seen, &options);
//! assert_eq!(plan.new_revision.get(), 4);
//! # Ok(()) });
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use crate::codec::{self, CodecError, DecodeOptions, Summary};
use crate::drift::{Autoscalers, replicas};
use crate::history::{Answer, Choice, History, NoTarget, Selector};
use crate::plan::{Answers, LockSeen, Mode, RemovedApis, RevisionContent, RollbackOptions, Seen, Survey, crossed};
use crate::ports::{
    Cluster, ClusterError, Head, HeadQuery, Kinds, ListOptions, Location, Lock, LockError, LockKey, RecordKey, Storage,
    StorageError, StorageExt as _, StoredRecord,
};
use crate::release::RecordError;
use crate::{Gvk, Namespace, Object, Record, ReleaseName, Revision};

mod live;
mod surroundings;

pub(crate) use live::look_at;

/// Why there can be no plan.
///
/// ```
/// use helm_release_core::Revision;
/// use helm_release_core::history::Selector;
/// use helm_release_core::plan::RollbackOptions;
/// use helm_release_core::survey::{SurveyError, survey};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let examples::Shop { storage, cluster, namespace, name } = &shop;
/// let options = RollbackOptions::default();
/// let error = survey(storage, cluster, namespace, &"web".parse()?, &options).await.unwrap_err();
/// assert!(matches!(error, SurveyError::ReleaseNotFound { .. }));
///
/// let options = options.with_selector(Selector::Revision(Revision::new(9).unwrap()));
/// let error = survey(storage, cluster, namespace, name, &options).await.unwrap_err();
/// assert!(matches!(error, SurveyError::NoTarget(_)));
/// # Ok(()) });
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SurveyError {
    /// No record of that name.
    #[error("release \"{name}\" not found in namespace \"{namespace}\"")]
    ReleaseNotFound {
        /// The name asked for.
        name: ReleaseName,
        /// Where it was looked for.
        namespace: Namespace,
    },
    /// No revision to return to.
    #[error(transparent)]
    NoTarget(#[from] NoTarget),
    /// No revision to return to, and none that tells anything: no record of the release can be decoded.
    #[error("no record of release \"{name}\" in namespace \"{namespace}\" can be decoded: {}", each(unreadable))]
    NoneReadable {
        /// The name asked for.
        name: ReleaseName,
        /// Where the records are.
        namespace: Namespace,
        /// What is wrong with each, the newest first.
        unreadable: Vec<(Revision, String)>,
    },
    /// The record of the target cannot be decoded.
    #[error("record {key} cannot be decoded: {reason}")]
    Undecodable {
        /// Which record.
        key: RecordKey,
        /// What is wrong with it.
        reason: String,
    },
    /// The storage does not answer.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The cluster does not answer.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
}

/// Each record that cannot be read, with the reason.
fn each(unreadable: &[(Revision, String)]) -> String {
    let each = unreadable.iter().map(|(revision, reason)| format!("revision {revision}: {reason}"));
    each.collect::<Vec<_>>().join("; ")
}

/// Reads everything that a plan needs.
///
/// # Errors
/// [`SurveyError`] when there is no release, no target, or no connection.
///
/// # Cancellation
/// Nothing is left behind: nothing is written.
///
/// ```
/// use helm_release_core::plan::RollbackOptions;
/// use helm_release_core::survey::survey;
/// use helm_release_store::cluster::{MemoryCluster, seed};
/// use helm_release_store::storage::{MemoryStorage, load_memory_data};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let storage = MemoryStorage::new();
/// let releases = r#"
/// - {name: web, version: 1, info: {status: superseded, description: Install complete}}
/// - {name: web, version: 2, info: {status: deployed, description: Upgrade complete}}
/// "#;
/// load_memory_data(&storage, releases).await?;
/// let cluster = MemoryCluster::new();
/// seed(&cluster, &storage).await?;
///
/// let options = RollbackOptions::default();
/// let seen = survey(&storage, &cluster, &"default".parse()?, &"web".parse()?, &options).await?;
/// assert_eq!(seen.choice.revision.get(), 1);
/// assert_eq!(seen.choice.reason, "the newest revision before 2 that really was deployed");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub async fn survey(
    storage: &dyn Storage,
    cluster: &dyn Cluster,
    namespace: &Namespace,
    name: &ReleaseName,
    options: &RollbackOptions,
) -> Result<Survey, SurveyError> {
    let (records, kinds) = futures::join!(Records::read(storage, namespace, name, options), cluster.kinds(false));
    let (records, mut kinds) = (records?, kinds?);
    let Records { mut history, choice, baseline, decoded, unreadable } = records;
    let mut revisions = BTreeMap::new();
    for (revision, Decoded { head, payload_bytes, record }) in decoded {
        revisions.insert(revision, read(head, payload_bytes, record, &kinds, options.mode)?);
    }
    if revisions.values().any(|revision| !revision.contents.unplaced.is_empty()) {
        // A definition may have been added since discovery was remembered.
        let fresh = cluster.kinds(true).await?;
        if fresh != kinds {
            kinds = fresh;
            for (revision, content) in std::mem::take(&mut revisions) {
                revisions.insert(revision, read(content.head, content.payload_bytes, content.record, &kinds, options.mode)?);
            }
        }
    }
    let current = newest_readable(&history, &revisions)?;
    if !crossed(&revisions[&current], &revisions[&choice.revision]).is_empty() {
        read_between(storage, &mut history, &mut revisions, (choice.revision, current), &kinds, options.mode).await;
    }
    let baseline: Vec<Revision> = baseline.into_iter().filter(|revision| revisions.contains_key(revision)).collect();
    let is_relevant = |revision: &Revision| *revision == current || *revision == choice.revision || baseline.contains(revision);
    let places: BTreeSet<Location> = revisions
        .values()
        .filter(|revision| is_relevant(&revision.revision()))
        .flat_map(|revision| &revision.contents.placed)
        .map(|placed| placed.location.clone())
        .collect();
    let gvks: BTreeSet<Gvk> = places.iter().map(|place| place.resource.gvk.clone()).collect();
    let gvks: Vec<Gvk> = gvks.into_iter().collect();
    // In this order: what is asked first is under way while tables that come with the program are read.
    let (live, schemas) = futures::join!(look_at(cluster, places, options.concurrency * 2), cluster.schemas(&gvks));
    let live = live?;
    let scaled = scaled_namespaces(revisions.get(&choice.revision), &live, options);
    let (instances, autoscalers, surroundings) = futures::join!(
        count_instances(cluster, &kinds, &live),
        Autoscalers::look(cluster, &kinds, scaled),
        surroundings::look(cluster, &kinds, &live, options.concurrency)
    );
    Ok(Survey {
        namespace: namespace.clone(),
        name: name.clone(),
        history,
        choice,
        revisions,
        current,
        baseline,
        unreadable,
        kinds,
        schemas: schemas?,
        live,
        instances,
        autoscalers,
        surroundings: surroundings?,
        lock: LockSeen::NotLookedAt,
        looked: Timestamp::UNIX_EPOCH,
        answers: Answers::default(),
    })
}

/// Looks at a release's lock; one that cannot be read is seen as such.
///
/// # Cancellation
/// Nothing is left behind: nothing is written.
///
/// ```
/// use helm_release_core::plan::{LockSeen, RollbackOptions};
/// use helm_release_core::survey::look_at_lock;
/// use helm_release_store::lock::LeaseLock;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let lock = LeaseLock::new(shop.cluster.clone());
/// let seen = look_at_lock(&lock, &shop.namespace, &shop.name).await;
/// assert_eq!(seen, LockSeen::Free);
/// # Ok(()) });
/// ```
pub async fn look_at_lock(lock: &dyn Lock, namespace: &Namespace, name: &ReleaseName) -> LockSeen {
    match lock.find(&LockKey { namespace: namespace.clone(), name: name.clone() }).await {
        Ok(None) => LockSeen::Free,
        Ok(Some(held)) => LockSeen::Held(held),
        Err(error @ LockError::Forbidden { .. }) => LockSeen::Hidden(error.to_string()),
        // Whatever else is wrong shows again, and stops the run, when the lock is to be taken.
        Err(_) => LockSeen::NotLookedAt,
    }
}

/// How many revisions between the target and the current one are read for one that can be returned to without crossing a point
/// of no return.
const BETWEEN: usize = 20;

/// Reads the revisions between, the newest first: one of them may be the nearest safe one. What cannot be read is none.
async fn read_between(
    storage: &dyn Storage,
    history: &mut History,
    revisions: &mut BTreeMap<Revision, RevisionContent>,
    (target, current): (Revision, Revision),
    kinds: &Kinds,
    mode: Mode,
) {
    let between = history.heads().iter().rev().map(|head| head.key.clone());
    let between = between.filter(|key| key.revision > target && key.revision < current && !revisions.contains_key(&key.revision));
    let keys: Vec<RecordKey> = between.take(BETWEEN).collect();
    for stored in storage.get_all(&keys).await.into_iter().flatten() {
        let Ok(record) = codec::decode(&stored.payload.0, DecodeOptions::default()) else { continue };
        let Ok(summary) = summarise(&record) else { continue };
        let revision = stored.head.key.revision;
        history.learn(revision, Ok(summary));
        if let Ok(content) = read(stored.head, stored.payload.0.len(), record, kinds, mode) {
            revisions.insert(revision, content);
        }
    }
}

fn read(head: Head, payload_bytes: usize, record: Record, kinds: &Kinds, mode: Mode) -> Result<RevisionContent, SurveyError> {
    let key = head.key.clone();
    let removed = if mode == Mode::Safe { RemovedApis::Convert } else { RemovedApis::Leave };
    RevisionContent::read_with(head, payload_bytes, record, kinds, removed).map_err(|error| undecodable(key, &error.into()))
}

fn undecodable(key: RecordKey, error: &CodecError) -> SurveyError {
    SurveyError::Undecodable { key, reason: error.to_string() }
}

fn newest_readable(history: &History, revisions: &BTreeMap<Revision, RevisionContent>) -> Result<Revision, SurveyError> {
    let newest = history.heads().iter().rev().map(|head| head.key.revision).find(|revision| revisions.contains_key(revision));
    newest.ok_or(SurveyError::NoTarget(NoTarget::Empty))
}

/// A record, decoded.
struct Decoded {
    head: Head,
    payload_bytes: usize,
    record: Record,
}

/// The records that decide, read one after another as questions come up.
struct Records {
    history: History,
    choice: Choice,
    baseline: Vec<Revision>,
    decoded: BTreeMap<Revision, Decoded>,
    unreadable: Vec<(Revision, String)>,
}

impl Records {
    async fn read(
        storage: &dyn Storage,
        namespace: &Namespace,
        name: &ReleaseName,
        options: &RollbackOptions,
    ) -> Result<Self, SurveyError> {
        let heads = storage.heads(&HeadQuery::release(namespace, name)).await?;
        if heads.is_empty() {
            return Err(SurveyError::ReleaseNotFound { name: name.clone(), namespace: namespace.clone() });
        }
        let mut reader = Reader { storage, history: History::new(heads), stored: BTreeMap::new() };
        // The newest two are nearly always the current one and the target: one round trip instead of two.
        let likely: Vec<Revision> = reader.history.heads().iter().rev().take(2).map(|head| head.key.revision).collect();
        reader.learn(&likely).await?;
        let choice = loop {
            match reader.choose(options) {
                Ok(Answer::Known(choice)) => break choice,
                Ok(Answer::Needs(revisions)) => reader.learn(&revisions).await?,
                Err(none) => return Err(reader.without_target(namespace, name, options, none)),
            }
        };
        let baseline = loop {
            match reader.history.baseline() {
                Answer::Known(revisions) => break revisions,
                Answer::Needs(revisions) => reader.learn(&revisions).await?,
            }
        };
        let mut wanted: BTreeSet<Revision> = baseline.iter().copied().collect();
        wanted.insert(choice.revision);
        let unlearned: Vec<Revision> = wanted.iter().copied().filter(|revision| !reader.stored.contains_key(revision)).collect();
        reader.learn(&unlearned).await?;
        reader.finish(choice, baseline, &wanted)
    }
}

/// Reads records on demand.
struct Reader<'a> {
    storage: &'a dyn Storage,
    history: History,
    stored: BTreeMap<Revision, Result<(StoredRecord, Record), String>>,
}

fn summarise(record: &Record) -> Result<Summary, RecordError> {
    let (info, chart) = (record.info()?, record.chart()?);
    Ok(Summary { info, chart })
}

impl Reader<'_> {
    fn choose(&self, options: &RollbackOptions) -> Result<Answer<Choice>, NoTarget> {
        match (&options.selector, options.mode) {
            (Some(selector), _) => self.history.choose(selector),
            (None, Mode::Safe) => self.history.choose(&Selector::default()),
            (None, Mode::Compat) => self.history.choose_like_helm().map(Answer::Known),
        }
    }

    /// Why there is nothing to return to. Whoever names a number is told of that number alone.
    fn without_target(
        &self,
        namespace: &Namespace,
        name: &ReleaseName,
        options: &RollbackOptions,
        none: NoTarget,
    ) -> SurveyError {
        let reason = |head: &Head| {
            let reason = self.history.summary(head.key.revision)?.as_ref().err()?;
            Some((head.key.revision, reason.clone()))
        };
        let all: Option<Vec<(Revision, String)>> = self.history.heads().iter().rev().map(reason).collect();
        match all {
            Some(unreadable) if !matches!(options.selector, Some(Selector::Revision(_))) => {
                SurveyError::NoneReadable { name: name.clone(), namespace: namespace.clone(), unreadable }
            }
            _ => none.into(),
        }
    }

    async fn learn(&mut self, revisions: &[Revision]) -> Result<(), SurveyError> {
        let keys: Vec<RecordKey> =
            revisions.iter().filter_map(|revision| self.history.find(*revision)).map(|head| head.key.clone()).collect();
        for (key, stored) in keys.iter().zip(self.storage.get_all(&keys).await) {
            let decoded = match stored {
                Ok(stored) => codec::decode(&stored.payload.0, DecodeOptions::default())
                    .map_err(|error| error.to_string())
                    .and_then(|record| summarise(&record).map(|summary| (summary, record)).map_err(|error| error.to_string()))
                    .map(|(summary, record)| (summary, stored, record)),
                Err(StorageError::Malformed { reason, .. }) => Err(reason),
                Err(StorageError::NotFound { .. }) => Err("it was deleted a moment ago".to_owned()),
                Err(error) => return Err(error.into()),
            };
            let (summary, decoded) = match decoded {
                Ok((summary, stored, record)) => {
                    // Somebody may have written it since it was listed: what is planned goes by what was read.
                    self.history.refresh(&stored.head);
                    (Ok(summary), Ok((stored, record)))
                }
                Err(reason) => (Err(reason.clone()), Err(reason)),
            };
            self.history.learn(key.revision, summary);
            self.stored.insert(key.revision, decoded);
        }
        Ok(())
    }

    fn finish(mut self, choice: Choice, baseline: Vec<Revision>, wanted: &BTreeSet<Revision>) -> Result<Records, SurveyError> {
        let mut decoded = BTreeMap::new();
        let mut unreadable = Vec::new();
        for revision in wanted.iter().rev() {
            match self.stored.remove(revision) {
                Some(Ok((stored, record))) => {
                    decoded.insert(*revision, Decoded { payload_bytes: stored.payload.0.len(), head: stored.head, record });
                }
                Some(Err(reason)) if *revision == choice.revision => {
                    let head = self.history.find(*revision).ok_or(NoTarget::Empty)?;
                    return Err(SurveyError::Undecodable { key: head.key.clone(), reason });
                }
                Some(Err(reason)) => unreadable.push((*revision, reason)),
                None => {}
            }
        }
        Ok(Records { history: self.history, choice, baseline, decoded, unreadable })
    }
}

/// The namespaces of live workloads whose replicas the target sets. In compat mode nobody asks who holds them.
fn scaled_namespaces(
    target: Option<&RevisionContent>,
    live: &BTreeMap<Location, Seen>,
    options: &RollbackOptions,
) -> BTreeSet<String> {
    let placed = target.into_iter().flat_map(|target| &target.contents.placed).filter(|_| options.mode == Mode::Safe);
    let sets_replicas = |object: &Object| replicas().get(object.as_value()).is_some_and(Value::is_number);
    let scaled = placed.filter(|placed| {
        live.get(&placed.location).and_then(Seen::object).is_some_and(sets_replicas) && sets_replicas(&placed.object.unpack())
    });
    scaled.filter_map(|placed| placed.location.namespace.clone()).collect()
}

/// Counts the objects of the kinds that live definitions bring. What may not be listed counts as none.
async fn count_instances(
    cluster: &dyn Cluster,
    kinds: &Arc<Kinds>,
    live: &BTreeMap<Location, Seen>,
) -> BTreeMap<Location, usize> {
    let mut counts = BTreeMap::new();
    for (place, seen) in live {
        let Seen::Live(definition) = seen else { continue };
        if place.resource.gvk.kind != "CustomResourceDefinition" {
            continue;
        }
        let text = |path: &[&str]| definition.at(path).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (group, kind) = (text(&["spec", "group"]), text(&["spec", "names", "kind"]));
        let Some(resource) = kinds.versions(&group, &kind).next() else { continue };
        if let Ok(listing) = cluster.list(resource, &ListOptions::within(None)).await {
            counts.insert(place.clone(), listing.items.len());
        }
    }
    counts
}
