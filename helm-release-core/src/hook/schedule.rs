//! The order of an event's hooks, and what happens around each (`pkg/action/hooks.go`).

use super::{DeletePolicy, Event, Hook, OutputLogPolicy};
use crate::HelmLine;

/// What Helm waits for after a hook's object has been created; judged by the name of its kind.
///
/// ```
/// use helm_release_core::hook::{Awaited, Event, schedule};
/// use helm_release_core::{HelmLine, Record};
///
/// let record = Record::parse(br#"{"hooks": [
///     {"name": "a", "kind": "Job", "events": ["test"]},
///     {"name": "b", "kind": "Pod", "events": ["test"]},
///     {"name": "c", "kind": "ConfigMap", "events": ["test"]}
/// ]}"#)?;
/// let schedule = schedule(&record.hooks()?, &Event::Test, HelmLine::V4);
/// let awaited: Vec<Awaited> = schedule.entries.iter().map(|entry| entry.awaited).collect();
/// assert_eq!(awaited, [Awaited::JobEnd, Awaited::PodEnd, Awaited::Creation]);
/// # Ok::<(), helm_release_core::release::RecordError>(())
/// ```
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
///
/// ```
/// use helm_release_core::HelmLine;
/// use helm_release_core::hook::{DeletionWait, Manner};
///
/// let may_meet_the_last_run = |line| Manner::of(line).deletion_wait == DeletionWait::ByStrategy;
/// assert!(!may_meet_the_last_run(HelmLine::V3));
/// assert!(may_meet_the_last_run(HelmLine::V4));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeletionWait {
    /// Always, up to the operation's timeout (Helm 3).
    Always,
    /// As the wait strategy says: the default, `hookOnly`, does not wait at all, so that an object still terminating
    /// from the last run may be taken for this run's (Helm 4).
    ByStrategy,
}

/// How Helm creates a hook object.
///
/// ```
/// use helm_release_core::hook::{Creation, Manner};
/// use helm_release_core::release::{ApplyMethod, RecordError};
/// use helm_release_core::{HelmLine, Record};
///
/// let takes_over = |record: &Record, line| {
///     Ok::<_, RecordError>(match Manner::of(line).creation {
///         Creation::Post => false,
///         Creation::ByApplyMethod => record.apply_method()? == ApplyMethod::Ssa,
///     })
/// };
/// let record = Record::parse(br#"{"apply_method": "ssa"}"#)?;
/// assert!(!takes_over(&record, HelmLine::V3)?, "an object of the hook's name makes the creation fail");
/// assert!(takes_over(&record, HelmLine::V4)?);
/// # Ok::<(), RecordError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Creation {
    /// With a POST, which fails when an object of that name exists (Helm 3).
    Post,
    /// With a POST for releases applied on the client's side, with a server-side apply for all others; the latter
    /// takes over any existing object of that name (Helm 4).
    ByApplyMethod,
}

/// What the two lines of Helm do differently around hooks.
///
/// ```
/// use helm_release_core::HelmLine;
/// use helm_release_core::hook::{Creation, DeletionWait, Event, schedule};
///
/// let manner = schedule(&[], &Event::PreRollback, HelmLine::V3).manner;
/// assert_eq!(manner.deletion_wait, DeletionWait::Always);
/// assert_eq!(manner.creation, Creation::Post);
/// assert!(manner.gone_is_success);
/// ```
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
    ///
    /// ```
    /// use helm_release_core::HelmLine;
    /// use helm_release_core::hook::Manner;
    ///
    /// let is_ended_by_deletion = |line| Manner::of(line).gone_is_success;
    /// assert_eq!([HelmLine::V3, HelmLine::V4].map(is_ended_by_deletion), [true, false]);
    /// ```
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
///
/// ```
/// use helm_release_core::hook::{Event, LogSource, schedule};
/// use helm_release_core::ports::ListOptions;
/// # use helm_release_core::{HelmLine, Record};
///
/// # let record = Record::parse(br#"{"hooks": [
/// #     {"name": "check", "kind": "Pod", "events": ["test"], "output_log_policies": ["hook-failed"]}
/// # ]}"#)?;
/// let schedule = schedule(&record.hooks()?, &Event::Test, HelmLine::V4);
/// let pods = schedule.entries[0].logs_on_failure.as_ref().map(|source| match source {
///     LogSource::Labels(selector) => ListOptions::within(Some("prod")).with_labels(selector),
///     LogSource::Fields(selector) => ListOptions::within(Some("prod")).with_fields(selector),
/// });
/// assert_eq!(pods.and_then(|pods| pods.fields).as_deref(), Some("metadata.name=check"), "the hook is itself a Pod");
/// # Ok::<(), helm_release_core::release::RecordError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogSource {
    /// Pods that this label selector chooses.
    Labels(String),
    /// Pods that this field selector chooses.
    Fields(String),
}

