//! The order of an event's hooks, and what happens around each (`pkg/action/hooks.go`).

use super::{DeletePolicy, Event, Hook, OutputLogPolicy};
use crate::HelmLine;

/// What Helm waits for after a hook's object has been created; judged by the name of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Awaited {
    /// The Job's condition `Complete` or `Failed`.
    JobEnd,
    /// The Pod's phase `Succeeded` or `Failed`.
    PodEnd,
    /// Nothing more than the creation.
    Creation,
}

/// How Helm waits until a deleted hook object is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeletionWait {
    /// Always, up to the operation's timeout (Helm 3).
    Always,
    /// As the wait strategy says: the default, `hookOnly`, does not wait at all, so that an object still terminating
    /// from the last run may be taken for this run's (Helm 4).
    ByStrategy,
}

/// How Helm creates a hook object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Creation {
    /// With a POST, which fails when an object of that name exists (Helm 3).
    Post,
    /// With a POST for releases applied on the client's side, with a server-side apply for all others; the latter
    /// takes over any existing object of that name (Helm 4).
    ByApplyMethod,
}

/// What the two lines of Helm do differently around hooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Manner {
    /// How the deletion of an object is awaited.
    pub deletion_wait: DeletionWait,
    /// How an object is created.
    pub creation: Creation,
    /// Whether an object that somebody deletes while its end is awaited counts as a success; otherwise
    /// Helm waits for it until its time is over. Helm 4 behaves like Helm 3 here under its strategy `legacy`.
    pub gone_is_success: bool,
}

impl Manner {
    /// The manner of one line of Helm.
    #[must_use]
    pub const fn of(line: HelmLine) -> Self {
        match line {
            HelmLine::V3 => Self { deletion_wait: DeletionWait::Always, creation: Creation::Post, gone_is_success: true },
            HelmLine::V4 => {
                Self { deletion_wait: DeletionWait::ByStrategy, creation: Creation::ByApplyMethod, gone_is_success: false }
            }
        }
    }
}

/// The pods whose logs are shown for a hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogSource {
    /// Pods that this label selector chooses.
    Labels(String),
    /// Pods that this field selector chooses.
    Fields(String),
}

/// One run of one hook.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "each is a policy of its own, and all go together")]
pub struct Entry {
    /// Its place in the record's list of hooks.
    pub index: usize,
    /// Name of its object; empty when the server is to invent one.
    pub name: String,
    /// Kind of its object.
    pub kind: String,
    /// Its weight.
    pub weight: i64,
    /// Whether the default delete policy applies because there is no other. Helm then writes it into the record.
    pub takes_default_policy: bool,
    /// Whether an object of an earlier run is deleted before the creation.
    pub deleted_before: bool,
    /// What is awaited after the creation.
    pub awaited: Awaited,
    /// The pods whose logs are shown when the hook succeeds, if any are.
    pub logs_on_success: Option<LogSource>,
    /// The pods whose logs are shown when the hook fails, if any are.
    pub logs_on_failure: Option<LogSource>,
    /// Whether the object is deleted once all hooks of the event have succeeded, or when a later one fails.
    pub deleted_on_success: bool,
    /// Whether the object is deleted when this hook fails.
    pub deleted_on_failure: bool,
}

impl Entry {
    fn of(index: usize, hook: &Hook) -> Self {
        let takes_default_policy = hook.delete_policies.is_empty();
        // Deleting a definition would delete every custom resource of its kind.
        let is_deletable = hook.kind != "CustomResourceDefinition";
        let deleted = |policy: &DeletePolicy| is_deletable && hook.delete_policies.contains(policy);
        let (awaited, logs) = match hook.kind.as_str() {
            "Job" => (Awaited::JobEnd, Some(LogSource::Labels(format!("job-name={}", hook.name)))),
            "Pod" => (Awaited::PodEnd, Some(LogSource::Fields(format!("metadata.name={}", hook.name)))),
            _ => (Awaited::Creation, None),
        };
        let logs_by = |policy: &OutputLogPolicy| logs.clone().filter(|_| hook.output_log_policies.contains(policy));
        Self {
            index,
            name: hook.name.clone(),
            kind: hook.kind.clone(),
            weight: hook.weight,
            takes_default_policy,
            deleted_before: is_deletable && (takes_default_policy || deleted(&DeletePolicy::BeforeHookCreation)),
            awaited,
            logs_on_success: logs_by(&OutputLogPolicy::HookSucceeded),
            logs_on_failure: logs_by(&OutputLogPolicy::HookFailed),
            deleted_on_success: deleted(&DeletePolicy::HookSucceeded),
            deleted_on_failure: deleted(&DeletePolicy::HookFailed),
        }
    }
}

