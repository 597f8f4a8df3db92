//! Turns client-side field ownership into server-side ownership, as Helm 4 does before it applies
//! (client-go's `csaupgrade`): without it the fields of the old `Update` entry could never be removed by an apply.

use serde_json::{Value, json};

use crate::Object;
use crate::ports::{PatchBody, Request};

const MANAGED_FIELDS: &str = "/metadata/managedFields";

fn is_entry(entry: &Value, manager: &str, operation: &str) -> bool {
    let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default();
    text("manager") == manager && text("operation") == operation && text("subresource").is_empty()
}

/// Joins two trees of `fieldsV1`.
pub(crate) fn join_fields(into: &mut Value, other: &Value) {
    let (Some(into), Some(other)) = (into.as_object_mut(), other.as_object()) else { return };
    for (key, value) in other {
        match into.get_mut(key) {
            Some(mine) => join_fields(mine, value),
            None => {
                into.insert(key.clone(), value.clone());
            }
        }
    }
}

/// The JSON patch that moves the fields of `manager`'s `Update` entry into its `Apply` entry; `None` when there is no such entry.
///
/// It carries the live `resourceVersion`, so that a race ends in a conflict.
///
/// ```
/// use helm_release_core::Object;
/// use helm_release_core::plan::migration;
/// use serde_json::json;
///
/// let entry = json!({
///     "manager": "helm", "operation": "Update", "apiVersion": "v1",
///     "fieldsType": "FieldsV1", "fieldsV1": {"f:data": {"f:color": {}}},
/// });
/// let metadata = json!({"name": "web", "resourceVersion": "7", "managedFields": [entry]});
/// let live = Object::new(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"color": "red"}}))?;
/// let patch = migration(&live, "helm").ok_or("helm wrote it client-side")?;
/// assert_eq!(patch[0]["value"][0]["operation"], "Apply");
/// assert_eq!((&patch[1]["path"], &patch[1]["value"]), (&json!("/metadata/resourceVersion"), &json!("7")));
/// assert_eq!(migration(&live, "kubectl"), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn migration(live: &Object, manager: &str) -> Option<Value> {
    let entries = live.at(&["metadata", "managedFields"])?.as_array()?;
    let first = |operation| entries.iter().position(|entry| is_entry(entry, manager, operation));
    let update = first("Update")?;
    let keep = first("Apply").unwrap_or(update);
    let mut kept = entries.get(keep)?.clone();
    kept["operation"] = Value::from("Apply");
    let version = kept.get("apiVersion").cloned();
    let same_version =
        entries.iter().find(|entry| is_entry(entry, manager, "Update") && entry.get("apiVersion") == version.as_ref());
    if let (Some(other), Some(mine)) = (same_version.and_then(|entry| entry.get("fieldsV1")), kept.get_mut("fieldsV1")) {
        join_fields(mine, other);
    }
    let entries: Vec<Value> = entries
        .iter()
        .enumerate()
        .filter(|(index, entry)| *index == keep || !is_entry(entry, manager, "Update"))
        .map(|(index, entry)| if index == keep { kept.clone() } else { entry.clone() })
        .collect();
    Some(json!([
        { "op": "replace", "path": MANAGED_FIELDS, "value": entries },
        { "op": "replace", "path": "/metadata/resourceVersion", "value": live.resource_version().unwrap_or_default() },
    ]))
}

/// Whether a request is a [`migration`].
pub(crate) fn is_migration(request: &Request) -> bool {
    matches!(request, Request::Patch { patch: PatchBody::Json(operations), .. } if operations[0]["path"] == MANAGED_FIELDS)
}
