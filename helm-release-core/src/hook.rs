//! Helm's hooks: objects that run at moments of a release's life, in an order of their own.

pub mod annotations;
mod policy;
mod schedule;
mod stored;
mod weight;

pub use annotations::{Declaration, HookReading};
pub use policy::{DeletePolicy, Event, OutputLogPolicy};
pub use schedule::{
    Awaited, Cleanup, CleanupAction, CleanupError, Creation, DeletionWait, Entry, LogSource, Manner, Schedule, schedule,
};
pub use stored::{Hook, LastRun, Phase};
pub use weight::Weight;
