//! The rules of Helm 4's wait strategy `watcher`, and of its hooks under `watcher` and `hookOnly`.
//!
//! Helm 4 uses the kstatus library (`pkg/kstatus` of fluxcd/cli-utils) with readers of its own for Jobs and Pods
//! (`pkg/kube/statuswait.go`, `internal/statusreaders`). Differences to [`legacy`](super::legacy) that people meet:
//! every replica must be ready whatever `maxUnavailable` says, a load balancer's address is not awaited,
//! and a Pod that failed counts as finished.
//!
//! ```
//! use helm_release_core::Object;
//! use helm_release_core::readiness::Related;
//! use helm_release_core::readiness::watcher::{Options, hook_status, status};
//! use serde_json::json;
//!
//! let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "check"}, "status": {"phase": "Failed"}});
//! let pod = Object::new(pod)?;
//! let options = Options::at("2026-11-20T08:00:00Z".parse()?);
//! let among_the_objects = status(&pod, &Related::none(), &options).unwrap();
//! assert_eq!(among_the_objects.to_string(), "ready: it has ended with a failure");
//! assert_eq!(hook_status(&pod).to_string(), "failed: it has failed");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use jiff::Timestamp;

use crate::Object;
use crate::readiness::field::{self, WrongType};
use crate::readiness::{Need, Readiness, Related, Selector, State};

mod claim;
mod crd;
mod daemon_set;
mod deployment;
mod hook;
mod job;
mod pod;
mod replica_set;
mod service;
mod stateful_set;

pub use hook::hook_status;

/// What the rules need to know beside the object.
///
/// ```
/// use helm_release_core::Object;
/// use helm_release_core::readiness::watcher::{Options, status};
/// use helm_release_core::readiness::{Related, State};
/// use serde_json::json;
///
/// let pod = Object::new(json!({
///     "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-a", "creationTimestamp": "2026-11-20T08:00:00Z"},
///     "status": {"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}]},
/// }))?;
/// let state = |now: &str| status(&pod, &Related::none(), &Options::at(now.parse().unwrap())).unwrap().state;
/// assert_eq!(state("2026-11-20T08:00:10Z"), State::Waiting);
/// assert_eq!(state("2026-11-20T08:00:20Z"), State::Failed);
/// # Ok::<(), helm_release_core::object::NotAnObject>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// Whether Jobs must finish (`--wait-for-jobs`) rather than start.
    pub wait_for_jobs: bool,
    /// The moment of judgement: a Pod without a node fails 15 s after its creation.
    pub now: Timestamp,
}

impl Options {
    /// Judges as of `now`; Jobs need only start.
    ///
    /// ```
    /// use helm_release_core::readiness::watcher::Options;
    /// use jiff::Timestamp;
    ///
    /// let now: Timestamp = "2026-11-20T08:00:00Z".parse()?;
    /// let options = Options::at(now);
    /// assert_eq!(options.now, now);
    /// assert!(!options.wait_for_jobs);
    /// # Ok::<(), jiff::Error>(())
    /// ```
    #[must_use]
    pub const fn at(now: Timestamp) -> Self {
        Self { wait_for_jobs: false, now }
    }

    /// Chooses whether Jobs must finish.
    ///
    /// ```
    /// use helm_release_core::Object;
    /// use helm_release_core::readiness::Related;
    /// use helm_release_core::readiness::watcher::{Options, status};
    /// use serde_json::json;
    ///
    /// let job = Object::new(json!({
    ///     "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "migrate"},
    ///     "status": {"active": 1, "startTime": "2026-11-20T07:59:00Z"},
    /// }))?;
    /// let options = Options::at("2026-11-20T08:00:00Z".parse()?);
    /// let judge = |options: &Options| status(&job, &Related::none(), options).unwrap().to_string();
    /// assert_eq!(judge(&options), "ready: it has started");
    /// assert_eq!(judge(&options.with_wait_for_jobs(true)), "waiting: it has not finished yet");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn with_wait_for_jobs(mut self, wait_for_jobs: bool) -> Self {
        self.wait_for_jobs = wait_for_jobs;
        self
    }
}

/// How one kind is judged once the rules for all kinds have nothing to say.
type Rule = fn(&Object, &Options) -> Result<Readiness, WrongType>;

