//! Quotas that count some pods only (`k8s.io/kubernetes/pkg/quota/v1/evaluator/core/pods.go`, `podMatchesScopeFunc`).

use serde_json::Value;

use super::demand::Pods;
use crate::Object;

/// One thing that a quota asks of the pods that it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Scope {
    name: String,
    operator: String,
    values: Vec<String>,
}

/// Which pods a quota counts; all of them when it asks for nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Scopes(Vec<Scope>);

impl Scopes {
    /// Reads `spec.scopes` and `spec.scopeSelector`. `None` when they hold a scope that is not known: then nobody can say.
    pub(super) fn of(quota: &Object) -> Option<Self> {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
        let plain = quota.at(&["spec", "scopes"]).and_then(Value::as_array);
        let plain = plain.into_iter().flatten().map(|name| Scope {
            name: text(Some(name)),
            operator: "Exists".to_owned(),
            values: Vec::new(),
        });
        let selected = quota.at(&["spec", "scopeSelector", "matchExpressions"]).and_then(Value::as_array);
        let selected = selected.into_iter().flatten().map(|expression| Scope {
            name: text(expression.get("scopeName")),
            operator: text(expression.get("operator")),
            values: expression
                .get("values")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .map(|value| text(Some(value)))
                .collect(),
        });
        let scopes: Vec<Scope> = plain.chain(selected).collect();
        scopes.iter().all(|scope| KNOWN.contains(&scope.name.as_str())).then_some(Self(scopes))
    }

    /// Whether it counts whatever there is, and objects that are no pods too.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it counts such pods, where a limit range gives containers these defaults.
    pub(super) fn count(&self, pods: &Pods, ranges: &[&Value]) -> bool {
        self.0.iter().all(|scope| scope.fits(pods, ranges))
    }
}

const KNOWN: [&str; 7] = [
    "Terminating",
    "NotTerminating",
    "BestEffort",
    "NotBestEffort",
    "PriorityClass",
    "CrossNamespacePodAffinity",
    "VolumeAttributesClass",
];

impl Scope {
    fn fits(&self, pods: &Pods, ranges: &[&Value]) -> bool {
        let ends = || pods.spec().get("activeDeadlineSeconds").and_then(Value::as_i64).is_some_and(|seconds| seconds >= 0);
        match self.name.as_str() {
            "Terminating" => ends(),
            "NotTerminating" => !ends(),
            "BestEffort" => is_best_effort(pods, ranges),
            "NotBestEffort" => !is_best_effort(pods, ranges),
            "PriorityClass" => {
                // Where a class is everybody's default, only the server knows what a pod without one gets.
                let class = pods.spec().get("priorityClassName").and_then(Value::as_str).unwrap_or_default();
                let is_listed = self.values.iter().any(|value| value == class);
                match self.operator.as_str() {
                    "In" => is_listed,
                    "NotIn" => !is_listed,
                    "DoesNotExist" => class.is_empty(),
                    _ => !class.is_empty(),
                }
            }
            "CrossNamespacePodAffinity" => reaches_other_namespaces(pods.spec()),
            // That is said of claims.
            _ => false,
        }
    }
}

/// Whether no container asks for processor or memory, nor gets a default of either.
fn is_best_effort(pods: &Pods, ranges: &[&Value]) -> bool {
    let asks =
        |value: Option<&Value>| value.is_some_and(|list| ["cpu", "memory"].iter().any(|resource| list.get(*resource).is_some()));
    let is_asked =
        |container: &Value| ["requests", "limits"].iter().any(|list| asks(container.pointer(&format!("/resources/{list}"))));
    let has_default = ranges
        .iter()
        .filter(|range| range["type"] == "Container")
        .any(|range| ["default", "defaultRequest"].iter().any(|list| asks(range.get(*list))));
    !has_default && !["containers", "initContainers"].iter().any(|list| pods.containers(list).any(is_asked))
}

fn reaches_other_namespaces(spec: &Value) -> bool {
    let reaches = |term: &Value| {
        let term = term.get("podAffinityTerm").unwrap_or(term);
        term.get("namespaces").and_then(Value::as_array).is_some_and(|names| !names.is_empty())
            || term.get("namespaceSelector").is_some_and(|selector| !selector.is_null())
    };
    ["podAffinity", "podAntiAffinity"].iter().any(|affinity| {
        ["requiredDuringSchedulingIgnoredDuringExecution", "preferredDuringSchedulingIgnoredDuringExecution"].iter().any(|list| {
            let terms = spec.pointer(&format!("/affinity/{affinity}/{list}")).and_then(Value::as_array);
            terms.into_iter().flatten().any(reaches)
        })
    })
}

#[cfg(test)]
mod tests;
