use serde_json::{Value, json};

use super::Scopes;
use crate::Object;
use crate::plan::rules::quota_exceeded::demand::pods_of;

fn quota(spec: &Value) -> Object {
    Object::new(json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "team"}, "spec": spec})).unwrap()
}

/// Whether a quota with that scope counts a Pod of that spec.
fn counts(scope: &Value, spec: &Value) -> bool {
    counts_with(scope, spec, &[])
}

fn counts_with(scope: &Value, spec: &Value, ranges: &[&Value]) -> bool {
    let spec_of_quota = match scope {
        Value::String(name) => json!({"scopes": [name]}),
        expression => json!({"scopeSelector": {"matchExpressions": [expression]}}),
    };
    let pod = Object::new(json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec})).unwrap();
    Scopes::of(&quota(&spec_of_quota)).unwrap().count(&pods_of(&pod).unwrap(), ranges)
}

#[test]
fn each_scope_counts_its_pods() {
    let (plain, ending) =
        (json!({"containers": [{"name": "c"}]}), json!({"activeDeadlineSeconds": 5, "containers": [{"name": "c"}]}));
    let asking =
        json!({"containers": [{"name": "c"}], "initContainers": [{"name": "i", "resources": {"limits": {"memory": "1Gi"}}}]});
    let other = json!({"containers": [{"name": "c", "resources": {"requests": {"ephemeral-storage": "1Gi"}}}]});
    for (scope, spec, expected) in [
        ("Terminating", &ending, true),
        ("Terminating", &plain, false),
        ("NotTerminating", &plain, true),
        ("NotTerminating", &ending, false),
        ("BestEffort", &plain, true),
        ("BestEffort", &asking, false),
        ("BestEffort", &other, true),
        ("NotBestEffort", &asking, true),
        ("NotBestEffort", &plain, false),
        ("VolumeAttributesClass", &plain, false),
    ] {
        assert_eq!(counts(&json!(scope), spec), expected, "{scope} {spec}");
    }
}

#[test]
fn defaults_of_a_limit_range_end_best_effort() {
    let range = json!({"type": "Container", "defaultRequest": {"cpu": "100m"}});
    let spec = json!({"containers": [{"name": "c"}]});
    assert!(!counts_with(&json!("BestEffort"), &spec, &[&range]));
    assert!(counts_with(&json!("NotBestEffort"), &spec, &[&range]));
    let of_pods = json!({"type": "Pod", "max": {"cpu": "4"}});
    assert!(counts_with(&json!("BestEffort"), &spec, &[&of_pods]));
}

#[test]
fn priority_classes_are_compared_by_the_operator() {
    let class = |name: &str| json!({"priorityClassName": name, "containers": []});
    let scope = |operator: &str, values: &[&str]| json!({"scopeName": "PriorityClass", "operator": operator, "values": values});
    for (operator, values, name, expected) in [
        ("In", &["high"][..], "high", true),
        ("In", &["high"], "low", false),
        ("NotIn", &["high"], "low", true),
        ("NotIn", &["high"], "high", false),
        ("Exists", &[], "low", true),
        ("Exists", &[], "", false),
        ("DoesNotExist", &[], "", true),
        ("DoesNotExist", &[], "low", false),
    ] {
        assert_eq!(counts(&scope(operator, values), &class(name)), expected, "{operator} {values:?} {name}");
    }
}

#[test]
fn affinities_to_other_namespaces_are_seen() {
    let required = |term: Value| json!({"containers": [], "affinity": {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}});
    let preferred = json!({"containers": [], "affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [
        {"weight": 1, "podAffinityTerm": {"topologyKey": "zone", "namespaceSelector": {}}}
    ]}}});
    let scope = json!("CrossNamespacePodAffinity");
    assert!(counts(&scope, &required(json!({"topologyKey": "zone", "namespaces": ["other"]}))));
    assert!(counts(&scope, &preferred));
    assert!(!counts(&scope, &required(json!({"topologyKey": "zone"}))));
}

#[test]
fn a_scope_that_nobody_knows_is_not_judged() {
    assert_eq!(Scopes::of(&quota(&json!({"scopes": ["Futuristic"]}))), None);
    assert!(Scopes::of(&quota(&json!({}))).is_some_and(|scopes| scopes.is_empty()));
}
