//! What a rollback does to running pods: which workloads get new ones, how many are missing at worst.

use serde::Serialize;
use serde_json::Value;

use super::{Action, Around, DryRunAnswer, Step, Survey};
use crate::ports::{Propagation, Request};
use crate::{Object, ObjectId};

/// What becomes of the pods of one workload.
///
/// ```
/// use helm_release_core::plan::{PodsFate, RollbackOptions, plan};
/// # use helm_release_core::survey::survey;
/// # use helm_release_store::cluster::{MemoryCluster, seed};
/// # use helm_release_store::storage::{MemoryStorage, load_memory_data};
///
/// # examples::run(async {
/// let releases = r#"
/// - name: web
///   version: 1
///   info: {status: superseded, description: Install complete}
///   manifest: |
///     {apiVersion: v1, kind: Pod, metadata: {name: old}, spec: {containers: [{name: a, image: "a:1"}]}}
/// - name: web
///   version: 2
///   info: {status: deployed, description: Upgrade complete}
///   manifest: |
///     {apiVersion: v1, kind: Pod, metadata: {name: new}, spec: {containers: [{name: a, image: "a:2"}]}}
/// "#;
/// # let (storage, cluster) = (MemoryStorage::new(), MemoryCluster::new());
/// # load_memory_data(&storage, releases).await?;
/// # seed(&cluster, &storage).await?;
/// # let options = RollbackOptions::default();
/// # let survey = survey(&storage, &cluster, &"default".parse()?, &"web".parse()?, &options).await?;
/// let plan = plan(&survey, &options);
/// let told: Vec<_> = plan.impact.iter().map(|impact| (impact.object.name.as_str(), impact.pods)).collect();
/// assert_eq!(told, [("old", PodsFate::Made), ("new", PodsFate::Removed)]);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum PodsFate {
    /// They are made for the first time.
    Made,
    /// Each is replaced by a new one.
    Replaced,
    /// Their number changes, those that stay are left alone.
    Scaled,
    /// They go.
    Removed,
}

impl PodsFate {
    /// The fate in words.
    ///
    /// ```
    /// use helm_release_core::plan::RollbackOptions;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let plan = shop.plan(&RollbackOptions::default()).await?;
    /// let impact = &plan.impact[0];
    /// assert_eq!(format!("{}: {}", impact.object, impact.pods.as_str()), "Deployment default/shop: every pod is replaced");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Made => "new pods",
            Self::Replaced => "every pod is replaced",
            Self::Scaled => "the number of pods changes",
            Self::Removed => "its pods go",
        }
    }
}

/// What a rollback does to the pods of a workload.
///
/// ```
/// use helm_release_core::plan::{PodsFate, RollbackOptions};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let plan = shop.plan(&RollbackOptions::default()).await?;
/// let impact = &plan.impact[0];
/// assert_eq!((impact.pods, impact.before, impact.after), (PodsFate::Replaced, Some(5), Some(3)));
/// // A quarter of three pods is less than one.
/// assert_eq!(impact.unavailable, Some(0));
/// assert!(impact.below_budgets.is_empty());
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Impact {
    /// The workload.
    pub object: ObjectId,
    /// What becomes of its pods.
    pub pods: PodsFate,
    /// How many it is to have before; `None` for kinds without a number.
    pub before: Option<u64>,
    /// How many afterwards.
    pub after: Option<u64>,
    /// How many of those may be missing at once on the way, at worst.
    pub unavailable: Option<u64>,
    /// Disruption budgets that would not allow that many. A rollout does not ask them.
    pub below_budgets: Vec<String>,
}

