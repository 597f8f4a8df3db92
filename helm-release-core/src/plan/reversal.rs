//! Turns what becomes of an object's fields into what is done about it: values carried over, or an object made anew.

use serde_json::{Map, Value};

use super::Step;
use crate::Object;
use crate::ports::{PatchBody, Propagation, Request};
use crate::reverse::{Fate, FieldFate, Loss, Recreation};

/// How the object is made anew, when a field needs it and none forbids it; then `fates` are left with what leads to that, for
/// nothing has to be carried over into a new object.
pub(super) fn recreation(fates: &mut Vec<FieldFate>) -> Option<Recreation> {
    if fates.iter().any(|field| matches!(field.fate, Fate::Impossible { .. })) {
        return None;
    }
    let needs = |field: &FieldFate| match &field.fate {
        Fate::Recreate(recreation) => Some((field.path.clone(), recreation.clone())),
        _ => None,
    };
    let all: Vec<(String, Recreation)> = fates.iter().filter_map(needs).collect();
    let (path, first) = all.first()?;
    let orphans = all.iter().all(|(_, recreation)| recreation.propagation == Propagation::Orphan);
    let joined = Recreation {
        why: path.clone(),
        loses: all.iter().map(|(_, recreation)| recreation.loses.clone()).max().unwrap_or_else(|| first.loses.clone()),
        propagation: if orphans { Propagation::Orphan } else { Propagation::Background },
        holds_while: all.iter().any(|(_, recreation)| recreation.holds_while),
    };
    fates.retain(|field| matches!(field.fate, Fate::Recreate(_)));
    Some(joined)
}

/// Why an object is made anew, for its step; `why` of a joined recreation is the first field that needs it.
pub(super) fn reason(how: &Recreation) -> String {
    let stays = if how.propagation == Propagation::Orphan { "what it owns stays, " } else { "" };
    let beside = match &how.loses {
        Loss::Nothing(None) => String::new(),
        Loss::Nothing(Some(beside)) => format!("; {beside}"),
        Loss::Work(lost) | Loss::Data(lost) => format!("; lost: {lost}"),
    };
    format!("{} cannot be changed: it is deleted, {stays}and made anew{beside}", how.why)
}

/// The wanted object with the live values of the fields that are carried over; `None` when there are none.
pub(super) fn with_live_values(wanted: &Object, live: &Object, fates: &[FieldFate]) -> Option<Object> {
    let mut value = wanted.as_value().clone();
    let mut is_changed = false;
    for field in fates {
        let Fate::CarriedOver { at, .. } = &field.fate else { continue };
        let Some((last, parents)) = at.split_last() else { continue };
        let path: Vec<&str> = at.iter().map(String::as_str).collect();
        is_changed = true;
        match live.at(&path).cloned() {
            Some(kept) => {
                if let Some(holder) = mapping_at(&mut value, parents) {
                    holder.insert(last.clone(), kept);
                }
            }
            None => {
                if let Some(holder) = value.pointer_mut(&pointer(parents)).and_then(Value::as_object_mut) {
                    holder.remove(last);
                }
            }
        }
    }
    is_changed.then(|| Object::new(value).ok()).flatten()
}

/// A field that the server filled in beside the live value of another, and refuses beside the wanted one: it has to be cleared
/// by name, for no revision ever had it.
pub(super) fn left_over(live: &Object, wanted: &Object) -> Option<&'static [&'static str]> {
    let (strategy, kind, path): (_, _, &[&str]) = match (live.gvk().group.as_str(), live.kind()) {
        ("apps", "Deployment") => ("strategy", "Recreate", &["spec", "strategy", "rollingUpdate"]),
        ("apps", "StatefulSet") => ("updateStrategy", "OnDelete", &["spec", "updateStrategy", "rollingUpdate"]),
        _ => return None,
    };
    let wants = wanted.at(&["spec", strategy, "type"]).and_then(Value::as_str) == Some(kind);
    let is_left = live.at(path).is_some_and(|value| !value.is_null()) && wanted.at(path).is_none();
    (wants && is_left).then_some(path)
}

/// Clears a field by name in what a step sends and in what is foretold of it.
///
/// A server-side apply clears nothing that it never applied, so a patch goes before it, with what stands beside the field: the
/// one without the other would be refused.
pub(super) fn clear(step: &mut Step, after: &mut Value, path: &[&str]) {
    let names: Vec<String> = path.iter().map(|name| (*name).to_owned()).collect();
    let Some((last, parents)) = names.split_last() else { return };
    if let Some(holder) = after.pointer_mut(&pointer(parents)).and_then(Value::as_object_mut) {
        holder.remove(last);
    }
    match step.requests.last_mut() {
        Some(Request::Patch { patch: PatchBody::Strategic(body) | PatchBody::Merge(body), .. }) => {
            if let Some(holder) = mapping_at(body, parents) {
                holder.insert(last.clone(), Value::Null);
            }
        }
        Some(Request::Apply { at, manager, validation, .. }) => {
            let mut body = Value::Object(Map::new());
            if let Some(holder) = mapping_at(&mut body, parents) {
                let beside = after.pointer(&pointer(parents)).and_then(Value::as_object);
                holder.extend(beside.cloned().unwrap_or_default());
                holder.insert(last.clone(), Value::Null);
            }
            let (at, manager, validation) = (at.clone(), manager.clone(), *validation);
            let clearing = Request::Patch { at, patch: PatchBody::Strategic(body), manager, validation };
            step.requests.insert(step.requests.len() - 1, clearing);
        }
        _ => {}
    }
}

