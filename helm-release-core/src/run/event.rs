//! What a run tells while it works.

mod json;

pub use json::EVENT_FORMAT;

use crate::plan::Action;
use crate::ports::Holder;
use crate::readiness::State;
use crate::release::Status;
use crate::{ObjectId, Revision};

/// One thing that happened during a run. Texts never hold values of Secrets.
///
/// ```
/// use std::sync::Mutex;
///
/// use helm_release_core::ports::Observer;
/// use helm_release_core::run::{Engine, Event};
/// use helm_release_store::clock::SystemClock;
///
/// #[derive(Debug, Default)]
/// struct Heard(Mutex<Vec<String>>);
///
/// impl Observer for Heard {
///     fn event(&self, event: &Event) {
///         let line = match event {
///             Event::ObjectWritten { object, action } => format!("{action}: {object}"),
///             Event::HookEnded { event, hook, failure: None } => format!("{event}: {hook} succeeded"),
///             _ => return,
///         };
///         self.0.lock().unwrap().push(line);
///     }
/// }
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let plan = shop.plan(&helm_release_core::plan::RollbackOptions::default()).await?;
/// let heard = Heard::default();
/// Engine::new(&shop.storage, &shop.cluster, &SystemClock, &heard).run(&plan).await?;
/// assert_eq!(*heard.0.lock().unwrap(), [
///     "patch: Deployment default/shop",
///     "delete: ConfigMap default/shop-feature",
///     "post-rollback: Job shop-check succeeded",
/// ]);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// Somebody else holds the release, and is waited for.
    LockAwaited {
        /// Who.
        holder: Holder,
    },
    /// The way back begins.
    ReturnBegun {
        /// Because of what.
        cause: String,
    },
    /// An object is as it was before the run.
    ObjectReturned {
        /// Which one.
        object: ObjectId,
        /// What was done to it, such as `fields set back`.
        how: String,
    },
    /// A record was written.
    RecordWritten {
        /// Which revision's.
        revision: Revision,
        /// The status it has now.
        status: Status,
    },
    /// The record of an old revision was deleted.
    RecordPruned {
        /// Which revision's.
        revision: Revision,
    },
    /// An object was written.
    ObjectWritten {
        /// Which one.
        object: ObjectId,
        /// How.
        action: Action,
    },
    /// A hook was created.
    HookStarted {
        /// Its moment, such as `pre-rollback`.
        event: String,
        /// Kind and name.
        hook: String,
    },
    /// A hook ended.
    HookEnded {
        /// Its moment.
        event: String,
        /// Kind and name.
        hook: String,
        /// Why it failed; `None` when it ended well.
        failure: Option<String>,
    },
    /// A line of a hook's log.
    HookLog {
        /// Pod and container.
        source: String,
        /// The line.
        line: String,
    },
    /// An object that is waited for is in another state than before.
    ObjectState {
        /// Which one.
        object: ObjectId,
        /// How far it is.
        state: State,
        /// Why, for people.
        reason: String,
    },
    /// Something went wrong that does not end the run.
    Warning {
        /// What.
        message: String,
    },
}
