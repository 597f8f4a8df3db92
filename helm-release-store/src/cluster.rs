//! Clusters: where live objects are.

mod memory;

pub use memory::MemoryCluster;
