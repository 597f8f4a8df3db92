//! The plugin's rollback on a real cluster, from the arguments to the objects, the records and what Helm makes of them afterwards.

pub(crate) mod cluster_trouble;
pub(crate) mod hooks;
pub(crate) mod objects;
pub(crate) mod options;
pub(crate) mod records;
pub(crate) mod signals;
pub(crate) mod targets;
pub(crate) mod waiting;
