//! Pods: images and little else can be changed (`ValidatePodUpdate`).

use serde_json::{Map, Value};

use super::alike::{alike, differences};
use super::defaults::POD;
use super::fate::{Change, FieldFate, Loss, recreate};

pub(super) fn fates(change: &Change<'_>) -> Vec<FieldFate> {
    let mut fates = server_fields(change);
    let loses = loss(change);
    let why = "of a pod the server changes images, and a few fields in one direction";
    for path in fixed(change) {
        if !fates.iter().any(|fate| fate.path == path) {
            fates.push(recreate(path, why, loses.clone()));
        }
    }
    fates
}

/// What scheduler and admission put in stays where the target is silent.
fn server_fields(change: &Change<'_>) -> Vec<FieldFate> {
    let path = ["spec", "nodeName"];
    let is_lost = change.live_at(&path).is_some() && change.after_at(&path).is_none();
    let fate = || change.carried_over(&path, "the scheduler chose the node");
    is_lost.then(fate).into_iter().collect()
}

fn loss(change: &Change<'_>) -> Loss {
    match change.live_text(&["status", "phase"]) {
        "Succeeded" | "Failed" => Loss::Nothing(Some("it has ended, and runs again".to_owned())),
        _ => Loss::Work("it is stopped, and what it keeps in its own volumes is gone".to_owned()),
    }
}

fn fixed(change: &Change<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let spec = |value: Option<&Value>| value.and_then(Value::as_object).cloned().unwrap_or_default();
    let (live, after) = (spec(change.live_at(&["spec"])), spec(change.after_at(&["spec"])));
    for list in ["containers", "initContainers"] {
        let count = |spec: &Map<String, Value>| spec.get(list).and_then(Value::as_array).map_or(0, Vec::len);
        if count(&live) != count(&after) {
            found.push(format!("spec.{list}"));
        }
    }
    if !found.is_empty() {
        return found;
    }
    let rest = |spec: &Map<String, Value>| {
        let free = ["activeDeadlineSeconds", "tolerations", "schedulingGates"];
        let rest: Map<String, Value> = spec.clone().into_iter().filter(|(name, _)| !free.contains(&name.as_str())).collect();
        Value::Object(rest)
    };
    let is_gated = live.get("schedulingGates").and_then(Value::as_array).is_some_and(|gates| !gates.is_empty());
    let differ = differences("spec", Some(&rest(&live)), Some(&rest(&after)), POD);
    // Only a pod by itself gets this one, so it is no default of templates.
    let is_filled_in = |path: &str| {
        path == "spec.enableServiceLinks"
            && live.get("enableServiceLinks") == Some(&Value::Bool(true))
            && after.get("enableServiceLinks").is_none()
    };
    let is_image = |path: &str| path.contains("ontainers[") && path.ends_with("].image");
    let is_free = |path: &str| is_image(path) || is_filled_in(path) || (is_gated && adds_to_node_selector(path, &live));
    found.extend(differ.into_iter().filter(|path| !is_free(path)));
    if is_gated && live.get("nodeSelector").is_none() {
        found.retain(|path| !path.starts_with("spec.nodeSelector"));
    }
    found.extend(one_way(&live, &after));
    found
}

/// A pod that waits at a gate takes further labels of nodes, and keeps those that it has.
fn adds_to_node_selector(path: &str, live: &Map<String, Value>) -> bool {
    let Some(label) = path.strip_prefix("spec.nodeSelector.") else { return false };
    live.get("nodeSelector").and_then(|selector| selector.get(label)).is_none()
}

/// Fields that can be changed in one direction.
fn one_way(live: &Map<String, Value>, after: &Map<String, Value>) -> Vec<String> {
    let mut found = Vec::new();
    let number = |spec: &Map<String, Value>| spec.get("activeDeadlineSeconds").and_then(Value::as_i64);
    match (number(live), number(after)) {
        (Some(_), None) => found.push("spec.activeDeadlineSeconds".to_owned()),
        (Some(live), Some(after)) if after > live => found.push("spec.activeDeadlineSeconds".to_owned()),
        _ => {}
    }
    let list = |spec: &Map<String, Value>, name: &str| spec.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let has = |list: &[Value], entry: &Value| list.iter().any(|other| alike("", Some(other), Some(entry), &[]));
    let (old, new) = (list(live, "tolerations"), list(after, "tolerations"));
    let key_of = |toleration: &Value| toleration.get("key").and_then(Value::as_str).map(str::to_owned);
    // Admission adds these two again where they are missing.
    let comes_back = |toleration: &Value| {
        let key = key_of(toleration);
        let added = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];
        added.iter().any(|name| key.as_deref() == Some(name)) && !new.iter().any(|other| key_of(other) == key)
    };
    if !old.iter().all(|toleration| has(&new, toleration) || comes_back(toleration)) {
        found.push("spec.tolerations".to_owned());
    }
    let (old, new) = (list(live, "schedulingGates"), list(after, "schedulingGates"));
    if !new.iter().all(|gate| has(&old, gate)) {
        found.push("spec.schedulingGates".to_owned());
    }
    found
}
