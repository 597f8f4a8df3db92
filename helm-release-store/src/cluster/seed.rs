//! Fills a cluster in memory with what records say should be running.

use std::collections::{BTreeMap, BTreeSet};

use helm_release_core::codec::{self, DecodeOptions};
use helm_release_core::plan::{Contents, FIELD_MANAGER, stamp};
use helm_release_core::ports::{
    Cluster as _, ClusterError, ClusterErrorKind, Conflicts, DryRun, Head, HeadQuery, RecordKey, Request, Storage, StorageError,
    Validation,
};
use helm_release_core::release::{ApplyMethod, Status};
use helm_release_core::{Namespace, Object, Record, ReleaseName};
use serde_json::json;

use super::MemoryCluster;

/// Why a cluster could not be filled.
///
/// ```
/// use helm_release_store::cluster::{MemoryCluster, SeedError, seed};
/// use helm_release_store::storage::{Fault, FaultyStorage, MemoryStorage};
///
/// # examples::run(async {
/// let dead = FaultyStorage::new(MemoryStorage::new(), Fault::Die, 0);
/// let error = seed(&MemoryCluster::new(), &dead).await.unwrap_err();
/// assert!(matches!(error, SeedError::Storage(_)));
/// assert_eq!(error.to_string(), "cannot read records");
/// # Ok(()) });
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SeedError {
    /// The records cannot be read.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// An object cannot be made.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// A built-in object that this crate writes is none.
    #[error("cannot make namespace {0:?}")]
    Namespace(String),
}

/// What a cluster was filled with.
///
/// ```
/// use helm_release_store::cluster::{MemoryCluster, seed};
/// use helm_release_store::storage::{MemoryStorage, load_memory_data};
///
/// # examples::run(async {
/// let storage = MemoryStorage::new();
/// let releases = r#"
/// - name: web
///   version: 1
///   info: {status: deployed}
///   manifest: |
///     {apiVersion: v1, kind: ConfigMap, metadata: {name: web}}
///     ---
///     {apiVersion: v1, kind: Service, metadata: {name: Web}, spec: {ports: [{port: 80}]}}
/// "#;
/// load_memory_data(&storage, releases).await?;
/// let seeded = seed(&MemoryCluster::new(), &storage).await?;
/// assert_eq!((seeded.objects, seeded.left_out.len()), (1, 1));
/// assert!(seeded.left_out[0].starts_with("release default/web: Service default/Web is left out: "));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Seeded {
    /// How many objects were made.
    pub objects: usize,
    /// What was left out, and why, one sentence each.
    pub left_out: Vec<String>,
}

/// Makes the objects of the newest deployed revision of every release, as its install or upgrade would have left them.
///
/// Records that cannot be decoded, kinds that the cluster does not know and objects that it refuses are left out and named.
///
/// # Errors
/// [`SeedError`] when the records cannot be listed or read.
///
/// ```
/// use helm_release_store::cluster::{MemoryCluster, seed};
/// use helm_release_store::storage::{MemoryStorage, load_memory_data};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let storage = MemoryStorage::new();
/// let releases = r#"
/// - name: web
///   version: 1
///   info: {status: deployed}
///   manifest: |
///     {apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {color: blue}}
///     ---
///     {apiVersion: example.com/v1, kind: Widget, metadata: {name: web}}
/// "#;
/// load_memory_data(&storage, releases).await?;
/// let seeded = seed(&MemoryCluster::new(), &storage).await?;
/// assert_eq!(seeded.objects, 1);
/// assert!(seeded.left_out[0].contains("the cluster does not know example.com/v1 Widget"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub async fn seed(cluster: &MemoryCluster, storage: &dyn Storage) -> Result<Seeded, SeedError> {
    let heads = storage.heads(&HeadQuery::all(None)).await?;
    let namespaces: BTreeSet<Namespace> = heads.iter().map(|head| head.key.namespace.clone()).collect();
    for namespace in &namespaces {
        make_namespace(cluster, namespace)?;
    }
    let mut newest: BTreeMap<(Namespace, ReleaseName), Head> = BTreeMap::new();
    for head in heads.into_iter().filter(|head| head.status_label() == Status::Deployed.as_str()) {
        let slot = (head.key.namespace.clone(), head.key.name.clone());
        if newest.get(&slot).is_none_or(|known| known.key.revision < head.key.revision) {
            newest.insert(slot, head);
        }
    }
    let mut seeded = Seeded::default();
    for head in newest.values() {
        seed_record(cluster, storage, &head.key, (Existing::Leave, &mut seeded)).await?;
    }
    Ok(seeded)
}

