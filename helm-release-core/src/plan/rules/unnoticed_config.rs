//! Changes of configuration that no running pod will notice.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::ObjectId;
use crate::plan::{Action, Finding, FindingId, PodsFate, RollbackOptions, Rule, Severity, Step, Survey, impact};

/// Changes of configuration that no running pod will notice: it is read when a container starts, and none is started.
#[derive(Debug, Clone, Copy)]
pub(super) struct UnnoticedConfig;

impl Rule for UnnoticedConfig {
    fn look(&self, survey: &Survey, _options: &RollbackOptions, steps: &[Step]) -> Vec<Finding> {
        let restarted: BTreeSet<ObjectId> = impact(survey, steps)
            .into_iter()
            .filter(|impact| matches!(impact.pods, PodsFate::Replaced | PodsFate::Made | PodsFate::Removed))
            .map(|impact| impact.object)
            .collect();
        let placed = survey.target().contents.placed.iter().filter(|placed| has_template(&placed.location.resource.gvk.kind));
        let workloads: BTreeMap<ObjectId, BTreeSet<Config>> = placed
            .map(|placed| (placed.location.id(), placed.object.unpack()))
            .filter(|(id, _)| !restarted.contains(id))
            .map(|(id, workload)| (id, workload.at(&["spec", "template", "spec"]).map(read_at_start).unwrap_or_default()))
            .filter(|(_, read)| !read.is_empty())
            .collect();
        let configs = steps.iter().filter(|step| matches!(step.action, Action::Patch | Action::Replace));
        let configs = configs.filter_map(|step| Some((step, step.object()?)));
        let configs = configs.filter(|(step, object)| {
            object.group.is_empty()
                && matches!(object.kind.as_str(), "ConfigMap" | "Secret")
                && step
                    .changes
                    .iter()
                    .any(|change| ["data", "binaryData", "stringData"].iter().any(|top| change.path.starts_with(top)))
        });
        let mut findings = Vec::new();
        for (_, object) in configs {
            let config = Config { is_secret: object.kind == "Secret", name: object.name.clone() };
            let near = workloads.iter().filter(|(id, _)| id.namespace == object.namespace);
            let blind: Vec<String> = near.filter(|(_, read)| read.contains(&config)).map(|(id, _)| id.to_string()).collect();
            if !blind.is_empty() {
                let what = format!("{} reads it when a container starts, and gets no new pods", blind.join(", "));
                let why = "the pods go on with what they read before, and change at some later restart";
                let finding = Finding::new(FindingId::UNNOTICED_CONFIG, Severity::Caution, what, why).about(object);
                findings.push(finding.way_out("restart those workloads after the rollback: kubectl rollout restart"));
            }
        }
        findings
    }
}

/// Kinds whose pods run on, and read nothing anew until they are replaced.
fn has_template(kind: &str) -> bool {
    ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController"].contains(&kind)
}

/// A ConfigMap or Secret of the namespace.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Config {
    is_secret: bool,
    name: String,
}

/// What a pod reads only when a container starts: by `env`, `envFrom`, or as a part of a volume (`subPath`).
fn read_at_start(spec: &Value) -> BTreeSet<Config> {
    let mut found = BTreeSet::new();
    let mut add = |holder: &Value, config_map: &str, secret: &str| {
        for (is_secret, pointer) in [(false, config_map), (true, secret)] {
            if let Some(name) = holder.pointer(pointer).and_then(Value::as_str) {
                found.insert(Config { is_secret, name: name.to_owned() });
            }
        }
    };
    for container in ["containers", "initContainers"].into_iter().flat_map(|key| list(spec, key)) {
        for entry in list(container, "env") {
            add(entry, "/valueFrom/configMapKeyRef/name", "/valueFrom/secretKeyRef/name");
        }
        for entry in list(container, "envFrom") {
            add(entry, "/configMapRef/name", "/secretRef/name");
        }
        let parts = list(container, "volumeMounts").filter(|mount| {
            let is_part = |key: &str| mount.get(key).is_some();
            is_part("subPath") || is_part("subPathExpr")
        });
        let parts: Vec<&Value> = parts.filter_map(|mount| mount.get("name")).collect();
        for volume in list(spec, "volumes").filter(|volume| volume.get("name").is_some_and(|name| parts.contains(&name))) {
            add(volume, "/configMap/name", "/secret/secretName");
            for source in volume.get("projected").into_iter().flat_map(|projected| list(projected, "sources")) {
                add(source, "/configMap/name", "/secret/name");
            }
        }
    }
    found
}

fn list<'a>(holder: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    holder.get(key).and_then(Value::as_array).into_iter().flatten()
}

#[cfg(test)]
mod tests;
