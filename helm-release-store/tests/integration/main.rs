//! Whole rollbacks through the engine, on records and a cluster in memory.

mod cleanup;
mod faults;
mod hooks;
mod prune;
mod races;
mod rollback;
mod stage;
mod wait;
