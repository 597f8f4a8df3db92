//! What is claimed about speed and memory, and the programs that measure it.
//!
//! `cargo bench -p benches --bench pure` times the pure parts, `peak-memory` weighs them, and `beside-helm` runs the
//! plugin and Helm in turns on one control plane. The package's README says what each number shows.
#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "these are programs for people at a terminal: what goes wrong ends them"
)]

pub mod beside;
pub mod child;
pub mod data;
pub mod survey;
