//! The objects of the release: what was done to each, and what is not good about it.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::patch::FieldChange;
use crate::plan::Action;
use crate::{Object, ObjectId};

/// What was seen of an object after the failure.
///
/// ```
/// use helm_release_core::evidence::{Evidence, Presence, collect};
/// use helm_release_store::clock::SystemClock;
/// use helm_release_store::cluster::MemoryCluster;
/// # use helm_release_core::evidence::Scene;
/// # use helm_release_core::plan::RollbackOptions;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let plan = shop.plan(&RollbackOptions::default()).await?;
/// # let scene = Scene::told(&plan, "context deadline exceeded", jiff::Timestamp::now());
/// let presence = |evidence: &Evidence, kind: &str| {
///     evidence.objects.iter().find(|object| object.object.kind == kind).map(|object| object.presence)
/// };
/// let evidence = collect(&shop.cluster, &SystemClock, &scene).await;
/// assert_eq!(presence(&evidence, "Deployment"), Some(Presence::Live));
/// assert_eq!(presence(&evidence, "Secret"), Some(Presence::NotRead));
///
/// let evidence = collect(&MemoryCluster::new(), &SystemClock, &scene).await;
/// assert_eq!(presence(&evidence, "Deployment"), Some(Presence::Absent));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Presence {
    /// It is there.
    Live,
    /// It has been told to go and is still there.
    Terminating,
    /// It is not there.
    Absent,
    /// It was not looked at: kinds without a status say nothing, and Secrets are never read.
    NotRead,
}

/// A condition that is not as it should be.
///
/// ```
/// use helm_release_core::evidence::collect;
/// use helm_release_store::clock::SystemClock;
/// # use helm_release_core::evidence::Scene;
/// # use helm_release_core::plan::RollbackOptions;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let plan = shop.plan(&RollbackOptions::default()).await?;
/// # let scene = Scene::told(&plan, "context deadline exceeded", jiff::Timestamp::now());
/// // The image of the live Deployment "shop" cannot be pulled.
/// let evidence = collect(&shop.cluster, &SystemClock, &scene).await;
/// let conditions = evidence.objects.iter().flat_map(|object| &object.conditions);
/// let [available] = conditions.collect::<Vec<_>>()[..] else { panic!("one condition is not as it should be") };
/// assert_eq!((available.kind.as_str(), available.status.as_str()), ("Available", "False"));
/// assert_eq!(available.reason, "MinimumReplicasUnavailable");
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Condition {
    /// Its type, such as `Available`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `True`, `False` or `Unknown`.
    pub status: String,
    /// Its reason, one word.
    pub reason: String,
    /// Its message.
    pub message: String,
    /// Since when it has that status.
    pub since: Option<Timestamp>,
}

/// What is known of one object.
///
/// ```
/// use helm_release_core::evidence::collect;
/// use helm_release_core::plan::Action;
/// use helm_release_store::clock::SystemClock;
/// # use helm_release_core::evidence::Scene;
/// # use helm_release_core::plan::RollbackOptions;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let plan = shop.plan(&RollbackOptions::default()).await?;
/// # let scene = Scene::told(&plan, "context deadline exceeded", jiff::Timestamp::now());
/// let evidence = collect(&shop.cluster, &SystemClock, &scene).await;
/// let deployment = evidence.objects.iter().find(|object| object.object.kind == "Deployment").expect("the release has one");
/// assert_eq!(deployment.action, Some(Action::Patch));
/// assert_eq!(deployment.changes[0].path, "spec.replicas");
/// assert!(!deployment.conditions.is_empty());
/// // Nothing holds it, for nobody has told it to go.
/// assert!(deployment.finalizers.is_empty());
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ObjectEvidence {
    /// Which one.
    pub object: ObjectId,
    /// What the plan had to do to it; absent for the objects of a hook.
    pub action: Option<Action>,
    /// What was seen of it.
    pub presence: Presence,
    /// The fields that the plan changes, values of Secrets and of environment variables masked.
    pub changes: Vec<FieldChange>,
    /// Conditions that are not as they should be.
    pub conditions: Vec<Condition>,
    /// What holds an object that has been told to go.
    pub finalizers: Vec<String>,
}

