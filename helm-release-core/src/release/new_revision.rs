//! Records that an operation writes: an existing record with a few members replaced.

use serde::Serialize;
use serde_json::value::RawValue;

use super::json::raw_json;
use super::raw::RawMap;
use super::{ApplyMethod, HelmLine, HelmTime, Info, Record, RecordError, Status};
use crate::Revision;
use crate::hook::{DeletePolicy, Hook, LastRun};

/// What distinguishes the record of a rollback from the record of the revision that it returns to.
///
/// ```
/// use helm_release_core::HelmLine;
/// use helm_release_core::release::{ApplyMethod, HelmTime, NewRevision};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let (target, current) = (shop.record(2).await?, shop.record(3).await?);
/// let record = target.rolled_back(&NewRevision {
///     current: &current,
///     revision: "4".parse()?,
///     to: "2".parse()?,
///     began: &HelmTime::parse("2026-11-23T09:30:00Z")?,
///     description: "Rollback to 2",
///     apply_method: ApplyMethod::Ssa,
///     line: HelmLine::V4,
/// })?;
/// let info = record.info()?;
/// assert_eq!((record.version()?, info.rollback_revision, info.last_deployed.as_str()), (4, 2, "2026-11-23T09:30:00Z"));
/// assert_eq!(record.manifest()?, target.manifest()?);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone)]
pub struct NewRevision<'a> {
    /// The latest revision, from which namespace and first deployment come.
    pub current: &'a Record,
    /// The number that the record takes.
    pub revision: Revision,
    /// The number of the revision that is returned to.
    pub to: Revision,
    /// When the operation began.
    pub began: &'a HelmTime,
    /// What is said of it.
    pub description: &'a str,
    /// How objects are written; Helm 3 has no such member.
    pub apply_method: ApplyMethod,
    /// In which line's form the record is written.
    pub line: HelmLine,
}

/// A later change of a record by the operation that wrote it, or by its successor.
///
/// ```
/// use helm_release_core::release::{RevisionUpdate, Status};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// // A rollback has replaced the revision that was deployed; what is said of it stays.
/// let superseded = RevisionUpdate { status: Some(Status::Superseded), ..RevisionUpdate::default() };
/// let info = shop.record(2).await?.updated(&superseded).info()?;
/// assert_eq!((info.status, info.description.as_str()), (Status::Superseded, "Upgrade complete"));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RevisionUpdate {
    /// The status that it takes.
    pub status: Option<Status>,
    /// The description that it takes.
    pub description: Option<String>,
}

/// The members of `info` in the order of the line that writes them.
fn info_order(line: HelmLine) -> &'static [&'static str] {
    match line {
        HelmLine::V3 => &["first_deployed", "last_deployed", "deleted", "description", "status", "notes"],
        HelmLine::V4 => &Info::MEMBERS,
    }
}

/// Sets a member of `info` at its place, or takes an empty one away.
fn set_info(info: &mut RawMap, line: HelmLine, key: &str, value: Option<Box<RawValue>>) {
    let order = info_order(line);
    match value {
        Some(value) => {
            let after = order.iter().position(|known| *known == key).map_or(&[][..], |at| &order[at + 1..]);
            info.set(key, value, after);
        }
        None => info.remove(key),
    }
}

fn filled(text: &str) -> Option<Box<RawValue>> {
    (!text.is_empty()).then(|| raw_json(text))
}

fn time_in(line: HelmLine, time: &HelmTime) -> Option<Box<RawValue>> {
    // Helm 3 writes an empty text where Helm 4 leaves the member out.
    if line == HelmLine::V3 { Some(raw_json(if time.is_zero() { "" } else { time.as_str() })) } else { filled(time.as_str()) }
}