/// Makes the objects of one revision, over those that are there: what a failed upgrade left behind, for example.
///
/// Those of a revision that was applied by the server are applied over what is there; of any other they take its place.
///
/// # Errors
/// [`SeedError`] when the record cannot be read.
///
/// ```
/// use helm_release_store::cluster::{MemoryCluster, seed, seed_revision};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let storage = &shop.storage;
/// let cluster = MemoryCluster::new();
/// seed(&cluster, storage).await?;
/// // Revision 3 failed half-way: its objects are there, and revision 2 is still the deployed one.
/// let seeded = seed_revision(&cluster, storage, &shop.key(3)?).await?;
/// assert_eq!(seeded.objects, 5);
/// # Ok(()) });
/// ```
pub async fn seed_revision(cluster: &MemoryCluster, storage: &dyn Storage, key: &RecordKey) -> Result<Seeded, SeedError> {
    make_namespace(cluster, &key.namespace)?;
    let mut seeded = Seeded::default();
    seed_record(cluster, storage, key, (Existing::Replace, &mut seeded)).await?;
    Ok(seeded)
}

/// What becomes of an object that is there already, when one is to be made in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Existing {
    /// It stays: it may be another release's.
    Leave,
    Replace,
}

async fn seed_record(
    cluster: &MemoryCluster,
    storage: &dyn Storage,
    key: &RecordKey,
    (existing, seeded): (Existing, &mut Seeded),
) -> Result<(), SeedError> {
    match codec::decode(&storage.get(key).await?.payload.0, DecodeOptions::default()) {
        Ok(record) => seed_release(cluster, key, &record, (existing, seeded)).await?,
        Err(error) => seeded.left_out.push(format!("record {key} is left out: {error}")),
    }
    Ok(())
}

fn make_namespace(cluster: &MemoryCluster, namespace: &Namespace) -> Result<(), SeedError> {
    let object = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": namespace } });
    let object = Object::new(object).map_err(|_| SeedError::Namespace(namespace.to_string()))?;
    match cluster.insert(&object, "", "kubectl") {
        Err(error) if error.kind != ClusterErrorKind::AlreadyExists => Err(error.into()),
        _ => Ok(()),
    }
}

async fn seed_release(
    cluster: &MemoryCluster,
    key: &RecordKey,
    record: &Record,
    (existing, seeded): (Existing, &mut Seeded),
) -> Result<(), SeedError> {
    let (name, namespace) = (&key.name, &key.namespace);
    let left_out = |what: String, why: String| format!("release {namespace}/{name}: {what} is left out: {why}");
    let (manifest, method) = match (record.manifest(), record.apply_method()) {
        (Ok(manifest), Ok(method)) => (manifest, method),
        (Err(error), _) | (_, Err(error)) => {
            seeded.left_out.push(left_out("the whole release".to_owned(), error.to_string()));
            return Ok(());
        }
    };
    let contents = Contents::read(&manifest, cluster.kinds(false).await?.as_ref(), namespace);
    seeded.left_out.extend(contents.unreadable.iter().map(|problem| left_out("a document".to_owned(), problem.clone())));
    for unplaced in &contents.unplaced {
        seeded.left_out.push(left_out(
            format!("{} {}", unplaced.gvk.kind, unplaced.name),
            format!("the cluster does not know {}", unplaced.gvk),
        ));
    }
    for placed in contents.placed {
        let mut object = placed.object.unpack();
        stamp(&mut object, name, namespace);
        let (at, manager) = (placed.location, FIELD_MANAGER.to_owned());
        let what = at.to_string();
        let request = match method {
            ApplyMethod::Ssa => {
                Request::Apply { at, object, manager, conflicts: Conflicts::Force, validation: Validation::Ignore }
            }
            ApplyMethod::Csa => Request::Create { at, object, manager, validation: Validation::Ignore },
        };
        let written = match cluster.write(&request, DryRun::No).await {
            Err(error) if error.kind == ClusterErrorKind::AlreadyExists && existing == Existing::Replace => {
                take_place(cluster, request).await
            }
            written => written,
        };
        match written {
            Ok(_) => seeded.objects += 1,
            Err(error) => seeded.left_out.push(left_out(what, error.message)),
        }
    }
    Ok(())
}

/// Puts an object that was to be made over the one that is there.
async fn take_place(cluster: &MemoryCluster, request: Request) -> Result<Option<Object>, ClusterError> {
    let Request::Create { at, mut object, manager, validation } = request else { return Ok(None) };
    if let Some(version) = cluster.get(&at).await?.resource_version() {
        object.metadata_mut().insert("resourceVersion".to_owned(), json!(version));
    }
    cluster.write(&Request::Replace { at, object, manager, validation }, DryRun::No).await
}

#[cfg(test)]
mod tests;
