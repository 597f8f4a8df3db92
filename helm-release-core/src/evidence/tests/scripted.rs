//! A cluster that only answers, and the objects that a real one would hold after a failure.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures::FutureExt as _;
use serde_json::{Value, json};

use crate::evidence::{Concerned, Evidence, FailedHook, Limits, Scene, collect};
use crate::patch::Schemas;
use crate::plan::Action;
use crate::ports::{
    Clock, Cluster, ClusterError, ClusterErrorKind, DryRun, Kinds, ListOptions, Listing, Location, LogOptions, Request, Resource,
    Scope, WatchStream,
};
use crate::run::{FailedPhase, RunError};
use crate::{Gvk, Namespace, Object, ReleaseName, Revision};

/// How the cluster answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Mood {
    #[default]
    Well,
    /// Every read but that of the kinds waits for ever.
    Silent,
    /// No read reaches it.
    Away,
}

/// A cluster that holds what it was given.
#[derive(Debug, Default)]
pub(super) struct Scripted {
    objects: Vec<Object>,
    logs: BTreeMap<String, String>,
    forbidden: BTreeSet<&'static str>,
    mood: Mood,
    pub(super) asked: Mutex<Vec<String>>,
}

impl Scripted {
    pub(super) fn holding(objects: impl IntoIterator<Item = Value>) -> Self {
        Self { objects: objects.into_iter().map(|value| Object::new(value).unwrap()).collect(), ..Self::default() }
    }

    pub(super) fn with_log(mut self, pod: &str, container: &str, text: &str) -> Self {
        self.logs.insert(format!("{pod}/{container}"), text.to_owned());
        self
    }

    pub(super) fn forbidding(mut self, plural: &'static str) -> Self {
        self.forbidden.insert(plural);
        self
    }

    pub(super) fn in_mood(mut self, mood: Mood) -> Self {
        self.mood = mood;
        self
    }

    async fn answer<T>(
        &self,
        asked: String,
        plural: &str,
        answer: impl FnOnce() -> Result<T, ClusterError>,
    ) -> Result<T, ClusterError> {
        self.asked.lock().unwrap().push(asked.clone());
        match self.mood {
            Mood::Silent => futures::future::pending().await,
            Mood::Away => Err(ClusterError::new(ClusterErrorKind::Unreachable, asked, "connection refused")),
            Mood::Well if self.forbidden.contains(plural) => {
                let message = format!("{plural} is forbidden: User \"me\" cannot list resource \"{plural}\"");
                Err(ClusterError::new(ClusterErrorKind::Forbidden, asked, message))
            }
            Mood::Well => answer(),
        }
    }
}

impl fmt::Display for Scripted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("scripted")
    }
}

const SERVED: [(&str, &str, &str); 10] = [
    ("v1", "ConfigMap", "configmaps"),
    ("v1", "Secret", "secrets"),
    ("v1", "Pod", "pods"),
    ("v1", "Event", "events"),
    ("v1", "ResourceQuota", "resourcequotas"),
    ("apps/v1", "Deployment", "deployments"),
    ("apps/v1", "ReplicaSet", "replicasets"),
    ("apps/v1", "StatefulSet", "statefulsets"),
    ("apps/v1", "DaemonSet", "daemonsets"),
    ("batch/v1", "Job", "jobs"),
];

fn kinds() -> Kinds {
    let resource = |(api_version, kind, plural): (&str, &str, &str)| Resource {
        gvk: Gvk::new(api_version, kind),
        plural: plural.to_owned(),
        scope: Scope::Namespaced,
    };
    SERVED.into_iter().map(resource).collect()
}

/// Where an object of a kind lies.
pub(super) fn place(kind: &str, name: &str) -> Location {
    let (api_version, ..) = SERVED.iter().find(|(_, served, _)| *served == kind).unwrap();
    kinds().find(&Gvk::new(api_version, kind)).unwrap().at("default", name)
}

