//! Touches the world for `helm-release-core`: storages for Helm release records, clusters for live objects.
//!
//! With the feature `kubernetes` (on by default) records are kept in Secrets and objects live on a real API server;
//! without it no TLS and no HTTP is pulled in.

pub mod clock;
pub mod cluster;
pub mod conformance;
#[cfg(feature = "kubernetes")]
pub mod connection;
pub mod crash;
pub mod journal;
pub mod lock;
mod note;
pub mod process;
pub mod selector;
pub mod storage;

pub use helm_release_core::ports::{Cluster, ClusterExt, Journal, Lock, Storage, StorageExt};
