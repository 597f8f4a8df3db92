//! Storages: where release records are kept.
//!
//! ```
//! use helm_release_core::ports::{HeadQuery, Storage, StorageError};
//! use helm_release_store::storage::{Fault, FaultyStorage};
//!
//! /// How many revisions have failed, wherever the records are kept.
//! async fn failed(storage: &dyn Storage) -> Result<usize, StorageError> {
//!     Ok(storage.heads(&HeadQuery::default().with_selector("status=failed")).await?.len())
//! }
//!
//! # examples::run(async {
//! # let shop = examples::Shop::open().await?;
//! assert_eq!(failed(&shop.storage).await?, 1);
//! assert!(failed(&FaultyStorage::new(shop.storage, Fault::Die, 0)).await.is_err());
//! # Ok(()) });
//! ```

use std::collections::BTreeMap;

mod faulty;
#[cfg(feature = "kubernetes")]
mod kubernetes;
mod memory;
mod memory_data;

pub use faulty::{Fault, FaultyStorage};
#[cfg(feature = "kubernetes")]
pub use kubernetes::{ConfigMapStorage, SecretStorage};
pub use memory::MemoryStorage;
pub use memory_data::{MemoryDataError, load_memory_data};

/// The labels that Helm keeps for itself (`driver/util.go`).
///
/// ```
/// use helm_release_core::ports::Storage as _;
/// use helm_release_store::storage::SYSTEM_LABELS;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let mut labels = shop.storage.get(&shop.key(2)?).await?.head.labels;
/// labels.insert("team".to_owned(), "checkout".to_owned());
/// // What is left is the release's own.
/// labels.retain(|label, _| !SYSTEM_LABELS.contains(&label.as_str()));
/// assert!(labels.keys().eq(["team"]));
/// # Ok(()) });
/// ```
pub const SYSTEM_LABELS: [&str; 6] = ["name", "owner", "status", "version", "createdAt", "modifiedAt"];

/// The most that one record may hold: what Kubernetes takes in one Secret or ConfigMap.
///
/// ```
/// use std::collections::BTreeMap;
///
/// use helm_release_core::ports::{NewRecord, Payload, Storage as _, StorageError};
/// use helm_release_store::storage::MAX_PAYLOAD;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let record = |size| NewRecord { payload: Payload(vec![b'H'; size]), labels: BTreeMap::new() };
/// shop.storage.create(&shop.key(4)?, &record(MAX_PAYLOAD)).await?;
/// let refused = shop.storage.create(&shop.key(5)?, &record(MAX_PAYLOAD + 1)).await;
/// assert!(matches!(refused, Err(StorageError::TooLarge { limit: MAX_PAYLOAD, .. })));
/// # Ok(()) });
/// ```
pub const MAX_PAYLOAD: usize = 1_048_576;

/// The labels to send with a replace: those given, and an absence for each system label that is not given.
///
/// Helm's update drops `createdAt` this way; labels that others put on the record stay.
fn replacing_labels(given: &BTreeMap<String, String>) -> BTreeMap<&str, Option<&str>> {
    let absent = SYSTEM_LABELS.into_iter().map(|key| (key, None));
    absent.chain(given.iter().map(|(key, value)| (key.as_str(), Some(value.as_str())))).collect()
}
