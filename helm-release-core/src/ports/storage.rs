//! The port through which release records are read and written.

use std::collections::BTreeMap;
use std::fmt::{self, Debug, Display};
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::KeepersRights;
use crate::release::Status;
use crate::{Namespace, ReleaseName, Revision};

/// Which record: one revision of one release in one namespace.
///
/// ```
/// use helm_release_core::Revision;
/// use helm_release_core::ports::RecordKey;
///
/// let key = RecordKey { namespace: "default".parse()?, name: "shop".parse()?, revision: Revision::FIRST };
/// assert_eq!(key.to_string(), "default/sh.helm.release.v1.shop.v1");
/// // Keys sort by namespace, name and revision.
/// assert!(key < RecordKey { revision: key.revision.next(), ..key.clone() });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    ///
    /// ```
    /// use helm_release_core::ports::RecordKey;
    ///
    /// let key = RecordKey { namespace: "default".parse()?, name: "shop".parse()?, revision: "12".parse()? };
    /// assert_eq!(key.object_name(), "sh.helm.release.v1.shop.v12");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn object_name(&self) -> String {
        format!("sh.helm.release.v1.{}.v{}", self.name, self.revision)
    }

    /// Reads a key from an object's name, the release's name may contain `.v`.
    ///
    /// ```
    /// use helm_release_core::Namespace;
    /// use helm_release_core::ports::RecordKey;
    ///
    /// let namespace = Namespace::new("default")?;
    /// let key = RecordKey::from_object_name(&namespace, "sh.helm.release.v1.web.v2.v12").ok_or("no record")?;
    /// assert_eq!((key.name.as_str(), key.revision.get()), ("web.v2", 12));
    /// assert_eq!(RecordKey::from_object_name(&namespace, "shop-db"), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
///
/// ```
/// use helm_release_core::ports::{NewRecord, Storage as _};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let key = shop.key(2)?;
/// let before = shop.storage.get(&key).await?;
/// assert_eq!(shop.storage.get(&key).await?.head.version, before.head.version);
///
/// let mut marked = NewRecord { payload: before.payload, labels: before.head.labels };
/// marked.labels.insert("team".to_owned(), "web".to_owned());
/// let after = shop.storage.replace(&key, &before.head.version, &marked).await?;
/// assert_ne!(after.version, before.head.version);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(pub String);

/// What is known of a record without its payload.
///
/// ```
/// use helm_release_core::ports::{HeadQuery, Storage as _};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let heads = shop.storage.heads(&HeadQuery::release(&shop.namespace, &shop.name)).await?;
/// let newest = heads.last().ok_or("no revisions")?;
/// assert_eq!(newest.key.revision.get(), 3);
/// assert_eq!(newest.labels["owner"], "helm");
/// assert_eq!(newest.labels["version"], "3");
/// # Ok(()) });
/// ```
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
    ///
    /// ```
    /// use helm_release_core::ports::{HeadQuery, Storage as _};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let heads = shop.storage.heads(&HeadQuery::release(&shop.namespace, &shop.name)).await?;
    /// let labels: Vec<&str> = heads.iter().map(|head| head.status_label()).collect();
    /// assert_eq!(labels, ["superseded", "deployed", "failed"]);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn status_label(&self) -> &str {
        self.labels.get("status").map_or("", String::as_str)
    }

    /// Whether its label says that the release was uninstalled, or is being.
    pub(crate) fn is_removed(&self) -> bool {
        Status::from(self.status_label().to_owned()).is_removed()
    }
}

/// The bytes of a record as they are stored: usually base64 of gzip of JSON.
///
/// `Debug` prints the length only.
///
/// ```
/// use helm_release_core::codec::{DecodeOptions, decode, encode};
/// use helm_release_core::ports::Payload;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let record = shop.record(2).await?;
/// let payload: Payload = encode(&record);
/// // Base64 of gzip.
/// assert!(payload.0.starts_with(b"H4sI"));
/// assert_eq!(decode(&payload.0, DecodeOptions::default())?.version()?, 2);
/// assert_eq!(format!("{:?}", Payload(b"correct-horse".to_vec())), "Payload(13 bytes)");
/// # Ok(()) });
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Payload(pub Vec<u8>);

impl Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Payload({} bytes)", self.0.len())
    }
}

/// A record with its payload.
///
/// ```
/// use helm_release_core::codec::{DecodeOptions, decode};
/// use helm_release_core::ports::Storage as _;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let stored = shop.storage.get(&shop.key(3)?).await?;
/// assert_eq!(stored.head.status_label(), "failed");
/// let record = decode(&stored.payload.0, DecodeOptions::default())?;
/// assert!(record.info()?.description.starts_with("Upgrade \"shop\" failed"));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecord {
    /// What is known without the payload.
    pub head: Head,
    /// The encoded record.
    pub payload: Payload,
}

