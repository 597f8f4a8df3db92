//! Decides what of a proposed object the server takes over, and whether it takes it at all.

use helm_release_core::ports::Location;
use serde_json::Value;

use super::api::Served;
use super::refusal::{Cause, Refusal};
use super::{immutable, tree, validate};

/// Metadata that only the server writes.
const SERVER_METADATA: [&str; 5] =
    ["creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "selfLink"];

/// Kinds whose replacement must name the version that it replaces.
pub(crate) fn needs_version(served: &Served) -> bool {
    let gvk = &served.resource.gvk;
    let strict = ["CustomResourceDefinition", "APIService", "PodDisruptionBudget", "Lease"];
    served.custom || strict.contains(&gvk.kind.as_str())
}

/// Checks uid and version and puts what only the server writes back into the proposed object.
pub(crate) fn keep_server_fields(at: &Location, current: &Value, proposed: &mut Value) -> Result<(), Refusal> {
    let Location { resource, name, .. } = at;
    let version = tree::text(proposed, &["metadata", "resourceVersion"]);
    if !version.is_empty() && version != tree::text(current, &["metadata", "resourceVersion"]) {
        return Err(Refusal::modified(resource, name));
    }
    let (uid, wanted) = (tree::text(current, &["metadata", "uid"]), tree::text(proposed, &["metadata", "uid"]));
    if !wanted.is_empty() && wanted != uid {
        let why = "field is immutable".to_owned();
        let cause = Cause::Invalid { field: "metadata.uid".to_owned(), value: Value::from(wanted), why };
        return Err(Refusal::invalid(resource, name, &[cause]));
    }
    for key in SERVER_METADATA.into_iter().chain(["uid", "resourceVersion"]) {
        match tree::at(current, &["metadata", key]) {
            Some(value) => tree::set(proposed, &["metadata", key], value.clone()),
            None => {
                tree::remove(proposed, &["metadata", key]);
            }
        }
    }
    Ok(())
}

/// A write to the object itself leaves its status alone.
pub(crate) fn keep_status(current: &Value, proposed: &mut Value) {
    match current.get("status") {
        Some(status) => tree::set(proposed, &["status"], status.clone()),
        None => {
            tree::remove(proposed, &["status"]);
        }
    }
}

/// A write to a subresource leaves all but it alone; annotations and labels may change with it.
pub(crate) fn only_status(current: &Value, proposed: &mut Value, subresource: &str) {
    let status = proposed.get(subresource).cloned();
    let metadata = proposed.get("metadata").cloned();
    *proposed = current.clone();
    if let Some(metadata) = metadata {
        tree::set(proposed, &["metadata"], metadata);
    }
    match status {
        Some(status) => tree::set(proposed, &[subresource], status),
        None => {
            tree::remove(proposed, &[subresource]);
        }
    }
}

/// Whether anything but metadata and status differs, which is what `generation` counts.
pub(crate) fn specification_changed(current: &Value, proposed: &Value) -> bool {
    let (Some(current), Some(proposed)) = (current.as_object(), proposed.as_object()) else { return false };
    let counted = |key: &&String| !["metadata", "status", "apiVersion", "kind"].contains(&key.as_str());
    let keys = current.keys().chain(proposed.keys());
    keys.filter(counted).any(|key| current.get(key) != proposed.get(key))
}

/// Refuses an object that is wrong, or that changes what cannot be changed.
pub(crate) fn check(at: &Location, proposed: &Value, current: Option<&Value>) -> Result<(), Refusal> {
    let gvk = &at.resource.gvk;
    let mut causes: Vec<Cause> = current.map(|current| immutable::causes(gvk, current, proposed)).unwrap_or_default();
    causes.extend(validate::causes(gvk, proposed));
    if causes.is_empty() { Ok(()) } else { Err(Refusal::invalid(&at.resource, &at.name, &causes)) }
}
