//! What a namespace holds, without what must differ between copies.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;
use std::time::{Duration, Instant};

use e2e::Namespace;
use serde_json::Value;

use super::stage::{RECORD, RESOURCES, decoded, is_own};

/// The objects and records of a namespace.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct State {
    /// Objects by kind and name, hooks' apart.
    pub(super) objects: BTreeMap<String, Value>,
    /// Hooks' objects by name, with their uid.
    pub(super) hooks: BTreeMap<String, String>,
    /// Revisions and their statuses.
    pub(super) records: BTreeMap<u64, String>,
    /// Journals and locks that are left, and records that contradict themselves.
    pub(super) remains: BTreeSet<String>,
}

impl State {
    /// Looks at a namespace once nothing there is on its way out.
    pub(super) fn of(ns: &Namespace<'_>, hooks: &[&str]) -> Self {
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            let all: Vec<(&str, Value)> = RESOURCES
                .iter()
                .flat_map(|resource| ns.list(resource).into_iter().map(move |object| (*resource, object)))
                .collect();
            let is_leaving = |(_, object): &(&str, Value)| is_own(object) && !object["metadata"]["deletionTimestamp"].is_null();
            if !all.iter().any(is_leaving) {
                return Self::read(ns, hooks, all);
            }
            assert!(Instant::now() < until, "objects of namespace {} do not go away", ns.name());
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn read(ns: &Namespace<'_>, hooks: &[&str], all: Vec<(&str, Value)>) -> Self {
        let mut state =
            Self { objects: BTreeMap::new(), hooks: BTreeMap::new(), records: BTreeMap::new(), remains: BTreeSet::new() };
        for lease in ns.list("coordination.k8s.io/v1/leases") {
            state.remains.insert(format!("lease {}", lease["metadata"]["name"]));
        }
        for (resource, object) in all.into_iter().filter(|(_, object)| is_own(object)) {
            let name = object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
            if object["type"] == RECORD {
                state.note_record(&object);
            } else if object["metadata"]["labels"]["owner"] == "helm-rollback-safe" {
                state.remains.insert(format!("note {name}"));
            } else if hooks.contains(&name.as_str()) {
                state.hooks.insert(name, object["metadata"]["uid"].as_str().unwrap_or_default().to_owned());
            } else {
                state.objects.insert(format!("{resource} {name}"), as_made(resource, object, ns.name()));
            }
        }
        state
    }

    fn note_record(&mut self, secret: &Value) {
        let labels = &secret["metadata"]["labels"];
        let record: Value = serde_json::from_slice(&decoded(secret)).expect("a record is JSON");
        let status = record["info"]["status"].as_str().unwrap_or_default().to_owned();
        if labels["status"] != record["info"]["status"] {
            self.remains.insert(format!("record {} says {status} and its label {}", record["version"], labels["status"]));
        }
        self.records.insert(record["version"].as_u64().unwrap_or_default(), status);
    }

    /// The one revision that is deployed.
    pub(super) fn deployed(&self) -> Result<u64, String> {
        let deployed: Vec<u64> =
            self.records.iter().filter(|(_, status)| *status == "deployed").map(|(revision, _)| *revision).collect();
        match deployed[..] {
            [one] => Ok(one),
            _ => Err(format!("not one revision is deployed: {:?}", self.records)),
        }
    }

    /// What has no place in the truth: records that are pending, journals, locks.
    pub(super) fn untruths(&self) -> Vec<String> {
        let pending = self.records.iter().filter(|(_, status)| status.starts_with("pending-"));
        let pending = pending.map(|(revision, status)| format!("revision {revision} is {status}"));
        pending.chain(self.remains.iter().map(|left| format!("left behind: {left}"))).collect()
    }
}

fn as_made(resource: &str, mut object: Value, namespace: &str) -> Value {
    let is_job = resource == "batch/v1/jobs";
    let top = object.as_object_mut().expect("an object is a mapping");
    top.remove("status");
    let metadata = top["metadata"].as_object_mut().expect("an object has metadata");
    for given in ["uid", "resourceVersion", "creationTimestamp", "generation"] {
        metadata.remove(given);
    }
    if let Some(Value::Object(annotations)) = metadata.get_mut("annotations") {
        // The controller counts the templates that it saw, and may miss one that was there for a moment.
        annotations.remove("deployment.kubernetes.io/revision");
        if annotations.is_empty() {
            metadata.remove("annotations");
        }
    }
    if let Some(Value::Array(entries)) = metadata.get_mut("managedFields") {
        entries.retain(|entry| entry["manager"] == "helm");
        for entry in entries.iter_mut().filter_map(Value::as_object_mut) {
            entry.remove("time");
        }
        // The server orders them by time.
        entries.sort_by_key(Value::to_string);
    }
    if let Some(Value::Object(spec)) = top.get_mut("spec") {
        for given in ["clusterIP", "clusterIPs", "nodeName"] {
            spec.remove(given);
        }
        if is_job {
            spec.remove("selector");
            spec["template"]["metadata"].as_object_mut().map(|metadata| metadata.remove("labels"));
        }
    }
    let text = object.to_string().replace(namespace, "NAMESPACE");
    serde_json::from_str(&text).expect("it stays JSON")
}

/// Where two sets of objects differ, one line each.
pub(super) fn differences(found: &BTreeMap<String, Value>, wanted: &BTreeMap<String, Value>) -> Vec<String> {
    let names: BTreeSet<&String> = found.keys().chain(wanted.keys()).collect();
    let mut lines = Vec::new();
    for name in names {
        match (found.get(name), wanted.get(name)) {
            (Some(found), Some(wanted)) => differ(name, found, wanted, &mut lines),
            (Some(_), None) => lines.push(format!("{name} should not be there")),
            _ => lines.push(format!("{name} is not there")),
        }
    }
    lines
}

fn differ(path: &str, found: &Value, wanted: &Value, lines: &mut Vec<String>) {
    match (found, wanted) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys {
                let (a, b) = (a.get(key).unwrap_or(&Value::Null), b.get(key).unwrap_or(&Value::Null));
                differ(&format!("{path}.{key}"), a, b, lines);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                differ(&format!("{path}[{index}]"), a, b, lines);
            }
        }
        (a, b) if a == b => {}
        (a, b) => lines.push(format!("{path} is {a}, should be {b}")),
    }
}
