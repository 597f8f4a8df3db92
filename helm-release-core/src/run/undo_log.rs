//! What the journal keeps while a rollback runs: how to undo it, whoever does it and whenever.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{Read as _, Write as _};
use std::time::Duration;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};

use super::RunError;
use crate::drift::DriftChoice;
use crate::plan::{Acceptance, Hooks, Mode, Plan, RollbackOptions, ServerSide, Undo, WaitStrategy, Writing};
use crate::ports::{Conflicts, Location, Note, NoteKey, NoteKind};
use crate::release::ApplyMethod;
use crate::{Namespace, Object, ReleaseName, Revision};

/// Name and version of the form. A reader refuses a higher version than it knows.
pub const JOURNAL_FORMAT: &str = "helm-rollback-safe/journal/v2";
/// The form before: `runHooks` said whether the target's hooks run, and one good revision outlived the history's limit.
const FORMER_FORMAT: &str = "helm-rollback-safe/journal/v1";
/// No journal is larger than this when it is unpacked, in bytes.
const MAX_SIZE: u64 = 256 << 20;

/// A hook's object, and which object was in its place before the rollback.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct HookTrace {
    /// Where.
    pub at: Location,
    /// The uid of the one that was there; `None` when none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
}

/// How to undo one rollback, and how to finish it. `Debug` prints no value.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UndoLog {
    /// [`JOURNAL_FORMAT`].
    pub format: String,
    /// The release's namespace.
    pub namespace: Namespace,
    /// Its name.
    pub name: ReleaseName,
    /// The revision that the rollback makes.
    pub revision: Revision,
    /// The revision that it started from.
    pub from: Revision,
    /// The revision that it goes to.
    pub to: Revision,
    /// When it began.
    pub began: Timestamp,
    /// The revisions that were deployed before.
    pub deployed: Vec<Revision>,
    /// The way back, in the order of the plan's steps.
    pub entries: Vec<Undo>,
    /// The hooks that the plan runs.
    pub hooks: Vec<HookTrace>,
    /// How many hooks of the run's record are its own; `None` is all. Those behind are the other revision's, lent while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_hooks: Option<usize>,
    /// What the user asked for, as far as finishing needs it.
    pub asked: Asked,
}

/// What a user asked of a rollback, as far as finishing it needs that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of Helm's, and the form is that of the JSON")]
pub struct Asked {
    /// Which hooks run.
    #[serde(alias = "runHooks", deserialize_with = "hooks_of_any_form")]
    pub hooks: Hooks,
    /// By server-side apply.
    pub server_side: bool,
    /// Objects are replaced.
    pub replace: bool,
    /// Fields of other managers are taken over.
    pub force_conflicts: bool,
    /// How to wait: `hookOnly`, `watcher`, `legacy`.
    pub wait: String,
    /// Whether waiting covers Jobs.
    pub wait_for_jobs: bool,
    /// Limit of each wait, in seconds.
    pub timeout: u64,
    /// How many revisions stay; 0 is no limit.
    pub history_max: u32,
    /// How many good ones that spares.
    #[serde(default = "good_in_former_form")]
    pub keep_good: usize,
    /// What becomes of fields that drifted.
    #[serde(default)]
    pub drift: DriftChoice,
    /// The rules for single ones, as they were written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drift_rules: Vec<String>,
    /// Findings that are accepted, as on the command line.
    #[serde(default)]
    pub accept: Vec<String>,
}

impl Asked {
    fn of(plan: &Plan) -> Self {
        let options = &plan.options;
        let wait = match options.wait {
            WaitStrategy::HookOnly => "hookOnly",
            WaitStrategy::Watcher => "watcher",
            WaitStrategy::Legacy => "legacy",
        };
        Self {
            hooks: options.hooks,
            server_side: plan.apply_method == ApplyMethod::Ssa,
            replace: options.writing == Writing::Replace,
            force_conflicts: options.conflicts == Conflicts::Force,
            wait: wait.to_owned(),
            wait_for_jobs: options.wait_for_jobs,
            timeout: options.timeout.as_secs(),
            history_max: options.history_max,
            keep_good: options.keep_good,
            drift: options.drift,
            drift_rules: options.drift_rules.iter().map(ToString::to_string).collect(),
            accept: options.accept.iter().map(ToString::to_string).collect(),
        }
    }

