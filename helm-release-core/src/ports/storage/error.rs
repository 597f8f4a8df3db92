//! What can be wrong with a storage.

use super::RecordKey;

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
