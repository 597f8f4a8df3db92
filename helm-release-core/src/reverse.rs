//! Tells which fields of a live object can be changed to what a target wants, and what has to be done about the others.
//!
//! [`fates`] is a pure function of a live object, of what a patch would make of it, and of little around it. Its rules are those
//! of the API server's own validation (`pkg/apis/*/validation` and `pkg/registry/*/strategy.go` of Kubernetes), one file
//! per family of kinds. What a rule cannot know it says to be unknown.
//!
//! ```
//! use helm_release_core::Object;
//! use helm_release_core::patch::Schemas;
//! use helm_release_core::reverse::{Around, Change, fates};
//! use serde_json::json;
//!
//! let live = Object::new(json!({
//!     "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
//!     "spec": {"replicas": 3, "selector": {"matchLabels": {"app": "web"}}},
//! }))?;
//! let mut after = live.as_value().clone();
//! after["spec"]["replicas"] = json!(1);
//! after["spec"]["selector"]["matchLabels"]["app"] = json!("shop");
//! let change = Change { schemas: Schemas::built_in(), live: &live, after: &after, wanted: &after, around: Around::default() };
//! let fates = fates(&change);
//! let words: Vec<(&str, &str)> = fates.iter().map(|field| (field.path.as_str(), field.fate.as_str())).collect();
//! assert_eq!(words, [("spec.selector", "recreate"), ("spec.replicas", "in-place")]);
//! # Ok::<(), helm_release_core::object::NotAnObject>(())
//! ```

mod alike;
mod claim;
mod config;
mod custom;
mod defaults;
mod definition;
mod fate;
mod job;
mod metadata;
mod pod;
mod quantity;
mod service;
mod single;
mod stateful_set;
mod volume;
mod workload;

pub(crate) use custom::is_built_in;
pub use fate::{Around, Change, Fate, FieldFate, Loss, Recreation};

use crate::patch::changed_fields;

/// What becomes of every field that the change concerns: those that the server lets nobody change first, then the others.
///
/// ```
/// use helm_release_core::Object;
/// use helm_release_core::patch::Schemas;
/// use helm_release_core::reverse::{Around, Change, Fate, fates};
/// use serde_json::json;
///
/// let live = Object::new(json!({
///     "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web"}, "immutable": true, "data": {"color": "red"},
/// }))?;
/// let mut after = live.as_value().clone();
/// after["data"]["color"] = json!("blue");
/// let change = Change { schemas: Schemas::built_in(), live: &live, after: &after, wanted: &after, around: Around::default() };
/// let fates = fates(&change);
/// assert_eq!(fates[0].path, "data");
/// assert!(matches!(&fates[0].fate, Fate::Recreate(_)));
/// # Ok::<(), helm_release_core::object::NotAnObject>(())
/// ```
#[must_use]
pub fn fates(change: &Change<'_>) -> Vec<FieldFate> {
    let gvk = change.live.gvk();
    let changed = changed_fields(change.schemas, &gvk, change.live.as_value(), change.after);
    if changed.is_empty() {
        return Vec::new();
    }
    let mut fates = metadata::fates(change);
    match (gvk.group.as_str(), gvk.kind.as_str()) {
        ("apps", "Deployment" | "DaemonSet" | "ReplicaSet") => fates.extend(workload::fates(change)),
        ("apps", "StatefulSet") => fates.extend(stateful_set::fates(change)),
        ("batch", "Job") => fates.extend(job::fates(change)),
        ("", "Pod") => fates.extend(pod::fates(change)),
        ("", "Service") => fates.extend(service::fates(change)),
        ("", "PersistentVolumeClaim") => fates.extend(claim::fates(change)),
        ("", "PersistentVolume") => fates.extend(volume::fates(change)),
        ("", "ConfigMap" | "Secret") => fates.extend(config::fates(change)),
        ("apiextensions.k8s.io", "CustomResourceDefinition") => fates.extend(definition::fates(change)),
        (group, kind) => match single::rule(group, kind) {
            Some(rule) => fates.extend(rule.fates(change)),
            None if single::is_free(group, kind) => {}
            None => return custom::fates(change, fates, &changed),
        },
    }
    with_the_rest(fates, changed.into_iter().map(|change| change.path))
}

/// Adds the fields that no rule speaks of: those change in place.
fn with_the_rest(mut fates: Vec<FieldFate>, changed: impl Iterator<Item = String>) -> Vec<FieldFate> {
    let is_below =
        |long: &str, short: &str| long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    // One names entries of a list by their place, the other by their key.
    let told: Vec<String> = fates.iter().map(|fate| without_places(&fate.path)).collect();
    let is_told = |path: &str| {
        let path = without_places(path);
        told.iter().any(|told| is_below(&path, told) || is_below(told, &path))
    };
    let rest: Vec<String> = changed.filter(|path| !is_told(path)).collect();
    fates.extend(rest.into_iter().map(|path| FieldFate { path, fate: Fate::InPlace }));
    fates
}

/// `spec.ports[port=80].nodePort` as `spec.ports.nodePort`.
fn without_places(path: &str) -> String {
    let mut is_inside = false;
    let outside = path.chars().filter(|character| {
        let was_inside = is_inside;
        match character {
            '[' => is_inside = true,
            ']' => is_inside = false,
            _ => {}
        }
        !was_inside && !is_inside
    });
    outside.collect()
}

#[cfg(test)]
mod tests;
