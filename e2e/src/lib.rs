//! The built plugin under real Helm on a real control plane, and the Go oracle.
//!
//! A test takes everything from one [`World`]: [`World::oracle`] asks Helm's and Kubernetes' own Go
//! libraries, [`World::namespace`] gives a namespace and a user of its own on the shared [`Cluster`], with
//! runners for Helm 3, Helm 4 and the plugin, and with the audit log of what they sent.
#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "this is a test harness: what goes wrong in it fails the test that asked"
)]

pub mod artifact;
pub mod audit;
pub mod chart;
pub mod cluster;
pub mod namespace;
pub mod oracle;
pub mod plugin;
pub mod proxy;
pub mod tool;
pub mod world;

pub use artifact::Artifact;
pub use audit::Request;
pub use chart::Chart;
pub use cluster::Cluster;
pub use namespace::Namespace;
pub use oracle::Oracle;
pub use proxy::Proxy;
pub use tool::{Output, Tool};
pub use world::World;