/// What a write puts into a record: payload and labels. [`Storage::replace`] says what becomes of labels that are there.
///
/// ```
/// use helm_release_core::codec::encode;
/// use helm_release_core::ports::{NewRecord, Storage as _};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// // A copy of revision 2 as revision 4, as a move of a release to another storage makes it.
/// let labels = [("name", "shop"), ("owner", "helm"), ("status", "superseded"), ("version", "4")];
/// let labels = labels.map(|(label, value)| (label.to_owned(), value.to_owned())).into();
/// let new = NewRecord { payload: encode(&shop.record(2).await?), labels };
/// let head = shop.storage.create(&shop.key(4)?, &new).await?;
/// assert_eq!(head.labels, new.labels);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRecord {
    /// The encoded record.
    pub payload: Payload,
    /// Labels to set, system labels included.
    pub labels: BTreeMap<String, String>,
}

/// Which heads to list.
///
/// ```
/// use helm_release_core::ports::{HeadQuery, Storage as _};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let mut query = HeadQuery::default();
/// query.name = Some("shop".parse()?);
/// // The release of that name in every namespace.
/// assert_eq!(shop.storage.heads(&query).await?.len(), 3);
/// query.namespace = Some("kube-system".parse()?);
/// assert_eq!(shop.storage.heads(&query).await?, []);
/// # Ok(()) });
/// ```
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
    ///
    /// ```
    /// use helm_release_core::ports::{HeadQuery, Storage as _};
    /// use helm_release_store::storage::{MemoryStorage, load_memory_data};
    ///
    /// # examples::run(async {
    /// let storage = MemoryStorage::new();
    /// let releases = "[{name: web, version: 1}, {name: web, version: 2}, {name: api, version: 1}]";
    /// load_memory_data(&storage, releases).await?;
    /// let heads = storage.heads(&HeadQuery::release(&"default".parse()?, &"web".parse()?)).await?;
    /// assert_eq!(heads.iter().map(|head| head.key.revision.get()).collect::<Vec<_>>(), [1, 2]);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn release(namespace: &Namespace, name: &ReleaseName) -> Self {
        Self { namespace: Some(namespace.clone()), name: Some(name.clone()), selector: None }
    }

    /// All records of a namespace, or of all namespaces.
    ///
    /// ```
    /// use helm_release_core::ports::{HeadQuery, Storage as _};
    /// use helm_release_store::storage::{MemoryStorage, load_memory_data};
    ///
    /// # examples::run(async {
    /// let storage = MemoryStorage::new();
    /// let releases = "[{name: web, version: 1, namespace: shop}, {name: web, version: 1, namespace: ops}]";
    /// load_memory_data(&storage, releases).await?;
    /// assert_eq!(storage.heads(&HeadQuery::all(Some("shop".parse()?))).await?.len(), 1);
    /// assert_eq!(storage.heads(&HeadQuery::all(None)).await?.len(), 2);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn all(namespace: Option<Namespace>) -> Self {
        Self { namespace, ..Self::default() }
    }

    /// Narrows the query by a label selector.
    ///
    /// ```
    /// use helm_release_core::ports::{HeadQuery, Storage as _};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let query = HeadQuery::all(None).with_selector("status in (deployed, failed)");
    /// let heads = shop.storage.heads(&query).await?;
    /// assert_eq!(heads.iter().map(|head| head.key.revision.get()).collect::<Vec<_>>(), [2, 3]);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn with_selector(mut self, selector: impl Into<String>) -> Self {
        self.selector = Some(selector.into());
        self
    }
}

