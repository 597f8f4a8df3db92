//! Executes a plan through the ports; the only module that writes.
//!
//! Every write, to a record or to an object, passes through one place (`run/writer.rs`). Whatever goes wrong once the
//! new record exists ends in a record that says so: `failed`, with the first error, and every object is brought back to what
//! it was unless the plan says otherwise.

mod apply;
mod engine;
mod error;
mod event;
mod gate;
mod hooks;
mod interrupt;
mod journal;
mod preview;
mod progress;
mod records;
mod recover;
mod recreate_pods;
mod undo;
mod undo_log;
mod wait;
mod watch;
mod witness;
mod writer;

pub(crate) use recreate_pods::pod_selector;

pub use engine::{Engine, Failure, Left, Outcome};
pub use error::{FailedPhase, RunError};
pub use event::Event;
pub use interrupt::Interrupt;
pub use preview::{Preview, PreviewedStep};
pub use undo_log::{Asked, HookTrace, JOURNAL_FORMAT, UndoLog};
