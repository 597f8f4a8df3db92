//! Pods and their containers.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::objects::{Condition, bad_conditions, entries, text};
use crate::{Object, ObjectId};

/// How a container ended. `Debug` leaves out what the container wrote about it.
///
/// ```
/// use helm_release_core::evidence::collect;
/// use helm_release_store::clock::SystemClock;
/// # use helm_release_core::evidence::{Concerned, Scene};
/// # use helm_release_core::plan::{Action, RollbackOptions};
/// # use helm_release_core::ports::Cluster as _;
/// # use helm_release_core::{Gvk, Object};
/// # use serde_json::json;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let plan = shop.plan(&RollbackOptions::default()).await?;
/// # let pod = json!({
/// #     "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "labels": {"test/kubelet": "crash"}},
/// #     "spec": {"containers": [{"name": "main", "image": "web:1"}]},
/// # });
/// # shop.cluster.insert(&Object::new(pod)?, "default", "helm")?;
/// # shop.cluster.set_logs("default", "web", "main", "starting\npanic: no database\n\n");
/// # let at = shop.cluster.kinds(false).await?.find(&Gvk::new("v1", "Pod")).unwrap().at("default", "web");
/// # let mut scene = Scene::told(&plan, "context deadline exceeded", jiff::Timestamp::now());
/// # scene.objects = vec![Concerned::new(at, Action::Create)];
/// // Container "main" of Pod "web" crashes again and again.
/// let evidence = collect(&shop.cluster, &SystemClock, &scene).await;
/// let exit = evidence.pods[0].containers[0].last_exit.as_ref().expect("it ended before");
/// assert_eq!((exit.code, exit.reason.as_str()), (1, "Error"));
/// // It left no termination message.
/// assert_eq!(exit.message, "");
/// # Ok(()) });
/// ```
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Exit {
    /// Its exit code.
    pub code: i64,
    /// The node's word for it, such as `Error` or `OOMKilled`.
    pub reason: String,
    /// What the container left in its termination message, or why it could not be started.
    pub message: String,
    /// When.
    pub at: Option<Timestamp>,
}

impl fmt::Debug for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Exit({} {})", self.code, self.reason)
    }
}

/// What a container does.
///
/// ```
/// use helm_release_core::evidence::{ContainerState, collect};
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
/// let state = |current: bool| {
///     let pod = evidence.pods.iter().find(|pod| pod.current == current);
///     pod.map(|pod| &pod.containers[0].state)
/// };
/// assert!(matches!(state(true), Some(ContainerState::Waiting { reason, .. }) if reason == "ImagePullBackOff"));
/// // Pods of the revision before are still there.
/// assert!(matches!(state(false), Some(ContainerState::Running { since: Some(_) })));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "is")]
#[non_exhaustive]
pub enum ContainerState {
    /// It waits.
    Waiting {
        /// The node's word for it, such as `ImagePullBackOff`.
        reason: String,
        /// More about it.
        message: String,
    },
    /// It runs.
    Running {
        /// Since when.
        since: Option<Timestamp>,
    },
    /// It has ended.
    Ended(Exit),
    /// The node has said nothing about it.
    Unknown,
}