    /// The same as options of a rollback.
    #[must_use]
    pub fn options(&self) -> RollbackOptions {
        let wait = match self.wait.as_str() {
            "watcher" => WaitStrategy::Watcher,
            "legacy" => WaitStrategy::Legacy,
            _ => WaitStrategy::HookOnly,
        };
        RollbackOptions {
            mode: Mode::Safe,
            hooks: self.hooks,
            server_side: if self.server_side { ServerSide::Yes } else { ServerSide::No },
            writing: if self.replace { Writing::Replace } else { Writing::Patch },
            conflicts: if self.force_conflicts { Conflicts::Force } else { Conflicts::Refuse },
            wait,
            wait_for_jobs: self.wait_for_jobs,
            timeout: Duration::from_secs(self.timeout),
            history_max: self.history_max,
            keep_good: self.keep_good,
            drift: self.drift,
            drift_rules: self.drift_rules.iter().filter_map(|rule| rule.parse().ok()).collect(),
            accept: self.accept.iter().map(|text| Acceptance::parse(text)).collect(),
            ..RollbackOptions::default()
        }
    }
}

fn hooks_of_any_form<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Hooks, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum AnyForm {
        Whose(Hooks),
        Former(bool),
    }
    Ok(match AnyForm::deserialize(deserializer)? {
        AnyForm::Whose(hooks) => hooks,
        AnyForm::Former(true) => Hooks::Target,
        AnyForm::Former(false) => Hooks::Skip,
    })
}

fn good_in_former_form() -> usize {
    1
}

/// What every version of the form has.
#[derive(Deserialize)]
struct Form {
    format: String,
}

impl fmt::Debug for UndoLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { namespace, name, revision, entries, hooks, .. } = self;
        write!(f, "UndoLog({namespace}/{name} revision {revision}, {} entries, {} hooks)", entries.len(), hooks.len())
    }
}

impl UndoLog {
    /// The way back from a plan.
    pub(super) fn of(plan: &Plan, hooks: Vec<HookTrace>, began: Timestamp) -> Self {
        Self {
            format: JOURNAL_FORMAT.to_owned(),
            namespace: plan.namespace.clone(),
            name: plan.name.clone(),
            revision: plan.new_revision,
            from: plan.current.revision(),
            to: plan.target.revision(),
            began,
            deployed: plan.deployed.iter().map(|head| head.key.revision).collect(),
            entries: plan.steps.iter().filter_map(|step| step.undo.clone()).collect(),
            hooks,
            own_hooks: Some(plan.target.hooks.len()).filter(|_| !plan.lent_hooks.is_empty()),
            asked: Asked::of(plan),
        }
    }

    /// The objects that the plan deletes to make others in their place: uid, and what they were.
    #[must_use]
    pub fn exchanged(&self) -> BTreeMap<Location, (String, Object)> {
        let exchanged = self.entries.iter().filter_map(|entry| match entry {
            Undo::PutBack { at, uid, object, .. } => Some((at.clone(), (uid.clone(), object.clone()))),
            _ => None,
        });
        exchanged.collect()
    }

    /// Under which key the journal of a revision lies.
    #[must_use]
    pub fn key(namespace: &Namespace, name: &ReleaseName, revision: Revision) -> NoteKey {
        let (namespace, name) = (namespace.clone(), name.clone());
        NoteKey { namespace, name, kind: NoteKind::Journal, id: format!("v{revision}") }
    }

    /// The journal's own key.
    #[must_use]
    pub fn own_key(&self) -> NoteKey {
        Self::key(&self.namespace, &self.name, self.revision)
    }

    /// As bytes: gzip of JSON.
    ///
    /// # Errors
    /// [`RunError::UnusableJournal`], which no value of this type leads to.
    pub fn encode(&self) -> Result<Note, RunError> {
        let unusable = |reason: String| RunError::UnusableJournal { what: self.own_key().to_string(), reason };
        let json = serde_json::to_vec(self).map_err(|error| unusable(error.to_string()))?;
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&json).map_err(|error| unusable(error.to_string()))?;
        Ok(Note(encoder.finish().map_err(|error| unusable(error.to_string()))?))
    }

    /// From bytes.
    ///
    /// # Errors
    /// [`RunError::UnusableJournal`] when they are something else, or of a version that this one does not know.
    pub fn decode(key: &NoteKey, note: &Note) -> Result<Self, RunError> {
        let unusable = |reason: String| RunError::UnusableJournal { what: key.to_string(), reason };
        let mut json = Vec::new();
        let read = GzDecoder::new(note.0.as_slice()).take(MAX_SIZE).read_to_end(&mut json);
        read.map_err(|error| unusable(error.to_string()))?;
        // The form is looked at first: a newer one may be anything.
        let form: Form = serde_json::from_slice(&json).map_err(|error| unusable(error.to_string()))?;
        if ![JOURNAL_FORMAT, FORMER_FORMAT].contains(&form.format.as_str()) {
            let reason =
                format!("it has the form {:?}, and this version knows {JOURNAL_FORMAT:?}; use the newer version", form.format);
            return Err(unusable(reason));
        }
        serde_json::from_slice(&json).map_err(|error| unusable(error.to_string()))
    }
}

#[cfg(test)]
mod tests;