/// Why a storage did not do what it was asked. Texts never hold payload bytes.
///
/// ```
/// use std::error::Error as _;
///
/// use helm_release_core::ports::{Storage as _, StorageError};
/// use helm_release_store::storage::{Fault, FaultyStorage};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let key = shop.key(2)?;
/// let seen = shop.storage.get(&key).await?.head.version;
/// let storage = FaultyStorage::new(shop.storage, Fault::LoseAnswer, 1);
/// let error = storage.delete(&key, &seen).await.err().ok_or("the answer came")?;
/// // Whether it was done is unknown, until one looks.
/// assert!(matches!(error, StorageError::Other { .. }) && error.source().is_some());
/// let gone = storage.get(&key).await.err().ok_or("it is there")?;
/// assert_eq!(gone.to_string(), "record default/sh.helm.release.v1.shop.v2 not found");
/// # Ok(()) });
/// ```
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
/// no longer what the caller read. No payload is larger than 1 MiB (1,048,576 bytes), what a Secret holds, wherever it is kept.
///
/// Which releases there are tells [`crate::fsck::releases`] from the heads of [`HeadQuery::all`].
///
/// # A storage of one's own
/// `helm_release_store` has its parts: `selector::Selector` answers the selectors of queries, `storage::SYSTEM_LABELS` are the
/// labels that a replace drops, `storage::MAX_PAYLOAD` is the limit, and `conformance::storage::run_all` checks the whole.
///
/// ```
/// use helm_release_core::ports::{HeadQuery, Storage, StorageError};
/// use helm_release_core::{Namespace, ReleaseName, Revision};
///
/// /// The newest revision that is marked deployed, wherever the records are.
/// async fn deployed(
///     storage: &dyn Storage,
///     namespace: &Namespace,
///     name: &ReleaseName,
/// ) -> Result<Option<Revision>, StorageError> {
///     let query = HeadQuery::release(namespace, name).with_selector("status=deployed");
///     Ok(storage.heads(&query).await?.last().map(|head| head.key.revision))
/// }
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// assert_eq!(deployed(&shop.storage, &shop.namespace, &shop.name).await?, Revision::new(2));
/// assert_eq!(deployed(&shop.storage, &shop.namespace, &"web".parse()?).await?, None);
/// # Ok(()) });
/// ```
#[async_trait]
pub trait Storage: Display + Debug + Send + Sync + 'static {
    /// Lists what is known of records without their payloads, ordered by key: of those that have the label `owner=helm`.
    ///
    /// A record whose payload is broken is listed like any other, for no payload is read: [`Storage::get`] or the codec tells.
    /// What has no record's name ([`RecordKey::from_object_name`]) is left out, and hides no other.
    ///
    /// # Errors
    /// [`StorageError::Forbidden`], [`StorageError::Selector`] or [`StorageError::Other`]. No match is an empty list.
    ///
    /// ```
    /// use helm_release_core::ports::{HeadQuery, Storage as _, StorageError};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let heads = shop.storage.heads(&HeadQuery::all(None)).await?;
    /// let keys: Vec<String> = heads.iter().map(|head| head.key.object_name()).collect();
    /// assert_eq!(keys, ["sh.helm.release.v1.shop.v1", "sh.helm.release.v1.shop.v2", "sh.helm.release.v1.shop.v3"]);
    /// let wrong = shop.storage.heads(&HeadQuery::all(None).with_selector("status in deployed")).await;
    /// assert!(matches!(wrong, Err(StorageError::Selector { .. })));
    /// # Ok(()) });
    /// ```
    async fn heads(&self, query: &HeadQuery) -> Result<Vec<Head>, StorageError>;

    /// Fetches one record.
    ///
    /// # Errors
    /// [`StorageError::NotFound`] when absent.
    ///
    /// ```
    /// use helm_release_core::ports::{Storage as _, StorageError};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let stored = shop.storage.get(&shop.key(1)?).await?;
    /// assert_eq!(stored.head.key, shop.key(1)?);
    /// assert!(!stored.payload.0.is_empty());
    /// assert!(matches!(shop.storage.get(&shop.key(9)?).await, Err(StorageError::NotFound { .. })));
    /// # Ok(()) });
    /// ```
    async fn get(&self, key: &RecordKey) -> Result<StoredRecord, StorageError>;

    /// Stores a record that does not exist.
    ///
    /// # Errors
    /// [`StorageError::AlreadyExists`] when it does. [`StorageError::TooLarge`] before anything is sent.
    ///
    /// # Cancellation
    /// The record may or may not have been written.
    ///
    /// ```
    /// use helm_release_core::ports::{NewRecord, Payload, Storage as _, StorageError};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let stored = shop.storage.get(&shop.key(3)?).await?;
    /// let record = NewRecord { payload: stored.payload, labels: stored.head.labels };
    /// let taken = shop.storage.create(&shop.key(3)?, &record).await;
    /// assert!(matches!(taken, Err(StorageError::AlreadyExists { .. })));
    /// assert!(shop.storage.create(&shop.key(4)?, &record).await.is_ok());
    ///
    /// let huge = NewRecord { payload: Payload(vec![b'A'; 2 << 20]), ..record };
    /// let refused = shop.storage.create(&shop.key(5)?, &huge).await;
    /// assert!(matches!(refused, Err(StorageError::TooLarge { size: 2_097_152, limit: 1_048_576, .. })));
    /// # Ok(()) });
    /// ```
    async fn create(&self, key: &RecordKey, record: &NewRecord) -> Result<Head, StorageError>;

    /// Replaces the payload of a record that is still what `expected` says, and sets the labels that are given.
    ///
    /// System labels (`name`, `owner`, `status`, `version`, `createdAt`, `modifiedAt`) that are not given are dropped. Every
    /// other label stays, and so do annotations and owner references.
    ///
    /// # Errors
    /// [`StorageError::Conflict`] when it changed, [`StorageError::NotFound`] when it went, [`StorageError::TooLarge`] before
    /// anything is sent.
    ///
    /// # Cancellation
    /// The record may or may not have been written.
    ///
    /// ```
    /// use helm_release_core::ports::{NewRecord, Storage as _, StorageError};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let key = shop.key(2)?;
    /// let seen = shop.storage.get(&key).await?;
    /// let mut record = NewRecord { payload: seen.payload, labels: seen.head.labels };
    /// record.labels.insert("status".to_owned(), "superseded".to_owned());
    /// let head = shop.storage.replace(&key, &seen.head.version, &record).await?;
    /// assert_eq!(head.status_label(), "superseded");
    /// // What was seen is not what is there.
    /// let late = shop.storage.replace(&key, &seen.head.version, &record).await;
    /// assert!(matches!(late, Err(StorageError::Conflict { .. })));
    /// # Ok(()) });
    /// ```
    async fn replace(&self, key: &RecordKey, expected: &Version, record: &NewRecord) -> Result<Head, StorageError>;

    /// Deletes a record that is still what `expected` says.
    ///
    /// # Errors
    /// [`StorageError::Conflict`] when it changed, [`StorageError::NotFound`] when it went.
    ///
    /// # Cancellation
    /// The record may or may not have been deleted.
    ///
    /// ```
    /// use helm_release_core::ports::{HeadQuery, Storage as _};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let heads = shop.storage.heads(&HeadQuery::all(None)).await?;
    /// let oldest = &heads[0];
    /// shop.storage.delete(&oldest.key, &oldest.version).await?;
    /// assert_eq!(shop.storage.heads(&HeadQuery::all(None)).await?, heads[1..]);
    /// # Ok(()) });
    /// ```
    async fn delete(&self, key: &RecordKey, expected: &Version) -> Result<(), StorageError>;

    /// What authorisation asks of a user who writes records in a namespace; nothing where nobody asks.
    ///
    /// ```
    /// use helm_release_core::ports::Storage as _;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// // Records in memory belong to nobody. Those in Secrets ask for rights over `secrets`.
    /// let rights = shop.storage.rights(&shop.namespace);
    /// assert!(rights.create.is_empty() && rights.change.is_empty() && rights.delete.is_empty());
    /// # Ok(()) });
    /// ```
    fn rights(&self, namespace: &Namespace) -> KeepersRights {
        let _ = namespace;
        KeepersRights::default()
    }
}