/// One container of a pod. `Debug` prints how long its log is and not what it says.
///
/// ```
/// use helm_release_core::evidence::collect;
/// use helm_release_store::clock::SystemClock;
/// # use helm_release_core::evidence::{Concerned, Scene};
/// # use helm_release_core::plan::{Action, RollbackOptions};
/// # use helm_release_core::ports::Cluster as _;
/// # use helm_release_core::{Gvk, Object};
/// # use serde_json::json;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let plan = shop.plan(&RollbackOptions::default()).await?;
/// # let pod = json!({
/// #     "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "labels": {"test/kubelet": "crash"}},
/// #     "spec": {"containers": [{"name": "main", "image": "web:1"}]},
/// # });
/// # shop.cluster.insert(&Object::new(pod)?, "default", "helm")?;
/// # shop.cluster.set_logs("default", "web", "main", "starting\npanic: no database\n\n");
/// # let at = shop.cluster.kinds(false).await?.find(&Gvk::new("v1", "Pod")).unwrap().at("default", "web");
/// # let mut scene = Scene::told(&plan, "context deadline exceeded", jiff::Timestamp::now());
/// # scene.objects = vec![Concerned::new(at, Action::Create)];
/// // Container "main" of Pod "web" crashes again and again.
/// let evidence = collect(&shop.cluster, &SystemClock, &scene).await;
/// let main = &evidence.pods[0].containers[0];
/// assert_eq!((main.name.as_str(), main.image.as_str()), ("main", "web:1"));
/// assert_eq!((main.restarts, main.ready, main.init), (5, false, false));
/// assert_eq!(main.log, ["starting", "panic: no database", ""]);
/// // Logs may hold anything, so `Debug` does not print them.
/// assert!(!format!("{main:?}").contains("database"));
/// # Ok(()) });
/// ```
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ContainerEvidence {
    /// Its name.
    pub name: String,
    /// Whether it runs before the others.
    pub init: bool,
    /// Its image.
    pub image: String,
    /// What it does.
    pub state: ContainerState,
    /// How it ended before.
    pub last_exit: Option<Exit>,
    /// How often it was started again.
    pub restarts: u64,
    /// Whether the node says that it is ready.
    pub ready: bool,
    /// How the node asks whether it is ready, such as `GET /healthz on port 8080`.
    pub readiness_probe: Option<String>,
    /// The last lines of its log, as the container wrote them; empty when it was not read.
    pub log: Vec<String>,
}

impl fmt::Debug for ContainerEvidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, state, restarts, log, .. } = self;
        write!(f, "ContainerEvidence({name} {state:?}, {restarts} restarts, {} lines of log)", log.len())
    }
}

/// One pod.
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
/// let pod = &evidence.pods[0];
/// assert_eq!(pod.owner.to_string(), "Deployment default/shop");
/// assert_eq!((pod.phase.as_str(), pod.node.as_deref()), ("Pending", Some("node-0")));
/// assert_eq!((pod.current, pod.ready, pod.terminating), (true, false, false));
/// assert_eq!(pod.containers[0].image, "registry.example/shop:1.2-typo");
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PodEvidence {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The object of the release or of the hook that it belongs to.
    pub owner: ObjectId,
    /// Whether it is of the owner's present template; a pod that a rollout has yet to replace is not.
    pub current: bool,
    /// The node that it was given to.
    pub node: Option<String>,
    /// Its phase.
    pub phase: String,
    /// Why the node or the cluster ended it as a whole, such as `Evicted`.
    pub reason: String,
    /// More about that.
    pub message: String,
    /// Whether it is ready, or has ended well.
    pub ready: bool,
    /// Whether it has been told to go.
    pub terminating: bool,
    /// Conditions that are not as they should be.
    pub conditions: Vec<Condition>,
    /// Its containers, those that run before the others first.
    pub containers: Vec<ContainerEvidence>,
}

