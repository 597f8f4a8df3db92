//! What every implementation must do, as functions that any test may call.

pub mod cluster;
pub mod journal;
pub mod lock;
pub mod storage;

/// An implementation did something else than it must.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{check}: {what}")]
#[non_exhaustive]
pub struct Deviation {
    /// The behaviour that was checked.
    pub check: &'static str,
    /// What happened instead.
    pub what: String,
}
