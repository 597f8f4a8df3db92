//! Reads a release with everything around it. Only reads.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt as _;

use super::{Examination, ExaminedRecord};
use crate::codec::{self, DecodeOptions};
use crate::plan::{Owner, RevisionContent, owner_of};
use crate::ports::{
    Cluster, ClusterError, ClusterErrorKind, Head, HeadQuery, Journal, JournalError, Kinds, ListOptions, Location, Lock,
    LockError, LockKey, Resource, Scope, Storage, StorageError, StorageExt as _,
};
use crate::survey::look_at;
use crate::{Gvk, Namespace, Object, Record, ReleaseName};

/// Why a release could not be examined.
///
/// ```
/// use helm_release_core::fsck::{ExamineError, examine};
/// # use helm_release_store::{journal::SecretJournal, lock::LeaseLock};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
/// let found = examine(&shop.storage, &lock, &journal, &shop.cluster, &shop.namespace, &"cart".parse()?).await;
/// let Err(ExamineError::ReleaseNotFound { name, namespace }) = found else { panic!("{found:?}") };
/// assert_eq!(format!("{namespace}/{name}"), "default/cart");
/// # Ok(()) });
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExamineError {
    /// No record of that name.
    #[error("release \"{name}\" not found in namespace \"{namespace}\"")]
    ReleaseNotFound {
        /// The name asked for.
        name: ReleaseName,
        /// Where it was looked for.
        namespace: Namespace,
    },
    /// The storage does not answer.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The cluster does not answer.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// The locks cannot be read.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The journal cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// Where a release is looked at.
///
/// ```
/// use helm_release_core::fsck::{Ports, examine_listed};
/// use helm_release_core::ports::{HeadQuery, Storage as _};
/// use helm_release_store::journal::SecretJournal;
/// use helm_release_store::lock::LeaseLock;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
/// let ports = Ports { storage: &shop.storage, lock: &lock, journal: &journal, cluster: &shop.cluster };
///
/// let heads = ports.storage.heads(&HeadQuery::all(None)).await?;
/// let found = examine_listed(ports, &heads, &shop.namespace, &shop.name).await?.ok_or("no such release")?;
/// assert_eq!(found.records.len(), 3);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Ports<'a> {
    /// The records.
    pub storage: &'a dyn Storage,
    /// The locks.
    pub lock: &'a dyn Lock,
    /// Journals and backups.
    pub journal: &'a dyn Journal,
    /// The live objects.
    pub cluster: &'a dyn Cluster,
}

/// Kinds in which orphans are looked for beside those that the revisions use.
const USUAL_KINDS: [(&str, &str); 18] = [
    ("v1", "ConfigMap"),
    ("v1", "Secret"),
    ("v1", "Service"),
    ("v1", "ServiceAccount"),
    ("v1", "PersistentVolumeClaim"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "StatefulSet"),
    ("apps/v1", "DaemonSet"),
    ("batch/v1", "Job"),
    ("batch/v1", "CronJob"),
    ("networking.k8s.io/v1", "Ingress"),
    ("networking.k8s.io/v1", "NetworkPolicy"),
    ("policy/v1", "PodDisruptionBudget"),
    ("autoscaling/v2", "HorizontalPodAutoscaler"),
    ("rbac.authorization.k8s.io/v1", "Role"),
    ("rbac.authorization.k8s.io/v1", "RoleBinding"),
    ("rbac.authorization.k8s.io/v1", "ClusterRole"),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
];

/// How many requests are under way at once.
const CONCURRENCY: usize = 8;

/// The releases that records of a namespace, or of all, speak of, by object name or by label.
///
/// ```
/// use helm_release_core::fsck::releases;
/// use helm_release_core::ports::{HeadQuery, Storage as _};
/// use helm_release_store::storage::{MemoryStorage, load_memory_data};
///
/// # examples::run(async {
/// let storage = MemoryStorage::new();
/// let data = "
/// - {name: shop, version: 1, info: {status: superseded}}
/// - {name: shop, version: 2, info: {status: deployed}}
/// - {name: cart, namespace: staging, version: 1, info: {status: deployed}}
/// ";
/// load_memory_data(&storage, data).await?;
/// let releases = releases(&storage.heads(&HeadQuery::all(None)).await?);
/// let names: Vec<String> = releases.iter().map(|(namespace, name)| format!("{namespace}/{name}")).collect();
/// assert_eq!(names, ["default/shop", "staging/cart"]);
/// # Ok(()) });
/// ```
#[must_use]
pub fn releases(heads: &[Head]) -> BTreeSet<(Namespace, ReleaseName)> {
    let named = |head: &Head| {
        let labelled = head.labels.get("name").and_then(|name| name.parse::<ReleaseName>().ok());
        [Some(head.key.name.clone()), labelled]
            .into_iter()
            .flatten()
            .map(|name| (head.key.namespace.clone(), name))
            .collect::<Vec<_>>()
    };
    heads.iter().flat_map(named).collect()
}