impl ContainerEvidence {
    /// How it ended last, also when it ran again afterwards.
    ///
    /// ```
    /// use helm_release_core::evidence::collect;
    /// use helm_release_store::clock::SystemClock;
    /// # use helm_release_core::evidence::{Concerned, Scene};
    /// # use helm_release_core::plan::{Action, RollbackOptions};
    /// # use helm_release_core::ports::Cluster as _;
    /// # use helm_release_core::{Gvk, Object};
    /// # use serde_json::json;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let plan = shop.plan(&RollbackOptions::default()).await?;
    /// # let pod = json!({
    /// #     "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "labels": {"test/kubelet": "crash"}},
    /// #     "spec": {"containers": [{"name": "main", "image": "web:1"}]},
    /// # });
    /// # shop.cluster.insert(&Object::new(pod)?, "default", "helm")?;
    /// # shop.cluster.set_logs("default", "web", "main", "starting\npanic: no database\n\n");
    /// # let at = shop.cluster.kinds(false).await?.find(&Gvk::new("v1", "Pod")).unwrap().at("default", "web");
    /// # let mut scene = Scene::told(&plan, "context deadline exceeded", jiff::Timestamp::now());
    /// # scene.objects = vec![Concerned::new(at, Action::Create)];
    /// // Container "main" of Pod "web" crashes again and again.
    /// let evidence = collect(&shop.cluster, &SystemClock, &scene).await;
    /// let main = &evidence.pods[0].containers[0];
    /// // It waits to be started again, and how it ended is told by its last exit.
    /// assert_eq!(main.exit(), main.last_exit.as_ref());
    /// assert_eq!(main.exit().map(|exit| exit.code), Some(1));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn exit(&self) -> Option<&Exit> {
        match &self.state {
            ContainerState::Ended(exit) => Some(exit),
            _ => self.last_exit.as_ref(),
        }
    }

    /// Whether it keeps its pod from being ready.
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
    /// let troubled = evidence.pods.iter().flat_map(|pod| &pod.containers).filter(|container| container.is_in_trouble());
    /// let images: Vec<&str> = troubled.map(|container| container.image.as_str()).collect();
    /// assert_eq!(images, ["registry.example/shop:1.2-typo"; 4]);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn is_in_trouble(&self) -> bool {
        match &self.state {
            ContainerState::Waiting { reason, .. } => {
                !matches!(reason.as_str(), "ContainerCreating" | "PodInitializing" | "") || self.restarts > 0
            }
            ContainerState::Running { .. } => !self.ready,
            ContainerState::Ended(exit) => exit.code != 0,
            ContainerState::Unknown => false,
        }
    }

    /// Whether it can have written a log.
    pub(super) fn has_run(&self) -> bool {
        self.exit().is_some() || matches!(self.state, ContainerState::Running { .. })
    }

    /// The last line of its log that says something.
    ///
    /// ```
    /// use helm_release_core::evidence::collect;
    /// use helm_release_store::clock::SystemClock;
    /// # use helm_release_core::evidence::{Concerned, Scene};
    /// # use helm_release_core::plan::{Action, RollbackOptions};
    /// # use helm_release_core::ports::Cluster as _;
    /// # use helm_release_core::{Gvk, Object};
    /// # use serde_json::json;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let plan = shop.plan(&RollbackOptions::default()).await?;
    /// # let pod = json!({
    /// #     "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "labels": {"test/kubelet": "crash"}},
    /// #     "spec": {"containers": [{"name": "main", "image": "web:1"}]},
    /// # });
    /// # shop.cluster.insert(&Object::new(pod)?, "default", "helm")?;
    /// # shop.cluster.set_logs("default", "web", "main", "starting\npanic: no database\n\n");
    /// # let at = shop.cluster.kinds(false).await?.find(&Gvk::new("v1", "Pod")).unwrap().at("default", "web");
    /// # let mut scene = Scene::told(&plan, "context deadline exceeded", jiff::Timestamp::now());
    /// # scene.objects = vec![Concerned::new(at, Action::Create)];
    /// // Container "main" of Pod "web" crashes again and again.
    /// let evidence = collect(&shop.cluster, &SystemClock, &scene).await;
    /// let main = &evidence.pods[0].containers[0];
    /// // The log itself ends with an empty line.
    /// assert_eq!(main.log.last().map(String::as_str), Some(""));
    /// assert_eq!(main.last_line(), Some("panic: no database"));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn last_line(&self) -> Option<&str> {
        self.log.iter().rev().map(|line| line.trim()).find(|line| !line.is_empty())
    }
}

fn exit(state: Option<&Value>) -> Option<Exit> {
    let ended = state?.get("terminated")?;
    Some(Exit {
        code: ended.get("exitCode").and_then(Value::as_i64).unwrap_or_default(),
        reason: text(ended, "reason"),
        message: text(ended, "message").trim().to_owned(),
        at: text(ended, "finishedAt").parse().ok(),
    })
}

fn state(status: &Value) -> ContainerState {
    let Some(state) = status.get("state") else { return ContainerState::Unknown };
    if let Some(exit) = exit(Some(state)) {
        return ContainerState::Ended(exit);
    }
    if let Some(waiting) = state.get("waiting") {
        return ContainerState::Waiting { reason: text(waiting, "reason"), message: text(waiting, "message") };
    }
    match state.get("running") {
        Some(running) => ContainerState::Running { since: text(running, "startedAt").parse().ok() },
        None => ContainerState::Unknown,
    }
}

