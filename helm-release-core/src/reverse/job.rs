//! Jobs: what they run is fixed (`ValidateJobSpecUpdate`), but for where a suspended one runs it.

use serde_json::Value;

use super::alike::{alike, differences};
use super::defaults::POD;
use super::fate::{Change, FieldFate, Loss, recreate, unknown};

/// Labels that the server puts on every Job's template.
const SERVER_LABELS: [&str; 4] =
    ["controller-uid", "batch.kubernetes.io/controller-uid", "job-name", "batch.kubernetes.io/job-name"];

/// Fields besides the template that are fixed, and their defaults.
const FIXED: [(&str, &str); 6] = [
    ("completionMode", "\"NonIndexed\""),
    ("podFailurePolicy", "null"),
    ("backoffLimitPerIndex", "null"),
    ("managedBy", "null"),
    ("successPolicy", "null"),
    ("selector", "null"),
];

pub(super) fn fates(change: &Change<'_>) -> Vec<FieldFate> {
    let mut fates = server_fields(change);
    let carried: Vec<String> = fates.iter().map(|fate| fate.path.clone()).collect();
    let loses = loss(change);
    let why = "what a Job runs is fixed when it is made";
    for (field, default) in FIXED {
        let path = format!("spec.{field}");
        let (live, after) = (change.live_at(&["spec", field]), change.after_at(&["spec", field]));
        if !carried.contains(&path) && !alike(&path, live, after, &[(field, default)]) {
            fates.push(recreate(path, why, loses.clone()));
        }
    }
    if !completions_are_kept(change) {
        fates.push(recreate("spec.completions", why, loses.clone()));
    }
    let template = ["spec", "template"];
    let differ = differences("spec.template", change.live_at(&template), change.after_at(&template), POD);
    let suspended = Suspended::of(change);
    for path in differ.into_iter().filter(|path| !carried.contains(path)) {
        match suspended.allows(&path) {
            Some(true) => {}
            Some(false) => fates.push(recreate(path, why, loses.clone())),
            None => {
                let why = "newer servers change this of a Job that is suspended, older ones do not";
                fates.push(unknown(path, why));
            }
        }
    }
    fates
}

/// What the server itself put in stays where the target is silent.
fn server_fields(change: &Change<'_>) -> Vec<FieldFate> {
    let mut fates = Vec::new();
    let why = "the server set it when it made the Job";
    if change.live_at(&["spec", "manualSelector"]) == Some(&Value::Bool(true)) {
        return fates;
    }
    if change.live_at(&["spec", "selector"]).is_some() && change.after_at(&["spec", "selector"]).is_none() {
        fates.push(change.carried_over(&["spec", "selector"], why));
    }
    for label in SERVER_LABELS {
        let path = ["spec", "template", "metadata", "labels", label];
        if change.live_at(&path).is_some() && change.after_at(&path).is_none() {
            fates.push(change.carried_over(&path, why));
        }
    }
    fates
}

fn loss(change: &Change<'_>) -> Loss {
    let again = "it runs again, and what its pods logged is gone";
    if has_ended(change) {
        Loss::Nothing(Some(again.to_owned()))
    } else if change.live_at(&["spec", "suspend"]) == Some(&Value::Bool(true)) {
        Loss::Nothing(Some("it is suspended, so nothing is stopped".to_owned()))
    } else {
        Loss::Work(format!("it has not ended: it is stopped where it is, then {again}"))
    }
}

fn has_ended(change: &Change<'_>) -> bool {
    let conditions = change.live_at(&["status", "conditions"]).and_then(Value::as_array);
    conditions.into_iter().flatten().any(|condition| {
        let is = |key: &str, text: &str| condition.get(key).and_then(Value::as_str) == Some(text);
        (is("type", "Complete") || is("type", "Failed")) && is("status", "True")
    })
}

/// An indexed Job takes another number of completions together with the same number of pods at once.
fn completions_are_kept(change: &Change<'_>) -> bool {
    let path = ["spec", "completions"];
    let both_default = change.after_at(&["spec", "parallelism"]).is_none();
    let default: &[(&str, &str)] = if both_default { &[("completions", "1")] } else { &[] };
    if alike("spec.completions", change.live_at(&path), change.after_at(&path), default) {
        return true;
    }
    let is_indexed = change.after_text(&["spec", "completionMode"]) == "Indexed";
    is_indexed && change.after_at(&path).is_some() && change.after_at(&path) == change.after_at(&["spec", "parallelism"])
}

/// Whether a Job waits, and whether it ever started.
#[derive(Debug, Clone, Copy)]
struct Suspended {
    is_suspended: bool,
    has_started: bool,
}

impl Suspended {
    fn of(change: &Change<'_>) -> Self {
        Self {
            is_suspended: change.live_at(&["spec", "suspend"]) == Some(&Value::Bool(true)),
            has_started: change.live_at(&["status", "startTime"]).is_some(),
        }
    }

    /// Whether the template's field can be changed; `None` when that depends on the server's version.
    fn allows(self, path: &str) -> Option<bool> {
        let scheduling = [
            "spec.template.metadata.labels",
            "spec.template.metadata.annotations",
            "spec.template.spec.nodeSelector",
            "spec.template.spec.tolerations",
            "spec.template.spec.schedulingGates",
            "spec.template.spec.affinity.nodeAffinity",
        ];
        let is_below = |root: &&str| path.strip_prefix(*root).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
        if !self.is_suspended {
            Some(false)
        } else if scheduling.iter().any(is_below) {
            if self.has_started { None } else { Some(true) }
        } else if path.contains("ontainers[") && path.contains("].resources") {
            None
        } else {
            Some(false)
        }
    }
}
