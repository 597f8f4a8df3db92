//! A plan names what its rollback then does: the writes sent, the hooks run, the workloads that get new pods.

use std::collections::BTreeMap;

use e2e::{Namespace, Request};
use serde_json::Value;

/// Carries out the rollback of a plan, and compares what was done with what was planned.
pub(crate) fn carry_out(ns: &Namespace<'_>, plan: &Value, args: &[&str], told: &str) {
    let before = templates(ns);
    let mark = ns.mark();
    let done = ns.plugin().args(["rollback", "web"]).args(args).run();
    assert_eq!(done.code, 0, "{told}, then a rollback of ours\n{done:?}");
    let requests: Vec<Request> = ns.requests_since(mark).into_iter().filter(Request::is_write).collect();
    assert_eq!(object_writes(&requests), planned_writes(plan), "{told}\nwrites sent, writes planned\n{plan}");
    let hooks = |requests: &[Request]| -> Vec<String> {
        let made = requests.iter().filter(|request| ["create", "apply", "patch"].contains(&request.verb.as_str()));
        made.map(name_of).filter(|name| is_hook(name)).collect()
    };
    assert_eq!(hooks(&requests), planned_hooks(plan), "{told}\nhooks run, hooks planned");
    let changed: Vec<String> = templates(ns)
        .into_iter()
        .filter(|(name, template)| before.get(name).is_some_and(|before| before != template))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(changed, planned_restarts(plan), "{told}\nworkloads with new pods, as planned\n{plan}");
}

fn name_of(request: &Request) -> String {
    let posted = request.body["metadata"]["name"].as_str().unwrap_or_default();
    if request.name.is_empty() { posted.to_owned() } else { request.name.clone() }
}

/// The hooks of these histories have such names, and nothing else has.
fn is_hook(name: &str) -> bool {
    name.starts_with("hook-")
}

/// The writes of objects of the release, each as `verb resource/name`, sorted.
fn object_writes(requests: &[Request]) -> Vec<String> {
    let is_own = |request: &Request, name: &str| {
        let is_record =
            request.resource == "secrets" && (name.starts_with("sh.helm.") || name.starts_with("helm-rollback-safe."));
        is_record || request.resource == "leases" || is_hook(name)
    };
    // What a race with a controller made the server refuse was sent again.
    let done = requests.iter().filter(|request| request.code < 300);
    let writes = done.map(|request| (request, name_of(request))).filter(|(request, name)| !is_own(request, name));
    let mut writes: Vec<String> = writes.map(|(request, name)| format!("{} {}/{name}", request.verb, request.resource)).collect();
    writes.sort();
    writes
}

fn steps(plan: &Value) -> impl Iterator<Item = &Value> {
    plan["steps"].as_array().into_iter().flatten()
}

fn planned_writes(plan: &Value) -> Vec<String> {
    let mut writes = Vec::new();
    for step in steps(plan) {
        for request in step["requests"].as_array().into_iter().flatten() {
            let verb = match request["verb"].as_str().unwrap_or_default() {
                "replace" => "update",
                "apply" => "patch",
                verb => verb,
            };
            let kind = step["object"]["kind"].as_str().unwrap_or_default().to_lowercase();
            let plural = match kind.strip_suffix('y') {
                Some(stem) => format!("{stem}ies"),
                None if kind.ends_with('s') => format!("{kind}es"),
                None => format!("{kind}s"),
            };
            writes.push(format!("{verb} {plural}/{}", step["object"]["name"].as_str().unwrap_or_default()));
        }
    }
    writes.sort();
    writes
}

fn planned_hooks(plan: &Value) -> Vec<String> {
    steps(plan).filter_map(|step| step["hook"]["name"].as_str()).map(str::to_owned).collect()
}

/// The pod templates of workloads, by kind and name.
fn templates(ns: &Namespace<'_>) -> BTreeMap<String, Value> {
    let kinds =
        [("apps/v1/deployments", "Deployment"), ("apps/v1/statefulsets", "StatefulSet"), ("apps/v1/daemonsets", "DaemonSet")];
    let mut templates = BTreeMap::new();
    for (resource, kind) in kinds {
        for object in ns.list(resource) {
            let name = object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
            templates.insert(format!("{kind} {name}"), object["spec"]["template"].clone());
        }
    }
    templates
}

/// The workloads whose pods are to be replaced.
fn planned_restarts(plan: &Value) -> Vec<String> {
    let replaced = plan["impact"].as_array().into_iter().flatten().filter(|impact| impact["pods"] == "replaced");
    let text = |impact: &Value, key: &str| impact["object"][key].as_str().unwrap_or_default().to_owned();
    let mut workloads: Vec<String> = replaced
        .filter(|impact| ["Deployment", "StatefulSet", "DaemonSet"].contains(&text(impact, "kind").as_str()))
        .map(|impact| format!("{} {}", text(impact, "kind"), text(impact, "name")))
        .collect();
    workloads.sort();
    workloads
}
