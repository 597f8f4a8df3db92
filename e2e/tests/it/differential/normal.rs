//! What the two namespaces hold, without what must differ between them.
//!
//! Everything that is taken out here is a documented difference, or the same thing under another name.

use std::collections::BTreeMap;

use helm_release_core::codec::{self, DecodeOptions};
use serde_json::{Map, Value, json};

use super::parts::PARTS;
use super::twin::Twin;

/// Managers whose writes race with the steps of a history.
const CONTROLLERS: [&str; 3] = ["kube-controller-manager", "kube-scheduler", "kwok"];

/// Every object of the kinds that charts make, by kind and name.
pub(super) fn objects(twin: &Twin<'_>) -> BTreeMap<String, Value> {
    let mut resources: Vec<&str> = PARTS.iter().map(|part| part.resource).collect();
    resources.sort_unstable();
    resources.dedup();
    let mut objects = BTreeMap::new();
    for resource in resources {
        for object in twin.ns.list(resource) {
            let name = object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
            if object["type"] == "helm.sh/release.v1" || name == "kube-root-ca.crt" {
                continue;
            }
            objects.insert(format!("{resource} {name}"), object_as_made(twin, object));
        }
    }
    objects
}

fn object_as_made(twin: &Twin<'_>, mut object: Value) -> Value {
    let metadata = object["metadata"].as_object_mut().expect("an object has metadata");
    for given in ["uid", "resourceVersion", "creationTimestamp"] {
        metadata.remove(given);
    }
    if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
        // The controller counts the templates that it saw, and may miss one that was there for a moment.
        annotations.remove("deployment.kubernetes.io/revision");
        if annotations.is_empty() {
            metadata.remove("annotations");
        }
    }
    if let Some(Value::Array(entries)) = metadata.get_mut("managedFields") {
        entries.retain(|entry| !CONTROLLERS.iter().any(|controller| entry["manager"] == *controller));
        for entry in entries.iter_mut().filter_map(Value::as_object_mut) {
            entry.remove("time");
        }
        // The server orders them by time.
        entries.sort_by_key(Value::to_string);
    }
    let spec = object["spec"].as_object_mut();
    if let Some(spec) = spec {
        spec.remove("clusterIP");
        spec.remove("clusterIPs");
    }
    // Controllers report what they have come to so far.
    object.as_object_mut().expect("an object is a mapping").remove("status");
    neutral(object, twin.ns.name())
}

/// Every record by its name, decoded, with its labels.
pub(super) fn records(twin: &Twin<'_>) -> BTreeMap<String, Value> {
    let secrets = twin.ns.list("v1/secrets").into_iter().filter(|secret| secret["type"] == "helm.sh/release.v1");
    secrets.map(|secret| (secret["metadata"]["name"].as_str().unwrap_or_default().to_owned(), record(twin, &secret))).collect()
}

fn record(twin: &Twin<'_>, secret: &Value) -> Value {
    let stored = from_base64(secret["data"]["release"].as_str().expect("a record has data"));
    let json = codec::decode_json(&stored, DecodeOptions::default()).expect("a record can be decoded");
    let mut record: Value = serde_json::from_slice(&json).expect("a record is JSON");
    for time in ["first_deployed", "last_deployed"] {
        hide_time(&mut record["info"][time]);
    }
    for hook in record["hooks"].as_array_mut().into_iter().flatten() {
        for time in ["started_at", "completed_at"] {
            if let Some(time) = hook["last_run"].get_mut(time) {
                hide_time(time);
            }
        }
    }
    // The words of an error are this tool's own; that it failed, and while doing what, is the same.
    if let Some(description) = record["info"]["description"].as_str()
        && let Some(at) = description.find(" failed: ")
    {
        record["info"]["description"] = json!(description[..at + " failed: ".len()]);
    }
    // Helm reads and writes numbers as floats, so big ones change; they are kept here.
    as_floats(&mut record["config"]);
    as_floats(&mut record["chart"]["values"]);
    let mut labels = secret["metadata"]["labels"].clone();
    if let Some(labels) = labels.as_object_mut() {
        labels.remove("createdAt");
        labels.remove("modifiedAt");
    }
    neutral(json!({"record": record, "labels": labels}), twin.ns.name())
}

/// A time by whether it is there.
fn hide_time(time: &mut Value) {
    if time.as_str().is_some_and(|time| !time.is_empty()) {
        *time = json!("TIME");
    }
}

fn as_floats(value: &mut Value) {
    match value {
        Value::Number(number) => *value = json!(number.as_f64()),
        Value::Array(list) => list.iter_mut().for_each(as_floats),
        Value::Object(map) => map.values_mut().for_each(as_floats),
        _ => {}
    }
}

fn from_base64(text: &str) -> Vec<u8> {
    let secret = json!(text);
    let k8s_openapi::ByteString(bytes) = serde_json::from_value(secret).expect("data is base64");
    bytes
}

/// The value with the namespace's name and all generated ids replaced, in values and keys.
pub(super) fn neutral(value: Value, namespace: &str) -> Value {
    match value {
        Value::String(text) => Value::String(neutral_text(&text, namespace)),
        Value::Array(list) => list.into_iter().map(|value| neutral(value, namespace)).collect(),
        Value::Object(map) => {
            let members = map.into_iter().map(|(key, value)| (neutral_text(&key, namespace), neutral(value, namespace)));
            Value::Object(members.collect::<Map<_, _>>())
        }
        other => other,
    }
}

fn neutral_text(text: &str, namespace: &str) -> String {
    if is_uuid(text) { "UID".to_owned() } else { text.replace(namespace, "NAMESPACE") }
}

fn is_uuid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

/// Where two values differ, one line per place.
pub(super) fn differences(path: &str, helm: &Value, ours: &Value, found: &mut Vec<String>) {
    match (helm, ours) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys {
                let (a, b) = (a.get(key), b.get(key));
                match (a, b) {
                    (Some(a), Some(b)) => differences(&format!("{path}.{key}"), a, b, found),
                    _ => found.push(format!("{path}.{key}: helm {} ours {}", shown(a), shown(b))),
                }
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                differences(&format!("{path}[{index}]"), a, b, found);
            }
        }
        (a, b) if a == b => {}
        (a, b) => found.push(format!("{path}: helm {a} ours {b}")),
    }
}

fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "nothing".to_owned(), Value::to_string)
}

/// Where two collections differ.
pub(super) fn compare(what: &str, helm: &BTreeMap<String, Value>, ours: &BTreeMap<String, Value>, found: &mut Vec<String>) {
    let names: std::collections::BTreeSet<&String> = helm.keys().chain(ours.keys()).collect();
    for name in names {
        match (helm.get(name), ours.get(name)) {
            (Some(a), Some(b)) => differences(name, a, b, found),
            (Some(_), None) => found.push(format!("{what} {name}: only helm has it")),
            _ => found.push(format!("{what} {name}: only ours has it")),
        }
    }
}
