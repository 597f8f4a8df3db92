//! What of an object and of a request is bound: everything that matters to a plan, and no secret value.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::digest::Digester;
use crate::Object;
use crate::mask::Masker;
use crate::plan::is_migration;
use crate::ports::{PatchBody, Request};

/// The part that says which object it is, whatever it holds.
pub(super) const UID: &str = "uid";
/// The part that says who owns which field.
pub(super) const OWNERS: &str = "owners";
/// The part that moves with every write of a Secret, in place of its values.
pub(super) const VERSION: &str = "resourceVersion";

/// Members of `metadata` that the server counts and keeps; the name and namespace are the binding's own.
const SERVER_METADATA: [&str; 10] = [
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "name",
    "namespace",
    "resourceVersion",
    "selfLink",
    UID,
];

/// Annotations that controllers write after a while, and that say nothing that the object does not say elsewhere.
const BOOKKEEPING: [&str; 1] = ["deployment.kubernetes.io/revision"];

/// The parts of a live object, by path: two members deep, labels and annotations three.
pub(super) fn parts(live: &Object, digester: Digester<'_>) -> BTreeMap<String, String> {
    let is_secret = live.kind() == "Secret";
    let mut value = live.as_value().clone();
    Masker::default().mask_object(live.kind(), &mut value);
    let mut parts = BTreeMap::from([
        (UID.to_owned(), live.uid().unwrap_or_default().to_owned()),
        (OWNERS.to_owned(), digester.of(&owners(live))),
    ]);
    if is_secret {
        parts.insert(VERSION.to_owned(), live.resource_version().unwrap_or_default().to_owned());
    }
    let Some(members) = value.as_object() else { return parts };
    for (name, member) in members.iter().filter(|(name, _)| !matches!(name.as_str(), "apiVersion" | "kind" | "status")) {
        match member {
            Value::Object(inner) if name == "metadata" => metadata_parts(&mut parts, inner, digester),
            Value::Object(inner) => add(&mut parts, name, inner, digester),
            other => {
                parts.insert(name.clone(), digester.of(other));
            }
        }
    }
    parts
}

fn add(parts: &mut BTreeMap<String, String>, path: &str, members: &Map<String, Value>, digester: Digester<'_>) {
    for (name, value) in members {
        // A name with a dot of its own would read like a path.
        let path = if name.contains('.') { format!("{path}[{name}]") } else { format!("{path}.{name}") };
        parts.insert(path, digester.of(value));
    }
}

fn metadata_parts(parts: &mut BTreeMap<String, String>, metadata: &Map<String, Value>, digester: Digester<'_>) {
    for (name, value) in metadata.iter().filter(|(name, _)| !SERVER_METADATA.contains(&name.as_str())) {
        match value {
            Value::Object(members) if matches!(name.as_str(), "labels" | "annotations") => {
                let mut members = members.clone();
                members.retain(|key, _| !BOOKKEEPING.contains(&key.as_str()));
                add(parts, &format!("metadata.{name}"), &members, digester);
            }
            other => {
                parts.insert(format!("metadata.{name}"), digester.of(other));
            }
        }
    }
}

/// Who owns which field of the specification: an apply goes by that. Times do not matter, nor does who writes the status.
fn owners(live: &Object) -> Value {
    let entries = live.at(&["metadata", "managedFields"]).and_then(Value::as_array);
    let lasting = entries.into_iter().flatten().filter(|entry| entry.get("subresource").is_none_or(Value::is_null));
    let mut lasting: Vec<Value> = lasting
        .map(|entry| {
            let mut entry = entry.clone();
            if let Some(entry) = entry.as_object_mut() {
                entry.remove("time");
            }
            entry
        })
        .collect();
    // The server orders entries by time.
    lasting.sort_by_key(super::digest::canonical);
    Value::Array(lasting)
}

/// A request as it is bound: without secret values, and without what any write of anybody's moves.
pub(super) fn request(request: &Request) -> Value {
    let kind = request.at().resource.gvk.kind.as_str();
    let mut json = serde_json::to_value(request).unwrap_or_default();
    if let Some(object) = json.get_mut("object") {
        *object = masked(kind, object);
        if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.remove(VERSION);
        }
    }
    if let Request::Patch { patch, .. } = request {
        json["patch"] = match patch {
            // It repeats the owners that the live object has, which are bound there.
            PatchBody::Json(_) if is_migration(request) => json!("takes over helm's own fields"),
            PatchBody::Json(operations) if kind == "Secret" => paths(operations),
            PatchBody::Json(operations) => operations.clone(),
            PatchBody::Merge(body) => json!({ "merge": masked(kind, body) }),
            PatchBody::Strategic(body) => json!({ "strategic": masked(kind, body) }),
        };
    }
    if let Some(preconditions) = json.get_mut("preconditions").and_then(Value::as_object_mut) {
        preconditions.remove("resource_version");
    }
    json
}

/// An object, or a merge patch of one, with the values of a Secret masked.
pub(super) fn masked(kind: &str, value: &Value) -> Value {
    let mut value = value.clone();
    Masker::default().mask_object(kind, &mut value);
    value
}

fn paths(operations: &Value) -> Value {
    operations.as_array().into_iter().flatten().map(|operation| operation["path"].clone()).collect()
}
