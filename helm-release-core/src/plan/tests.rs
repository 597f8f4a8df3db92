mod actions;
mod findings;
mod hooks;
mod json;
mod predict;
mod records;
mod removals;
pub(in crate::plan) mod world;
