//! What a user asks of a rollback.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Acceptance;
use crate::drift::{DriftChoice, DriftRule};
use crate::history::{KEEP_GOOD, Selector};
use crate::ports::Conflicts;

/// Whether this tool's deliberate differences from Helm are on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// All of them (`docs/differences.md` lists each).
    #[default]
    Safe,
    /// None: what `helm rollback` would do.
    Compat,
}

/// How a rollback waits (Helm 4's `--wait`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum WaitStrategy {
    /// For hooks alone.
    #[default]
    HookOnly,
    /// For every object, by Helm 4's rules.
    Watcher,
    /// For every object, by Helm 3's rules.
    Legacy,
}

/// Whether objects are written by server-side apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ServerSide {
    /// As the target's record says.
    #[default]
    Auto,
    /// Yes.
    Yes,
    /// No: client-side three-way merge.
    No,
}

/// Whether objects are replaced instead of patched (Helm's `--force-replace`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Writing {
    /// Patched.
    #[default]
    Patch,
    /// Replaced by PUT.
    Replace,
}

/// Which revision's rollback hooks run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hooks {
    /// The target's, as in Helm.
    #[default]
    Target,
    /// The current revision's, which may be the only one that knows how to leave it.
    Current,
    /// The target's, and those that only the current revision has.
    Both,
    /// None (`--no-hooks`).
    #[serde(rename = "none")]
    Skip,
}

impl Hooks {
    /// As on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Target => "target",
            Self::Current => "current",
            Self::Both => "both",
            Self::Skip => "none",
        }
    }
}

impl std::str::FromStr for Hooks {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = [Self::Target, Self::Current, Self::Both, Self::Skip].into_iter().find(|hooks| hooks.as_str() == text);
        known.ok_or_else(|| "it is none of target, current, both, none".to_owned())
    }
}

/// What becomes of the objects when a rollback fails after its first write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnFailure {
    /// They are brought back to what they were, as Helm's `--atomic` promises of an upgrade.
    #[default]
    Return,
    /// They are left as they are.
    Stop,
}

/// How much the server is asked before a plan is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Preflight {
    /// Rights, what stands around, and the dry run of every write.
    All,
    /// Rights, what stands around, and the dry run of writes that something besides their own kind's rules may refuse:
    /// creations, claims, custom resources, and whatever a webhook or a policy sees.
    #[default]
    Needed,
    /// Rights and what stands around; no write is tried.
    Reads,
    /// Nothing.
    None,
}

/// Everything that a user can ask of a rollback.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RollbackOptions {
    /// Which revision to return to; `None` is the default of the mode.
    pub selector: Option<Selector>,
    /// Differences from Helm on or off.
    pub mode: Mode,
    /// Which hooks run.
    pub hooks: Hooks,
    /// Server-side or client-side.
    pub server_side: ServerSide,
    /// Patch or replace.
    pub writing: Writing,
    /// What a server-side apply does with fields of other managers.
    pub conflicts: Conflicts,
    /// How to wait.
    pub wait: WaitStrategy,
    /// Whether waiting covers Jobs as well.
    pub wait_for_jobs: bool,
    /// Limit of each wait.
    pub timeout: Duration,
    /// What becomes of the objects when it fails; in compat mode they are left as they are.
    pub on_failure: OnFailure,
    /// Whether objects that a failed rollback created are deleted when everything else is left as it is.
    pub cleanup_on_fail: bool,
    /// How many revisions stay; 0 is no limit.
    pub history_max: u32,
    /// How many good revisions before the new one that limit spares, besides the target; not in compat mode.
    pub keep_good: usize,
    /// What the new record says of itself instead of `Rollback to N`.
    pub description: Option<String>,
    /// Whether pods of changed workloads are deleted (Helm 3).
    pub recreate_pods: bool,
    /// Findings that the user accepts.
    pub accept: Vec<Acceptance>,
    /// What becomes of fields that somebody changed since the current revision was applied; of no effect in compat mode.
    pub drift: DriftChoice,
    /// Other choices for single fields; of several that cover a field the last one counts.
    pub drift_rules: Vec<DriftRule>,
    /// How much the server is asked beforehand.
    pub preflight: Preflight,
    /// Checks of the user's own, run before a plan is made.
    pub probes: Vec<String>,
    /// How many requests go out at once.
    pub concurrency: usize,
}

impl Default for RollbackOptions {
    fn default() -> Self {
        Self {
            selector: None,
            mode: Mode::default(),
            hooks: Hooks::default(),
            server_side: ServerSide::default(),
            writing: Writing::default(),
            conflicts: Conflicts::Refuse,
            wait: WaitStrategy::default(),
            wait_for_jobs: false,
            timeout: Duration::from_secs(300),
            on_failure: OnFailure::default(),
            cleanup_on_fail: false,
            history_max: 10,
            keep_good: KEEP_GOOD,
            description: None,
            recreate_pods: false,
            accept: Vec::new(),
            drift: DriftChoice::default(),
            drift_rules: Vec::new(),
            preflight: Preflight::default(),
            probes: Vec::new(),
            concurrency: 8,
        }
    }
}

impl RollbackOptions {
    /// Returns to that revision.
    #[must_use]
    pub fn with_selector(mut self, selector: Selector) -> Self {
        self.selector = Some(selector);
        self
    }

    /// Sets the mode.
    #[must_use]
    pub fn with_mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    /// Sets how to wait.
    #[must_use]
    pub fn with_wait(mut self, wait: WaitStrategy) -> Self {
        self.wait = wait;
        self
    }

    /// Sets the limit of each wait.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets what becomes of the objects when it fails.
    #[must_use]
    pub fn with_on_failure(mut self, on_failure: OnFailure) -> Self {
        self.on_failure = on_failure;
        self
    }

    /// Sets how much the server is asked beforehand.
    #[must_use]
    pub fn with_preflight(mut self, preflight: Preflight) -> Self {
        self.preflight = preflight;
        self
    }

    /// Accepts findings.
    #[must_use]
    pub fn with_accepted(mut self, accept: impl IntoIterator<Item = Acceptance>) -> Self {
        self.accept.extend(accept);
        self
    }

    /// Sets what becomes of fields that somebody changed.
    #[must_use]
    pub fn with_drift(mut self, drift: DriftChoice) -> Self {
        self.drift = drift;
        self
    }

    /// Adds other choices for single fields.
    #[must_use]
    pub fn with_drift_rules(mut self, rules: impl IntoIterator<Item = DriftRule>) -> Self {
        self.drift_rules.extend(rules);
        self
    }
}
