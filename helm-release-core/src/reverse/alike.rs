//! Compares a live value with what a change makes of it, as the server does after it has filled in its defaults.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::quantity::Quantity;

/// Defaults of a kind: the end of a path (`containers[].ports[].protocol`) and the value as JSON.
pub(super) type Defaults = [(&'static str, &'static str)];

/// Optional fields that the server keeps apart from absent ones even when they are false, zero or empty.
const POINTERS: [&str; 22] = [
    "activeDeadlineSeconds",
    "allowPrivilegeEscalation",
    "automountServiceAccountToken",
    "backoffLimitPerIndex",
    "completions",
    "defaultMode",
    "enableServiceLinks",
    "fsGroup",
    "hostUsers",
    "maxFailedIndexes",
    "mode",
    "optional",
    "privileged",
    "readOnlyRootFilesystem",
    "runAsGroup",
    "runAsNonRoot",
    "runAsUser",
    "setHostnameAsFQDN",
    "shareProcessNamespace",
    "storageClassName",
    "terminationGracePeriodSeconds",
    "tolerationSeconds",
];

/// The paths below `path` at which the two differ for the server.
pub(super) fn differences(path: &str, live: Option<&Value>, after: Option<&Value>, defaults: &Defaults) -> Vec<String> {
    let mut comparison = Comparison { defaults, found: Vec::new() };
    comparison.compare(path, path, live, after);
    comparison.found
}

/// Whether they are the same for the server.
pub(super) fn alike(path: &str, live: Option<&Value>, after: Option<&Value>, defaults: &Defaults) -> bool {
    differences(path, live, after, defaults).is_empty()
}

struct Comparison<'d> {
    defaults: &'d Defaults,
    found: Vec<String>,
}

impl Comparison<'_> {
    fn default_of(&self, pattern: &str) -> Option<Value> {
        let ends = |suffix: &str| {
            pattern
                .strip_suffix(suffix)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.') || suffix.starts_with("ontainers"))
        };
        let (_, json) = self.defaults.iter().find(|(suffix, _)| ends(suffix))?;
        serde_json::from_str(json).ok()
    }

    /// `pattern` is the path with every list position left out.
    fn compare(&mut self, path: &str, pattern: &str, live: Option<&Value>, after: Option<&Value>) {
        let (live, after) = (live.filter(|value| !value.is_null()), after.filter(|value| !value.is_null()));
        if live == after {
            return;
        }
        let default = if live.is_some() && after.is_some() { None } else { self.default_of(pattern) };
        let empty = Value::Object(Map::new());
        match (live.or(default.as_ref()), after.or(default.as_ref())) {
            (None, None) => {}
            (Some(Value::Object(live)), Some(Value::Object(after))) => self.compare_maps(path, pattern, live, after),
            (Some(Value::Array(live)), Some(Value::Array(after))) if live.len() == after.len() => {
                for (index, (live, after)) in live.iter().zip(after).enumerate() {
                    self.compare(&format!("{path}[{index}]"), &format!("{pattern}[]"), Some(live), Some(after));
                }
            }
            (Some(live @ Value::Object(_)), None) => self.compare(path, pattern, Some(live), Some(&empty)),
            (None, Some(after @ Value::Object(_))) => self.compare(path, pattern, Some(&empty), Some(after)),
            (Some(Value::Array(list)), None) | (None, Some(Value::Array(list))) if list.is_empty() => {}
            (None, Some(after)) if is_zero(after) && !is_pointer(pattern) => {}
            (Some(live), Some(after)) if live == after || is_same_scalar(pattern, live, after) => {}
            _ => self.found.push(path.to_owned()),
        }
    }

    fn compare_maps(&mut self, path: &str, pattern: &str, live: &Map<String, Value>, after: &Map<String, Value>) {
        let names: BTreeSet<&String> = live.keys().chain(after.keys()).collect();
        for name in names {
            let below = |path: &str| if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            let (old, new) = (live.get(name), after.get(name));
            let filled = if new.is_none() { filled_in(pattern, name, after) } else { None };
            self.compare(&below(path), &below(pattern), old, new.or(filled.as_ref()));
        }
    }
}

/// What the server fills in by what stands beside the field (`pkg/apis/core/v1/defaults.go`).
fn filled_in(pattern: &str, name: &str, beside: &Map<String, Value>) -> Option<Value> {
    if name == "imagePullPolicy" && pattern.ends_with("ontainers[]") {
        let image = beside.get("image").and_then(Value::as_str).unwrap_or_default();
        let last = image.rsplit('/').next().unwrap_or_default();
        let is_latest = !image.contains('@') && last.split_once(':').is_none_or(|(_, tag)| tag == "latest");
        return Some(Value::from(if is_latest { "Always" } else { "IfNotPresent" }));
    }
    if name == "requests" && pattern.ends_with(".resources") {
        return beside.get("limits").cloned();
    }
    None
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Bool(flag) => !flag,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Null => true,
    }
}

fn is_pointer(pattern: &str) -> bool {
    POINTERS.contains(&pattern.rsplit('.').next().unwrap_or_default())
}

fn is_same_scalar(pattern: &str, live: &Value, after: &Value) -> bool {
    let holds_quantities = ["requests.", "limits.", "capacity.", "hard.", "sizeLimit", "divisor", "overhead."];
    let is_quantity = holds_quantities.iter().any(|part| pattern.contains(part));
    if is_quantity && Quantity::compare(live, after) == Some(Ordering::Equal) {
        return true;
    }
    live.is_number() && after.is_number() && live.as_f64() == after.as_f64()
}

#[cfg(test)]
mod tests;
