//! The rules of Helm 3, which Helm 4 keeps as its wait strategy `legacy` (`pkg/kube/ready.go`, `pkg/kube/wait.go`).
//!
//! Helm polls every 2 s, object by object in order. The two lines differ in one point: Helm 3 applies the rules also to
//! workloads written in the old `apps/v1beta1`, `apps/v1beta2` and `extensions/v1beta1`, for Helm 4 those are ready
//! once they exist.
//!
//! A live object has every default filled in by the server. Where a field is absent all the same, the rules take the
//! server's default, while Helm's program would crash.
//!
//! ```
//! use helm_release_core::readiness::legacy::{Options, needs, ready};
//! use helm_release_core::{HelmLine, Object};
//! use serde_json::json;
//!
//! let set = Object::new(json!({
//!     "apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "web", "namespace": "prod"},
//!     "spec": {"selector": {"matchLabels": {"app": "web"}}},
//! }))?;
//! let pod = |name: &str, ready: &str| {
//!     let metadata = json!({"name": name, "namespace": "prod", "labels": {"app": "web"}});
//!     let status = json!({"conditions": [{"type": "Ready", "status": ready}]});
//!     Object::new(json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "status": status}))
//! };
//! let options = Options::of(HelmLine::V3);
//! let need = needs(&set, &options).expect("its pods decide");
//! assert_eq!((need.gvk.kind.as_str(), need.selector.to_string().as_str()), ("Pod", "app=web"));
//! // What a list request with that selector has given.
//! let pods = [pod("web-a", "True")?, pod("web-b", "False")?];
//! assert_eq!(ready(&set, &pods.iter().collect(), &options).to_string(), "waiting: 1 of 2 pods are ready");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use serde_json::Value;

use crate::readiness::field;
use crate::readiness::{Need, Readiness, Related, Selector};
use crate::{HelmLine, Object};

mod claim;
mod crd;
mod daemon_set;
mod deployment;
mod fence;
mod hook;
mod job;
mod pod;
mod replicas;
mod service;
mod stateful_set;
mod template;

pub use hook::hook_ready;

/// What the rules need to know beside the object.
///
/// ```
/// use helm_release_core::readiness::Related;
/// use helm_release_core::readiness::legacy::{Options, ready};
/// use helm_release_core::{HelmLine, Object};
/// use serde_json::json;
///
/// let metadata = json!({"name": "db", "generation": 1});
/// let old = Object::new(json!({"apiVersion": "apps/v1beta1", "kind": "StatefulSet", "metadata": metadata}))?;
/// let is_ready = |line| ready(&old, &Related::none(), &Options::of(line)).is_ready();
/// assert!(!is_ready(HelmLine::V3));
/// assert!(is_ready(HelmLine::V4), "Helm 4 has no rule for that version");
/// # Ok::<(), helm_release_core::object::NotAnObject>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// Which line of Helm is followed.
    pub line: HelmLine,
    /// Whether Jobs must finish (`--wait-for-jobs`); otherwise they are ready once they exist.
    pub wait_for_jobs: bool,
}

impl Options {
    /// The rules of one line of Helm; Jobs are not awaited.
    ///
    /// ```
    /// use helm_release_core::HelmLine;
    /// use helm_release_core::readiness::legacy::Options;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let options = Options::of(shop.record(2).await?.line());
    /// assert_eq!(options.line, HelmLine::V4);
    /// assert!(!options.wait_for_jobs);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub const fn of(line: HelmLine) -> Self {
        Self { line, wait_for_jobs: false }
    }

    /// Chooses whether Jobs must finish.
    ///
    /// ```
    /// use helm_release_core::readiness::Related;
    /// use helm_release_core::readiness::legacy::{Options, ready};
    /// use helm_release_core::{HelmLine, Object};
    /// use serde_json::json;
    ///
    /// let job = Object::new(json!({
    ///     "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "migrate"},
    ///     "spec": {"completions": 1}, "status": {"active": 1},
    /// }))?;
    /// let options = Options::of(HelmLine::V3);
    /// assert_eq!(ready(&job, &Related::none(), &options).to_string(), "ready: it exists");
    /// let options = options.with_wait_for_jobs(true);
    /// assert_eq!(ready(&job, &Related::none(), &options).to_string(), "waiting: 0 of 1 pods have completed");
    /// # Ok::<(), helm_release_core::object::NotAnObject>(())
    /// ```
    #[must_use]
    pub const fn with_wait_for_jobs(mut self, wait_for_jobs: bool) -> Self {
        self.wait_for_jobs = wait_for_jobs;
        self
    }
}

/// The kinds that have a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    Claim,
    Crd,
    DaemonSet,
    Deployment,
    Job,
    Pod,
    ReplicaSet,
    ReplicationController,
    Service,
    StatefulSet,
}

