//! Clusters: where live objects are.

#[cfg(feature = "kubernetes")]
mod kubernetes;

#[cfg(feature = "kubernetes")]
pub use kubernetes::KubernetesCluster;
