//! Touches the world for `helm-release-core`: storages for Helm release records, clusters for live objects.

pub mod selector;
