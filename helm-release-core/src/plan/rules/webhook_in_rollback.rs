//! Webhooks whose own Service or pods the rollback changes.

use serde_json::Value;

use crate::inquiry::{Watcher, watchers};
use crate::plan::{Action, Finding, FindingId, RollbackOptions, Rule, Severity, Step, Survey};

/// Webhooks that refuse writes while they do not answer, and whose own Service or pods the rollback changes.
#[derive(Debug, Clone, Copy)]
pub(super) struct WebhookInRollback;

impl Rule for WebhookInRollback {
    fn look(&self, survey: &Survey, _options: &RollbackOptions, steps: &[Step]) -> Vec<Finding> {
        let watchers = watchers(&survey.answers.around);
        let strict = watchers.iter().filter(|watcher| watcher.is_strict);
        strict.filter_map(|watcher| finding(watcher, survey, steps)).collect()
    }
}

/// The steps that change what answers for a Service: itself, or a workload whose pods it selects.
fn touching<'a>(service: &(String, String), survey: &Survey, steps: &'a [Step]) -> Vec<&'a Step> {
    let (namespace, name) = service;
    let is_service = |step: &&Step| {
        step.location()
            .is_some_and(|at| at.resource.gvk.kind == "Service" && at.namespace.as_ref() == Some(namespace) && at.name == *name)
    };
    let written = || steps.iter().filter(|step| step.action.writes_object());
    let selector = survey.live.iter().find_map(|(at, seen)| {
        let is_it = at.resource.gvk.kind == "Service" && at.namespace.as_ref() == Some(namespace) && at.name == *name;
        seen.object().filter(|_| is_it)?.at(&["spec", "selector"]).cloned()
    });
    let selects = |step: &&Step| {
        let (Some(selector), Some(seen)) = (&selector, &step.seen) else { return false };
        let labels = seen.at(&["spec", "template", "metadata", "labels"]);
        let changes_pods =
            step.action == Action::Delete || step.changes.iter().any(|change| change.path.starts_with("spec.template"));
        changes_pods && labels.is_some_and(|labels| has_labels(labels, selector))
    };
    written().filter(is_service).chain(written().filter(selects)).collect()
}

fn finding(watcher: &Watcher, survey: &Survey, steps: &[Step]) -> Option<Finding> {
    let service = watcher.service.as_ref()?;
    let touched = touching(service, survey, steps);
    let first = touched.first()?;
    let seen = steps.iter().filter(|step| step.action.writes_object());
    let seen = seen.filter(|step| !touched.iter().any(|touched| touched.object() == step.object()));
    let held = seen.filter(|step| watcher.sees(step)).count();
    if held == 0 {
        return None;
    }
    let (namespace, name) = service;
    let does = if first.action == Action::Delete { "removes" } else { "changes" };
    let finding = Finding::new(
        FindingId::WEBHOOK_IN_ROLLBACK,
        Severity::Caution,
        format!("webhook {} calls Service {namespace}/{name}, which this rollback {does}", watcher.name),
        format!("while it does not answer, the server refuses writes that it sees, {held} of this plan among them"),
    );
    let finding = finding.way_out("roll back at a time when a repeated try does no harm: a failed run is brought back");
    let finding = finding.way_out("set its failurePolicy to Ignore for the time of the rollback");
    Some(match first.object() {
        Some(object) => finding.about(object),
        None => finding,
    })
}

/// Whether an object with these labels is among those that a Service's selector asks for.
fn has_labels(labels: &Value, selector: &Value) -> bool {
    let asked = selector.as_object().filter(|asked| !asked.is_empty());
    asked.is_some_and(|asked| asked.iter().all(|(key, value)| labels.get(key) == Some(value)))
}

#[cfg(test)]
mod tests;