/// Conveniences over every [`Storage`].
///
/// ```
/// use helm_release_core::ports::{Storage, StorageExt as _};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let storage: &dyn Storage = &shop.storage;
/// let mut next = 1;
/// while storage.find(&shop.key(next)?).await?.is_some() {
///     next += 1;
/// }
/// assert_eq!(next, 4, "the first revision that is not there");
/// # Ok(()) });
/// ```
#[async_trait]
pub trait StorageExt: Storage {
    /// Fetches one record, `None` when absent.
    ///
    /// # Errors
    /// Every error of [`Storage::get`] but `NotFound`.
    ///
    /// ```
    /// use helm_release_core::ports::{Storage as _, StorageError, StorageExt as _};
    /// use helm_release_store::storage::{Fault, FaultyStorage};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// assert!(shop.storage.find(&shop.key(3)?).await?.is_some());
    /// assert!(shop.storage.find(&shop.key(4)?).await?.is_none());
    ///
    /// let (key, seen) = (shop.key(3)?, shop.storage.get(&shop.key(3)?).await?.head.version);
    /// let storage = FaultyStorage::new(shop.storage, Fault::Die, 1);
    /// assert!(storage.delete(&key, &seen).await.is_err());
    /// // A storage that does not answer has not said that there is none.
    /// assert!(matches!(storage.find(&key).await, Err(StorageError::Other { .. })));
    /// # Ok(()) });
    /// ```
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
    ///
    /// ```
    /// use helm_release_core::ports::StorageExt as _;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let keys = [shop.key(3)?, shop.key(9)?, shop.key(1)?];
    /// let records = shop.storage.get_all(&keys).await;
    /// let found: Vec<_> = records.iter().map(|record| record.as_ref().ok().map(|stored| stored.head.status_label())).collect();
    /// assert_eq!(found, [Some("failed"), None, Some("superseded")]);
    /// # Ok(()) });
    /// ```
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
