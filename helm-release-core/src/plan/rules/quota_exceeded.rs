//! Quotas and limits that new objects or pods do not fit into.

mod demand;
mod scope;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::plan::rules::block_unless_compat;
use crate::plan::{Action, Finding, FindingId, RollbackOptions, Rule, Severity, Step, Survey};
use crate::quantity;
use crate::{Object, ObjectId};
use demand::{Demand, Pods, pods_of};
use scope::Scopes;

/// Quotas and limits that new objects or pods do not fit into. The server tells the writer of a Pod, but to the writer of a
/// Deployment it says nothing: its pods are refused later, one after the other.
#[derive(Debug, Clone, Copy)]
pub(super) struct QuotaExceeded;

impl Rule for QuotaExceeded {
    fn look(&self, survey: &Survey, options: &RollbackOptions, steps: &[Step]) -> Vec<Finding> {
        let around = &survey.answers.around;
        let workloads: Vec<Change> = steps.iter().filter_map(|step| Change::of(step, survey)).collect();
        let mut findings = Vec::new();
        for quota in around.of_kind("ResourceQuota") {
            let Some(scopes) = Scopes::of(quota) else { continue };
            let ranges = ranges(survey, quota.namespace());
            let within = workloads.iter().filter(|change| change.namespace.as_deref() == quota.namespace());
            let counted: Vec<Change> = within.map(|change| change.counted(|pods| scopes.count(pods, &ranges))).collect();
            let others = if scopes.is_empty() { counts(quota, survey, steps) } else { (Demand::default(), Vec::new()) };
            findings.extend(end_state(quota, &counted, others, options));
            findings.extend(unstated(quota, &counted, &ranges, options));
        }
        for limits in around.of_kind("LimitRange") {
            findings.extend(out_of_range(limits, &workloads, options));
        }
        findings
    }
}

/// What the limit ranges of a namespace say.
fn ranges<'a>(survey: &'a Survey, namespace: Option<&'a str>) -> Vec<&'a Value> {
    let limits = survey.answers.around.within("LimitRange", namespace);
    limits.filter_map(|limits| limits.at(&["spec", "limits"])?.as_array()).flatten().collect()
}

/// A workload before and after.
#[derive(Clone)]
struct Change {
    object: ObjectId,
    namespace: Option<String>,
    before: Option<Pods>,
    after: Option<Pods>,
}

impl Change {
    fn of(step: &Step, survey: &Survey) -> Option<Self> {
        if !step.action.writes_object() {
            return None;
        }
        let at = step.location()?;
        let after = match step.action {
            Action::Delete => None,
            _ => survey.target().find(at).and_then(|placed| pods_of(&placed.object.unpack())),
        };
        let before = survey.seen(at).object().and_then(pods_of);
        let is_workload = before.is_some() || after.is_some();
        is_workload.then(|| Self { object: at.id(), namespace: at.namespace.clone(), before, after })
    }

    /// The same with the pods alone that somebody counts.
    fn counted(&self, counts: impl Fn(&Pods) -> bool) -> Self {
        let only = |pods: &Option<Pods>| pods.clone().filter(&counts);
        Self { before: only(&self.before), after: only(&self.after), ..self.clone() }
    }
}

/// What is there when everything is done, against what the quota gives.
fn end_state(quota: &Object, workloads: &[Change], others: (Demand, Vec<String>), options: &RollbackOptions) -> Vec<Finding> {
    let mut more = Demand::default();
    let mut growing = BTreeSet::new();
    for change in workloads {
        let (before, after) = (change.before.as_ref().map(Pods::total), change.after.as_ref().map(Pods::total));
        let grown = after.unwrap_or_default().minus(&before.unwrap_or_default());
        if grown.0.values().any(|value| *value > 0) {
            growing.insert(change.object.to_string());
        }
        more.add(&grown);
    }
    let (counted, made) = others;
    more.add(&counted);
    let hard = quota.at(&["status", "hard"]).or_else(|| quota.at(&["spec", "hard"])).and_then(Value::as_object);
    let used = |name: &str| quota.at(&["status", "used", name]).and_then(quantity::of).unwrap_or(0);
    let exceeded = hard.into_iter().flatten().filter_map(|(name, limit)| {
        let (limit, wanted) = (quantity::of(limit)?, more.of(name));
        (wanted > 0 && used(name) + wanted > limit).then(|| (name.clone(), limit, wanted))
    });
    let exceeded: Vec<_> = exceeded.collect();
    let says = |(name, limit, wanted): &(String, i128, i128)| {
        let text = quantity::text;
        format!("{name}: {} used of {}, {} more needed", text(used(name)), text(*limit), text(*wanted))
    };
    if exceeded.is_empty() {
        return Vec::new();
    }
    let texts: Vec<String> = exceeded.iter().map(says).collect();
    let needing: Vec<String> = growing.into_iter().chain(made).collect();
    let what = format!("quota {} does not suffice: {} ({})", quota.name(), texts.join("; "), needing.join(", "));
    let finding =
        Finding::new(FindingId::QUOTA_EXCEEDED, block_unless_compat(options), what, "the server refuses what does not fit");
    vec![finding.about(quota.id()).way_out("free what the quota counts, or have it raised")]
}

