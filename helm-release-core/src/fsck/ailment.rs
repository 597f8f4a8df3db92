//! What a check says: an ailment or a note, and what a repair would do about it.

use std::fmt;

use serde::Serialize;

use crate::ports::{NoteKey, RecordKey};
use crate::release::Status;
use crate::{ObjectId, Revision};

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Gravity {
    /// Good to know; the release is in order.
    Note,
    /// Something is wrong.
    Ailment,
}

impl fmt::Display for Gravity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Ailment => "ailment",
        })
    }
}

macro_rules! classes {
    ($($(#[$meta:meta])* $name:ident = $text:literal),+ $(,)?) => {
        /// What kind of ailment; `docs/fsck.md` has a section for each.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(rename_all = "kebab-case")]
        #[non_exhaustive]
        pub enum Class {
            $($(#[$meta])* $name),+
        }

        impl Class {
            /// Every class.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The id, such as `several-deployed`.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text),+
                }
            }
        }
    };
}

classes! {
    /// A payload that is no record.
    UndecodablePayload = "undecodable-payload",
    /// Name, number or namespace in the payload are not those of the labels or the object.
    IdentityMismatch = "identity-mismatch",
    /// Payload and labels agree, and the object has another name.
    WrongObjectName = "wrong-object-name",
    /// The status in the payload is not that of the label.
    StatusMismatch = "status-mismatch",
    /// More than one revision is deployed.
    SeveralDeployed = "several-deployed",
    /// No revision is deployed although one runs.
    NoneDeployed = "none-deployed",
    /// A revision that failed is called superseded.
    LaunderedSuperseded = "laundered-superseded",
    /// An operation has begun and nobody is at work.
    StalePending = "stale-pending",
    /// A lock that has expired.
    StaleLock = "stale-lock",
    /// A journal whose operation has ended.
    StaleJournal = "stale-journal",
    /// Numbers are missing between two revisions.
    NumberGap = "number-gap",
    /// A record that nearly fills its Secret.
    NearSizeLimit = "near-size-limit",
    /// An object of a hook that should have been deleted.
    LeftoverHook = "leftover-hook",
    /// A live object of this release that no revision knows.
    OrphanedObject = "orphaned-object",
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a repair does about an ailment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Remedy {
    /// Writes a status into payload and labels.
    Status {
        /// Which record.
        record: RecordKey,
        /// The status.
        status: Status,
    },
    /// Writes what the payload says into the labels.
    Labels {
        /// Which record.
        record: RecordKey,
    },
    /// Stores the record under the name that payload and labels give it.
    Rename {
        /// As it is called.
        record: RecordKey,
        /// As it should be.
        to: RecordKey,
    },
    /// Removes a second copy of a record that is there under its right name.
    RemoveCopy {
        /// The copy.
        record: RecordKey,
    },
    /// Removes a record that cannot be decoded, when that is asked for.
    RemoveUndecodable {
        /// Which record.
        record: RecordKey,
    },
    /// Removes the lock.
    RemoveLock,
    /// Removes a journal.
    RemoveNote(NoteKey),
}

/// One thing that a check found. Texts never hold values of a release.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Ailment {
    /// What kind.
    pub class: Class,
    /// How much it weighs.
    pub gravity: Gravity,
    /// The revision that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<Revision>,
    /// The live object that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<ObjectId>,
    /// What was found, in one sentence without a full stop.
    pub what: String,
    /// Why that matters.
    pub why: String,
    /// What a person can do, the best first.
    pub ways_out: Vec<String>,
    /// What a repair does; nothing where it must not guess.
    #[serde(skip)]
    pub remedies: Vec<Remedy>,
}

impl Ailment {
    fn new(class: Class, gravity: Gravity, what: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            class,
            gravity,
            revision: None,
            object: None,
            what: what.into(),
            why: why.into(),
            ways_out: Vec::new(),
            remedies: Vec::new(),
        }
    }

    /// Something that is wrong.
    #[must_use]
    pub fn serious(class: Class, what: impl Into<String>, why: impl Into<String>) -> Self {
        Self::new(class, Gravity::Ailment, what, why)
    }

    /// Something that is good to know.
    #[must_use]
    pub fn note(class: Class, what: impl Into<String>, why: impl Into<String>) -> Self {
        Self::new(class, Gravity::Note, what, why)
    }

    /// Names the revision.
    #[must_use]
    pub fn of(mut self, revision: Revision) -> Self {
        self.revision = Some(revision);
        self
    }

    /// Names the live object.
    #[must_use]
    pub fn about(mut self, object: ObjectId) -> Self {
        self.object = Some(object);
        self
    }

    /// Adds a way out.
    #[must_use]
    pub fn way_out(mut self, way: impl Into<String>) -> Self {
        self.ways_out.push(way.into());
        self
    }

    /// Adds what a repair does.
    #[must_use]
    pub fn remedy(mut self, remedy: Remedy) -> Self {
        self.remedies.push(remedy);
        self
    }

    /// Whether something is wrong.
    #[must_use]
    pub fn is_serious(&self) -> bool {
        self.gravity == Gravity::Ailment
    }
}
