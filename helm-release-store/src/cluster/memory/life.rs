//! The life of objects: what controllers and the node do after a write, at once and in a fixed order.

use std::sync::Arc;

use helm_release_core::ObjectId;
use helm_release_core::ports::Validation;
use serde_json::{Value, json};

use super::manage::{Author, Operation};
use super::refusal::Refusal;
use super::state::State;
use super::tree;
use super::write::Call;

mod claim;
mod definition;
mod deployment;
mod job;
mod namespace;
mod node_daemon;
mod pod;
mod replica_set;
mod service;
mod stateful_set;

/// Looks that controllers take before something that never comes to rest is given up.
const MOST_LOOKS: usize = 100_000;

impl State {
    /// Lets controllers look at everything that changed, until nothing changes any more.
    pub(crate) fn settle(&mut self) {
        for _ in 0..MOST_LOOKS {
            let Some(id) = self.unsettled.pop_first() else { return };
            self.collect(&id);
            if let Some(object) = self.get(&id).cloned() {
                self.live(&id, &object);
            } else {
                self.mourn(&id);
            }
        }
    }

    /// Does what was due at moments that have passed, in their order.
    pub(crate) fn catch_up(&mut self) {
        while let Some((due, _)) = self.alarms.first()
            && *due <= self.now()
            && let Some((due, id)) = self.alarms.pop_first()
        {
            self.at_time(Some(due));
            self.unsettled.insert(id);
            self.settle();
            self.at_time(None);
        }
    }

    /// When something happens without a write, by tokio's clock.
    pub(crate) fn next_alarm(&self) -> Option<tokio::time::Instant> {
        self.alarms.first().map(|(due, _)| self.instant_of(*due))
    }

    /// Looks at an object again after a while; true when that while is over already.
    fn passed(&mut self, id: &ObjectId, since: &str, wait: jiff::SignedDuration) -> bool {
        let Ok(since) = since.parse::<jiff::Timestamp>() else { return true };
        let Ok(due) = since.checked_add(wait) else { return false };
        let over = due <= self.now();
        if !over {
            self.alarms.insert((due, id.clone()));
        }
        over
    }

    fn live(&mut self, id: &ObjectId, object: &Arc<Value>) {
        match (id.group.as_str(), id.kind.as_str()) {
            ("", "Pod") => self.live_pod(id, object),
            ("", "Namespace") => self.live_namespace(id, object),
            ("", "PersistentVolumeClaim") => self.live_claim(id, object),
            ("", "PersistentVolume") => self.live_volume(id, object),
            ("", "Service") => self.live_service(id, object),
            ("apps", "ReplicaSet") => self.live_replica_set(id, object),
            ("apps", "Deployment") => self.live_deployment(id, object),
            ("apps", "StatefulSet") => self.live_stateful_set(id, object),
            ("apps", "DaemonSet") => self.live_daemon_set(id, object),
            ("batch", "Job") => self.live_job(id, object),
            ("apiextensions.k8s.io", "CustomResourceDefinition") => self.live_definition(id, object),
            _ => {}
        }
    }

    /// Looks again at what waited for an object that is gone.
    fn mourn(&mut self, id: &ObjectId) {
        let mut waiting = Vec::new();
        if let Some(namespace) = &id.namespace {
            let terminating = self.of_kind("", "Namespace", None).filter(|(id, _)| id.name == *namespace);
            waiting.extend(terminating.map(|(id, _)| id.clone()));
            if id.kind == "Pod" {
                waiting.extend(self.of_kind("", "PersistentVolumeClaim", Some(namespace)).map(|(id, _)| id.clone()));
            }
        }
        waiting.extend(self.of_kind("apiextensions.k8s.io", "CustomResourceDefinition", None).map(|(id, _)| id.clone()));
        // An owner that deletes its objects first goes when they are gone.
        let going = |object: &Value| super::delete::finalizers(object).iter().any(|name| name == "foregroundDeletion");
        waiting.extend(self.objects.iter().filter(|(_, object)| going(object)).map(|(id, _)| id.clone()));
        if id.kind == "PersistentVolumeClaim" {
            waiting.extend(self.of_kind("", "PersistentVolume", None).map(|(id, _)| id.clone()));
        }
        self.unsettled.extend(waiting);
    }

    /// Changes an object as one of the cluster's own components, quietly doing nothing when the server refuses.
    fn amend(&mut self, id: &ObjectId, manager: &str, on_status: bool, change: impl FnOnce(&mut Value)) {
        let (Some(current), Some(served)) = (self.get(id).cloned(), self.served(id)) else { return };
        let mut proposed = current.as_ref().clone();
        change(&mut proposed);
        if proposed == *current {
            return;
        }
        let at = served.resource.at(id.namespace.as_deref().unwrap_or_default(), &id.name);
        let author = Author::new(manager, Operation::Update, &served.resource.gvk);
        let author = if on_status { author.on_status() } else { author };
        let call = Call { served: &served, at: &at, author, validation: Validation::Ignore };
        let _: Result<_, Refusal> = self.update(&call, &current, proposed);
    }

