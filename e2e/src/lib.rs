//! The built plugin under real Helm on a real control plane, and the Go oracle.
//!
//! Tests take everything from one [`World`]: [`World::oracle`] asks Helm's and Kubernetes' own Go
//! libraries, [`World::namespace`] gives a namespace of its own on the shared [`Cluster`], with
//! runners for Helm 3, Helm 4 and the plugin and with the audit log of what they sent.
#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "this is a test harness: what goes wrong in it fails the test that asked"
)]

pub mod artifact;
pub mod oracle;
