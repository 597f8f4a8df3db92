//! The port through which release records are read and written.

use std::collections::BTreeMap;
use std::fmt::{self, Debug, Display};
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::KeepersRights;
use crate::{Namespace, ReleaseName, Revision};

/// Which record: one revision of one release in one namespace.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RecordKey {
    /// Namespace in which the record lies.
    pub namespace: Namespace,
    /// Release that it belongs to.
    pub name: ReleaseName,
    /// Revision that it describes.
    pub revision: Revision,
}

impl RecordKey {
    /// The name that Helm gives the object of this record: `sh.helm.release.v1.<release>.v<revision>`.
    #[must_use]
    pub fn object_name(&self) -> String {
        format!("sh.helm.release.v1.{}.v{}", self.name, self.revision)
    }

    /// Reads a key from an object's name, the release's name may contain `.v`.
    #[must_use]
    pub fn from_object_name(namespace: &Namespace, object_name: &str) -> Option<Self> {
        let (name, revision) = object_name.strip_prefix("sh.helm.release.v1.")?.rsplit_once(".v")?;
        Some(Self { namespace: namespace.clone(), name: name.parse().ok()?, revision: revision.parse().ok()? })
    }
}

impl Display for RecordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.object_name())
    }
}

/// The state of a stored record that a conditional write expects: opaque, equal only when nothing was written between.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(pub String);

/// What is known of a record without its payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Which record.
    pub key: RecordKey,
    /// State that a conditional write expects.
    pub version: Version,
    /// All labels of the stored object, system labels (`name`, `owner`, `status`, `version`, `createdAt`, `modifiedAt`) included.
    pub labels: BTreeMap<String, String>,
}

impl Head {
    /// The `status` label, which storage queries go by; the payload may disagree.
    #[must_use]
    pub fn status_label(&self) -> &str {
        self.labels.get("status").map_or("", String::as_str)
    }
}

/// The bytes of a record as they are stored: usually base64 of gzip of JSON.
///
/// `Debug` prints the length only.
#[derive(Clone, PartialEq, Eq)]
pub struct Payload(pub Vec<u8>);

impl Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Payload({} bytes)", self.0.len())
    }
}

/// A record with its payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecord {
    /// What is known without the payload.
    pub head: Head,
    /// The encoded record.
    pub payload: Payload,
}

/// What a write puts into a record: payload and labels.
///
/// On a replace the labels given here are set, every other label, annotation and owner reference of the stored object stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRecord {
    /// The encoded record.
    pub payload: Payload,
    /// Labels to set, system labels included.
    pub labels: BTreeMap<String, String>,
}

/// Which heads to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeadQuery {
    /// Only records in this namespace; `None` means all namespaces.
    pub namespace: Option<Namespace>,
    /// Only records of this release.
    pub name: Option<ReleaseName>,
    /// Kubernetes label selector, such as `team=a,tier!=web`, on top of the other conditions.
    pub selector: Option<String>,
}

impl HeadQuery {
    /// All revisions of one release.
    #[must_use]
    pub fn release(namespace: &Namespace, name: &ReleaseName) -> Self {
        Self { namespace: Some(namespace.clone()), name: Some(name.clone()), selector: None }
    }

    /// All records of a namespace, or of all namespaces.
    #[must_use]
    pub fn all(namespace: Option<Namespace>) -> Self {
        Self { namespace, ..Self::default() }
    }

    /// Narrows the query by a label selector.
    #[must_use]
    pub fn with_selector(mut self, selector: impl Into<String>) -> Self {
        self.selector = Some(selector.into());
        self
    }
}

