//! What pods ask for, in the words in which a quota counts (`k8s.io/kubernetes/pkg/quota/v1/evaluator/core/pods.go`).

use std::collections::BTreeMap;

use serde_json::Value;

use crate::Object;
use crate::quantity::{self, nanos};

/// Amounts by the quota's names, in billionths.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Demand(pub(super) BTreeMap<String, i128>);

impl Demand {
    pub(super) fn put(&mut self, name: &str, amount: i128) {
        *self.0.entry(name.to_owned()).or_default() += amount;
    }

    /// So many objects of a kind, under both names that a quota may use for them.
    pub(super) fn count(&mut self, group: &str, plural: &str, number: i128) {
        let amount = number * one();
        if group.is_empty() {
            self.put(plural, amount);
            self.put(&format!("count/{plural}"), amount);
        } else {
            self.put(&format!("count/{plural}.{group}"), amount);
        }
    }

    pub(super) fn of(&self, name: &str) -> i128 {
        // `cpu` and `memory` are other words for what is requested of them.
        let name = match name {
            "cpu" => "requests.cpu",
            "memory" => "requests.memory",
            "ephemeral-storage" => "requests.ephemeral-storage",
            name => name,
        };
        self.0.get(name).copied().unwrap_or(0)
    }

    pub(super) fn add(&mut self, other: &Self) {
        for (name, amount) in &other.0 {
            self.put(name, *amount);
        }
    }

    pub(super) fn minus(mut self, other: &Self) -> Self {
        for (name, amount) in &other.0 {
            self.put(name, -amount);
        }
        self
    }
}

fn one() -> i128 {
    nanos("1").unwrap_or(1)
}

/// The pods of a workload.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pods {
    /// How many, when all are there.
    pub(super) count: i128,
    spec: Value,
}

/// The pods of a workload; `None` for kinds without a number of pods.
pub(super) fn pods_of(object: &Object) -> Option<Pods> {
    let number = |path: &[&str]| object.at(path).and_then(Value::as_i64).map_or(1, i128::from);
    let spec = |path: &[&str]| object.at(path).cloned();
    match object.kind() {
        "Deployment" | "StatefulSet" | "ReplicaSet" | "ReplicationController" => {
            Some(Pods { count: number(&["spec", "replicas"]), spec: spec(&["spec", "template", "spec"])? })
        }
        "Job" => Some(Pods { count: number(&["spec", "parallelism"]), spec: spec(&["spec", "template", "spec"])? }),
        "Pod" => Some(Pods { count: 1, spec: spec(&["spec"])? }),
        _ => None,
    }
}

/// Whether every container must say it when a quota counts it: the name in a container, such as `limits.cpu`.
pub(super) fn must_be_stated(name: &str) -> Option<&str> {
    match name {
        "cpu" => Some("requests.cpu"),
        "memory" => Some("requests.memory"),
        name if ["requests.cpu", "requests.memory", "limits.cpu", "limits.memory"].contains(&name) => Some(name),
        _ => None,
    }
}

impl Pods {
    pub(super) fn spec(&self) -> &Value {
        &self.spec
    }

    pub(super) fn containers(&self, list: &str) -> impl Iterator<Item = &Value> {
        self.spec.get(list).and_then(Value::as_array).into_iter().flatten()
    }

    /// What one container asks for; a limit without a request is one.
    fn asked(container: &Value, name: &str) -> Option<i128> {
        let (list, resource) = name.split_once('.')?;
        let stated = |list: &str| container.pointer(&format!("/resources/{list}/{resource}")).and_then(quantity::of);
        stated(list).or_else(|| stated("limits").filter(|_| list == "requests"))
    }

    /// What all pods ask for together.
    pub(super) fn total(&self) -> Demand {
        let mut names: Vec<String> = Vec::new();
        for container in self.containers("containers").chain(self.containers("initContainers")) {
            for list in ["requests", "limits"] {
                let stated = container.pointer(&format!("/resources/{list}")).and_then(Value::as_object);
                names.extend(stated.into_iter().flatten().map(|(resource, _)| format!("{list}.{resource}")));
                if list == "limits" {
                    names.extend(stated.into_iter().flatten().map(|(resource, _)| format!("requests.{resource}")));
                }
            }
        }
        names.sort();
        names.dedup();
        let mut demand = Demand::default();
        for name in names {
            let of = |container: &Value| Self::asked(container, &name).unwrap_or(0);
            let running: i128 = self.containers("containers").map(of).sum();
            // Init containers run one after another, before the others.
            let starting = self.containers("initContainers").map(of).max().unwrap_or(0);
            demand.put(&name, running.max(starting) * self.count);
        }
        demand.count("", "pods", self.count);
        demand
    }

    /// Whether every container says it, or a limit range says it for those that do not.
    pub(super) fn states(&self, name: &str, ranges: &[&Value]) -> bool {
        let resource = name.split_once('.').map_or(name, |(_, resource)| resource);
        let lists: &[&str] = if name.starts_with("limits") { &["default"] } else { &["defaultRequest", "default"] };
        let has_default = ranges
            .iter()
            .filter(|range| range["type"] == "Container")
            .any(|range| lists.iter().any(|list| range.get(*list).is_some_and(|defaults| defaults.get(resource).is_some())));
        has_default || self.containers("containers").all(|container| Self::asked(container, name).is_some())
    }

    /// What of the containers lies outside of one range.
    pub(super) fn outside(&self, range: &Value) -> Vec<String> {
        let mut broken = Vec::new();
        for container in self.containers("containers") {
            let name = container.get("name").and_then(Value::as_str).unwrap_or_default();
            for (bound, list) in [("max", "limits"), ("min", "requests")] {
                for (resource, allowed) in range.get(bound).and_then(Value::as_object).into_iter().flatten() {
                    let Some((allowed, asked)) = quantity::of(allowed).zip(Self::asked(container, &format!("{list}.{resource}")))
                    else {
                        continue;
                    };
                    if if bound == "max" { asked > allowed } else { asked < allowed } {
                        let (asked, allowed) = (quantity::text(asked), quantity::text(allowed));
                        broken.push(format!("container {name} has {list}.{resource} {asked}, {bound} {allowed}"));
                    }
                }
            }
        }
        broken
    }
}
