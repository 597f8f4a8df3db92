//! What to do with a release whose last operation did not come to its end: finish it, undo it, or put the records right.
//!
//! [`look`] reads, [`decide`] thinks, and [`crate::run::Engine::recover`] acts on what was decided and on nothing else.
//! After a crash of this tool the journal says how to go either way. After one of Helm's there is none: then the live objects
//! are compared with what the interrupted revision wants and with what the last good one wants, object by object.

mod decide;
mod json;
mod life;
mod look;
mod traces;

pub use decide::{Wish, decide};
pub use json::RECOVERY_FORMAT;
pub use life::{Life, Signs, Vitality};
pub(crate) use look::last_written;
pub use look::{Eyes, Interrupted, LookError, Situation, look};
pub use traces::Traces;

use serde::Serialize;

use crate::plan::Plan;
use crate::ports::{Head, Held, NoteKey};
use crate::release::Status;
use crate::run::UndoLog;
use crate::{Namespace, ObjectId, ReleaseName, Revision};

/// Which way a recovery goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Way {
    /// The interrupted operation is brought to its end.
    Finish,
    /// Every object is brought back to what it was, and the interrupted revision is called failed.
    Undo,
    /// The objects are left as they are, and the records made to say what is true.
    RecordsOnly,
    /// There is nothing to recover.
    Nothing,
}

impl Way {
    /// The way in words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Finish => "finish",
            Self::Undo => "undo",
            Self::RecordsOnly => "only repair the records",
            Self::Nothing => "nothing to recover",
        }
    }
}

/// What a live object is like, compared with both ends of an interrupted operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Likeness {
    /// As the interrupted revision wants it.
    After,
    /// As the revision before wants it.
    Before,
    /// As both want it.
    Both,
    /// As neither wants it.
    Neither,
}

/// What was found of one object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Evidence {
    /// Which one.
    pub object: ObjectId,
    /// What it is like.
    pub likeness: Likeness,
}

/// A record that takes another status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RecordRepair {
    /// Which revision's.
    pub revision: Revision,
    /// The status that it takes.
    pub status: Status,
    /// The description that it takes; `None` leaves it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Why.
    pub reason: String,
}

/// A whole recovery, not begun.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RecoveryPlan {
    /// The release's namespace.
    pub namespace: Namespace,
    /// Its name.
    pub name: ReleaseName,
    /// Which way it goes.
    pub way: Way,
    /// Why that way, the weightiest reason first.
    pub reasons: Vec<String>,
    /// What to know before.
    pub cautions: Vec<String>,
    /// Whether somebody may still be at work.
    pub vitality: Vitality,
    /// The revision whose operation was interrupted.
    pub interrupted: Option<Interrupted>,
    /// What was found of each object, where that decided.
    pub evidence: Vec<Evidence>,
    /// What is done to objects, with hooks that still have to run: by the plan towards the end that is wanted.
    pub objects: Option<Box<Plan>>,
    /// The way back, where there is a journal and that way is taken.
    pub log: Option<Box<UndoLog>>,
    /// How many hooks of the interrupted record are its own; `None` is all. The others were lent to it while it ran.
    pub own_hooks: Option<usize>,
    /// What becomes of the records, in order.
    pub records: Vec<RecordRepair>,
    /// Records that are deleted at the end, since the history is limited.
    pub prune: Vec<Head>,
    /// Journals that are of no use afterwards.
    pub spent: Vec<NoteKey>,
    /// The release's lock, when somebody who is gone left it.
    pub abandoned: Option<Held>,
    /// Every record as it was seen.
    pub heads: Vec<Head>,
}

impl RecoveryPlan {
    /// Whether running it would do nothing at all.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.way == Way::Nothing && self.spent.is_empty() && self.abandoned.is_none()
    }
}
