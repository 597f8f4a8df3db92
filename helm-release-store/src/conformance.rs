//! What every implementation must do, as functions that any test may call.
//!
//! ```
//! use std::sync::Arc;
//!
//! use helm_release_core::Namespace;
//! use helm_release_core::ports::Journal as _;
//! use helm_release_store::cluster::MemoryCluster;
//! use helm_release_store::conformance;
//! use helm_release_store::journal::SecretJournal;
//! use helm_release_store::lock::LeaseLock;
//! use helm_release_store::storage::MemoryStorage;
//!
//! # examples::run(async {
//! let namespace = Namespace::new("default")?;
//! conformance::storage::run_all(&MemoryStorage::new(), &namespace).await?;
//! let cluster = Arc::new(MemoryCluster::new());
//! conformance::lock::run_all(&LeaseLock::new(cluster.clone()), &namespace).await?;
//! let journal = SecretJournal::new(cluster);
//! conformance::journal::run_all(&journal, &namespace).await?;
//! // They clean up behind themselves.
//! assert!(journal.list(None, None).await?.is_empty());
//! # Ok(()) });
//! ```

pub mod cluster;
pub mod journal;
pub mod lock;
pub mod storage;

/// An implementation did something else than it must.
///
/// ```
/// use helm_release_store::conformance::storage::a_second_create_is_refused;
/// use helm_release_store::storage::{Fault, FaultyStorage, MemoryStorage};
///
/// # examples::run(async {
/// let storage = FaultyStorage::new(MemoryStorage::new(), Fault::Fail, 1);
/// let deviation = a_second_create_is_refused(&storage, &"default".parse()?).await.unwrap_err();
/// assert_eq!(deviation.check, "a_second_create_is_refused");
/// assert_eq!(deviation.to_string(), format!("a_second_create_is_refused: {}", deviation.what));
/// assert!(deviation.what.starts_with("create failed: "));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{check}: {what}")]
#[non_exhaustive]
pub struct Deviation {
    /// The behaviour that was checked.
    pub check: &'static str,
    /// What happened instead.
    pub what: String,
}