/// One run of one hook.
///
/// ```
/// use helm_release_core::hook::{Awaited, Event, schedule};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let record = shop.record(3).await?;
/// let hooks = record.hooks()?;
/// let schedule = schedule(&hooks, &Event::PostRollback, record.line());
/// let entry = &schedule.entries[0];
/// assert_eq!(entry.awaited, Awaited::JobEnd);
/// assert!(!entry.takes_default_policy, "it names its policies");
/// assert!(hooks[entry.index].manifest.contains("restartPolicy: Never"));
/// # Ok(()) });
/// ```
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
///
/// ```
/// use helm_release_core::hook::{CleanupAction, Event, LogSource, schedule};
/// use helm_release_core::{HelmLine, Record};
///
/// let record = Record::parse(br#"{"hooks": [
///     {"name": "check", "kind": "Pod", "events": ["test"],
///      "delete_policies": ["hook-succeeded"], "output_log_policies": ["hook-succeeded"]}
/// ]}"#)?;
/// let schedule = schedule(&record.hooks()?, &Event::Test, HelmLine::V4);
/// let actions: Vec<CleanupAction> = schedule.on_success().into_iter().map(|step| step.action).collect();
/// let logs = LogSource::Fields("metadata.name=check".to_owned());
/// assert_eq!(actions, [CleanupAction::ShowLogs(logs), CleanupAction::Delete]);
/// # Ok::<(), helm_release_core::release::RecordError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CleanupAction {
    /// Show the logs of these pods.
    ShowLogs(LogSource),
    /// Delete the hook's object with background propagation, and wait as [`Manner::deletion_wait`] says.
    Delete,
}

/// What an error of a step means.
///
/// ```
/// use helm_release_core::hook::{CleanupError, Event, schedule};
/// use helm_release_core::{HelmLine, Record};
///
/// let record = Record::parse(br#"{"hooks": [
///     {"name": "first", "kind": "Job", "events": ["test"], "delete_policies": ["hook-succeeded"]},
///     {"name": "second", "kind": "Job", "events": ["test"], "delete_policies": ["hook-failed"]}
/// ]}"#)?;
/// let steps = schedule(&record.hooks()?, &Event::Test, HelmLine::V4).on_failure_of(1);
/// assert_eq!((steps[0].entry, steps[0].on_error), (1, CleanupError::Told), "the test has failed with an error of its own");
/// assert_eq!((steps[1].entry, steps[1].on_error), (0, CleanupError::Ends));
/// # Ok::<(), helm_release_core::release::RecordError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CleanupError {
    /// It is told, and the cleaning up goes on.
    Told,
    /// It ends the cleaning up and becomes the operation's error.
    Ends,
}

/// One step of the cleaning up after an event.
///
/// ```
/// use helm_release_core::hook::{CleanupAction, CleanupError, Event, schedule};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let record = shop.record(2).await?;
/// let schedule = schedule(&record.hooks()?, &Event::PostRollback, record.line());
/// let steps = schedule.on_success();
/// assert_eq!(steps.len(), 1);
/// assert_eq!(schedule.entries[steps[0].entry].name, "shop-check");
/// assert_eq!((&steps[0].action, steps[0].on_error), (&CleanupAction::Delete, CleanupError::Ends));
/// # Ok(()) });
/// ```
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
///
/// ```
/// use helm_release_core::HelmLine;
/// use helm_release_core::hook::{Event, Manner, schedule};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let hooks = shop.record(2).await?.hooks()?;
/// let [before, after] = [Event::PreRollback, Event::PostRollback].map(|event| schedule(&hooks, &event, HelmLine::V4));
/// assert!(before.entries.is_empty());
/// assert_eq!((after.event, after.entries.len()), (Event::PostRollback, 1));
/// assert_eq!(after.manner, Manner::of(HelmLine::V4));
/// # Ok(()) });
/// ```
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
    ///
    /// ```
    /// use helm_release_core::hook::{Event, schedule};
    /// # use helm_release_core::{HelmLine, Record};
    ///
    /// # let record = Record::parse(br#"{"hooks": [
    /// #     {"name": "first", "kind": "Job", "weight": 1, "events": ["test"], "delete_policies": ["hook-succeeded"]},
    /// #     {"name": "second", "kind": "Job", "weight": 2, "events": ["test"]},
    /// #     {"name": "third", "kind": "Job", "weight": 3, "events": ["test"], "delete_policies": ["hook-succeeded"]}
    /// # ]}"#)?;
    /// // The first and the third hook of the record are deleted on success, the second is not.
    /// let schedule = schedule(&record.hooks()?, &Event::Test, HelmLine::V4);
    /// let deleted: Vec<&str> = schedule.on_success().iter().map(|step| schedule.entries[step.entry].name.as_str()).collect();
    /// assert_eq!(deleted, ["third", "first"]);
    /// # Ok::<(), helm_release_core::release::RecordError>(())
    /// ```
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
    ///
    /// ```
    /// use helm_release_core::hook::{Event, schedule};
    /// # use helm_release_core::{HelmLine, Record};
    ///
    /// # let record = Record::parse(br#"{"hooks": [
    /// #     {"name": "first", "kind": "Job", "weight": 1, "events": ["test"], "delete_policies": ["hook-succeeded"]},
    /// #     {"name": "second", "kind": "Job", "weight": 2, "events": ["test"], "delete_policies": ["hook-succeeded"]},
    /// #     {"name": "third", "kind": "Job", "weight": 3, "events": ["test"], "delete_policies": ["hook-failed"]}
    /// # ]}"#)?;
    /// // The first and the second hook are deleted on success, the third when it fails.
    /// let schedule = schedule(&record.hooks()?, &Event::Test, HelmLine::V4);
    /// let deleted = |failed: usize| schedule.on_failure_of(failed).iter().map(|step| step.entry).collect::<Vec<_>>();
    /// assert_eq!(deleted(2), [2, 0, 1], "itself, then the earlier ones");
    /// assert_eq!(deleted(1), [0], "the second stays for somebody to look at, the third has not run");
    /// # Ok::<(), helm_release_core::release::RecordError>(())
    /// ```
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