/// The kinds that have a rule of their own; the version plays no part.
const RULES: &[(&str, &str, Rule)] = &[
    ("", "ConfigMap", always_ready),
    ("", "PersistentVolumeClaim", claim::status),
    ("", "Pod", pod::status),
    ("", "Secret", always_ready),
    ("", "Service", service::status),
    ("apiextensions.k8s.io", "CustomResourceDefinition", crd::status),
    ("apps", "DaemonSet", daemon_set::status),
    ("apps", "Deployment", deployment::status),
    ("apps", "ReplicaSet", replica_set::status),
    ("apps", "StatefulSet", stateful_set::status),
    ("batch", "CronJob", always_ready),
    ("batch", "Job", job::status),
    ("extensions", "DaemonSet", daemon_set::status),
    ("extensions", "Deployment", deployment::status),
    ("extensions", "ReplicaSet", replica_set::status),
    ("policy", "PodDisruptionBudget", disruption_budget),
];

/// Judges an object; `None` when Helm does not wait for it at all, which holds for paused Deployments.
///
/// Helm looks at `spec.paused` once, before it starts to wait.
///
/// ```
/// use helm_release_core::Object;
/// use helm_release_core::readiness::watcher::{Options, status};
/// use helm_release_core::readiness::{Related, State};
/// use serde_json::json;
///
/// let deployment = Object::new(json!({
///     "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "generation": 2},
///     "spec": {"replicas": 3, "selector": {"matchLabels": {"app": "web"}}},
///     "status": {"observedGeneration": 2, "replicas": 3, "updatedReplicas": 3, "availableReplicas": 2},
/// }))?;
/// let readiness = status(&deployment, &Related::none(), &Options::at("2026-11-20T08:00:00Z".parse()?)).unwrap();
/// assert_eq!(readiness.state, State::Waiting);
/// assert_eq!(readiness.to_string(), "waiting: 2 of 3 updated replicas are available");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn status(object: &Object, related: &Related<'_>, options: &Options) -> Option<Readiness> {
    let paused = object.api_version() == "apps/v1"
        && object.kind() == "Deployment"
        && object.at(&["spec", "paused"]).is_some_and(|paused| *paused == true);
    (!paused).then(|| judge(object, related, options).unwrap_or_else(|WrongType| undecidable()))
}

/// The objects to hand over as [`Related`]: the pods of a `StatefulSet` or `ReplicaSet`.
///
/// ```
/// use helm_release_core::Object;
/// use helm_release_core::readiness::watcher::needs;
/// use serde_json::json;
///
/// let workload = |kind: &str| {
///     let spec = json!({"selector": {"matchLabels": {"app": "web"}}});
///     Object::new(json!({"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": "web"}, "spec": spec}))
/// };
/// let need = needs(&workload("ReplicaSet")?).expect("its pods decide");
/// assert_eq!((need.gvk.kind.as_str(), need.selector.to_string().as_str()), ("Pod", "app=web"));
/// assert_eq!(needs(&workload("Deployment")?), None, "its own status decides");
/// # Ok::<(), helm_release_core::object::NotAnObject>(())
/// ```
#[must_use]
pub fn needs(object: &Object) -> Option<Need> {
    pods(object).ok().flatten()
}

fn judge(object: &Object, related: &Related<'_>, options: &Options) -> Result<Readiness, WrongType> {
    let gvk = object.gvk();
    match (gvk.group.as_str(), gvk.kind.as_str()) {
        // Helm's own reader stands in for kstatus here, and skips the rules for all kinds.
        ("batch", "Job") if options.wait_for_jobs => job::finished(object),
        ("apps", "Deployment") => {
            // kstatus lists the ReplicaSets first, and gives up when that is impossible.
            selector(object)?;
            compute(object, options)
        }
        ("apps", "ReplicaSet" | "StatefulSet") => {
            let Some(need) = pods(object)? else { return Err(WrongType) };
            let readiness = compute(object, options)?;
            if readiness.state != State::Waiting {
                return Ok(readiness);
            }
            let failed = related.meeting(&need).filter(|pod| pod::has_failed_for_good(pod, options)).count();
            let reason = |failed: usize| format!("{failed} of its pods {} failed", if failed == 1 { "has" } else { "have" });
            Ok(match failed {
                0 => readiness,
                _ => Readiness::failed(format!("{failed} pods have failed"), reason(failed)),
            })
        }
        _ => compute(object, options),
    }
}

