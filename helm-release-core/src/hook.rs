//! Helm's hooks: objects that run at moments of a release's life, in an order of their own.
//!
//! ```
//! use helm_release_core::hook::{Event, schedule};
//!
//! # examples::run(async {
//! # let shop = examples::Shop::open().await?;
//! let record = shop.record(2).await?;
//! let after = schedule(&record.hooks()?, &Event::PostRollback, record.line());
//! let check = &after.entries[0];
//! assert_eq!((check.kind.as_str(), check.name.as_str()), ("Job", "shop-check"));
//! assert!(check.deleted_before && check.deleted_on_success && !check.deleted_on_failure);
//! # Ok(()) });
//! ```

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
