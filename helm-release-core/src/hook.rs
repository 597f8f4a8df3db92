//! Helm's hooks: objects that run at moments of a release's life, in an order of their own.

mod policy;
mod stored;

pub use policy::{DeletePolicy, Event, OutputLogPolicy};
pub use stored::{Hook, LastRun, Phase};
