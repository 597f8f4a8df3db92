//! Every exit leaves the truth: on the real control plane, with real kills, real Helm and a door that misbehaves.

mod check;
mod fleet;
mod objects;
mod scenarios;
mod stage;
mod state;

pub(crate) mod contention;
pub(crate) mod crash;
pub(crate) mod network;
pub(crate) mod wreckage;
