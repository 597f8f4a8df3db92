//! Services: what the server allocated stays (`ValidateServiceUpdate`, `patchAllocatedValues`).

use serde_json::Value;

use super::fate::{Change, FieldFate, Loss, recreate, unknown};

const ADDRESS: [&str; 2] = ["spec", "clusterIP"];
const ADDRESSES: [&str; 2] = ["spec", "clusterIPs"];

pub(super) fn fates(change: &Change<'_>) -> Vec<FieldFate> {
    let mut fates = Vec::new();
    let kind = |value: &str| if value.is_empty() { "ClusterIP".to_owned() } else { value.to_owned() };
    let (before, after) = (kind(change.live_text(&["spec", "type"])), kind(change.after_text(&["spec", "type"])));
    if before != "ExternalName" && after != "ExternalName" {
        fates.extend(addresses(change));
        fates.extend(families(change));
    }
    if before == "LoadBalancer" && after == "LoadBalancer" {
        fates.extend(balancer(change));
    }
    if has_node_ports(&before) && has_node_ports(&after) {
        fates.extend(node_ports(change));
    }
    fates
}

fn has_node_ports(kind: &str) -> bool {
    ["NodePort", "LoadBalancer"].contains(&kind)
}

fn addresses(change: &Change<'_>) -> Vec<FieldFate> {
    let (live, after) = (change.live_text(&ADDRESS), change.after_text(&ADDRESS));
    let list_changes = change.after_at(&ADDRESSES).is_some() && change.live_at(&ADDRESSES) != change.after_at(&ADDRESSES);
    if live.is_empty() || (live == after && !list_changes) {
        return Vec::new();
    }
    match (live == "None", after == "None") {
        // Nothing between the two is filled in: the server keeps a headless one headless.
        (true, false) => {
            let why = "a Service without an address never gets one";
            vec![recreate(
                "spec.clusterIP",
                why,
                Loss::Nothing(Some("names that led to its pods lead to its address".to_owned())),
            )]
        }
        (false, true) => {
            let loss = format!("its address {live}, which clients may hold");
            vec![recreate("spec.clusterIP", "a Service keeps the address that it was given", Loss::Work(loss))]
        }
        _ => {
            let why = "the server gave the Service its address, and keeps it";
            let mut fates = Vec::new();
            if live != after {
                fates.push(change.carried_over(&ADDRESS, why));
            }
            if change.live_at(&ADDRESSES) != change.after_at(&ADDRESSES) {
                fates.push(change.carried_over(&ADDRESSES, why));
            }
            fates
        }
    }
}

fn families(change: &Change<'_>) -> Vec<FieldFate> {
    let path = ["spec", "ipFamilies"];
    let headless = |text: &str| text == "None";
    let first = |list: Option<&Value>| list.and_then(|list| list.get(0)).and_then(Value::as_str).map(str::to_owned);
    let (live, after) = (change.live_at(&path), change.after_at(&path));
    let is_headful = !headless(change.live_text(&ADDRESS)) && !headless(change.after_text(&ADDRESS));
    let mut fates = Vec::new();
    if is_headful && live.is_some() && after.is_some() && first(live) != first(after) {
        fates.push(change.carried_over(&path, "the first family of addresses is fixed when the Service is made"));
    }
    let policy = ["spec", "ipFamilyPolicy"];
    let grows = change.live_at(&policy) != change.after_at(&policy) && change.after_text(&policy) == "RequireDualStack";
    if grows {
        fates.push(unknown("spec.ipFamilyPolicy", "only a cluster with both families of addresses takes it"));
    }
    fates
}

fn balancer(change: &Change<'_>) -> Vec<FieldFate> {
    let mut fates = Vec::new();
    let class = ["spec", "loadBalancerClass"];
    if change.live_at(&class) != change.after_at(&class) {
        let why = "the class is fixed as long as the Service has a load balancer";
        fates.push(change.carried_over(&class, why));
    }
    let check = ["spec", "healthCheckNodePort"];
    let policy = ["spec", "externalTrafficPolicy"];
    let local = change.live_text(&policy) == "Local" && change.after_text(&policy) == "Local";
    if local && change.live_at(&check) != change.after_at(&check) {
        fates.push(change.carried_over(&check, "the server gave the Service its port for health checks, and keeps it"));
    }
    fates
}

/// A port that the target names no node port for keeps the one that it has: the server finds it by the port's name.
fn node_ports(change: &Change<'_>) -> Vec<FieldFate> {
    let ports = |list: Option<&Value>| list.and_then(Value::as_array).cloned().unwrap_or_default();
    let text = |port: &Value| port.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let number = |port: &Value| port.get("nodePort").and_then(Value::as_i64).filter(|number| *number != 0);
    let (live, after) = (ports(change.live_at(&["spec", "ports"])), ports(change.after_at(&["spec", "ports"])));
    let used: Vec<i64> = after.iter().filter_map(number).collect();
    let mut fates = Vec::new();
    for port in after.iter().filter(|port| number(port).is_none()) {
        let kept = live.iter().find(|other| text(other) == text(port)).and_then(number);
        if kept.is_some_and(|kept| !used.contains(&kept)) {
            let entry = port.get("port").and_then(Value::as_i64).unwrap_or_default();
            let why = "the server keeps the node port of a port that names none";
            let path = format!("spec.ports[port={entry}].nodePort");
            fates.push(FieldFate { path, ..change.carried_over(&[], why) });
        }
    }
    fates
}
