mod actions;
mod findings;
mod hooks;
mod json;
mod predict;
mod records;
mod removals;
mod reversal;
pub(in crate::plan) mod world;
