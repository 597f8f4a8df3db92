//! Clusters: where live objects are.

#[cfg(feature = "kubernetes")]
mod kubernetes;
mod memory;

#[cfg(feature = "kubernetes")]
pub use kubernetes::KubernetesCluster;
pub use memory::MemoryCluster;