impl Rule {
    fn of(object: &Object, options: &Options) -> Option<Self> {
        const OLD: HelmLine = HelmLine::V3;
        let rule = match (object.api_version(), object.kind()) {
            ("v1", "PersistentVolumeClaim") => Self::Claim,
            ("v1", "Pod") => Self::Pod,
            ("v1", "ReplicationController") => Self::ReplicationController,
            ("v1", "Service") => Self::Service,
            ("batch/v1", "Job") if options.wait_for_jobs => Self::Job,
            ("apiextensions.k8s.io/v1" | "apiextensions.k8s.io/v1beta1", "CustomResourceDefinition") => Self::Crd,
            ("apps/v1", "DaemonSet") => Self::DaemonSet,
            ("apps/v1", "Deployment") => Self::Deployment,
            ("apps/v1", "ReplicaSet") => Self::ReplicaSet,
            ("apps/v1", "StatefulSet") => Self::StatefulSet,
            ("apps/v1beta2" | "extensions/v1beta1", "DaemonSet") if options.line == OLD => Self::DaemonSet,
            ("apps/v1beta2" | "extensions/v1beta1", "ReplicaSet") if options.line == OLD => Self::ReplicaSet,
            ("apps/v1beta1" | "apps/v1beta2" | "extensions/v1beta1", "Deployment") if options.line == OLD => Self::Deployment,
            ("apps/v1beta1" | "apps/v1beta2", "StatefulSet") if options.line == OLD => Self::StatefulSet,
            _ => return None,
        };
        Some(rule)
    }
}

/// Judges a live object.
///
/// `related` must hold what [`needs`] asks for. The message of a [`Failed`](crate::readiness::State::Failed) Job is
/// Helm's error, with which Helm asks again up to 30 times all the same.
///
/// ```
/// use helm_release_core::readiness::Related;
/// use helm_release_core::readiness::legacy::{Options, ready};
/// use helm_release_core::{HelmLine, Object};
/// use serde_json::json;
///
/// let claim = |phase: &str| {
///     let status = json!({"phase": phase});
///     let claim = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}, "status": status});
///     ready(&Object::new(claim).unwrap(), &Related::none(), &Options::of(HelmLine::V3))
/// };
/// assert!(claim("Bound").is_ready());
/// assert_eq!(claim("Pending").to_string(), "waiting: no volume is bound to it, phase Pending");
/// ```
#[must_use]
pub fn ready(object: &Object, related: &Related<'_>, options: &Options) -> Readiness {
    let Some(rule) = Rule::of(object, options) else {
        return Readiness::ready("", "it exists");
    };
    match rule {
        Rule::Claim => claim::ready(object),
        Rule::Crd => crd::ready(object),
        Rule::DaemonSet => daemon_set::ready(object),
        Rule::Deployment => deployment::ready(object, related),
        Rule::Job => job::ready(object),
        Rule::Pod => pod::ready(object),
        Rule::ReplicaSet | Rule::ReplicationController => replicas::ready(object, related, need(object, rule)),
        Rule::Service => service::ready(object),
        Rule::StatefulSet => stateful_set::ready(object),
    }
}

/// The objects to hand over as [`Related`]: the `ReplicaSet`s of a Deployment that is not paused,
/// the pods of a `ReplicaSet` or `ReplicationController`.
///
/// ```
/// use helm_release_core::readiness::legacy::{Options, needs};
/// use helm_release_core::{HelmLine, Object};
/// use serde_json::json;
///
/// let deployment = |paused: bool| {
///     let spec = json!({"paused": paused, "selector": {"matchLabels": {"app": "web"}}});
///     Object::new(json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": spec}))
/// };
/// let options = Options::of(HelmLine::V4);
/// let need = needs(&deployment(false)?, &options).expect("its ReplicaSets decide");
/// assert_eq!(need.gvk.to_string(), "apps/v1 ReplicaSet");
/// assert_eq!(needs(&deployment(true)?, &options), None);
/// # Ok::<(), helm_release_core::object::NotAnObject>(())
/// ```
#[must_use]
pub fn needs(object: &Object, options: &Options) -> Option<Need> {
    need(object, Rule::of(object, options)?)
}

fn need(object: &Object, rule: Rule) -> Option<Need> {
    let selector = object.at(&["spec", "selector"]);
    match rule {
        Rule::Deployment if deployment::is_paused(object) => None,
        Rule::Deployment => Some(Need::new("apps/v1", "ReplicaSet", object, Selector::from_label_selector(selector).ok()?)),
        Rule::ReplicaSet => Some(Need::new("v1", "Pod", object, Selector::from_label_selector(selector).ok()?)),
        Rule::ReplicationController => Some(Need::new("v1", "Pod", object, Selector::from_labels(selector).ok()?)),
        _ => None,
    }
}

/// The reason to wait while the controller has not acted on the latest change.
fn unobserved(object: &Object) -> Option<Readiness> {
    let observed = field::int(object, &["status", "observedGeneration"]).unwrap_or(0);
    let generation = object.generation().unwrap_or(0);
    (observed != generation).then(|| Readiness::waiting("", "its controller has not seen the latest change yet"))
}

fn status(object: &Object, name: &str) -> i64 {
    field::int(object, &["status", name]).unwrap_or(0)
}

/// The value at `path`, null being absent.
fn present<'a>(object: &'a Object, path: &[&str]) -> Option<&'a Value> {
    object.at(path).filter(|value| !value.is_null())
}

#[cfg(test)]
mod tests;