    /// Creates an object that another one owns.
    fn beget(&mut self, owner: &Value, child: Value) -> Option<ObjectId> {
        let mut child = child;
        tree::set(&mut child, &["metadata", "ownerReferences"], json!([reference(owner)]));
        self.bear(tree::text(owner, &["metadata", "namespace"]), child)
    }

    /// Creates an object as the controller manager.
    fn bear(&mut self, namespace: &str, child: Value) -> Option<ObjectId> {
        let object = helm_release_core::Object::new(child).ok()?;
        let served = self.api.find(&object.gvk())?;
        let at = served.resource.at(namespace, object.name());
        let author = Author::new("kube-controller-manager", Operation::Update, &served.resource.gvk);
        let call = Call { served: &served, at: &at, author, validation: Validation::Ignore };
        let made = self.create(&call, object.into_value()).ok()?;
        let name = tree::text(&made, &["metadata", "name"]).to_owned();
        Some(served.resource.at(namespace, &name).id())
    }

    /// The objects of a kind that an object controls, oldest first.
    fn children(&self, owner: &Value, group: &str, kind: &str) -> Vec<(ObjectId, Arc<Value>)> {
        let uid = tree::text(owner, &["metadata", "uid"]);
        let namespace = tree::text(owner, &["metadata", "namespace"]);
        let is_child = |object: &Value| {
            let mut parents = tree::items(object, &["metadata", "ownerReferences"]).iter();
            parents.any(|parent| tree::text(parent, &["uid"]) == uid)
        };
        let all = self.of_kind(group, kind, Some(namespace)).filter(|(_, object)| is_child(object));
        let mut all: Vec<_> = all.map(|(id, object)| (id.clone(), Arc::clone(object))).collect();
        // Uids are given out in order.
        all.sort_by(|(_, a), (_, b)| tree::text(a, &["metadata", "uid"]).cmp(tree::text(b, &["metadata", "uid"])));
        all
    }
}

/// How a controller says that an object is its own.
fn reference(owner: &Value) -> Value {
    json!({
        "apiVersion": tree::text(owner, &["apiVersion"]),
        "kind": tree::text(owner, &["kind"]),
        "name": tree::text(owner, &["metadata", "name"]),
        "uid": tree::text(owner, &["metadata", "uid"]),
        "controller": true,
        "blockOwnerDeletion": true,
    })
}

/// A Pod as a template describes it.
fn pod_from(template: &Value, name: &str) -> Value {
    let mut pod = json!({"apiVersion": "v1", "kind": "Pod", "spec": template.get("spec").cloned().unwrap_or_default()});
    for key in ["labels", "annotations", "finalizers"] {
        if let Some(value) = tree::at(template, &["metadata", key]) {
            tree::set(&mut pod, &["metadata", key], value.clone());
        }
    }
    let key = if name.ends_with('-') { "generateName" } else { "name" };
    tree::set(&mut pod, &["metadata", key], name);
    pod
}

/// A short name for a pod template, the same for equal templates.
fn hash_of(template: &Value) -> String {
    let bytes = template.to_string();
    let fold = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    super::state::suffix(bytes.bytes().fold(0xcbf2_9ce4_8422_2325, fold), 10)
}

/// Whether a condition of that type is `True`.
fn holds(object: &Value, condition: &str) -> bool {
    let mut conditions = tree::items(object, &["status", "conditions"]).iter();
    conditions.any(|found| tree::text(found, &["type"]) == condition && tree::text(found, &["status"]) == "True")
}

/// Sets a condition, whose transition time changes only with its status.
fn set_condition(object: &mut Value, kind: &str, status: bool, reason: &str, message: &str, stamp: &str) {
    let status = if status { "True" } else { "False" };
    let list = tree::mapping(object, &["status"]).entry("conditions").or_insert_with(|| json!([]));
    let Some(list) = list.as_array_mut() else { return };
    let mut condition = json!({"type": kind, "status": status, "lastTransitionTime": stamp});
    for (key, text) in [("reason", reason), ("message", message)] {
        if !text.is_empty() {
            tree::set(&mut condition, &[key], text);
        }
    }
    match list.iter_mut().find(|found| tree::text(found, &["type"]) == kind) {
        Some(found) => {
            if tree::text(found, &["status"]) == status {
                let since = found.get("lastTransitionTime").cloned().unwrap_or_default();
                tree::set(&mut condition, &["lastTransitionTime"], since);
            }
            *found = condition;
        }
        None => list.push(condition),
    }
}

/// Sets a number of the status, or leaves it out when it is zero, as the server's types do.
fn set_count(object: &mut Value, field: &str, count: usize) {
    if count == 0 {
        tree::remove(object, &["status", field]);
    } else {
        tree::set(object, &["status", field], count);
    }
}

fn is_going(object: &Value) -> bool {
    tree::at(object, &["metadata", "deletionTimestamp"]).is_some()
}

/// `spec.replicas` as a size.
fn replicas(object: &Value) -> usize {
    tree::number(object, &["spec", "replicas"]).and_then(|count| usize::try_from(count).ok()).unwrap_or(1)
}