impl Record {
    /// The record of a rollback to this revision, status `pending-rollback` (`pkg/action/rollback.go`, `prepareRollback`).
    ///
    /// Everything that is not named in [`NewRevision`] is taken over as it is, unknown members included.
    ///
    /// # Errors
    /// [`RecordError::Member`] when `current` cannot be read.
    ///
    /// ```
    /// use helm_release_core::release::{ApplyMethod, HelmTime, NewRevision};
    /// use helm_release_core::{HelmLine, Record, Revision};
    ///
    /// let target = Record::parse(br#"{"name":"web","version":1,"namespace":"shop","future":[1]}"#)?;
    /// let current = Record::parse(br#"{"name":"web","version":2,"namespace":"shop"}"#)?;
    /// let new = target.rolled_back(&NewRevision {
    ///     current: &current,
    ///     revision: Revision::new(3).unwrap(),
    ///     to: Revision::FIRST,
    ///     began: &HelmTime::parse("2026-11-20T08:00:00Z").unwrap(),
    ///     description: "Rollback to 1",
    ///     apply_method: ApplyMethod::Ssa,
    ///     line: HelmLine::V4,
    /// })?;
    /// assert_eq!((new.version()?, new.info()?.status.as_str()), (3, "pending-rollback"));
    /// assert_eq!(new.raw("future").unwrap(), "[1]", "what a later Helm wrote is taken over");
    /// # Ok::<(), helm_release_core::release::RecordError>(())
    /// ```
    pub fn rolled_back(&self, new: &NewRevision<'_>) -> Result<Self, RecordError> {
        let mut members = self.members.clone();
        let mut info = self.info_members();
        let current: Info = new.current.info()?;
        let line = new.line;
        set_info(&mut info, line, "first_deployed", time_in(line, &current.first_deployed));
        set_info(&mut info, line, "last_deployed", time_in(line, new.began));
        set_info(&mut info, line, "deleted", time_in(line, &HelmTime::zero()));
        set_info(&mut info, line, "description", filled(new.description));
        set_info(&mut info, line, "status", Some(raw_json(&Status::PendingRollback)));
        let rollback_revision = (line == HelmLine::V4).then(|| raw_json(&new.to));
        set_info(&mut info, line, "rollback_revision", rollback_revision);
        members.set("info", info.to_raw(), &["chart"]);
        members.set("version", raw_json(&new.revision), &["namespace"]);
        members.set("namespace", raw_json(&new.current.namespace()?), &[]);
        match line {
            HelmLine::V3 => members.remove("apply_method"),
            HelmLine::V4 => members.set("apply_method", raw_json(&new.apply_method), &[]),
        }
        Ok(Self { members })
    }

    /// The same record with another status or description.
    ///
    /// ```
    /// use helm_release_core::Record;
    /// use helm_release_core::release::{RevisionUpdate, Status};
    ///
    /// let record = Record::parse(br#"{"name":"web","info":{"status":"pending-rollback","notes":"hello"},"next":[1]}"#)?;
    /// let update = RevisionUpdate { status: Some(Status::Deployed), description: Some("Rollback to 1".to_owned()) };
    /// let info = r#"{"description":"Rollback to 1","status":"deployed","notes":"hello"}"#;
    /// assert_eq!(record.updated(&update).to_json(), format!(r#"{{"name":"web","info":{info},"next":[1]}}"#));
    /// # Ok::<(), helm_release_core::release::RecordError>(())
    /// ```
    #[must_use]
    pub fn updated(&self, update: &RevisionUpdate) -> Self {
        let mut info = self.info_members();
        let line = self.line();
        if let Some(status) = &update.status {
            set_info(&mut info, line, "status", Some(raw_json(status)));
        }
        if let Some(description) = &update.description {
            set_info(&mut info, line, "description", filled(description));
        }
        let mut members = self.members.clone();
        members.set("info", info.to_raw(), &["chart"]);
        Self { members }
    }

    /// The same record with hooks of another behind its own, by their places there.
    ///
    /// # Errors
    /// [`RecordError::Member`] when `hooks` of either is no list, or has no such place.
    ///
    /// ```
    /// use helm_release_core::Record;
    ///
    /// let target = Record::parse(br#"{"hooks":[{"name":"migrate"}]}"#)?;
    /// let current = Record::parse(br#"{"hooks":[{"name":"warm-up"},{"name":"check"}]}"#)?;
    /// // The target has no hook for the end of a rollback, and the current revision has one.
    /// let lent = target.with_hooks_lent(&current, &[1])?;
    /// assert_eq!(lent.raw("hooks"), Some(r#"[{"name":"migrate"},{"name":"check"}]"#));
    /// assert!(target.with_hooks_lent(&current, &[2]).is_err());
    /// # Ok::<(), helm_release_core::release::RecordError>(())
    /// ```
    pub fn with_hooks_lent(&self, from: &Self, places: &[usize]) -> Result<Self, RecordError> {
        if places.is_empty() {
            return Ok(self.clone());
        }
        let (mut hooks, others): (Vec<Box<RawValue>>, Vec<Box<RawValue>>) = (self.view("hooks")?, from.view("hooks")?);
        for place in places {
            let reason = || format!("there are {} hooks, none at place {place}", others.len());
            hooks.push(others.get(*place).ok_or_else(|| RecordError::Member { member: "hooks", reason: reason() })?.clone());
        }
        let mut members = self.members.clone();
        members.set("hooks", raw_json(&hooks), &["version"]);
        Ok(Self { members })
    }

