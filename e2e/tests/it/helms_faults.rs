//! Each fault of `helm rollback` that this tool is there to avoid, first shown with the real Helm, then looked for in ours
//! with the same history in a twin namespace.

pub(crate) mod custom_resources;
pub(crate) mod foreign_owners;
pub(crate) mod laundered;
pub(crate) mod option_clashes;
pub(crate) mod orphans;
pub(crate) mod parallel;
pub(crate) mod records;
