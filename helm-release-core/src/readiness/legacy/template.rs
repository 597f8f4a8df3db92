//! Compares pod templates as the deployment controller does.

use serde_json::{Map, Value};

use crate::Object;

/// The label that the controller adds to each `ReplicaSet`'s template.
const HASH_LABEL: &str = "pod-template-hash";

/// Members that are plain mappings or structures in Kubernetes' types, where empty and absent are the same.
/// Elsewhere an empty mapping means something: `emptyDir: {}`, `securityContext: {}`.
const EMPTY_IS_ABSENT: &[&str] = &[
    "annotations",
    "labels",
    "limits",
    "matchLabels",
    "metadata",
    "nodeSelector",
    "options",
    "overhead",
    "requests",
    "resources",
    "volumeAttributes",
];

/// A pod template without its hash label and without members that are as good as absent.
///
/// Quantities are compared as text: the server writes every quantity in one form.
#[derive(PartialEq)]
pub(super) struct Template(Value);

impl Template {
    /// The `spec.template` of a Deployment or `ReplicaSet`.
    pub(super) fn of(object: &Object) -> Self {
        let mut template = object.at(&["spec", "template"]).cloned().unwrap_or_default();
        if let Some(labels) = template.pointer_mut("/metadata/labels").and_then(Value::as_object_mut) {
            labels.remove(HASH_LABEL);
        }
        prune(&mut template);
        Self(template)
    }
}

fn prune(value: &mut Value) {
    match value {
        Value::Object(map) => prune_mapping(map),
        Value::Array(entries) => entries.iter_mut().for_each(prune),
        _ => {}
    }
}

fn prune_mapping(map: &mut Map<String, Value>) {
    map.values_mut().for_each(prune);
    map.retain(|key, value| match value {
        Value::Null => false,
        Value::Array(entries) => !entries.is_empty(),
        Value::Object(inner) => !inner.is_empty() || !EMPTY_IS_ABSENT.contains(&key.as_str()),
        _ => true,
    });
}

#[cfg(test)]
mod tests;