/// Reads a release with everything around it.
///
/// # Errors
/// [`ExamineError`] when there is no such release, or no connection. A missing right to look around the records is no
/// error: [`Examination::unseen`] names what was not seen.
///
/// # Cancellation
/// Nothing is left behind: nothing is written.
///
/// ```
/// use helm_release_core::fsck::examine;
/// use helm_release_store::journal::SecretJournal;
/// use helm_release_store::lock::LeaseLock;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
/// let found = examine(&shop.storage, &lock, &journal, &shop.cluster, &shop.namespace, &shop.name).await?;
/// assert!(found.is_good("2".parse()?));
/// assert!(found.unseen.is_empty(), "{:?}", found.unseen);
/// # Ok(()) });
/// ```
pub async fn examine(
    storage: &dyn Storage,
    lock: &dyn Lock,
    journal: &dyn Journal,
    cluster: &dyn Cluster,
    namespace: &Namespace,
    name: &ReleaseName,
) -> Result<Examination, ExamineError> {
    // By labels and by object names: each alone would miss what the other says.
    let heads = storage.heads(&HeadQuery::all(Some(namespace.clone()))).await?;
    let examined = examine_listed(Ports { storage, lock, journal, cluster }, &heads, namespace, name).await?;
    examined.ok_or_else(|| ExamineError::ReleaseNotFound { name: name.clone(), namespace: namespace.clone() })
}

/// Does the same for one of several releases whose heads are listed already; `None` when no record is the release's.
///
/// # Errors
/// As of [`examine`].
///
/// # Cancellation
/// Nothing is left behind: nothing is written.
///
/// ```
/// use helm_release_core::fsck::{Ports, check, examine_listed, releases};
/// use helm_release_core::ports::{HeadQuery, Storage as _};
/// # use helm_release_store::{journal::SecretJournal, lock::LeaseLock};
/// # use helm_release_store::storage::load_memory_data;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
/// # load_memory_data(&shop.storage, "[{name: cart, version: 1, info: {status: deployed}}]").await?;
/// # let ports = Ports { storage: &shop.storage, lock: &lock, journal: &journal, cluster: &shop.cluster };
/// let now = "2026-11-27T03:00:00Z".parse()?;
/// let heads = shop.storage.heads(&HeadQuery::all(None)).await?;
/// let mut sound = Vec::new();
/// for (namespace, name) in releases(&heads) {
///     let Some(found) = examine_listed(ports, &heads, &namespace, &name).await? else { continue };
///     if check(&found, now).is_empty() {
///         sound.push(name.to_string());
///     }
/// }
/// assert_eq!(sound, ["cart", "shop"]);
/// # Ok(()) });
/// ```
pub async fn examine_listed(
    ports: Ports<'_>,
    heads: &[Head],
    namespace: &Namespace,
    name: &ReleaseName,
) -> Result<Option<Examination>, ExamineError> {
    let Ports { storage, lock, journal, cluster } = ports;
    let speaks_of_it = |head: &&Head| {
        head.key.namespace == *namespace
            && (head.key.name == *name || head.labels.get("name").is_some_and(|label| label == name.as_str()))
    };
    let heads: Vec<Head> = heads.iter().filter(speaks_of_it).cloned().collect();
    let lock_key = LockKey { namespace: namespace.clone(), name: name.clone() };
    let (stored, kinds, held, notes) = futures::join!(
        read_records(storage, &heads),
        cluster.kinds(false),
        lock.find(&lock_key),
        journal.list(Some(namespace), Some(name))
    );
    let (mut raw, mut kinds) = (stored?, kinds?);
    raw.retain(|raw| raw.is_of(name));
    if raw.is_empty() {
        return Ok(None);
    }
    let mut records: Vec<ExaminedRecord> = raw.iter().map(|raw| raw.examined(&kinds)).collect();
    let is_unplaced =
        |record: &ExaminedRecord| record.content.as_ref().is_ok_and(|content| !content.contents.unplaced.is_empty());
    if records.iter().any(is_unplaced) {
        // A definition may have been added since discovery was remembered.
        let fresh = cluster.kinds(true).await?;
        if fresh != kinds {
            kinds = fresh;
            records = raw.iter().map(|raw| raw.examined(&kinds)).collect();
        }
    }
    let mut found = Examination::of_records(namespace.clone(), name.clone(), records, kinds);
    match held {
        Ok(held) => found.lock = held,
        Err(LockError::Forbidden { action, .. }) => found.unseen.push(format!("the lock: no right to {action}")),
        Err(LockError::Malformed { reason, .. }) => found.unseen.push(format!("the lock: {reason}")),
        Err(error) => return Err(error.into()),
    }
    match notes {
        Ok(notes) => found.notes = notes,
        Err(JournalError::Forbidden { action, .. }) => found.unseen.push(format!("journals: no right to {action}")),
        Err(error) => return Err(error.into()),
    }
    look_around(cluster, &mut found).await?;
    Ok(Some(found))
}

