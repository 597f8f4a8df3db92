//! Looks at a release and compares it with the cluster. Only reads.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Autoscalers, DriftReport, Drifted, Fate, ObjectDrift, drifted, left_by, replicas};
use crate::codec::{self, DecodeOptions};
use crate::patch::Schemas;
use crate::plan::{Owner, Placed, RevisionContent, Seen, owner_of, stamp};
use crate::ports::{Cluster, Head, HeadQuery, Kinds, Location, RecordKey, Storage, StorageError, StorageExt as _};
use crate::release::Status;
use crate::survey::{SurveyError, look_at};
use crate::{Gvk, Namespace, Object, ReleaseName};

/// How many live objects are read at once.
const CONCURRENCY: usize = 16;

/// Compares what a release's current revision applied with what is live: the one that is deployed, or the latest where none is.
///
/// Of a release that was uninstalled and whose history was kept the latest is compared, and that its objects are gone is no
/// drift: [`DriftReport::status`] says why.
///
/// # Errors
/// [`SurveyError`] when there is no such release, its record cannot be read, or there is no connection. What may not be
/// read is no error: [`DriftReport::unseen`] names it.
///
/// # Cancellation
/// Nothing is left behind: nothing is written.
///
/// ```
/// use helm_release_core::drift::{Fate, look};
/// use helm_release_store::cluster::{MemoryCluster, seed};
/// use helm_release_store::storage::{MemoryStorage, load_memory_data};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let storage = MemoryStorage::new();
/// let releases = r#"
/// - name: web
///   version: 1
///   info: {status: deployed}
///   manifest: "{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {color: blue}}"
/// "#;
/// load_memory_data(&storage, releases).await?;
/// let cluster = MemoryCluster::new();
/// seed(&cluster, &storage).await?;
/// let report = look(&storage, &cluster, &"default".parse()?, &"web".parse()?).await?;
/// assert!(report.is_clean());
///
/// let report = look(&storage, &MemoryCluster::new(), &"default".parse()?, &"web".parse()?).await?;
/// assert_eq!(report.objects[0].fate, Fate::Gone);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub async fn look(
    storage: &dyn Storage,
    cluster: &dyn Cluster,
    namespace: &Namespace,
    name: &ReleaseName,
) -> Result<DriftReport, SurveyError> {
    let query = HeadQuery::release(namespace, name);
    let (heads, kinds) = futures::join!(storage.heads(&query), cluster.kinds(false));
    let (mut heads, kinds) = (heads?, kinds?);
    heads.sort_by_key(|head| head.key.revision);
    let Some(latest) = heads.last() else {
        return Err(SurveyError::ReleaseNotFound { name: name.clone(), namespace: namespace.clone() });
    };
    let is_deployed = |head: &&Head| head.status_label() == Status::Deployed.as_str();
    let deployed = heads.iter().rev().find(is_deployed).filter(|_| !latest.is_removed());
    let current = deployed.unwrap_or(latest);
    // Later revisions that were never deployed may have left something.
    let is_later = |head: &&Head| head.key.revision > current.key.revision;
    let keys: Vec<RecordKey> =
        std::iter::once(current).chain(heads.iter().filter(is_later)).map(|head| head.key.clone()).collect();
    let mut revisions = Vec::new();
    let mut unseen = Vec::new();
    for (key, stored) in keys.iter().zip(storage.get_all(&keys).await) {
        match read(stored, &kinds) {
            Ok(content) => revisions.push(content),
            Err(Unread::Storage(error)) => return Err(error.into()),
            Err(Unread::Malformed(reason)) if *key == keys[0] => {
                return Err(SurveyError::Undecodable { key: key.clone(), reason });
            }
            Err(Unread::Malformed(reason)) => unseen.push(format!("revision {}: {reason}", key.revision)),
        }
    }
    let Some((current, later)) = revisions.split_first() else {
        return Err(SurveyError::Undecodable { key: keys[0].clone(), reason: "it is gone".to_owned() });
    };
    let scene = Scene { cluster, namespace, name, kinds: &kinds, current, later };
    let objects = scene.compare(&mut unseen).await?;
    Ok(DriftReport {
        namespace: namespace.clone(),
        name: name.clone(),
        revision: current.revision(),
        status: current.info.status.clone(),
        objects,
        unseen,
    })
}

/// Why a record was not read.
enum Unread {
    Storage(StorageError),
    Malformed(String),
}

fn read(stored: Result<crate::ports::StoredRecord, StorageError>, kinds: &Kinds) -> Result<RevisionContent, Unread> {
    let stored = match stored {
        Err(StorageError::Malformed { reason, .. }) => return Err(Unread::Malformed(reason)),
        stored => stored.map_err(Unread::Storage)?,
    };
    let malformed = |error: &dyn std::fmt::Display| Unread::Malformed(error.to_string());
    let record = codec::decode(&stored.payload.0, DecodeOptions::default()).map_err(|error| malformed(&error))?;
    RevisionContent::read(stored.head, stored.payload.0.len(), record, kinds).map_err(|error| malformed(&error))
}

