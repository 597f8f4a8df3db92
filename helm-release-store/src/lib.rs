//! Touches the world: storages for Helm release records and clusters for live objects.
//!
//! [`cluster::MemoryCluster`] is an API server in this process; [`conformance`] holds what every
//! implementation of a port must do.

pub mod cluster;
pub mod conformance;
pub mod selector;