/// A record before its objects are placed on the server's kinds.
struct Raw {
    head: Head,
    payload: Option<crate::ports::Payload>,
    record: Result<Record, String>,
}

impl Raw {
    /// Whether it is that release's: of names that differ the payload decides between object and label.
    fn is_of(&self, name: &ReleaseName) -> bool {
        let (object, label) = (self.head.key.name.as_str(), self.head.labels.get("name").map(String::as_str));
        let said = self.record.as_ref().ok().and_then(|record| record.name().ok()).unwrap_or_default();
        let owner = if label == Some(said.as_str()) { said.as_str() } else { object };
        owner == name.as_str()
    }

    fn examined(&self, kinds: &Kinds) -> ExaminedRecord {
        let bytes = self.payload.as_ref().map_or(0, |payload| payload.0.len());
        let content = self
            .record
            .clone()
            .and_then(|record| RevisionContent::read(self.head.clone(), bytes, record, kinds).map_err(|error| error.to_string()));
        ExaminedRecord { head: self.head.clone(), payload: self.payload.clone(), content }
    }
}

async fn read_records(storage: &dyn Storage, heads: &[Head]) -> Result<Vec<Raw>, StorageError> {
    let keys: Vec<_> = heads.iter().map(|head| head.key.clone()).collect();
    let mut records = Vec::new();
    for (head, stored) in heads.iter().zip(storage.get_all(&keys).await) {
        records.push(match stored {
            Ok(stored) => {
                let record = codec::decode(&stored.payload.0, DecodeOptions::default()).map_err(|error| error.to_string());
                Raw { head: stored.head, payload: Some(stored.payload), record }
            }
            Err(StorageError::Malformed { reason, .. }) => Raw { head: head.clone(), payload: None, record: Err(reason) },
            // It went between list and read, as a history limit of another operation has it.
            Err(StorageError::NotFound { .. }) => continue,
            Err(error) => return Err(error),
        });
    }
    Ok(records)
}

/// Looks at live objects: those of hooks, those of the manifests where no revision is deployed, and those that nobody names.
async fn look_around(cluster: &dyn Cluster, found: &mut Examination) -> Result<(), ClusterError> {
    let hooks = found.readable().flat_map(|revision| &revision.hooks).flat_map(|hook| &hook.contents.placed);
    let mut places: BTreeSet<Location> = hooks.map(|placed| placed.location.clone()).collect();
    if found.deployed().next().is_none() {
        let good = found.readable().filter(|revision| found.is_good(revision.revision()));
        places.extend(good.flat_map(|revision| &revision.contents.placed).map(|placed| placed.location.clone()));
    }
    let gvks: Vec<Gvk> = places.iter().map(|place| place.resource.gvk.clone()).collect::<BTreeSet<_>>().into_iter().collect();
    let (schemas, live, owned, misnamed) = futures::join!(
        cluster.schemas(&gvks),
        look_at(cluster, places, CONCURRENCY),
        owned_objects(cluster, found),
        misnamed_records(cluster, found)
    );
    (found.schemas, found.live) = (schemas?, live?);
    let (owned, unseen) = owned?;
    found.owned = owned;
    found.unseen.extend(unseen);
    found.misnamed = misnamed?;
    Ok(())
}