/// A release and what is compared in it.
struct Scene<'a> {
    cluster: &'a dyn Cluster,
    namespace: &'a Namespace,
    name: &'a ReleaseName,
    kinds: &'a Kinds,
    current: &'a RevisionContent,
    later: &'a [RevisionContent],
}

impl Scene<'_> {
    async fn compare(&self, unseen: &mut Vec<String>) -> Result<Vec<ObjectDrift>, SurveyError> {
        let all = std::iter::once(self.current).chain(self.later);
        for content in all.clone() {
            let contents = &content.contents;
            unseen.extend(contents.unreadable.iter().map(|problem| format!("revision {}: {problem}", content.revision())));
            unseen.extend(
                contents.unplaced.iter().map(|unplaced| {
                    format!("{} {}: the server does not know {}", unplaced.gvk.kind, unplaced.name, unplaced.gvk)
                }),
            );
        }
        let places: BTreeSet<Location> =
            all.flat_map(|content| &content.contents.placed).map(|placed| placed.location.clone()).collect();
        let gvks: BTreeSet<Gvk> = places.iter().map(|place| place.resource.gvk.clone()).collect();
        let gvks: Vec<Gvk> = gvks.into_iter().collect();
        let (schemas, live) = futures::join!(self.cluster.schemas(&gvks), look_at(self.cluster, places, CONCURRENCY));
        let (schemas, live) = (schemas?, live?);
        let scaled = live.iter().filter(|(_, seen)| {
            seen.object().is_some_and(|object| replicas().get(object.as_value()).is_some_and(Value::is_number))
        });
        let namespaces: BTreeSet<String> = scaled.filter_map(|(at, _)| at.namespace.clone()).collect();
        let autoscalers = Autoscalers::look(self.cluster, self.kinds, namespaces).await;
        if let Some(why) = &autoscalers.hidden {
            unseen.push(format!("autoscalers: {why}"));
        }

        let is_removed = self.current.info.status.is_removed();
        let mut found = Vec::new();
        let mut done: BTreeSet<Location> = BTreeSet::new();
        // Of an object that stands twice the last one was applied last.
        for placed in self.current.contents.placed.iter().rev() {
            let at = &placed.location;
            if !done.insert(at.clone()) {
                continue;
            }
            let applied = self.stamped(placed);
            let drift = |fate, fields| ObjectDrift { at: at.clone(), fate, fields };
            match live.get(at).unwrap_or(&Seen::Absent) {
                Seen::Hidden(why) => unseen.push(format!("{at}: {why}")),
                Seen::Absent if is_removed || removes_itself(&applied) => {}
                Seen::Absent => found.push(drift(Fate::Gone, Vec::new())),
                Seen::Live(live) if live.is_terminating() && is_removed => {}
                Seen::Live(live) if live.is_terminating() => found.push(drift(Fate::Leaving, Vec::new())),
                Seen::Live(live) => {
                    let mut fields = drifted(&schemas, &applied, live);
                    for left in self.later.iter().flat_map(|later| self.left(later, &schemas, &applied, live)) {
                        if !fields.iter().any(|field| field.path.overlaps(&left.path)) {
                            fields.push(left);
                        }
                    }
                    for field in fields.iter_mut().filter(|field| field.path == replicas() && field.left_by.is_none()) {
                        field.held_by = autoscalers.holder(at, live);
                    }
                    if !fields.is_empty() {
                        found.push(drift(Fate::Changed, fields));
                    }
                }
            }
        }
        found.reverse();
        for placed in self.later.iter().flat_map(|later| &later.contents.placed) {
            let Some(Seen::Live(object)) = live.get(&placed.location) else { continue };
            let is_ours = owner_of(object, self.name, self.namespace) == Owner::Ours;
            if is_ours && done.insert(placed.location.clone()) {
                found.push(ObjectDrift { at: placed.location.clone(), fate: Fate::Extra, fields: Vec::new() });
            }
        }
        Ok(found)
    }

    /// What a later revision left in an object.
    fn left(&self, later: &RevisionContent, schemas: &Schemas, applied: &Object, live: &Object) -> Vec<Drifted> {
        let id = live.id();
        let placed = later.contents.placed.iter().find(|placed| placed.location.is_of(&id));
        placed.map_or_else(Vec::new, |placed| left_by(schemas, applied, &self.stamped(placed), live, later.revision()))
    }

    fn stamped(&self, placed: &Placed) -> Object {
        let mut object = placed.object.unpack();
        stamp(&mut object, self.name, self.namespace);
        object
    }
}

/// Whether an object is meant to go by itself when its work is done.
fn removes_itself(object: &Object) -> bool {
    object.kind() == "Job" && object.at(&["spec", "ttlSecondsAfterFinished"]).is_some_and(Value::is_number)
}
