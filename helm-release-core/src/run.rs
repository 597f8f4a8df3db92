//! Executes a plan through the ports; the only module that writes.
//!
//! Every write, to a record or to an object, passes through one place (`run/writer.rs`). Whatever goes wrong once the
//! new record exists ends in a record that says so: `failed`, with the first error.

mod apply;
mod engine;
mod error;
mod event;
mod hooks;
mod preview;
mod records;
mod recreate_pods;
mod wait;
mod watch;
mod writer;

pub(crate) use recreate_pods::pod_selector;

pub use engine::{Engine, Failure, Outcome};
pub use error::{FailedPhase, RunError};
pub use event::Event;
pub use preview::{Preview, PreviewedStep};
