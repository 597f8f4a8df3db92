//! The port through which release records are read and written.

use std::fmt::{Debug, Display};
use std::sync::Arc;

use async_trait::async_trait;

use super::KeepersRights;
use crate::Namespace;

mod error;
mod record;

pub use error::StorageError;
pub use record::{Head, HeadQuery, NewRecord, Payload, RecordKey, StoredRecord, Version};

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
