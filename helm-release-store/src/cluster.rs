//! Clusters: where live objects are.

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
