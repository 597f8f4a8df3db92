//! Finds the pods of a workload, by its selector and by who owns them.

use serde_json::Value;

use super::objects::{entries, has_pods};
use super::pods::PodEvidence;
use super::reader::Wanted;
use crate::ports::{ListOptions, Resource};
use crate::readiness::Selector;
use crate::{Object, ObjectId};

/// An object that has pods, live or, for a Job, perhaps gone already.
#[derive(Debug, Clone)]
pub(super) struct Workload {
    pub(super) id: ObjectId,
    live: Option<Object>,
}

fn number(object: &Object, path: &[&str]) -> i64 {
    object.at(path).and_then(Value::as_i64).unwrap_or_default()
}

/// Whether the controller has done all that the object asks for, so that its pods have nothing to tell.
fn is_settled(object: &Object) -> bool {
    if number(object, &["status", "observedGeneration"]) < object.generation().unwrap_or_default() || object.is_terminating() {
        return false;
    }
    let wanted = object.at(&["spec", "replicas"]).and_then(Value::as_i64).unwrap_or(1);
    let count = |field: &str| number(object, &["status", field]);
    match object.kind() {
        "Deployment" => [count("replicas"), count("updatedReplicas"), count("availableReplicas")] == [wanted; 3],
        "StatefulSet" => [count("updatedReplicas"), count("readyReplicas")] == [wanted; 2],
        "ReplicaSet" | "ReplicationController" => count("readyReplicas") == wanted,
        "DaemonSet" => {
            let wanted = count("desiredNumberScheduled");
            [count("updatedNumberScheduled"), count("numberAvailable")] == [wanted; 2]
        }
        "Job" => count("failed") == 0 && object.at(&["status", "completionTime"]).is_some(),
        _ => false,
    }
}

impl Workload {
    /// The workload at a place that was looked at; `None` for kinds without pods and for workloads that are fine.
    pub(super) fn of(id: &ObjectId, live: Option<&Object>) -> Option<Self> {
        let has_pods = has_pods(&id.kind) && matches!(id.group.as_str(), "" | "apps" | "batch");
        // The pods of a Job that a delete policy removed may live on for a while.
        let is_worth_it = live.map_or(id.kind == "Job", |live| !is_settled(live));
        (has_pods && is_worth_it).then(|| Self { id: id.clone(), live: live.cloned() })
    }

    /// The list request that its pods, or the sets between, are among.
    pub(super) fn list(&self, resource: &Resource) -> Wanted {
        let mut options = ListOptions::within(self.id.namespace.as_deref());
        match &self.live {
            None => options = options.with_labels(format!("job-name={}", self.id.name)),
            Some(live) => {
                let selector = live.at(&["spec", "selector"]).filter(|selector| selector.is_object());
                let selector = match live.kind() {
                    "ReplicationController" => selector.and_then(|selector| Selector::from_labels(Some(selector)).ok()),
                    _ => selector.and_then(|selector| Selector::from_label_selector(Some(selector)).ok()),
                };
                if let Some(selector) = selector.map(|selector| selector.to_string()).filter(|selector| !selector.is_empty()) {
                    options = options.with_labels(selector);
                }
            }
        }
        Wanted::List { resource: resource.clone(), options }
    }

    /// Whether it owns its pods through sets.
    pub(super) fn has_sets(&self) -> bool {
        self.id.kind == "Deployment"
    }

    fn owns(&self, object: &Object) -> bool {
        match &self.live {
            Some(live) => live.uid().is_some_and(|uid| is_owned_by(object, uid)),
            None => owners(object).any(|owner| {
                let is = |key: &str, text: &str| owner.get(key).and_then(Value::as_str) == Some(text);
                is("kind", &self.id.kind) && is("name", &self.id.name)
            }),
        }
    }

    /// Its own pods among those listed, and the sets between.
    pub(super) fn pods(&self, sets: &[Object], pods: &[Object]) -> Vec<PodEvidence> {
        let sets: Vec<&Object> = sets.iter().filter(|set| self.owns(set)).collect();
        let mine = pods.iter().filter_map(|pod| {
            let set = sets.iter().find(|set| set.uid().is_some_and(|uid| is_owned_by(pod, uid)));
            let is_mine = if self.has_sets() { set.is_some() } else { self.owns(pod) };
            is_mine.then(|| PodEvidence::read(pod, &self.id, self.is_current(set.copied(), pod)))
        });
        mine.collect()
    }

    /// Its own sets among those listed.
    pub(super) fn sets<'a>(&self, sets: &'a [Object]) -> impl Iterator<Item = &'a Object> {
        sets.iter().filter(|set| self.owns(set)).collect::<Vec<_>>().into_iter()
    }

    /// Whether a pod is of the present template, as far as the objects tell.
    fn is_current(&self, set: Option<&Object>, pod: &Object) -> bool {
        const REVISION: &str = "deployment.kubernetes.io/revision";
        const GENERATION: &str = "deprecated.daemonset.template.generation";
        let Some(live) = &self.live else { return true };
        let (wanted, found) = match live.kind() {
            "Deployment" => (live.annotation(REVISION), set.and_then(|set| set.annotation(REVISION))),
            "StatefulSet" => {
                (live.at(&["status", "updateRevision"]).and_then(Value::as_str), pod.label("controller-revision-hash"))
            }
            "DaemonSet" => (live.annotation(GENERATION), pod.label("pod-template-generation")),
            _ => return true,
        };
        wanted.is_none() || found.is_none() || wanted == found
    }
}

fn owners(object: &Object) -> impl Iterator<Item = &Value> {
    entries(object, &["metadata", "ownerReferences"]).iter()
}

fn is_owned_by(object: &Object, uid: &str) -> bool {
    owners(object).any(|owner| owner.get("uid").and_then(Value::as_str) == Some(uid))
}