/// kstatus' own judgement of one object (`status.Compute`).
fn compute(object: &Object, options: &Options) -> Result<Readiness, WrongType> {
    if let Some(readiness) = for_all_kinds(object)? {
        return Ok(readiness);
    }
    let gvk = object.gvk();
    let rule = RULES.iter().find(|(group, kind, _)| *group == gvk.group && *kind == gvk.kind);
    match rule {
        Some((_, _, rule)) => rule(object, options),
        None => ready_condition(object),
    }
}

/// The rules that come before every kind's own: deletion, generation, and kstatus' two standard conditions.
fn for_all_kinds(object: &Object) -> Result<Option<Readiness>, WrongType> {
    if field::strict_text(object, &["metadata", "deletionTimestamp"])?.is_some_and(|text| !text.is_empty()) {
        let message = "Resource scheduled for deletion";
        return Ok(Some(Readiness::new(State::Terminating, message, "it is being deleted")));
    }
    if let Some(generation) = field::strict_int(object, &["metadata", "generation"])?
        && let Some(observed) = field::strict_int(object, &["status", "observedGeneration"])?
        && observed != generation
    {
        let kind = object.kind();
        let message = format!("{kind} generation is {generation}, but latest observed generation is {observed}");
        return Ok(Some(Readiness::waiting(message, "its controller has not seen the latest change yet")));
    }
    for condition in field::conditions(object)? {
        if condition.holds("Reconciling") {
            return Ok(Some(Readiness::waiting(condition.message, because("its controller is at work", condition.message))));
        }
        if condition.holds("Stalled") {
            return Ok(Some(Readiness::failed(condition.message, because("its controller gave up", condition.message))));
        }
    }
    Ok(None)
}

/// The rule for kinds that have none: condition `Ready` if there is one.
fn ready_condition(object: &Object) -> Result<Readiness, WrongType> {
    for condition in field::conditions(object)?.iter().filter(|condition| condition.kind == "Ready") {
        match condition.status {
            "True" => return Ok(Readiness::ready("Resource is Ready", "it says that it is ready")),
            "False" | "Unknown" => {
                let reason = because("it says that it is not ready", condition.message);
                return Ok(Readiness::waiting(condition.message, reason));
            }
            _ => {}
        }
    }
    Ok(Readiness::ready("Resource is current", "it exists"))
}

#[expect(clippy::unnecessary_wraps, reason = "one signature for the rule of every kind")]
fn always_ready(_: &Object, _: &Options) -> Result<Readiness, WrongType> {
    Ok(Readiness::ready("Resource is always ready", "it exists"))
}

#[expect(clippy::unnecessary_wraps, reason = "one signature for the rule of every kind")]
fn disruption_budget(_: &Object, _: &Options) -> Result<Readiness, WrongType> {
    Ok(Readiness::ready("AllowedDisruptions has been computed.", "it exists"))
}

fn undecidable() -> Readiness {
    Readiness::unknown("a field that decides has an unexpected type")
}

fn pods(object: &Object) -> Result<Option<Need>, WrongType> {
    let gvk = object.gvk();
    match (gvk.group.as_str(), gvk.kind.as_str()) {
        ("apps", "ReplicaSet" | "StatefulSet") => Ok(Some(Need::new("v1", "Pod", object, selector(object)?))),
        _ => Ok(None),
    }
}

fn selector(object: &Object) -> Result<Selector, WrongType> {
    let selector = field::strict(object, &["spec", "selector"])?.filter(|selector| selector.is_object()).ok_or(WrongType)?;
    Selector::from_label_selector(Some(selector)).map_err(|_| WrongType)
}

/// A statement, followed by the object's own words if it has any.
fn because(statement: &str, message: &str) -> String {
    if message.is_empty() { statement.to_owned() } else { format!("{statement}: {message}") }
}

/// More replicas exist than wanted.
fn surplus(existing: i64, wanted: i64) -> Readiness {
    let surplus = existing.wrapping_sub(wanted);
    let reason = format!("{surplus} old {} not gone yet", if surplus == 1 { "replica is" } else { "replicas are" });
    Readiness::waiting(format!("Pending termination: {surplus}"), reason)
}

/// `2 of 3 replicas are ready`.
fn count(have: i64, want: i64, noun: &str, are: &str) -> String {
    format!("{have} of {want} {noun} are {are}")
}

#[cfg(test)]
mod tests;
