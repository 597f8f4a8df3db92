//! Touches the world for `helm-release-core`: storages for Helm release records, clusters for live objects.
//!
//! With the feature `kubernetes` (on by default) records are kept in Secrets and objects live on a real API server;
//! without it no TLS and no HTTP is pulled in.
//!
//! # Where to begin
//!
//! 1. Read a history: [`SecretStorage`](storage::SecretStorage) or [`ConfigMapStorage`](storage::ConfigMapStorage) over a
//!    [`Connection`](connection::Connection); [`MemoryStorage`](storage::MemoryStorage) for tests. [`fsck::releases`] tells which
//!    releases there are.
//! 2. Plan: the storage and a [`KubernetesCluster`](cluster::KubernetesCluster) go into an
//!    [`Engine`](helm_release_core::run::Engine), with [`LeaseLock`](lock::LeaseLock), [`SecretJournal`](journal::SecretJournal)
//!    and [`SystemClock`](clock::SystemClock); its [`plan`](helm_release_core::run::Engine::plan) looks, asks and plans.
//! 3. Run: the same engine [runs](helm_release_core::run::Engine::run) the plan. [`process::claim`] says in whose name.
//! 4. Recover: the same lock, journal and clock, in [`Eyes`](helm_release_core::recover::Eyes).
//! 5. Drift, seal, fsck: [`drift::look`](helm_release_core::drift::look), [`Seal`](helm_release_core::seal::Seal) and
//!    [`fsck::examine`](helm_release_core::fsck::examine) take the same storage, cluster, lock and journal.
//! 6. Test: [`cluster::seed`] brings a release to life in a [`MemoryCluster`](cluster::MemoryCluster), [`crash`] lets a run die
//!    at a chosen write, [`conformance`] checks a storage, cluster, lock or journal of one's own.
//!
//! # What the examples begin with
//!
//! Their world is `Shop`, of the crate `examples` in this repository: a release of three revisions, in memory. Its parts and the
//! other names that examples use (`lock`, `journal`, `claim`, `eyes`) are explained in the documentation of
//! [`helm_release_core`]: `shop.storage` is a [`MemoryStorage`](storage::MemoryStorage), `shop.cluster` an `Arc` of a
//! [`MemoryCluster`](cluster::MemoryCluster), and lock and journal are made over a clone of it, which is the same cluster.
//!
//! [`fsck::releases`]: helm_release_core::fsck::releases

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
