//! Everything that was read before a plan is made. Plain data: a plan is a function of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::{Answers, RevisionContent, RollbackOptions};
use crate::drift::Autoscalers;
use crate::history::{Choice, History};
use crate::patch::Schemas;
use crate::ports::{Held, Kinds, Location};
use crate::reverse::Around;
use crate::{Namespace, Object, ReleaseName, Revision};

/// What was seen at a place.
#[derive(Debug, Clone, PartialEq)]
pub enum Seen {
    /// Nothing is there.
    Absent,
    /// This object.
    Live(Object),
    /// It could not be read, and why.
    Hidden(String),
}

impl Seen {
    /// The object, when there is one.
    #[must_use]
    pub fn object(&self) -> Option<&Object> {
        match self {
            Self::Live(object) => Some(object),
            Self::Absent | Self::Hidden(_) => None,
        }
    }
}

/// What was seen of the release's lock.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum LockSeen {
    /// Nobody looked.
    #[default]
    NotLookedAt,
    /// Nobody holds it.
    Free,
    /// Somebody does.
    Held(Held),
    /// It could not be read, and why: there is no right to locks.
    Hidden(String),
}

/// The world as it was when the plan was made.
#[derive(Debug, Clone)]
pub struct Survey {
    /// The release's namespace.
    pub namespace: Namespace,
    /// The release's name.
    pub name: ReleaseName,
    /// All its revisions.
    pub history: History,
    /// The revision to return to, and why.
    pub choice: Choice,
    /// The revisions that were read: current, target and baseline.
    pub revisions: BTreeMap<Revision, RevisionContent>,
    /// The newest readable revision.
    pub current: Revision,
    /// The revisions that may have left objects, newest first; those that cannot be read are in `unreadable`.
    pub baseline: Vec<Revision>,
    /// Revisions of the baseline that cannot be read, and why.
    pub unreadable: Vec<(Revision, String)>,
    /// The kinds that the server serves.
    pub kinds: Arc<Kinds>,
    /// How lists of built-in kinds are merged.
    pub schemas: Arc<Schemas>,
    /// What is live at every place that a revision names.
    pub live: BTreeMap<Location, Seen>,
    /// How many objects there are of the kinds that definitions in the baseline bring.
    pub instances: BTreeMap<Location, usize>,
    /// The autoscalers beside the target's workloads.
    pub autoscalers: Autoscalers,
    /// What else decides about changes of live objects.
    pub surroundings: Surroundings,
    /// The release's lock.
    pub lock: LockSeen,
    /// What time it was.
    pub looked: Timestamp,
    /// What the server answered beforehand; empty when nobody asked.
    pub answers: Answers,
}

impl Survey {
    /// Adds what was seen of the release's lock, and when.
    #[must_use]
    pub fn with_lock(self, lock: LockSeen, looked: Timestamp) -> Self {
        Self { lock, looked, ..self }
    }

    /// Adds what the server answered beforehand ([`crate::inquiry::inquire`]).
    #[must_use]
    pub fn with_answers(self, answers: Answers) -> Self {
        Self { answers, ..self }
    }

    /// The newest readable revision.
    ///
    /// # Panics
    /// Never for a survey made by [`crate::survey::survey`], which reads it first.
    #[must_use]
    pub fn current(&self) -> &RevisionContent {
        &self.revisions[&self.current]
    }

    /// The revision to return to.
    ///
    /// # Panics
    /// Never for a survey made by [`crate::survey::survey`], which reads it first.
    #[must_use]
    pub fn target(&self) -> &RevisionContent {
        &self.revisions[&self.choice.revision]
    }

    /// The number that the new record takes.
    #[must_use]
    pub fn new_revision(&self) -> Revision {
        self.history.latest().map_or(self.current, |head| head.key.revision).next()
    }

    /// The revisions that may have left objects, newest first.
    #[must_use]
    pub fn baseline(&self) -> impl DoubleEndedIterator<Item = &RevisionContent> {
        self.baseline.iter().filter_map(|revision| self.revisions.get(revision))
    }

    /// What decides about changes of a live object.
    #[must_use]
    pub fn around(&self, location: &Location, live: &Object) -> Around<'_> {
        let class = live.at(&["spec", "storageClassName"]).and_then(Value::as_str);
        let definition = format!("{}.{}", location.resource.plural, location.resource.gvk.group);
        Around::default()
            .with_storage_class(class.and_then(|class| self.surroundings.storage_classes.get(class)))
            .with_definition(self.surroundings.definitions.get(&definition))
            .with_instances(self.instances.get(location).copied())
    }

    /// What was seen at a place; nothing when it was not looked at.
    #[must_use]
    pub fn seen(&self, location: &Location) -> &Seen {
        self.live.get(location).unwrap_or(&Seen::Absent)
    }
}

/// What else decides about changes of live objects.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Surroundings {
    /// Storage classes by name.
    pub storage_classes: BTreeMap<String, Object>,
    /// Definitions of custom resources by their name, such as `widgets.example.com`.
    pub definitions: BTreeMap<String, Object>,
    /// Objects that an interrupted rollback deleted to make others in their place: uid, and what it was, by its journal.
    pub exchanged: BTreeMap<Location, (String, Object)>,
    /// Whether it is gone on with a run that was cut off: the current record is its own, and so are the hooks there.
    pub is_resumed: bool,
}

/// A danger that a plan looks for. One rule, one kind of danger.
pub trait Rule: std::fmt::Debug + Send + Sync {
    /// Looks at what was read and at the steps that follow from it.
    fn look(&self, survey: &Survey, options: &RollbackOptions, steps: &[super::Step]) -> Vec<super::Finding>;
}