fn probe(container: &Value) -> Option<String> {
    let probe = container.get("readinessProbe")?;
    let port = |handler: &Value| handler.get("port").map_or_else(String::new, |port| port.to_string().replace('"', ""));
    if let Some(handler) = probe.get("httpGet") {
        let path = Some(text(handler, "path")).filter(|path| !path.is_empty()).unwrap_or_else(|| "/".to_owned());
        return Some(format!("GET {path} on port {}", port(handler)));
    }
    if let Some(handler) = probe.get("tcpSocket") {
        return Some(format!("connect to port {}", port(handler)));
    }
    if let Some(handler) = probe.get("grpc") {
        return Some(format!("gRPC on port {}", port(handler)));
    }
    // The command line may hold what nobody should see.
    probe.get("exec").map(|_| "a command inside".to_owned())
}

fn container(pod: &Object, spec: &Value, init: bool) -> ContainerEvidence {
    let name = text(spec, "name");
    let list = if init { "initContainerStatuses" } else { "containerStatuses" };
    let nothing = Value::Null;
    let status = entries(pod, &["status", list]).iter().find(|status| text(status, "name") == name).unwrap_or(&nothing);
    ContainerEvidence {
        init,
        image: text(spec, "image"),
        state: state(status),
        last_exit: exit(status.get("lastState")),
        restarts: status.get("restartCount").and_then(Value::as_u64).unwrap_or_default(),
        ready: status.get("ready").and_then(Value::as_bool).unwrap_or_default(),
        readiness_probe: probe(spec),
        log: Vec::new(),
        name,
    }
}

impl PodEvidence {
    /// Reads a pod of an owner.
    pub(super) fn read(pod: &Object, owner: &ObjectId, current: bool) -> Self {
        let spec = |list: &str, init: bool| -> Vec<ContainerEvidence> {
            entries(pod, &["spec", list]).iter().map(|spec| container(pod, spec, init)).collect()
        };
        let status = pod.at(&["status"]).unwrap_or(&Value::Null);
        let phase = text(status, "phase");
        let is = |condition: &Value| text(condition, "type") == "Ready" && text(condition, "status") == "True";
        let ready = phase == "Succeeded" || entries(pod, &["status", "conditions"]).iter().any(is);
        let mut containers = spec("initContainers", true);
        containers.extend(spec("containers", false));
        Self {
            namespace: pod.namespace().unwrap_or_default().to_owned(),
            name: pod.name().to_owned(),
            owner: owner.clone(),
            current,
            node: pod.at(&["spec", "nodeName"]).and_then(Value::as_str).map(str::to_owned),
            reason: text(status, "reason"),
            message: text(status, "message"),
            terminating: pod.is_terminating(),
            conditions: if phase == "Succeeded" { Vec::new() } else { bad_conditions(pod) },
            phase,
            ready,
            containers,
        }
    }

    /// Whether something is wrong with it.
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
    /// let evidence = collect(&shop.cluster, &SystemClock, &scene).await;
    /// let (troubled, well): (Vec<_>, Vec<_>) = evidence.pods.iter().partition(|pod| pod.is_in_trouble());
    /// assert_eq!((troubled.len(), well.len()), (4, 3));
    /// // The pods that are well are those that the rollout has yet to replace.
    /// assert!(well.iter().all(|pod| !pod.current));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn is_in_trouble(&self) -> bool {
        !self.ready && !self.terminating
    }

    /// Whether it is this pod.
    pub(super) fn is(&self, object: &ObjectId) -> bool {
        object.kind == "Pod" && object.name == self.name && object.namespace.as_deref() == Some(&self.namespace)
    }

    /// The order in which pods are shown: those that explain most come first.
    pub(super) fn rank(&self) -> (bool, bool, bool, &str) {
        let says_why = self.containers.iter().any(ContainerEvidence::is_in_trouble);
        (!self.is_in_trouble(), !self.current, !says_why, &self.name)
    }
}