/// How many objects of each counted kind the plan makes before it removes any, the run's own among them.
fn counts(quota: &Object, survey: &Survey, steps: &[Step]) -> (Demand, Vec<String>) {
    let (mut more, mut made) = (Demand::default(), Vec::new());
    for step in steps.iter().filter(|step| step.action == Action::Create) {
        let Some(at) = step.location().filter(|at| at.namespace.as_deref() == quota.namespace()) else { continue };
        more.count(&at.resource.gvk.group, &at.resource.plural, 1);
        if at.resource.gvk.kind == "PersistentVolumeClaim"
            && let Some(placed) = survey.target().find(at)
            && let Some(size) = placed.object.unpack().at(&["spec", "resources", "requests", "storage"]).and_then(quantity::of)
        {
            more.put("requests.storage", size);
        }
        made.push(at.to_string());
    }
    let is_own = quota.namespace() == Some(survey.namespace.as_str());
    if is_own && steps.iter().any(|step| step.action == Action::CreateRecord) {
        // The new record and the journal; a run without a quota's place for them does not begin.
        more.count("", "secrets", 2);
        more.count("coordination.k8s.io", "leases", 1);
        made.push("the new record, the journal and the lock".to_owned());
    }
    (more, made)
}

/// Pods that do not say what a quota counts are refused, unless a limit range says it for them.
fn unstated(quota: &Object, workloads: &[Change], defaults: &[&Value], options: &RollbackOptions) -> Vec<Finding> {
    let hard = quota.at(&["spec", "hard"]).and_then(Value::as_object);
    let counted: Vec<&str> = hard.into_iter().flatten().filter_map(|(name, _)| demand::must_be_stated(name)).collect();
    let mut findings = Vec::new();
    for change in workloads {
        let Some(after) = change.after.as_ref().filter(|after| after.count > 0) else { continue };
        let missing: Vec<&str> = counted.iter().copied().filter(|name| !after.states(name, defaults)).collect();
        if !missing.is_empty() {
            let what = format!("its pods do not say {}, which quota {} counts", missing.join(", "), quota.name());
            let finding =
                Finding::new(FindingId::QUOTA_EXCEEDED, block_unless_compat(options), what, "the server refuses such pods");
            findings.push(
                finding
                    .about(change.object.clone())
                    .way_out("have a LimitRange give defaults in that namespace")
                    .way_out("choose a revision whose pods say it"),
            );
        }
    }
    findings
}

/// Containers outside of what a limit range allows.
fn out_of_range(limits: &Object, workloads: &[Change], options: &RollbackOptions) -> Vec<Finding> {
    let ranges = limits.at(&["spec", "limits"]).and_then(Value::as_array);
    let ranges: Vec<&Value> = ranges.into_iter().flatten().filter(|range| range["type"] == "Container").collect();
    let mut findings = Vec::new();
    for change in workloads.iter().filter(|change| change.namespace.as_deref() == limits.namespace()) {
        let Some(after) = change.after.as_ref().filter(|after| after.count > 0) else { continue };
        let broken: Vec<String> = ranges.iter().flat_map(|range| after.outside(range)).collect();
        if !broken.is_empty() {
            let what = format!("limit range {} refuses its pods: {}", limits.name(), broken.join("; "));
            let weight = if options.mode == crate::plan::Mode::Compat { Severity::Caution } else { Severity::Block };
            let finding =
                Finding::new(FindingId::QUOTA_EXCEEDED, weight, what, "the server refuses such pods, and none would start");
            findings
                .push(finding.about(change.object.clone()).way_out("have the limit range changed, or choose another revision"));
        }
    }
    findings
}

#[cfg(test)]
mod tests;
