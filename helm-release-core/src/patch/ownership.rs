//! Whether a server-side apply would change anything, read from `metadata.managedFields`.

use serde_json::{Map, Value};

use super::{MapType, Node, Schemas};
use crate::Gvk;

/// Whether it is certain that a server-side apply of `configuration` by `manager` changes nothing.
///
/// It is when the manager's only entry in `managedFields` is an `Apply` in the same version, that entry owns exactly the fields
/// of the configuration, and every one of them has the configured value. In doubt the answer is `false`: for values
/// that the server rewrites (quantities, durations), nulls, and lists whose entries have moved.
///
/// ```
/// use helm_release_core::patch::apply_is_noop;
/// use serde_json::json;
///
/// let configuration = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web"}, "data": {"a": "1"}});
/// let mut live = configuration.clone();
/// live["metadata"]["managedFields"] = json!([{
///     "manager": "helm", "operation": "Apply", "apiVersion": "v1", "fieldsType": "FieldsV1",
///     "fieldsV1": {"f:data": {"f:a": {}}},
/// }]);
/// assert!(apply_is_noop(&live, "helm", &configuration));
/// assert!(!apply_is_noop(&live, "somebody", &configuration), "the server would note one more owner");
/// ```
#[must_use]
pub fn apply_is_noop(live: &Value, manager: &str, configuration: &Value) -> bool {
    let Some(owned) = owned_by_apply(live, manager, configuration) else { return false };
    let (Value::Object(configuration), Value::Object(live)) = (configuration, live) else { return false };
    let same = |key: &str| configuration.get(key) == live.get(key);
    let (mut fields, mut metadata_is_same) = (configuration.clone(), true);
    for key in ["apiVersion", "kind"] {
        metadata_is_same &= same(key);
        fields.remove(key);
    }
    // What identifies the object is not owned by anybody.
    if let Some(Value::Object(metadata)) = fields.get_mut("metadata") {
        for key in ["name", "namespace"] {
            if let Some(value) = metadata.remove(key) {
                metadata_is_same &= live.get("metadata").and_then(|metadata| metadata.get(key)) == Some(&value);
            }
        }
        if metadata.get("creationTimestamp").is_some_and(Value::is_null) {
            metadata.remove("creationTimestamp");
        }
        if metadata.is_empty() {
            fields.remove("metadata");
        }
    }
    let text = |key| live.get(key).and_then(Value::as_str).unwrap_or_default();
    let node = Schemas::built_in().find(&Gvk::new(text("apiVersion"), text("kind")));
    metadata_is_same && mapping_is_owned(&fields, live, owned, node)
}

/// The fields of the manager's entry, when it has exactly one and that one is an apply of the whole object.
fn owned_by_apply<'a>(live: &'a Value, manager: &str, configuration: &Value) -> Option<&'a Map<String, Value>> {
    let entries = live.pointer("/metadata/managedFields")?.as_array()?;
    let text = |entry: &'a Value, key: &str| entry.get(key).and_then(Value::as_str);
    let mut of_manager = entries.iter().filter(|entry| text(entry, "manager") == Some(manager));
    let entry = of_manager.next()?;
    let is_apply = text(entry, "operation") == Some("Apply")
        && text(entry, "subresource").unwrap_or_default().is_empty()
        && text(entry, "fieldsType") == Some("FieldsV1")
        && text(entry, "apiVersion") == configuration.get("apiVersion").and_then(Value::as_str);
    if is_apply && of_manager.next().is_none() { entry.get("fieldsV1")?.as_object() } else { None }
}

fn is_owned(configured: &Value, live: &Value, owned: &Value, node: Option<Node<'_>>) -> bool {
    let Value::Object(owned) = owned else { return false };
    if owned.is_empty() {
        // A leaf: text, number, boolean, or a mapping or list that is owned as a whole. An empty mapping is a leaf
        // too: one that has fields may have been empty when it was applied, unless it is always owned as a whole.
        let has_fields = configured.as_object().is_some_and(|configured| !configured.is_empty());
        let is_leaf = !has_fields || node.is_some_and(|node| node.map_type() == MapType::Atomic);
        return is_leaf && !holds_null(configured) && configured == live;
    }
    match (configured, live) {
        (Value::Object(configured), Value::Object(live)) => mapping_is_owned(configured, live, owned, node),
        (Value::Array(configured), Value::Array(live)) => list_is_owned(configured, live, owned, node.and_then(Node::items)),
        _ => false,
    }
}

fn mapping_is_owned(
    configured: &Map<String, Value>,
    live: &Map<String, Value>,
    owned: &Map<String, Value>,
    node: Option<Node<'_>>,
) -> bool {
    configured.len() == owned.len()
        && owned.iter().all(|(name, below)| {
            let name = name.strip_prefix("f:");
            let values = name.and_then(|name| Some((name, configured.get(name)?, live.get(name)?)));
            values
                .is_some_and(|(name, configured, live)| is_owned(configured, live, below, node.and_then(|node| node.field(name))))
        })
}

fn list_is_owned(configured: &[Value], live: &[Value], owned: &Map<String, Value>, items: Option<Node<'_>>) -> bool {
    if configured.len() != owned.len() {
        return false;
    }
    // Where each owned entry stands in the configuration and in the live list.
    let mut places = Vec::with_capacity(owned.len());
    for (name, below) in owned {
        let place = if let Some(value) = name.strip_prefix("v:") {
            place_of_value(configured, live, value, below)
        } else if let Some(keys) = name.strip_prefix("k:") {
            place_of_entry(configured, live, keys, below, items)
        } else {
            None
        };
        let Some(place) = place else { return false };
        places.push(place);
    }
    // Each entry once, and the live ones in the configured order: an apply would move them otherwise.
    places.sort_unstable();
    places.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 < pair[1].1)
}

fn place_of_value(configured: &[Value], live: &[Value], value: &str, below: &Value) -> Option<(usize, usize)> {
    let value: Value = serde_json::from_str(value).ok()?;
    let at = |list: &[Value]| only_position(list, |other| *other == value);
    if below.as_object()?.is_empty() { Some((at(configured)?, at(live)?)) } else { None }
}

fn place_of_entry(
    configured: &[Value],
    live: &[Value],
    keys: &str,
    below: &Value,
    items: Option<Node<'_>>,
) -> Option<(usize, usize)> {
    let keys: Map<String, Value> = serde_json::from_str(keys).ok()?;
    let in_live = only_position(live, |entry| keys.iter().all(|(key, value)| entry.get(key) == Some(value)))?;
    // A key with a default, such as a port's protocol, may be missing in the configuration.
    let in_configured = only_position(configured, |entry| {
        keys.iter().all(|(key, value)| entry.get(key).is_none_or(|configured| configured == value))
    })?;
    let mut below = below.as_object()?.clone();
    // The entry itself is owned beside its fields.
    below.remove(".")?;
    let fields = configured[in_configured].as_object()?;
    mapping_is_owned(fields, live[in_live].as_object()?, &below, items).then_some((in_configured, in_live))
}

/// The position of the entry that fits, when exactly one does.
fn only_position(list: &[Value], fits: impl Fn(&Value) -> bool) -> Option<usize> {
    let mut positions = list.iter().enumerate().filter(|(_, entry)| fits(entry)).map(|(position, _)| position);
    let first = positions.next()?;
    positions.next().is_none().then_some(first)
}

fn holds_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.iter().any(holds_null),
        Value::Object(map) => map.values().any(holds_null),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
