//! Releases from files, as Helm's `HELM_MEMORY_DRIVER_DATA` has them.

use helm_release_core::codec;
use helm_release_core::manifest::read_yaml;
use helm_release_core::ports::{NewRecord, RecordKey, Storage, StorageError};
use helm_release_core::release::to_go_json;
use helm_release_core::{InvalidName, Namespace, Record, ReleaseName, Revision};
use serde_json::Value;

/// Text that is no list of releases. Texts hold no values of releases.
///
/// ```
/// use helm_release_store::storage::{MemoryDataError, MemoryStorage, load_memory_data};
///
/// # examples::run(async {
/// let refusal = async |text: &str| load_memory_data(&MemoryStorage::new(), text).await.unwrap_err();
/// assert!(matches!(refusal("[").await, MemoryDataError::Yaml(_)));
/// assert!(matches!(refusal("name: web").await, MemoryDataError::NotAList));
/// assert!(matches!(refusal("[1]").await, MemoryDataError::NotARelease { position: 1, .. }));
/// assert!(matches!(refusal("[{name: Web, version: 1}]").await, MemoryDataError::Key { .. }));
/// let twice = refusal("[{name: web, version: 1}, {name: web, version: 1}]").await;
/// assert_eq!(twice.to_string(), "release 2 of the list cannot be stored");
/// # Ok(()) });
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MemoryDataError {
    /// Not YAML (nor JSON, which is YAML).
    #[error("not YAML")]
    Yaml(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Not a list.
    #[error("not a list of releases")]
    NotAList,
    /// An entry that is no release.
    #[error("release {position} of the list is no release")]
    NotARelease {
        /// Its place in the list, from 1.
        position: usize,
        /// What is wrong with it.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A name, namespace or revision that no release can have.
    #[error("release {position} of the list has a wrong key")]
    Key {
        /// Its place in the list, from 1.
        position: usize,
        /// What is wrong with it.
        #[source]
        source: InvalidName,
    },
    /// A release that the storage did not take.
    #[error("release {position} of the list cannot be stored")]
    Storage {
        /// Its place in the list, from 1.
        position: usize,
        /// What the storage said.
        #[source]
        source: StorageError,
    },
}

/// Stores every release of a YAML or JSON list, as Helm's memory driver does: a release without a namespace is in
/// `default`, and its labels are the system labels alone.
///
/// # Errors
/// [`MemoryDataError`] for the first entry that is no release; those before it are stored.
///
/// ```
/// use helm_release_core::ports::{HeadQuery, Storage as _};
/// use helm_release_store::storage::{MemoryStorage, load_memory_data};
///
/// # examples::run(async {
/// let releases = r#"
/// - {name: web, version: 1, info: {status: superseded}}
/// - {name: web, version: 2, info: {status: deployed}, labels: {team: a}}
/// "#;
/// let storage = MemoryStorage::new();
/// load_memory_data(&storage, releases).await?;
/// let heads = storage.heads(&HeadQuery::default()).await?;
/// assert_eq!(heads[1].key.to_string(), "default/sh.helm.release.v1.web.v2");
/// assert_eq!(heads[1].status_label(), "deployed");
/// assert_eq!(heads[1].labels.get("team"), None);
/// # Ok(()) });
/// ```
pub async fn load_memory_data(storage: &dyn Storage, text: &str) -> Result<(), MemoryDataError> {
    let entries = match read_yaml(text).map_err(|error| MemoryDataError::Yaml(Box::new(error)))? {
        Value::Array(entries) => entries,
        Value::Null => return Ok(()),
        _ => return Err(MemoryDataError::NotAList),
    };
    for (index, entry) in entries.iter().enumerate() {
        let position = index + 1;
        let (key, record) = read_release(entry, position)?;
        storage.create(&key, &record).await.map_err(|source| MemoryDataError::Storage { position, source })?;
    }
    Ok(())
}

fn read_release(entry: &Value, position: usize) -> Result<(RecordKey, NewRecord), MemoryDataError> {
    let not_a_release = |source| MemoryDataError::NotARelease { position, source };
    let wrong_key = |source| MemoryDataError::Key { position, source };
    let json = to_go_json(entry).map_err(|error| not_a_release(error.into()))?;
    let record = Record::parse(json.as_bytes()).map_err(|error| not_a_release(error.into()))?;
    let key = {
        let name = record.name().map_err(|error| not_a_release(error.into()))?;
        let namespace = record.namespace().map_err(|error| not_a_release(error.into()))?;
        let revision = record.version().map_err(|error| not_a_release(error.into()))?;
        RecordKey {
            namespace: Namespace::new(if namespace.is_empty() { "default".to_owned() } else { namespace }).map_err(wrong_key)?,
            name: ReleaseName::new(name).map_err(wrong_key)?,
            revision: Revision::new(revision).ok_or_else(|| wrong_key(InvalidName::Revision(revision.to_string())))?,
        }
    };
    let status = record.info().map_err(|error| not_a_release(error.into()))?.status;
    let labels = [
        ("name", key.name.to_string()),
        ("owner", "helm".to_owned()),
        ("status", status.to_string()),
        ("version", key.revision.to_string()),
    ];
    let labels = labels.into_iter().map(|(label, value)| (label.to_owned(), value)).collect();
    Ok((key, NewRecord { payload: codec::encode(&record), labels }))
}

#[cfg(test)]
mod tests;