fn chosen(object: &Object, resource: &Resource, options: &ListOptions) -> bool {
    let labels = options.labels.as_deref().unwrap_or_default();
    let has_labels = labels.split(',').filter(|term| !term.is_empty()).all(|term| {
        let (key, value) = term.split_once('=').unwrap();
        object.label(key) == Some(value)
    });
    let is_warning = object.at(&["type"]).is_some_and(|kind| kind == "Warning");
    let has_fields = match options.fields.as_deref() {
        Some("type=Warning") => is_warning,
        Some("type!=Warning") => !is_warning,
        Some(other) => panic!("unknown field selector {other}"),
        None => true,
    };
    object.gvk() == resource.gvk && object.namespace() == options.namespace.as_deref() && has_labels && has_fields
}

#[async_trait]
impl Cluster for Scripted {
    async fn kinds(&self, _refresh: bool) -> Result<Arc<Kinds>, ClusterError> {
        if self.mood == Mood::Away {
            return Err(ClusterError::new(ClusterErrorKind::Unreachable, "discover kinds", "connection refused"));
        }
        Ok(Arc::new(kinds()))
    }

    async fn schemas(&self, _kinds: &[Gvk]) -> Result<Arc<Schemas>, ClusterError> {
        unreachable!("evidence needs no schemas")
    }

    async fn get(&self, at: &Location) -> Result<Object, ClusterError> {
        let found = || {
            let found = self.objects.iter().find(|object| object.id() == at.id()).cloned();
            found.ok_or_else(|| ClusterError::new(ClusterErrorKind::NotFound, format!("get {at}"), "not found"))
        };
        self.answer(format!("get {at}"), &at.resource.plural, found).await
    }

    async fn list(&self, resource: &Resource, options: &ListOptions) -> Result<Listing, ClusterError> {
        let items = || {
            let items = self.objects.iter().filter(|object| chosen(object, resource, options)).cloned().collect();
            Ok(Listing { items, resource_version: "1".to_owned() })
        };
        self.answer(format!("list {}", resource.plural), &resource.plural, items).await
    }

    async fn watch(&self, _: &Resource, _: &ListOptions, _: &str) -> Result<WatchStream, ClusterError> {
        unreachable!("evidence watches nothing")
    }

    async fn write(&self, _: &Request, _: DryRun) -> Result<Option<Object>, ClusterError> {
        unreachable!("evidence writes nothing")
    }

    async fn logs(&self, _namespace: &str, pod: &str, options: &LogOptions) -> Result<String, ClusterError> {
        let container = options.container.clone().unwrap();
        let text = || {
            let text = self.logs.get(&format!("{pod}/{container}"));
            let lines: Vec<&str> = text.map(|text| text.lines().collect()).unwrap_or_default();
            let from = lines.len().saturating_sub(usize::try_from(options.tail.unwrap()).unwrap());
            Ok(lines[from..].join("\n"))
        };
        self.answer(format!("log {pod}/{container}"), "pods/log", text).await
    }
}

/// A clock that stands still, and on which every wait is over at once.
#[derive(Debug)]
pub(super) struct Stopped;

#[async_trait]
impl Clock for Stopped {
    fn now(&self) -> jiff::Zoned {
        "2026-05-01T12:05:00[UTC]".parse().unwrap()
    }

    async fn sleep(&self, _: Duration) {}
}

/// What failed: release `web`, from revision 2 back to 1.
pub(super) struct Failed {
    pub(super) phase: FailedPhase,
    pub(super) error: RunError,
    pub(super) hook: Option<FailedHook>,
    pub(super) objects: Vec<Concerned>,
    pub(super) limits: Limits,
}

impl Failed {
    /// A wait for the Deployment `web` whose time was up.
    pub(super) fn waiting() -> Self {
        let lines = [
            "resource Deployment/default/web not ready. status: InProgress, message: Available: 0/1",
            "context deadline exceeded",
        ];
        Self {
            phase: FailedPhase::Wait,
            error: RunError::NotReady { lines: lines.map(str::to_owned).to_vec() },
            hook: None,
            objects: vec![Concerned::new(place("Deployment", "web"), Action::Patch)],
            limits: Limits::default(),
        }
    }

    /// A write of the Deployment `web` to which the server said that.
    pub(super) fn writing(kind: ClusterErrorKind, said: &str) -> Self {
        let error = RunError::Cluster(ClusterError::new(kind, "patch Deployment default/web", said));
        Self { phase: FailedPhase::Apply, error, ..Self::waiting() }
    }