/// A step of the cleaning up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CleanupAction {
    /// Show the logs of these pods.
    ShowLogs(LogSource),
    /// Delete the hook's object with background propagation, and wait as [`Manner::deletion_wait`] says.
    Delete,
}

/// What an error of a step means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CleanupError {
    /// It is told, and the cleaning up goes on.
    Told,
    /// It ends the cleaning up and becomes the operation's error.
    Ends,
}

/// One step of the cleaning up after an event.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cleanup {
    /// The entry of the schedule that it concerns.
    pub entry: usize,
    /// What is done.
    pub action: CleanupAction,
    /// What its failure means.
    pub on_error: CleanupError,
}

/// The hooks of one event in the order in which they run, one after another.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Schedule {
    /// The event.
    pub event: Event,
    /// What differs between the lines of Helm.
    pub manner: Manner,
    /// The runs, first to last.
    pub entries: Vec<Entry>,
}

/// Puts the hooks of an event into order: by weight, then by name, then as they stand in the record.
///
/// A hook that names the event twice runs twice.
///
/// ```
/// use helm_release_core::hook::{Event, schedule};
/// use helm_release_core::{HelmLine, Record};
///
/// let record = Record::parse(br#"{"hooks":[
///     {"name":"late","kind":"Job","events":["pre-rollback"],"weight":5},
///     {"name":"early","kind":"Job","events":["pre-rollback"],"weight":-5,"delete_policies":["hook-succeeded"]},
///     {"name":"other","kind":"Job","events":["post-upgrade"]}
/// ]}"#)?;
/// let schedule = schedule(&record.hooks()?, &Event::PreRollback, HelmLine::V4);
/// let names: Vec<&str> = schedule.entries.iter().map(|entry| entry.name.as_str()).collect();
/// assert_eq!(names, ["early", "late"]);
/// assert_eq!(schedule.on_success().len(), 1, "early is deleted, late stays until it runs again");
/// # Ok::<(), helm_release_core::release::RecordError>(())
/// ```
#[must_use]
pub fn schedule(hooks: &[Hook], event: &Event, line: HelmLine) -> Schedule {
    let runs = |(index, hook)| {
        let hook: &Hook = hook;
        hook.events.iter().filter(move |each| *each == event).map(move |_| Entry::of(index, hook))
    };
    let mut entries: Vec<_> = hooks.iter().enumerate().flat_map(runs).collect();
    entries.sort_by(|left, right| (left.weight, &left.name).cmp(&(right.weight, &right.name)));
    Schedule { event: event.clone(), manner: Manner::of(line), entries }
}

impl Schedule {
    /// What is cleaned up after every hook has succeeded: from the last to the first, logs before deletion.
    #[must_use]
    pub fn on_success(&self) -> Vec<Cleanup> {
        let steps = |(index, entry): (usize, &Entry)| {
            let logs = entry.logs_on_success.clone().map(|source| told(index, CleanupAction::ShowLogs(source)));
            let deletion = entry.deleted_on_success.then(|| ending(index));
            [logs, deletion].into_iter().flatten().collect::<Vec<_>>()
        };
        self.entries.iter().enumerate().rev().flat_map(steps).collect()
    }

    /// What is cleaned up after the wait for the entry `failed` has ended badly: its logs, its own object,
    /// then those of the earlier hooks from the first on.
    ///
    /// A hook that cannot be deleted beforehand, built or created ends the event without any cleaning up.
    #[must_use]
    pub fn on_failure_of(&self, failed: usize) -> Vec<Cleanup> {
        let Some(entry) = self.entries.get(failed) else { return Vec::new() };
        let logs = entry.logs_on_failure.clone().map(|source| told(failed, CleanupAction::ShowLogs(source)));
        let own = entry.deleted_on_failure.then(|| told(failed, CleanupAction::Delete));
        let earlier = self.entries.iter().enumerate().take(failed).filter(|(_, entry)| entry.deleted_on_success);
        logs.into_iter().chain(own).chain(earlier.map(|(index, _)| ending(index))).collect()
    }
}

fn told(entry: usize, action: CleanupAction) -> Cleanup {
    Cleanup { entry, action, on_error: CleanupError::Told }
}

fn ending(entry: usize) -> Cleanup {
    Cleanup { entry, action: CleanupAction::Delete, on_error: CleanupError::Ends }
}

#[cfg(test)]
mod tests;