    /// The same record with its first hooks alone: without those that were [lent](Self::with_hooks_lent) to it.
    ///
    /// # Errors
    /// [`RecordError::Member`] when `hooks` is no list.
    ///
    /// ```
    /// use helm_release_core::Record;
    ///
    /// let target = Record::parse(br#"{"name":"web","hooks":[{"name":"migrate"}]}"#)?;
    /// let current = Record::parse(br#"{"hooks":[{"name":"check"}]}"#)?;
    /// let lent = target.with_hooks_lent(&current, &[0])?;
    /// assert_eq!(lent.hooks()?.len(), 2);
    /// assert_eq!(lent.with_first_hooks(1)?.to_json(), target.to_json());
    /// # Ok::<(), helm_release_core::release::RecordError>(())
    /// ```
    pub fn with_first_hooks(&self, count: usize) -> Result<Self, RecordError> {
        let mut hooks: Vec<Box<RawValue>> = self.view("hooks")?;
        if hooks.len() <= count {
            return Ok(self.clone());
        }
        hooks.truncate(count);
        let mut members = self.members.clone();
        if hooks.is_empty() {
            // Helm leaves an empty list out.
            members.remove("hooks");
        } else {
            members.set("hooks", raw_json(&hooks), &["version"]);
        }
        Ok(Self { members })
    }

    /// The same record after the hook of that place ran, or began to: its `last_run` replaced.
    ///
    /// A hook without delete policies gets Helm's default one, which Helm stores too (`pkg/action/hooks.go`).
    ///
    /// # Errors
    /// [`RecordError::Member`] when `hooks` is no list of mappings.
    ///
    /// ```
    /// use helm_release_core::hook::{LastRun, Phase};
    /// use helm_release_core::release::HelmTime;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let run = LastRun {
    ///     started_at: HelmTime::parse("2026-11-23T09:30:00Z")?,
    ///     completed_at: HelmTime::parse("2026-11-23T09:30:04Z")?,
    ///     phase: Phase::Succeeded,
    /// };
    /// let record = shop.record(2).await?;
    /// assert_eq!(record.hooks()?[0].last_run.phase, Phase::Never);
    /// assert_eq!(record.with_hook_run(0, &run)?.hooks()?[0].last_run, run);
    /// assert!(record.with_hook_run(1, &run).is_err(), "there is one hook");
    /// # Ok(()) });
    /// ```
    pub fn with_hook_run(&self, index: usize, run: &LastRun) -> Result<Self, RecordError> {
        let unreadable = |reason: String| RecordError::Member { member: "hooks", reason };
        let mut hooks: Vec<Box<RawValue>> = self.view("hooks")?;
        let count = hooks.len();
        let slot = hooks.get_mut(index).ok_or_else(|| unreadable(format!("there are {count} hooks, none at place {index}")))?;
        let mut hook = RawMap::parse(slot.get().into()).map_err(unreadable)?.in_known_case(&Hook::MEMBERS);
        hook.set("last_run", last_run_json(self.line(), run), &["weight", "delete_policies", "output_log_policies"]);
        if matches!(hook.get("delete_policies"), None | Some("null" | "[]")) {
            hook.set("delete_policies", raw_json(&[DeletePolicy::BeforeHookCreation.as_str()]), &["output_log_policies"]);
        }
        *slot = hook.to_raw();
        let mut members = self.members.clone();
        members.set("hooks", raw_json(&hooks), &["version"]);
        Ok(Self { members })
    }
}

/// `last_run` in the form of the line: Helm 4 leaves empty times out.
fn last_run_json(line: HelmLine, run: &LastRun) -> Box<RawValue> {
    #[derive(Serialize)]
    struct Always<'a> {
        started_at: &'a HelmTime,
        completed_at: &'a HelmTime,
        phase: &'a str,
    }
    #[derive(Serialize)]
    struct Filled<'a> {
        #[serde(skip_serializing_if = "HelmTime::is_zero")]
        started_at: &'a HelmTime,
        #[serde(skip_serializing_if = "HelmTime::is_zero")]
        completed_at: &'a HelmTime,
        phase: &'a str,
    }
    let LastRun { started_at, completed_at, phase } = run;
    match line {
        HelmLine::V3 => raw_json(&Always { started_at, completed_at, phase: phase.as_str() }),
        HelmLine::V4 => raw_json(&Filled { started_at, completed_at, phase: phase.as_str() }),
    }
}
