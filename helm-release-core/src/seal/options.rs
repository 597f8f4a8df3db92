//! What was asked of a rollback, as a sealed plan keeps it.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::drift::{DriftChoice, DriftRule};
use crate::plan::{Acceptance, Hooks, Mode, OnFailure, Preflight, RollbackOptions, ServerSide, WaitStrategy, Writing};
use crate::ports::Conflicts;

/// The form in which options are stored. Every member is needed: a reader that misses one would make another plan.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Form {
    selector: Option<String>,
    mode: Mode,
    hooks: Hooks,
    server_side: ServerSide,
    writing: Writing,
    conflicts: ConflictsForm,
    wait: WaitStrategy,
    wait_for_jobs: bool,
    /// As ISO 8601 has it, such as `PT5M`.
    timeout: SignedDuration,
    on_failure: OnFailure,
    cleanup_on_fail: bool,
    history_max: u32,
    keep_good: usize,
    description: Option<String>,
    recreate_pods: bool,
    accept: Vec<String>,
    preflight: Preflight,
    probes: Vec<String>,
    drift: DriftChoice,
    drift_rules: Vec<String>,
    concurrency: usize,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ConflictsForm {
    Refuse,
    Force,
}

impl From<&RollbackOptions> for Form {
    fn from(options: &RollbackOptions) -> Self {
        // Named one by one, so that no option that is added is forgotten here.
        let RollbackOptions {
            selector,
            mode,
            hooks,
            server_side,
            writing,
            conflicts,
            wait,
            wait_for_jobs,
            timeout,
            on_failure,
            cleanup_on_fail,
            history_max,
            keep_good,
            description,
            recreate_pods,
            accept,
            preflight,
            probes,
            drift,
            drift_rules,
            concurrency,
        } = options;
        let rule = |DriftRule { object, path, choice }: &DriftRule| format!("{object}:{path}={}", choice.as_str());
        let acceptance = |Acceptance { id, object }: &Acceptance| match object {
            Some(object) => format!("{id}={object}"),
            None => id.clone(),
        };
        Self {
            selector: selector.as_ref().map(ToString::to_string),
            mode: *mode,
            hooks: *hooks,
            server_side: *server_side,
            writing: *writing,
            conflicts: match conflicts {
                Conflicts::Refuse => ConflictsForm::Refuse,
                Conflicts::Force => ConflictsForm::Force,
            },
            wait: *wait,
            wait_for_jobs: *wait_for_jobs,
            timeout: SignedDuration::try_from(*timeout).unwrap_or(SignedDuration::MAX),
            on_failure: *on_failure,
            cleanup_on_fail: *cleanup_on_fail,
            history_max: *history_max,
            keep_good: *keep_good,
            description: description.clone(),
            recreate_pods: *recreate_pods,
            accept: accept.iter().map(acceptance).collect(),
            preflight: *preflight,
            probes: probes.clone(),
            drift: *drift,
            drift_rules: drift_rules.iter().map(rule).collect(),
            concurrency: *concurrency,
        }
    }
}

impl TryFrom<Form> for RollbackOptions {
    type Error = String;

    fn try_from(form: Form) -> Result<Self, String> {
        let selector = form.selector.map(|text| text.parse()).transpose().map_err(|error| format!("selector: {error}"))?;
        let rules = form.drift_rules.iter().map(|text| text.parse::<DriftRule>());
        let drift_rules = rules.collect::<Result<_, _>>().map_err(|error| format!("driftRules: {error}"))?;
        Ok(Self {
            selector,
            mode: form.mode,
            hooks: form.hooks,
            server_side: form.server_side,
            writing: form.writing,
            conflicts: match form.conflicts {
                ConflictsForm::Refuse => Conflicts::Refuse,
                ConflictsForm::Force => Conflicts::Force,
            },
            wait: form.wait,
            wait_for_jobs: form.wait_for_jobs,
            timeout: form.timeout.try_into().map_err(|_| format!("timeout: {} is before now", form.timeout))?,
            on_failure: form.on_failure,
            cleanup_on_fail: form.cleanup_on_fail,
            history_max: form.history_max,
            keep_good: form.keep_good,
            description: form.description,
            recreate_pods: form.recreate_pods,
            accept: form.accept.iter().map(|text| Acceptance::parse(text)).collect(),
            preflight: form.preflight,
            probes: form.probes,
            drift: form.drift,
            drift_rules,
            concurrency: form.concurrency,
        })
    }
}
