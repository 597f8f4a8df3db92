//! Clusters: where live objects are.
//!
//! ```
//! use helm_release_core::Gvk;
//! use helm_release_core::ports::{Cluster, ClusterError, ListOptions};
//! use helm_release_store::cluster::{MemoryCluster, RecordingCluster};
//!
//! /// How many pods of a namespace run, wherever the cluster is.
//! async fn running(cluster: &dyn Cluster, namespace: &str) -> Result<usize, ClusterError> {
//!     let kinds = cluster.kinds(false).await?;
//!     let Some(pods) = kinds.find(&Gvk::new("v1", "Pod")) else { return Ok(0) };
//!     Ok(cluster.list(pods, &ListOptions::within(Some(namespace)).with_fields("status.phase=Running")).await?.items.len())
//! }
//!
//! # examples::run(async {
//! # let shop = examples::Shop::open().await?;
//! assert_eq!(running(&shop.cluster, "default").await?, 3);
//! assert_eq!(running(&RecordingCluster::new(MemoryCluster::new()), "default").await?, 0);
//! # Ok(()) });
//! ```

mod faulty;
#[cfg(feature = "kubernetes")]
mod kubernetes;
mod memory;
mod recording;
mod seed;

pub use faulty::{Fault, FaultyCluster};
#[cfg(feature = "kubernetes")]
pub use kubernetes::KubernetesCluster;
pub use memory::MemoryCluster;
pub use recording::{RecordedWrite, RecordingCluster};
pub use seed::{SeedError, Seeded, seed, seed_revision};
