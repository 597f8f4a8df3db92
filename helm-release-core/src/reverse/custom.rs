//! Custom resources: what their definition says of changes, as far as it can be read.

use serde_json::Value;

use super::fate::{Change, FieldFate, Loss, recreate, unknown};
use super::with_the_rest;
use crate::patch::FieldChange;

/// Groups with a dot in their name that no definition brings.
const BUILT_IN: [&str; 19] = [
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "flowcontrol.apiserver.k8s.io",
    "internal.apiserver.k8s.io",
    "metrics.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "rbac.authorization.k8s.io",
    "resource.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
    "storagemigration.k8s.io",
];

/// Whether a group is the server's own.
pub(crate) fn is_built_in(group: &str) -> bool {
    !group.contains('.') || BUILT_IN.contains(&group)
}

/// A rule of a schema that looks at the old value.
struct Transition {
    path: String,
    /// Whether it says that nothing changes, and nothing else.
    is_fixed: bool,
}

pub(super) fn fates(change: &Change<'_>, mut fates: Vec<FieldFate>, changed: &[FieldChange]) -> Vec<FieldFate> {
    let paths = || changed.iter().map(|change| change.path.clone());
    let Some(schema) = schema(change) else {
        let is_ours = |path: &str| path.starts_with("metadata.");
        let why = "the rules of this kind are not known";
        fates.extend(paths().filter(|path| !is_ours(path)).map(|path| unknown(path, why)));
        return with_the_rest(fates, paths());
    };
    let mut transitions = Vec::new();
    collect(schema, "", &mut transitions);
    for Transition { path, is_fixed } in transitions {
        for changed in paths().filter(|changed| meets(&path, changed)) {
            if fates.iter().any(|fate: &FieldFate| fate.path == changed) {
                continue;
            }
            fates.push(if is_fixed {
                let loses = Loss::Data("what its controller keeps in it or deletes together with it".to_owned());
                recreate(changed, "its definition says that this never changes", loses)
            } else {
                unknown(changed, "its definition has a rule for changes of this")
            });
        }
    }
    with_the_rest(fates, paths())
}

/// The schema of the version in which the object was read.
fn schema<'a>(change: &Change<'a>) -> Option<&'a Value> {
    let definition = change.around.definition?;
    let version = change.live.gvk().version;
    let versions = definition.at(&["spec", "versions"])?.as_array()?;
    let version = versions.iter().find(|known| known.get("name").and_then(Value::as_str) == Some(version.as_str()))?;
    version.get("schema")?.get("openAPIV3Schema")
}

/// Every rule below a schema that speaks of the old value. Lists and free mappings stand for all their entries.
fn collect(schema: &Value, path: &str, into: &mut Vec<Transition>) {
    for rule in schema.get("x-kubernetes-validations").and_then(Value::as_array).into_iter().flatten() {
        let text: String = rule.get("rule").and_then(Value::as_str).unwrap_or_default().split_whitespace().collect();
        if text.contains("oldSelf") {
            let is_fixed = text == "self==oldSelf" || text == "oldSelf==self";
            into.push(Transition { path: path.to_owned(), is_fixed });
        }
    }
    for (name, field) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let below = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        collect(field, &below, into);
    }
    for entries in ["items", "additionalProperties"] {
        if let Some(below) = schema.get(entries).filter(|below| below.is_object()) {
            let mut found = Vec::new();
            collect(below, "", &mut found);
            // A rule on entries speaks of those that are there before and after, which cannot be told apart here.
            into.extend((!found.is_empty()).then(|| Transition { path: path.to_owned(), is_fixed: false }));
        }
    }
}

/// Whether a rule at one path has to do with a change at the other.
fn meets(rule: &str, changed: &str) -> bool {
    let (short, long) = if rule.len() <= changed.len() { (rule, changed) } else { (changed, rule) };
    long.strip_prefix(short).is_some_and(|rest| short.is_empty() || rest.is_empty() || rest.starts_with(['.', '[']))
}