/// One version of each kind that the revisions use, and of the usual ones.
fn kinds_to_list(found: &Examination) -> Vec<Resource> {
    let placed = found.readable().flat_map(|revision| &revision.contents.placed).map(|placed| &placed.location.resource);
    let usual = USUAL_KINDS.iter().filter_map(|(version, kind)| found.kinds.find(&Gvk::new(version, kind)));
    let mut by_kind: BTreeMap<(&str, &str), &Resource> = BTreeMap::new();
    for resource in placed.chain(usual) {
        by_kind.entry((&resource.gvk.group, &resource.gvk.kind)).or_insert(resource);
    }
    by_kind.into_values().cloned().collect()
}

async fn owned_objects(
    cluster: &dyn Cluster,
    found: &Examination,
) -> Result<(Vec<(Location, Object)>, Vec<String>), ClusterError> {
    let placed = found.readable().flat_map(|revision| &revision.contents.placed);
    let mut namespaces: BTreeSet<String> = placed.filter_map(|placed| placed.location.namespace.clone()).collect();
    namespaces.insert(found.namespace.to_string());
    let lists = kinds_to_list(found).into_iter().flat_map(|resource| {
        let within: Vec<Option<String>> = match resource.scope {
            Scope::Namespaced => namespaces.iter().cloned().map(Some).collect(),
            Scope::Cluster => vec![None],
        };
        within.into_iter().map(move |namespace| (resource.clone(), namespace))
    });
    let lists: Vec<(Resource, Option<String>)> = lists.collect();
    let listed = futures::stream::iter(lists).map(|(resource, namespace)| async move {
        let options = ListOptions::within(namespace.as_deref()).with_labels("app.kubernetes.io/managed-by=Helm");
        let listing = cluster.list(&resource, &options).await;
        (resource, listing)
    });
    let listed: Vec<_> = listed.buffered(CONCURRENCY).collect().await;
    let (mut owned, mut forbidden) = (Vec::new(), BTreeSet::new());
    for (resource, listing) in listed {
        match listing {
            Ok(listing) => owned.extend(
                listing
                    .items
                    .into_iter()
                    .filter(|object| owner_of(object, &found.name, &found.namespace) == Owner::Ours)
                    .map(|object| (resource.locate(&object, found.namespace.as_str()), object)),
            ),
            Err(error) => match error.kind {
                ClusterErrorKind::Forbidden | ClusterErrorKind::NotFound => drop(forbidden.insert(resource.plural)),
                _ => return Err(error),
            },
        }
    }
    let forbidden: Vec<String> = forbidden.into_iter().collect();
    let unseen = (!forbidden.is_empty()).then(|| format!("orphans: {} may not be listed", forbidden.join(", ")));
    Ok((owned, unseen.into_iter().collect()))
}

/// Objects that carry the labels of a record of this release, and a name that no record has: Helm finds records by
/// labels and lists them, but reads and writes them by name.
async fn misnamed_records(cluster: &dyn Cluster, found: &Examination) -> Result<Vec<String>, ClusterError> {
    let known: Vec<String> = found.records.iter().map(|record| record.key().object_name()).collect();
    // The server leaves out what is known, so that no payload travels twice.
    let fields: Vec<String> = known.iter().map(|name| format!("metadata.name!={name}")).collect();
    let mut misnamed = Vec::new();
    for kind in ["Secret", "ConfigMap"] {
        let Some(resource) = found.kinds.find(&Gvk::new("v1", kind)) else { continue };
        let options = ListOptions::within(Some(found.namespace.as_str()))
            .with_labels(format!("owner=helm,name={}", found.name))
            .with_fields(fields.join(","));
        let items = match cluster.list(resource, &options).await {
            Ok(listing) => listing.items,
            Err(error) if error.kind == ClusterErrorKind::Forbidden => continue,
            Err(error) => return Err(error),
        };
        let is_record = |object: &Object| {
            object.at(&["data", "release"]).is_some()
                && crate::ports::RecordKey::from_object_name(&found.namespace, object.name()).is_none()
        };
        misnamed.extend(items.iter().filter(|object| is_record(object)).map(|object| format!("{kind} {}", object.name())));
    }
    Ok(misnamed)
}
