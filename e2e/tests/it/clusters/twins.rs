//! Sends the same writes to the real server and to the in-memory one and compares the answers, owners of fields included.

use helm_release_core::Object;
use helm_release_core::ports::{Cluster, ClusterError, Conflicts, DryRun, PatchBody, Request, Validation};
use helm_release_store::cluster::MemoryCluster;
use serde_json::{Value, json};

/// Writes one after the other: `object`, and what is to be done with it: `do`, `as`, `patch`.
const STEPS: &str = include_str!("twins.json");

/// What each server makes up for itself, and what controllers may have written meanwhile.
const OWN: [&str; 11] = [
    "uid",
    "resourceVersion",
    "creationTimestamp",
    "time",
    "status",
    "clusterIP",
    "clusterIPs",
    "nodePort",
    "batch.kubernetes.io/controller-uid",
    "controller-uid",
    "deployment.kubernetes.io/revision",
];

/// Every difference between the answers, as a sentence.
pub(super) async fn compare(real: &dyn Cluster, namespace: &str) -> Vec<String> {
    let memory = MemoryCluster::new();
    let home = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}});
    memory.insert(&object(home), "", "test").expect("a namespace can be made");
    let steps: Vec<Value> = serde_json::from_str(STEPS).expect("the steps are JSON");
    let mut differences = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        let request = request(real, step, namespace).await;
        let answers = (send(real, &request).await, send(&memory, &request).await);
        let mut found = Vec::new();
        match answers {
            (Ok(real), Ok(memory)) => differ("", &real, &memory, &mut found),
            (Err(real), Err(memory)) => {
                let (real, memory) = (json!(real.to_string()), json!(memory.to_string()));
                differ("error", &real, &memory, &mut found);
            }
            (real, memory) => found.push(format!("real {real:?}, memory {memory:?}")),
        }
        differences.extend(found.into_iter().map(|found| format!("step {number}, {request}: {found}")));
    }
    differences
}

fn object(value: Value) -> Object {
    Object::new(value).expect("the steps hold objects")
}

async fn request(cluster: &dyn Cluster, step: &Value, namespace: &str) -> Request {
    let object = object(step["object"].clone());
    let kinds = cluster.kinds(false).await.expect("the server can be asked");
    let at = kinds.find(&object.gvk()).expect("the kind is served").locate(&object, namespace);
    let manager = step["as"].as_str().unwrap_or("helm").to_owned();
    let validation = Validation::Strict;
    let patch = step["patch"].clone();
    let patch = match step["do"].as_str().unwrap_or("create") {
        "create" => return Request::Create { at, object, manager, validation },
        "replace" => return Request::Replace { at, object, manager, validation },
        "apply" => return Request::Apply { at, object, manager, conflicts: Conflicts::Refuse, validation },
        "force" => return Request::Apply { at, object, manager, conflicts: Conflicts::Force, validation },
        "json" => PatchBody::Json(patch),
        "merge" => PatchBody::Merge(patch),
        "strategic" => PatchBody::Strategic(patch),
        other => panic!("nothing is known of {other:?}"),
    };
    Request::Patch { at, patch, manager, validation }
}

/// A real controller may write between our reading and writing; that conflict is not the answer.
async fn send(cluster: &dyn Cluster, request: &Request) -> Result<Value, ClusterError> {
    let answer = cluster.write(request, DryRun::No).await?;
    let mut value = answer.map(Object::into_value).unwrap_or_default();
    scrub(&mut value);
    Ok(value)
}

fn scrub(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (key, value) in map.iter_mut() {
                if OWN.contains(&key.as_str()) {
                    *value = json!("its own");
                }
            }
            map.remove("deployment.kubernetes.io/revision");
            if let Some(Value::Array(entries)) = map.get_mut("managedFields") {
                entries.retain(|entry| entry.get("subresource").is_none());
            }
            map.values_mut().for_each(scrub);
        }
        Value::Array(items) => items.iter_mut().for_each(scrub),
        _ => {}
    }
}

fn differ(path: &str, real: &Value, memory: &Value, found: &mut Vec<String>) {
    match (real, memory) {
        (Value::Object(real), Value::Object(memory)) => {
            let only_memory = memory.keys().filter(|key| !real.contains_key(*key));
            for key in real.keys().chain(only_memory) {
                let member = |map: &serde_json::Map<String, Value>| map.get(key).cloned().unwrap_or_default();
                differ(&format!("{path}.{key}"), &member(real), &member(memory), found);
            }
        }
        (Value::Array(real), Value::Array(memory)) if real.len() == memory.len() => {
            for (index, (real, memory)) in real.iter().zip(memory).enumerate() {
                differ(&format!("{path}[{index}]"), real, memory, found);
            }
        }
        _ if real != memory => found.push(format!("{path} is {real} on the real server and {memory} in memory")),
        _ => {}
    }
}