/// Kinds that tell nothing of how they are, or whose content nobody may see.
const SILENT: [&str; 20] = [
    "ClusterRole",
    "ClusterRoleBinding",
    "ConfigMap",
    "ControllerRevision",
    "Endpoints",
    "EndpointSlice",
    "IngressClass",
    "LimitRange",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
    "MutatingWebhookConfiguration",
    "NetworkPolicy",
    "PriorityClass",
    "Role",
    "RoleBinding",
    "RuntimeClass",
    "Secret",
    "ServiceAccount",
    "StorageClass",
    "ValidatingWebhookConfiguration",
];

/// Whether it is worth reading an object of that kind.
pub(super) fn speaks(kind: &str) -> bool {
    !SILENT.contains(&kind)
}

/// Whether objects of that kind make pods.
pub(super) fn has_pods(kind: &str) -> bool {
    matches!(kind, "Deployment" | "StatefulSet" | "DaemonSet" | "Job" | "ReplicaSet" | "ReplicationController")
}

/// Which kinds are read first when not all can be: those with pods, then those that pods wait for.
pub(super) fn rank(kind: &str) -> usize {
    const FIRST: [&str; 8] =
        ["Deployment", "StatefulSet", "DaemonSet", "Job", "Pod", "ReplicaSet", "ReplicationController", "PersistentVolumeClaim"];
    FIRST.iter().position(|first| *first == kind).unwrap_or(FIRST.len())
}

/// Conditions that say neither good nor bad.
const NEUTRAL: [&str; 2] = ["ScalingLimited", "PodReadyToStartContainers"];
/// Parts of the names of conditions that are bad when they hold.
const ADVERSE: [&str; 12] = [
    "Fail",
    "Error",
    "Stalled",
    "Degraded",
    "Pressure",
    "Problem",
    "Invalid",
    "Terminating",
    "Suspended",
    "Disrupt",
    "NonStructural",
    "Unavailable",
];

impl Condition {
    fn is_bad(&self) -> bool {
        if NEUTRAL.contains(&self.kind.as_str()) {
            return false;
        }
        let is_adverse = ADVERSE.iter().any(|part| self.kind.contains(part));
        self.status != if is_adverse { "False" } else { "True" }
    }

    /// `Available is False (MinimumReplicasUnavailable): Deployment does not have minimum availability.`
    pub(super) fn in_words(&self) -> String {
        let reason = if self.reason.is_empty() { String::new() } else { format!(" ({})", self.reason) };
        let message = if self.message.is_empty() { String::new() } else { format!(": {}", self.message) };
        format!("{} is {}{reason}{message}", self.kind, self.status)
    }
}

/// The text of a member, empty when there is none.
pub(super) fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The entries of a list, none when there is no list.
pub(super) fn entries<'a>(object: &'a Object, path: &[&str]) -> &'a [Value] {
    object.at(path).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The conditions of an object that are not as they should be.
pub(super) fn bad_conditions(object: &Object) -> Vec<Condition> {
    let condition = |entry: &Value| Condition {
        kind: text(entry, "type"),
        status: text(entry, "status"),
        reason: text(entry, "reason"),
        message: text(entry, "message"),
        since: text(entry, "lastTransitionTime").parse().ok(),
    };
    entries(object, &["status", "conditions"]).iter().map(condition).filter(Condition::is_bad).collect()
}

impl ObjectEvidence {
    /// An object that was not looked at.
    pub(super) fn not_read(object: ObjectId, action: Option<Action>, changes: Vec<FieldChange>) -> Self {
        Self { object, action, presence: Presence::NotRead, changes, conditions: Vec::new(), finalizers: Vec::new() }
    }

    /// Adds what was seen.
    pub(super) fn look(&mut self, live: Option<&Object>) {
        let Some(live) = live else {
            self.presence = Presence::Absent;
            return;
        };
        self.presence = Presence::Live;
        self.conditions = bad_conditions(live);
        if live.is_terminating() {
            self.presence = Presence::Terminating;
            let finalizers = entries(live, &["metadata", "finalizers"]).iter();
            self.finalizers = finalizers.filter_map(|name| name.as_str().map(str::to_owned)).collect();
        }
    }
}

#[cfg(test)]
mod tests;
