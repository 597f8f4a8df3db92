//! Records in memory.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use helm_release_core::ports::{Head, HeadQuery, NewRecord, Payload, RecordKey, Storage, StorageError, StoredRecord, Version};

use super::{MAX_PAYLOAD, replacing_labels};
use crate::selector::Selector;

/// Records in memory, with the meaning that they have in a cluster: versions, conflicts, labels, the size limit.
///
/// ```
/// use helm_release_core::ports::{HeadQuery, Storage as _};
/// use helm_release_core::{Namespace, ReleaseName};
/// use helm_release_store::storage::{MemoryStorage, load_memory_data};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let storage = MemoryStorage::new();
/// load_memory_data(&storage, "- {name: web, namespace: shop, version: 1, info: {status: deployed}}").await?;
/// let heads = storage.heads(&HeadQuery::release(&Namespace::new("shop")?, &ReleaseName::new("web")?)).await?;
/// assert_eq!(heads[0].status_label(), "deployed");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Default)]
pub struct MemoryStorage {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    records: BTreeMap<RecordKey, Record>,
    writes: u64,
}

struct Record {
    version: u64,
    labels: BTreeMap<String, String>,
    payload: Payload,
}

impl MemoryStorage {
    /// A storage without records.
    ///
    /// ```
    /// use helm_release_core::ports::{HeadQuery, NewRecord, Payload, RecordKey, Storage as _};
    /// use helm_release_store::storage::MemoryStorage;
    ///
    /// # examples::run(async {
    /// let storage = MemoryStorage::new();
    /// assert!(storage.heads(&HeadQuery::default()).await?.is_empty());
    /// let key = RecordKey { namespace: "shop".parse()?, name: "web".parse()?, revision: "1".parse()? };
    /// let labels = [("owner", "helm"), ("name", "web"), ("status", "deployed"), ("version", "1")];
    /// let labels = labels.map(|(label, value)| (label.to_owned(), value.to_owned())).into();
    /// storage.create(&key, &NewRecord { payload: Payload(b"a record".to_vec()), labels }).await?;
    /// assert_eq!(storage.heads(&HeadQuery::default()).await?[0].key, key);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Record {
    fn head(&self, key: &RecordKey) -> Head {
        Head { key: key.clone(), version: Version(self.version.to_string()), labels: self.labels.clone() }
    }
}

impl State {
    /// The next version; versions count all writes, as a cluster's do.
    fn next_version(&mut self) -> u64 {
        self.writes += 1;
        self.writes
    }

    /// The record, when it still has the expected version.
    fn expect(&mut self, key: &RecordKey, expected: &Version) -> Result<&mut Record, StorageError> {
        match self.records.get_mut(key) {
            None => Err(StorageError::NotFound { key: key.clone() }),
            Some(record) if record.version.to_string() != expected.0 => Err(StorageError::Conflict { key: key.clone() }),
            Some(record) => Ok(record),
        }
    }
}

fn check_size(key: &RecordKey, record: &NewRecord) -> Result<(), StorageError> {
    let size = record.payload.0.len();
    if size > MAX_PAYLOAD {
        return Err(StorageError::TooLarge { key: key.clone(), size, limit: MAX_PAYLOAD });
    }
    Ok(())
}

#[async_trait]
impl Storage for MemoryStorage {
    async fn heads(&self, query: &HeadQuery) -> Result<Vec<Head>, StorageError> {
        let selector = query.selector.as_deref().unwrap_or_default();
        let selector: Selector = selector
            .parse()
            .map_err(|error| StorageError::Selector { selector: selector.to_owned(), reason: format!("{error}") })?;
        let state = self.state();
        let wanted = state.records.iter().filter(|(key, record)| {
            query.namespace.as_ref().is_none_or(|namespace| *namespace == key.namespace)
                && query
                    .name
                    .as_ref()
                    .is_none_or(|name| *name == key.name && record.labels.get("name").is_some_and(|label| label == name.as_str()))
                && record.labels.get("owner").is_some_and(|owner| owner == "helm")
                && selector.matches(&record.labels)
        });
        Ok(wanted.map(|(key, record)| record.head(key)).collect())
    }

    async fn get(&self, key: &RecordKey) -> Result<StoredRecord, StorageError> {
        let state = self.state();
        let record = state.records.get(key).ok_or_else(|| StorageError::NotFound { key: key.clone() })?;
        Ok(StoredRecord { head: record.head(key), payload: record.payload.clone() })
    }

    async fn create(&self, key: &RecordKey, record: &NewRecord) -> Result<Head, StorageError> {
        check_size(key, record)?;
        let mut state = self.state();
        if state.records.contains_key(key) {
            return Err(StorageError::AlreadyExists { key: key.clone() });
        }
        let NewRecord { payload, labels } = record.clone();
        let record = Record { version: state.next_version(), labels, payload };
        let head = record.head(key);
        state.records.insert(key.clone(), record);
        Ok(head)
    }

    async fn replace(&self, key: &RecordKey, expected: &Version, record: &NewRecord) -> Result<Head, StorageError> {
        check_size(key, record)?;
        let mut state = self.state();
        state.expect(key, expected)?;
        let version = state.next_version();
        let stored = state.expect(key, expected)?;
        for (label, value) in replacing_labels(&record.labels) {
            match value {
                Some(value) => stored.labels.insert(label.to_owned(), value.to_owned()),
                None => stored.labels.remove(label),
            };
        }
        stored.payload = record.payload.clone();
        stored.version = version;
        Ok(stored.head(key))
    }

    async fn delete(&self, key: &RecordKey, expected: &Version) -> Result<(), StorageError> {
        let mut state = self.state();
        state.expect(key, expected)?;
        state.records.remove(key);
        Ok(())
    }
}

impl fmt::Display for MemoryStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("records in memory")
    }
}

impl fmt::Debug for MemoryStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStorage").field("records", &self.state().records.keys().collect::<Vec<_>>()).finish()
    }
}

#[cfg(test)]
mod tests;
