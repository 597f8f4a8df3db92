//! The steps of a plan.

use std::fmt;

use serde::Serialize;

use super::{DryRunAnswer, PlannedHook, Undo};
use crate::ObjectId;
use crate::patch::FieldChange;
use crate::ports::{Location, Request};
use crate::reverse::FieldFate;
use crate::{Object, Revision};

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Action {
    /// Stores the new record, `pending-rollback`.
    CreateRecord,
    /// Runs a hook and waits for its end.
    RunHook,
    /// Makes an object that is not there.
    Create,
    /// Changes fields of an object.
    Patch,
    /// Puts a whole object over the live one.
    Replace,
    /// Makes an object anew: waits until one that is being deleted is gone, or deletes one that cannot be changed.
    Recreate,
    /// Leaves an object that is as it should be.
    Unchanged,
    /// Removes an object that the target does not have.
    Delete,
    /// Leaves an object that the target does not have.
    Keep,
    /// Deletes the pods of a workload, so that new ones are made.
    RecreatePods,
    /// Waits until objects are ready.
    Wait,
    /// Marks a deployed revision superseded.
    Supersede,
    /// Marks the new record deployed.
    FinishRecord,
    /// Deletes the record of an old revision.
    PruneRecord,
}

impl Action {
    /// The action in words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CreateRecord => "create record",
            Self::RunHook => "run hook",
            Self::Create => "create",
            Self::Patch => "patch",
            Self::Replace => "replace",
            Self::Recreate => "recreate",
            Self::Unchanged => "unchanged",
            Self::Delete => "delete",
            Self::Keep => "keep",
            Self::RecreatePods => "recreate pods",
            Self::Wait => "wait",
            Self::Supersede => "supersede",
            Self::FinishRecord => "finish record",
            Self::PruneRecord => "prune record",
        }
    }

    /// Whether the step writes an object of the release.
    #[must_use]
    pub fn writes_object(self) -> bool {
        matches!(self, Self::Create | Self::Patch | Self::Replace | Self::Recreate | Self::Delete)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What was seen of an object, and must still be so when the step is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Precondition {
    /// The live object's uid.
    pub uid: String,
    /// The live object's `resourceVersion`.
    pub resource_version: String,
}

impl Precondition {
    /// What identifies the present state of a live object.
    #[must_use]
    pub fn of(live: &Object) -> Self {
        let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
        Self { uid: text(live.uid()), resource_version: text(live.resource_version()) }
    }
}

/// What a step is about.
#[derive(Debug, Clone, PartialEq)]
pub enum Subject {
    /// The record of a revision.
    Record(Revision),
    /// An object of the release.
    Object(Location),
    /// A hook.
    Hook(Box<PlannedHook>),
    /// All objects that a wait covers.
    Objects(Vec<Location>),
}

/// One step of a plan: what, to whom, why, and the exact requests.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Step {
    /// What it does.
    pub action: Action,
    /// To what.
    pub subject: Subject,
    /// Why, in one sentence without a full stop.
    pub reason: String,
    /// Fields that change.
    pub changes: Vec<FieldChange>,
    /// What is sent, in order. Record steps and hooks send theirs through the storage or as they go.
    pub requests: Vec<Request>,
    /// Fields that are not simply changed in place, and what becomes of them.
    pub fates: Vec<FieldFate>,
    /// What was seen of the live object.
    pub precondition: Option<Precondition>,
    /// The live object itself, as it was seen.
    pub seen: Option<Object>,
    /// The way back.
    pub undo: Option<Undo>,
    /// What the server said to its dry run; `None` when it was not asked.
    pub dry_run: Option<DryRunAnswer>,
}

impl Step {
    /// A step without requests.
    #[must_use]
    pub fn new(action: Action, subject: Subject, reason: impl Into<String>) -> Self {
        Self {
            action,
            subject,
            reason: reason.into(),
            changes: Vec::new(),
            requests: Vec::new(),
            fates: Vec::new(),
            precondition: None,
            seen: None,
            undo: None,
            dry_run: None,
        }
    }

    /// Remembers what was seen of the live object.
    pub(crate) fn see(&mut self, live: &Object) {
        self.precondition = Some(Precondition::of(live));
        self.seen = Some(live.clone());
    }

    /// Whether it puts a new object in the place of one that it deletes first.
    #[must_use]
    pub fn exchanges(&self) -> bool {
        self.action == Action::Recreate && matches!(self.requests.first(), Some(Request::Delete { .. }))
    }

    /// The place of the object that it is about.
    #[must_use]
    pub fn location(&self) -> Option<&Location> {
        match &self.subject {
            Subject::Object(location) => Some(location),
            _ => None,
        }
    }

    /// What identifies the object that it is about.
    #[must_use]
    pub fn object(&self) -> Option<ObjectId> {
        self.location().map(Location::id)
    }
}