fn pointer(path: &[String]) -> String {
    path.iter().fold(String::new(), |pointer, name| pointer + "/" + &name.replace('~', "~0").replace('/', "~1"))
}

/// The mapping that the names lead to, made where it is missing.
fn mapping_at<'v>(value: &'v mut Value, path: &[String]) -> Option<&'v mut Map<String, Value>> {
    let mut map = value.as_object_mut()?;
    for name in path {
        let below = map.entry(name.clone()).or_insert_with(|| Value::Object(Map::new()));
        if below.is_null() {
            *below = Value::Object(Map::new());
        }
        map = below.as_object_mut()?;
    }
    Some(map)
}

/// What was carried over, and what became of the rest once it was.
pub(super) fn joined(first: Vec<FieldFate>, second: Vec<FieldFate>) -> Vec<FieldFate> {
    let mut joined: Vec<FieldFate> = first.into_iter().filter(|field| matches!(field.fate, Fate::CarriedOver { .. })).collect();
    for field in second {
        if !joined.iter().any(|known| known.path == field.path) {
            joined.push(field);
        }
    }
    joined
}

/// Annotations that say something of the object that is deleted alone.
const OF_THE_OLD: [&str; 5] = [
    "deployment.kubernetes.io/revision",
    "kubectl.kubernetes.io/last-applied-configuration",
    "pv.kubernetes.io/bind-completed",
    "pv.kubernetes.io/bound-by-controller",
    "volume.kubernetes.io/selected-node",
];

/// What others put into an object and a new one in its place should have too: nothing but that, and what identifies it.
///
/// `after` is what a patch would have made of the old one: what the release alone had put there is gone from it.
pub(super) fn kept(wanted: &Object, after: &Value) -> Option<Object> {
    let mut kept = Value::Object(Map::new());
    let is_silent_on_replicas = wanted.at(&["spec", "replicas"]).is_none();
    // An autoscaler's number, most likely; one is what the server fills in.
    let replicas = after.pointer("/spec/replicas").filter(|replicas| replicas.as_i64() != Some(1));
    if let (Some(replicas), true) = (replicas, is_silent_on_replicas) {
        keep(&mut kept, &["spec", "replicas"], replicas);
    }
    let mut keep_missing = |path: &[&str], except: &[&str]| {
        let texts = wanted.at(&["stringData"]).filter(|_| path == ["data"]);
        let is_wanted = |key: &str| wanted.at(path).is_some_and(|map| map.get(key).is_some());
        let is_text = |key: &str| texts.is_some_and(|texts| texts.get(key).is_some());
        let there = path.iter().try_fold(after, |value, name| value.get(name)).and_then(Value::as_object);
        for (key, value) in there.into_iter().flatten() {
            if !except.contains(&key.as_str()) && !is_wanted(key) && !is_text(key) {
                keep(&mut kept, &[path, &[key.as_str()]].concat(), value);
            }
        }
    };
    if matches!(wanted.kind(), "ConfigMap" | "Secret") {
        keep_missing(&["data"], &[]);
        keep_missing(&["binaryData"], &[]);
    }
    let of_the_old: &[&str] = if wanted.kind() == "Job" { &super::undo::JOB_LABELS } else { &[] };
    keep_missing(&["metadata", "labels"], of_the_old);
    keep_missing(&["metadata", "annotations"], &OF_THE_OLD);
    if kept.as_object().is_none_or(Map::is_empty) {
        return None;
    }
    for path in [["apiVersion"].as_slice(), &["kind"], &["metadata", "name"], &["metadata", "namespace"]] {
        if let Some(value) = wanted.at(path) {
            keep(&mut kept, path, value);
        }
    }
    Object::new(kept).ok()
}

fn keep(kept: &mut Value, path: &[&str], value: &Value) {
    let names: Vec<String> = path.iter().map(|name| (*name).to_owned()).collect();
    if let Some((last, parents)) = names.split_last()
        && let Some(holder) = mapping_at(kept, parents)
    {
        holder.insert(last.clone(), value.clone());
    }
}

/// The wanted object with what is kept.
pub(super) fn with_kept(wanted: &Object, kept: &Object) -> Object {
    fn add(into: &mut Value, from: &Value) {
        match (into, from) {
            (Value::Object(into), Value::Object(from)) => {
                for (key, value) in from {
                    add(into.entry(key.clone()).or_insert(Value::Null), value);
                }
            }
            (into @ Value::Null, from) => into.clone_from(from),
            _ => {}
        }
    }
    let mut value = wanted.as_value().clone();
    add(&mut value, kept.as_value());
    Object::new(value).unwrap_or_else(|_| wanted.clone())
}