/// The impact of the steps, in their order.
///
/// ```
/// use helm_release_core::Object;
/// use helm_release_core::plan::{RollbackOptions, impact, plan};
/// use serde_json::json;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let mut survey = shop.survey(&RollbackOptions::default()).await?;
/// let budget = json!({
///     "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "two", "namespace": "default"},
///     "spec": {"minAvailable": 2, "selector": {"matchLabels": {"app": "shop"}}},
/// });
/// survey.answers.around.objects.push(Object::new(budget)?);
/// let mut options = RollbackOptions::default();
/// options.recreate_pods = true;
/// let found = impact(&survey, &plan(&survey, &options).steps);
/// // All five pods go at once.
/// assert_eq!(found[0].unavailable, Some(5));
/// assert_eq!(found[0].below_budgets, ["two"]);
/// # Ok(()) });
/// ```
#[must_use]
pub fn impact(survey: &Survey, steps: &[Step]) -> Vec<Impact> {
    let recreated: Vec<ObjectId> =
        steps.iter().filter(|step| step.action == Action::RecreatePods).filter_map(Step::object).collect();
    let mut found = Vec::new();
    for step in steps {
        let Some(at) = step.location().filter(|at| has_pods(&at.resource.gvk.kind)) else { continue };
        let live = survey.seen(at).object();
        let after = || after(step, survey);
        let is_recreated = recreated.contains(&at.id());
        let impact = match step.action {
            Action::Create => after().and_then(|object| made(&object)),
            Action::Patch | Action::Replace => live.zip(after()).and_then(|(live, after)| changed(live, &after, is_recreated)),
            // The pods outlive an object that is deleted without them.
            Action::Recreate if leaves_pods(step) => {
                live.zip(after()).and_then(|(live, after)| changed(live, &after, is_recreated))
            }
            Action::Recreate => {
                after().and_then(|object| made(&object)).map(|impact| Impact { pods: PodsFate::Replaced, ..impact })
            }
            Action::Unchanged if is_recreated => live.and_then(|live| changed(live, live, true)),
            Action::Delete => live.and_then(removed),
            _ => None,
        };
        if let Some(mut impact) = impact {
            let labels = live.and_then(|live| live.at(&["spec", "template", "metadata", "labels"]));
            impact.below_budgets = below(&impact, labels, at.namespace.as_deref(), &survey.answers.around);
            found.push(impact);
        }
    }
    found
}

fn leaves_pods(step: &Step) -> bool {
    step.requests.iter().any(|request| matches!(request, Request::Delete { propagation: Propagation::Orphan, .. }))
}

/// The object as it will be: as the server said, else as the target has it.
fn after(step: &Step, survey: &Survey) -> Option<Object> {
    // Of an object that is made anew the deletion was tried.
    if let (Some(DryRunAnswer::Accepted(Some(foreseen))), false) = (&step.dry_run, step.action == Action::Recreate) {
        return Some(foreseen.as_ref().clone());
    }
    Some(survey.target().find(step.location()?)?.object.unpack())
}

fn replicas(object: &Object) -> Option<u64> {
    let number = |path: &[&str]| object.at(path).map_or(Some(1), Value::as_u64);
    match object.kind() {
        "Deployment" | "StatefulSet" | "ReplicaSet" | "ReplicationController" => number(&["spec", "replicas"]),
        "DaemonSet" => object.at(&["status", "desiredNumberScheduled"]).and_then(Value::as_u64),
        "Job" => number(&["spec", "parallelism"]),
        "Pod" => Some(1),
        _ => None,
    }
}

fn has_pods(kind: &str) -> bool {
    ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", "Pod"].contains(&kind)
}

fn of(object: &Object, pods: PodsFate, before: Option<u64>, after: Option<u64>, unavailable: Option<u64>) -> Option<Impact> {
    has_pods(object.kind()).then(|| Impact { object: object.id(), pods, before, after, unavailable, below_budgets: Vec::new() })
}

fn made(object: &Object) -> Option<Impact> {
    of(object, PodsFate::Made, Some(0), replicas(object), None)
}

fn removed(live: &Object) -> Option<Impact> {
    let before = replicas(live);
    of(live, PodsFate::Removed, before, Some(0), before)
}

fn changed(live: &Object, after: &Object, is_recreated: bool) -> Option<Impact> {
    let (before, wanted) = (replicas(live), replicas(after));
    let rolls_out = !template_is_same(live, after) && ["Deployment", "StatefulSet", "DaemonSet"].contains(&live.kind());
    if is_recreated && has_pods(live.kind()) {
        return of(live, PodsFate::Replaced, before, wanted, before);
    }
    if rolls_out {
        if live.kind() != "Deployment" && strategy(after) == Some("OnDelete") {
            return None;
        }
        return of(live, PodsFate::Replaced, before, wanted, wanted.map(|wanted| unavailable(after, wanted)));
    }
    if before != wanted && live.kind() != "DaemonSet" && live.kind() != "Job" {
        let gone = before.unwrap_or(0).saturating_sub(wanted.unwrap_or(0));
        return of(live, PodsFate::Scaled, before, wanted, Some(gone));
    }
    None
}