/// Why a storage did not do what it was asked. Texts never hold payload bytes.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StorageError {
    /// There is no such record.
    #[error("record {key} not found")]
    NotFound {
        /// The record asked for.
        key: RecordKey,
    },
    /// A create met a record of that key.
    #[error("record {key} already exists")]
    AlreadyExists {
        /// The record that was to be created.
        key: RecordKey,
    },
    /// A replace or delete met a record that somebody changed since it was read.
    #[error("record {key} was changed by somebody else since it was read")]
    Conflict {
        /// The record that was to be written.
        key: RecordKey,
    },
    /// The record is larger than the storage takes.
    #[error("record {key} is too large: {size} bytes, at most {limit}")]
    TooLarge {
        /// The record that was to be written.
        key: RecordKey,
        /// Size of the payload in bytes.
        size: usize,
        /// What the storage takes, in bytes.
        limit: usize,
    },
    /// The right to do it is missing.
    #[error("no right to {action}: {message}")]
    Forbidden {
        /// What was tried, such as `list secrets in namespace "default"`.
        action: String,
        /// What the server said.
        message: String,
    },
    /// The stored object is not a release record at all.
    #[error("record {key} cannot be read: {reason}")]
    Malformed {
        /// The record asked for.
        key: RecordKey,
        /// What is wrong with it.
        reason: String,
    },
    /// The label selector cannot be read.
    #[error("label selector {selector:?} cannot be read: {reason}")]
    Selector {
        /// The text given.
        selector: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Anything else; whether a write was done is unknown.
    #[error("cannot {action}")]
    Other {
        /// What was tried.
        action: String,
        /// What came of it.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Where release records are kept.
///
/// Every write is conditional: a create fails when the key exists, a replace or delete when the record is
/// no longer what the caller read.
#[async_trait]
pub trait Storage: Display + Debug + Send + Sync + 'static {
    /// Lists what is known of records without their payloads, ordered by key.
    ///
    /// # Errors
    /// [`StorageError::Forbidden`], [`StorageError::Selector`] or [`StorageError::Other`]. No match is an empty list.
    async fn heads(&self, query: &HeadQuery) -> Result<Vec<Head>, StorageError>;

    /// Fetches one record.
    ///
    /// # Errors
    /// [`StorageError::NotFound`] when absent.
    async fn get(&self, key: &RecordKey) -> Result<StoredRecord, StorageError>;

    /// Stores a record that does not exist.
    ///
    /// # Errors
    /// [`StorageError::AlreadyExists`] when it does. [`StorageError::TooLarge`] before anything is sent.
    ///
    /// # Cancellation
    /// The record may or may not have been written.
    async fn create(&self, key: &RecordKey, record: &NewRecord) -> Result<Head, StorageError>;

    /// Replaces payload and labels of a record that is still what `expected` says.
    ///
    /// # Errors
    /// [`StorageError::Conflict`] when it changed, [`StorageError::NotFound`] when it went.
    ///
    /// # Cancellation
    /// The record may or may not have been written.
    async fn replace(&self, key: &RecordKey, expected: &Version, record: &NewRecord) -> Result<Head, StorageError>;

    /// Deletes a record that is still what `expected` says.
    ///
    /// # Errors
    /// [`StorageError::Conflict`] when it changed, [`StorageError::NotFound`] when it went.
    ///
    /// # Cancellation
    /// The record may or may not have been deleted.
    async fn delete(&self, key: &RecordKey, expected: &Version) -> Result<(), StorageError>;

    /// What authorisation asks of a user who writes records in a namespace; nothing where nobody asks.
    fn rights(&self, namespace: &Namespace) -> KeepersRights {
        let _ = namespace;
        KeepersRights::default()
    }
}

/// Conveniences over every [`Storage`].
#[async_trait]
pub trait StorageExt: Storage {
    /// Fetches one record, `None` when absent.
    ///
    /// # Errors
    /// Every error of [`Storage::get`] but `NotFound`.
    async fn find(&self, key: &RecordKey) -> Result<Option<StoredRecord>, StorageError> {
        match self.get(key).await {
            Ok(record) => Ok(Some(record)),
            Err(StorageError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Fetches several records, up to 8 requests at a time, in the order of `keys`.
    ///
    /// Each has its own result, so that one that cannot be read hides no other.
    async fn get_all(&self, keys: &[RecordKey]) -> Vec<Result<StoredRecord, StorageError>> {
        use futures::StreamExt as _;
        futures::stream::iter(keys.to_vec()).map(|key| async move { self.get(&key).await }).buffered(8).collect().await
    }
}

impl<S: Storage + ?Sized> StorageExt for S {}

macro_rules! forward_storage {
    ($(($($generic:tt)+) $for:ty),+) => {$(
        #[async_trait]
        impl<$($generic)+> Storage for $for {
            async fn heads(&self, query: &HeadQuery) -> Result<Vec<Head>, StorageError> {
                (**self).heads(query).await
            }
            async fn get(&self, key: &RecordKey) -> Result<StoredRecord, StorageError> {
                (**self).get(key).await
            }
            async fn create(&self, key: &RecordKey, record: &NewRecord) -> Result<Head, StorageError> {
                (**self).create(key, record).await
            }
            async fn replace(&self, key: &RecordKey, expected: &Version, record: &NewRecord) -> Result<Head, StorageError> {
                (**self).replace(key, expected, record).await
            }
            async fn delete(&self, key: &RecordKey, expected: &Version) -> Result<(), StorageError> {
                (**self).delete(key, expected).await
            }
            fn rights(&self, namespace: &Namespace) -> KeepersRights {
                (**self).rights(namespace)
            }
        }
    )+};
}
forward_storage!((S: Storage + ?Sized) &'static S, (S: Storage + ?Sized) Box<S>, (S: Storage + ?Sized) Arc<S>);