    pub(super) fn collect(self, cluster: &Scripted) -> Evidence {
        let (release, namespace): (ReleaseName, Namespace) = ("web".parse().unwrap(), "default".parse().unwrap());
        let revision = |number| Revision::new(number).unwrap();
        let scene = Scene {
            release: &release,
            namespace: &namespace,
            from: revision(2),
            to: revision(1),
            new_revision: revision(3),
            began: "2026-05-01T12:00:00.5Z".parse().unwrap(),
            phase: Some(self.phase),
            error: Some(&self.error),
            said: self.error.to_string(),
            hook: self.hook,
            objects: self.objects,
            timeline: Vec::new(),
            limits: self.limits,
        };
        collect(cluster, &Stopped, &scene).now_or_never().expect("everything answers at once")
    }

    pub(super) fn cause(self, cluster: &Scripted) -> String {
        self.collect(cluster).cause().sentence
    }
}

/// The Deployment `web`, of whose one replica nothing is there yet.
pub(super) fn deployment() -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {
            "name": "web", "namespace": "default", "uid": "d-1", "generation": 3,
            "annotations": {"deployment.kubernetes.io/revision": "3"},
        },
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "web"}}},
        "status": {
            "observedGeneration": 3, "replicas": 1, "updatedReplicas": 1, "unavailableReplicas": 1,
            "conditions": [
                {"type": "Available", "status": "False", "reason": "MinimumReplicasUnavailable",
                    "message": "Deployment does not have minimum availability.", "lastTransitionTime": "2026-05-01T12:00:01Z"},
                {"type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated", "message": "ReplicaSet \"web-3\" is progressing."},
            ],
        },
    })
}

/// The `ReplicaSet` of a revision of the Deployment `web`.
pub(super) fn replica_set(revision: u32) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": {
            "name": format!("web-{revision}"), "namespace": "default", "uid": format!("rs-{revision}"), "labels": {"app": "web"},
            "annotations": {"deployment.kubernetes.io/revision": revision.to_string()},
            "ownerReferences": [{"kind": "Deployment", "name": "web", "uid": "d-1", "controller": true}],
        },
    })
}

/// A pod with one container `main` in that state, owned by that uid.
pub(super) fn pod(name: &str, owner: &str, container: &Value) -> Value {
    let mut status = json!({"name": "main", "image": "web:1", "ready": false, "restartCount": 0});
    status.as_object_mut().unwrap().extend(container.as_object().unwrap().clone());
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "name": name, "namespace": "default", "uid": format!("uid-{name}"), "labels": {"app": "web"},
            "ownerReferences": [{"kind": "ReplicaSet", "name": "web-3", "uid": owner, "controller": true}],
        },
        "spec": {"nodeName": "node-0", "containers": [{"name": "main", "image": "web:1", "env": [{"name": "TOKEN", "value": "s3cret"}]}]},
        "status": {
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": "False", "reason": "ContainersNotReady",
                "message": "containers with unready status: [main]"}],
            "containerStatuses": [status],
        },
    })
}

/// A crash loop as the kubelet tells it.
pub(super) fn crash_loop() -> Value {
    json!({
        "restartCount": 5,
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 2m40s restarting failed container=main"}},
        "lastState": {"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": "2026-05-01T12:04:00Z"}},
    })
}

/// A warning about a pod, seen at that minute.
pub(super) fn warning(kind: &str, name: &str, reason: &str, message: &str, minute: u32) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Event", "metadata": {"name": format!("{name}.{reason}.{minute}"), "namespace": "default"},
        "type": "Warning", "reason": reason, "message": message, "count": 3,
        "involvedObject": {"kind": kind, "namespace": "default", "name": name, "uid": format!("uid-{name}")},
        "lastTimestamp": format!("2026-05-01T12:{minute:02}:00Z"), "source": {"component": "kubelet"},
    })
}

/// The Deployment `web` with a pod of its present template whose container is in that state.
pub(super) fn web_with(container: &Value) -> Vec<Value> {
    vec![deployment(), replica_set(3), pod("web-3-a", "rs-3", container)]
}
