//! What a failed run knows of itself.

use std::time::Duration;

use jiff::Timestamp;

use super::Moment;
use crate::patch::FieldChange;
use crate::plan::{Action, Plan, PlannedHook, Subject};
use crate::ports::Location;
use crate::run::{FailedPhase, RunError};
use crate::{Namespace, ReleaseName, Revision};

/// How much is collected at most, and how long it may take.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// How long the whole collection may take; 10 s unless set.
    pub time: Duration,
    /// Requests under way at once; 8 unless set.
    pub at_once: usize,
    /// Objects that are read again; 100 unless set.
    pub objects: usize,
    /// Pods that are kept; 50 unless set.
    pub pods: usize,
    /// Containers whose logs are read; 20 unless set.
    pub containers: usize,
    /// Last lines that are read of each log; 50 unless set.
    pub log_lines: u32,
    /// Events of the cluster that are kept, the newest; 100 unless set.
    pub events: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { time: Duration::from_secs(10), at_once: 8, objects: 100, pods: 50, containers: 20, log_lines: 50, events: 100 }
    }
}

impl Limits {
    /// Sets how long the whole collection may take.
    #[must_use]
    pub fn with_time(mut self, time: Duration) -> Self {
        self.time = time;
        self
    }

    /// Sets of how many containers the logs are read.
    #[must_use]
    pub fn with_containers(mut self, containers: usize) -> Self {
        self.containers = containers;
        self
    }
}

/// An object of the release, and what the run did to it or was about to do.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Concerned {
    /// Where it is.
    pub at: Location,
    /// What was to be done to it.
    pub action: Action,
    /// The fields that this changes; [`collect`](super::collect) masks them.
    pub changes: Vec<FieldChange>,
}

impl Concerned {
    /// An object and what was to be done to it.
    #[must_use]
    pub fn new(at: Location, action: Action) -> Self {
        Self { at, action, changes: Vec::new() }
    }

    /// Adds the fields that this changes.
    #[must_use]
    pub fn with_changes(mut self, changes: Vec<FieldChange>) -> Self {
        self.changes = changes;
        self
    }
}

/// The hook that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FailedHook {
    /// Its moment, such as `pre-rollback`.
    pub event: String,
    /// Kind and name.
    pub hook: String,
    /// Why, as far as the run knows.
    pub reason: String,
    /// Where its objects are, or were.
    pub objects: Vec<Location>,
}

impl FailedHook {
    /// A hook, by its moment and its objects.
    #[must_use]
    pub fn new(event: impl Into<String>, hook: impl Into<String>, reason: impl Into<String>, objects: Vec<Location>) -> Self {
        Self { event: event.into(), hook: hook.into(), reason: reason.into(), objects }
    }
}

/// Where a run failed: everything from which a collection of evidence starts. Plain data.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Scene<'a> {
    /// The release's name.
    pub release: &'a ReleaseName,
    /// The release's namespace.
    pub namespace: &'a Namespace,
    /// The revision from which the rollback started.
    pub from: Revision,
    /// The revision to which it was to return.
    pub to: Revision,
    /// The number of the failed revision.
    pub new_revision: Revision,
    /// When the run began.
    pub began: Timestamp,
    /// Where it stopped, when that is known.
    pub phase: Option<FailedPhase>,
    /// The first error, where there is more of it than its text.
    pub error: Option<&'a RunError>,
    /// The text of the first error.
    pub said: String,
    /// The hook that failed, when it was one.
    pub hook: Option<FailedHook>,
    /// The objects of the release.
    pub objects: Vec<Concerned>,
    /// What the run did and heard, oldest first.
    pub timeline: Vec<Moment>,
    /// How much is collected at most.
    pub limits: Limits,
}

impl<'a> Scene<'a> {
    /// The scene of a plan's run that failed.
    #[must_use]
    pub fn of_plan(plan: &'a Plan, phase: FailedPhase, error: &'a RunError, began: Timestamp) -> Self {
        let mut scene = Self::told(plan, &error.to_string(), began);
        scene.phase = Some(phase);
        scene.error = Some(error);
        scene.hook = failed_hook(plan, error);
        scene
    }

    /// The scene of a plan's run of whose failure only the text is known.
    #[must_use]
    pub fn told(plan: &'a Plan, said: &str, began: Timestamp) -> Self {
        let left_alone = |action| matches!(action, Action::Keep | Action::RecreatePods);
        let steps = plan.steps.iter().filter(|step| !left_alone(step.action));
        let objects = steps
            .filter_map(|step| Some(Concerned::new(step.location()?.clone(), step.action).with_changes(step.changes.clone())));
        Self {
            release: &plan.name,
            namespace: &plan.namespace,
            from: plan.current.revision(),
            to: plan.target.revision(),
            new_revision: plan.new_revision,
            began,
            phase: None,
            error: None,
            said: said.to_owned(),
            hook: None,
            objects: objects.collect(),
            timeline: Vec::new(),
            limits: Limits::default(),
        }
    }

    /// Adds what the run did and heard.
    #[must_use]
    pub fn with_timeline(mut self, timeline: Vec<Moment>) -> Self {
        self.timeline = timeline;
        self
    }

    /// Sets how much is collected at most.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }
}

fn failed_hook(plan: &Plan, error: &RunError) -> Option<FailedHook> {
    let RunError::Hook { event, hook, reason } = error else { return None };
    let is_it = |planned: &&PlannedHook| {
        planned.event.to_string() == *event && format!("{} {}", planned.hook.kind, planned.hook.name) == *hook
    };
    let planned = plan.steps_of(Action::RunHook).filter_map(|step| match &step.subject {
        Subject::Hook(planned) => Some(planned.as_ref()),
        _ => None,
    });
    let places = planned.filter(is_it).flat_map(|planned| planned.objects.iter().map(|placed| placed.location.clone()));
    Some(FailedHook::new(event, hook, reason, places.collect()))
}