/// Whether the pod templates say the same: every field that the one after sets is as it is live. What the server adds by
/// itself is not in a target that no dry run has completed.
fn template_is_same(live: &Object, after: &Object) -> bool {
    match (live.at(&["spec", "template"]), after.at(&["spec", "template"])) {
        (Some(live), Some(after)) => contains(live, after),
        (live, after) => live.is_none() && after.is_none(),
    }
}

fn contains(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            part.iter().all(|(key, value)| value.is_null() || whole.get(key).is_some_and(|whole| contains(whole, value)))
        }
        (Value::Array(whole), Value::Array(part)) => {
            whole.len() == part.len() && whole.iter().zip(part).all(|(whole, part)| contains(whole, part))
        }
        (whole, part) => {
            whole == part || crate::quantity::of(whole).is_some_and(|amount| crate::quantity::of(part) == Some(amount))
        }
    }
}

fn strategy(object: &Object) -> Option<&str> {
    let text = |path: &[&str]| object.at(path).and_then(Value::as_str);
    text(&["spec", "strategy", "type"]).or_else(|| text(&["spec", "updateStrategy", "type"]))
}

/// How many pods may be missing at once while a workload rolls out (`k8s.io/kubernetes/pkg/controller/deployment/util`).
fn unavailable(object: &Object, replicas: u64) -> u64 {
    match object.kind() {
        "Deployment" if strategy(object) == Some("Recreate") => replicas,
        "Deployment" => {
            let share = |name: &str| object.at(&["spec", "strategy", "rollingUpdate", name]).cloned();
            let missing = portion(share("maxUnavailable").as_ref(), replicas, 25, Rounding::Down);
            let surge = portion(share("maxSurge").as_ref(), replicas, 25, Rounding::Up);
            // With neither room below nor above the controller takes one away.
            if missing == 0 && surge == 0 { 1.min(replicas) } else { missing.min(replicas) }
        }
        "DaemonSet" => {
            let share = object.at(&["spec", "updateStrategy", "rollingUpdate", "maxUnavailable"]);
            share.map_or(1, |share| portion(Some(share), replicas, 0, Rounding::Up)).min(replicas)
        }
        _ => 1.min(replicas),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Rounding {
    Up,
    Down,
}

/// A number, or a percentage of `whole`.
fn portion(value: Option<&Value>, whole: u64, default_percent: u64, rounding: Rounding) -> u64 {
    let percent = match value {
        Some(Value::Number(number)) => return number.as_u64().unwrap_or(0),
        Some(Value::String(text)) => match text.strip_suffix('%').and_then(|digits| digits.parse::<u64>().ok()) {
            Some(percent) => percent,
            None => return text.parse().unwrap_or(0),
        },
        _ => default_percent,
    };
    match rounding {
        Rounding::Up => (whole * percent).div_ceil(100),
        Rounding::Down => whole * percent / 100,
    }
}

/// The budgets whose bound is crossed while that many pods are missing.
fn below(impact: &Impact, labels: Option<&Value>, namespace: Option<&str>, around: &Around) -> Vec<String> {
    let (Some(labels), Some(missing), Some(after)) = (labels, impact.unavailable, impact.after.or(impact.before)) else {
        return Vec::new();
    };
    let whole = if impact.pods == PodsFate::Removed { impact.before.unwrap_or(0) } else { after };
    let budgets = around.within("PodDisruptionBudget", namespace).filter(|budget| {
        let asked = budget.at(&["spec", "selector", "matchLabels"]).and_then(Value::as_object);
        asked.is_some_and(|asked| !asked.is_empty() && asked.iter().all(|(key, value)| labels.get(key) == Some(value)))
    });
    let crossed = budgets.filter(|budget| {
        let bound = |name: &str| budget.at(&["spec", name]);
        let allowed = match (bound("minAvailable"), bound("maxUnavailable")) {
            (Some(minimum), _) => whole.saturating_sub(portion(Some(minimum), whole, 0, Rounding::Up)),
            (None, Some(maximum)) => portion(Some(maximum), whole, 0, Rounding::Up),
            (None, None) => return false,
        };
        missing > allowed
    });
    crossed.map(|budget| budget.name().to_owned()).collect()
}

#[cfg(test)]
mod tests;
