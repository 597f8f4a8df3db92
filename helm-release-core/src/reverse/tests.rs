use std::collections::BTreeMap;

use super::*;
use crate::Object;
use crate::patch::Schemas;
use crate::ports::Propagation;
use serde_json::{Map, Value, json};

/// The object with a JSON merge patch applied.
fn merged(base: &Value, patch: &Value) -> Value {
    let Value::Object(patch) = patch else { return patch.clone() };
    let mut map: Map<String, Value> = base.as_object().cloned().unwrap_or_default();
    for (name, value) in patch {
        if value.is_null() {
            map.remove(name);
        } else {
            let below = merged(map.get(name).unwrap_or(&Value::Null), value);
            map.insert(name.clone(), below);
        }
    }
    Value::Object(map)
}

fn told_around(live: &Value, patch: &Value, around: Around<'_>) -> BTreeMap<String, Fate> {
    let after = merged(live, patch);
    let live = Object::new(live.clone()).unwrap();
    // The target says no more than what it changes.
    let wanted = patch.clone();
    let change = Change { schemas: Schemas::built_in(), live: &live, after: &after, wanted: &wanted, around };
    fates(&change).into_iter().map(|field| (field.path, field.fate)).collect()
}

fn told(live: &Value, patch: &Value) -> BTreeMap<String, Fate> {
    told_around(live, patch, Around::default())
}

fn only(fates: BTreeMap<String, Fate>) -> (String, Fate) {
    let all: Vec<_> = fates.into_iter().collect();
    let [one] = <[_; 1]>::try_from(all).unwrap_or_else(|all| panic!("not one fate: {all:?}"));
    one
}

fn recreation(fates: BTreeMap<String, Fate>) -> (String, Recreation) {
    match only(fates) {
        (path, Fate::Recreate(how)) => (path, how),
        other => panic!("not made anew: {other:?}"),
    }
}

fn of(api_version: &str, kind: &str, more: &Value) -> Value {
    merged(&json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": "web"}}), more)
}

#[test]
fn what_does_not_change_has_no_fate() {
    let live = of("v1", "ConfigMap", &json!({"immutable": true, "data": {"a": "1"}, "metadata": {"resourceVersion": "7"}}));
    assert!(told(&live, &json!({"metadata": {"resourceVersion": null}})).is_empty());
}

#[test]
fn what_no_rule_speaks_of_changes_in_place() {
    let live = of("v1", "ConfigMap", &json!({"data": {"a": "1"}}));
    assert_eq!(only(told(&live, &json!({"data": {"a": "2"}}))), ("data.a".to_owned(), Fate::InPlace));
    let live = of("batch/v1", "CronJob", &json!({"spec": {"schedule": "a"}}));
    assert_eq!(only(told(&live, &json!({"spec": {"schedule": "b"}}))).1, Fate::InPlace);
}

#[test]
fn a_kind_that_nobody_knows_is_unknown_but_for_its_metadata() {
    let live = of("example.com/v1", "Widget", &json!({"spec": {"size": 1}}));
    let fates = told(&live, &json!({"spec": {"size": 2}, "metadata": {"labels": {"a": "b"}}}));
    assert!(matches!(fates["spec.size"], Fate::Unknown { .. }), "{fates:?}");
    assert_eq!(fates["metadata.labels"], Fate::InPlace);
}

#[test]
fn a_definition_tells_what_never_changes() {
    let rule = |rule: &str| json!({"type": "string", "x-kubernetes-validations": [{"rule": rule}]});
    let properties = json!({
        "fixed": rule("self == oldSelf"), "odd": rule("self.startsWith(oldSelf)"), "free": {"type": "string"},
        "list": {"type": "array", "items": rule("self == oldSelf")},
    });
    let schema = json!({"openAPIV3Schema": {"properties": {"spec": {"properties": properties}}}});
    let definition = of(
        "apiextensions.k8s.io/v1",
        "CustomResourceDefinition",
        &json!({"spec": {"versions": [{"name": "v1", "schema": schema}]}}),
    );
    let definition = Object::new(definition).unwrap();
    let live = of("example.com/v1", "Widget", &json!({"spec": {"fixed": "a", "odd": "a", "free": "a", "list": ["a"]}}));
    let patch = json!({"spec": {"fixed": "b", "odd": "b", "free": "b", "list": ["b"]}});
    let fates = told_around(&live, &patch, Around::default().with_definition(Some(&definition)));
    let words: BTreeMap<&str, &str> = fates.iter().map(|(path, fate)| (path.as_str(), fate.as_str())).collect();
    assert_eq!(words["spec.fixed"], "recreate");
    assert_eq!(words["spec.odd"], "unknown");
    assert_eq!(words["spec.free"], "in-place");
    assert_eq!(words["spec.list[0]"], "unknown", "{words:?}");
}

#[test]
fn pods_outlive_a_stateful_set_as_long_as_the_next_one_knows_them() {
    let spec = json!({"serviceName": "a", "selector": {"matchLabels": {"app": "web"}}});
    let live = of("apps/v1", "StatefulSet", &json!({"spec": spec}));
    let (path, how) = recreation(told(&live, &json!({"spec": {"serviceName": "b"}})));
    assert_eq!((path.as_str(), how.propagation), ("spec.serviceName", Propagation::Orphan));
    assert!(matches!(how.loses, Loss::Nothing(Some(_))));
    let other = json!({"spec": {"selector": {"matchLabels": {"app": "other"}}}});
    let (path, how) = recreation(told(&live, &other));
    assert_eq!((path.as_str(), how.propagation), ("spec.selector.matchLabels.app", Propagation::Background));
    assert!(matches!(how.loses, Loss::Work(_)));
    let deletes = merged(&live, &json!({"spec": {"persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Delete"}}}));
    assert!(matches!(recreation(told(&deletes, &other)).1.loses, Loss::Data(_)));
}

#[test]
fn a_job_that_has_ended_loses_nothing_and_one_that_runs_does() {
    let live = |status: &Value| {
        let template = json!({"spec": {"restartPolicy": "Never", "containers": [{"name": "main", "image": "main:1"}]}});
        of("batch/v1", "Job", &json!({"spec": {"template": template}, "status": status}))
    };
    let patch = json!({"spec": {"template": {"spec": {"containers": [{"name": "main", "image": "main:2"}]}}}});
    let lost = |status: &Value| recreation(told(&live(status), &patch)).1.loses;
    assert!(matches!(lost(&json!({"conditions": [{"type": "Complete", "status": "True"}]})), Loss::Nothing(_)));
    assert!(matches!(lost(&json!({"conditions": [{"type": "Failed", "status": "True"}]})), Loss::Nothing(_)));
    assert!(matches!(lost(&json!({"conditions": [{"type": "Failed", "status": "False"}]})), Loss::Work(_)));
    assert!(matches!(lost(&json!({"active": 1})), Loss::Work(_)));
}

#[test]
fn what_the_server_put_into_a_job_is_carried_over_where_the_target_is_silent() {
    let labels = json!({"controller-uid": "u", "job-name": "web"});
    let live = of(
        "batch/v1",
        "Job",
        &json!({"spec": {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}}}}),
    );
    let fates = told(&live, &json!({"spec": {"selector": null, "template": {"metadata": null}}}));
    let words: Vec<(&str, &str)> = fates.iter().map(|(path, fate)| (path.as_str(), fate.as_str())).collect();
    let carried = ["spec.selector", "spec.template.metadata.labels.controller-uid", "spec.template.metadata.labels.job-name"];
    assert_eq!(words, carried.map(|path| (path, "carried-over")));
    let Fate::CarriedOver { at, is_named, .. } = &fates["spec.selector"] else { panic!("{fates:?}") };
    assert_eq!((at.as_slice(), *is_named), (["spec".to_owned(), "selector".to_owned()].as_slice(), false));
}

#[test]
fn a_claim_keeps_the_larger_size_and_grows_where_its_class_allows_it() {
    let class =
        |grows: bool| Object::new(of("storage.k8s.io/v1", "StorageClass", &json!({"allowVolumeExpansion": grows}))).unwrap();
    let live = of(
        "v1",
        "PersistentVolumeClaim",
        &json!({
            "spec": {"storageClassName": "fast", "volumeName": "pv", "resources": {"requests": {"storage": "2Gi"}}},
            "status": {"phase": "Bound", "capacity": {"storage": "2Gi"}},
        }),
    );
    let sized = |size: &str| json!({"spec": {"resources": {"requests": {"storage": size}}}});
    assert_eq!(only(told(&live, &sized("1Gi"))).1.as_str(), "carried-over");
    assert_eq!(only(told(&live, &sized("2048Mi"))).1, Fate::InPlace);
    assert_eq!(only(told(&live, &sized("3Gi"))).1.as_str(), "unknown");
    for (grows, fate) in [(true, "in-place"), (false, "carried-over")] {
        let class = class(grows);
        let around = Around::default().with_storage_class(Some(&class));
        assert_eq!(only(told_around(&live, &sized("3Gi"), around)).1.as_str(), fate);
    }
    // An expansion that did not come about can be taken back.
    let failed = merged(&live, &json!({"status": {"capacity": {"storage": "1Gi"}}}));
    assert_eq!(only(told(&failed, &sized("1500Mi"))).1, Fate::InPlace);
    assert_eq!(only(told(&failed, &sized("1Gi"))).1.as_str(), "carried-over");
}

#[test]
fn a_claim_without_a_volume_loses_nothing_as_long_as_it_has_none() {
    let live = of("v1", "PersistentVolumeClaim", &json!({"spec": {"accessModes": ["a"]}, "status": {"phase": "Pending"}}));
    let patch = json!({"spec": {"accessModes": ["b"]}});
    let (_, how) = recreation(told(&live, &patch));
    assert!(matches!(how.loses, Loss::Nothing(_)) && how.holds_while, "{how:?}");
    let bound = merged(&live, &json!({"spec": {"volumeName": "pv"}, "status": {"phase": "Bound"}}));
    let (_, how) = recreation(told(&bound, &patch));
    assert!(matches!(how.loses, Loss::Data(_)), "{how:?}");
}

#[test]
fn a_service_keeps_its_address_but_cannot_lose_or_gain_one() {
    let live = |address: &str| of("v1", "Service", &json!({"spec": {"clusterIP": address, "clusterIPs": [address]}}));
    let to = |address: &Value| json!({"spec": {"clusterIP": address}});
    let (_, fate) = only(told(&live("10.0.0.1"), &to(&json!("10.0.0.2"))));
    assert!(matches!(fate, Fate::CarriedOver { is_named: true, .. }), "{fate:?}");
    let (_, fate) = only(told(&live("10.0.0.1"), &to(&Value::Null)));
    assert!(matches!(fate, Fate::CarriedOver { is_named: false, .. }), "{fate:?}");
    assert!(matches!(recreation(told(&live("10.0.0.1"), &to(&json!("None")))).1.loses, Loss::Work(_)));
    assert!(matches!(recreation(told(&live("None"), &to(&Value::Null))).1.loses, Loss::Nothing(_)));
    // A Service without any address in the cluster is not bound to one.
    let external = json!({"spec": {"type": "ExternalName", "externalName": "a.example", "clusterIP": null, "clusterIPs": null}});
    assert!(told(&live("10.0.0.1"), &external).values().all(|fate| *fate == Fate::InPlace));
}

#[test]
fn a_node_port_that_another_port_takes_is_not_kept() {
    let port = |name: &str, node: Option<u32>| match node {
        Some(node) => json!({"name": name, "port": 80, "nodePort": node}),
        None => json!({"name": name, "port": 81}),
    };
    let live = of("v1", "Service", &json!({"spec": {"type": "NodePort", "ports": [port("a", Some(30_001))]}}));
    let fates = told(&live, &json!({"spec": {"ports": [port("a", None)]}}));
    assert!(fates.values().any(|fate| matches!(fate, Fate::CarriedOver { .. })), "{fates:?}");
    let fates = told(&live, &json!({"spec": {"ports": [port("a", None), port("b", Some(30_001))]}}));
    assert!(!fates.values().any(|fate| matches!(fate, Fate::CarriedOver { .. })), "{fates:?}");
}

#[test]
fn a_definition_with_objects_of_its_kind_cannot_be_made_anew() {
    let live = of(
        "apiextensions.k8s.io/v1",
        "CustomResourceDefinition",
        &json!({
            "spec": {"scope": "Namespaced", "versions": [{"name": "v1"}, {"name": "v2"}]},
            "status": {"storedVersions": ["v1", "v2"], "conditions": [{"type": "Established", "status": "True"}]},
        }),
    );
    for patch in [json!({"spec": {"scope": "Cluster"}}), json!({"spec": {"versions": [{"name": "v1"}]}})] {
        let word = |instances| only(told_around(&live, &patch, Around::default().with_instances(instances))).1.as_str();
        assert_eq!((word(Some(0)), word(Some(3)), word(None)), ("recreate", "impossible", "impossible"), "{patch}");
    }
    let fresh = merged(&live, &json!({"status": null}));
    assert_eq!(only(told(&fresh, &json!({"spec": {"scope": "Cluster"}}))).1, Fate::InPlace);
}

#[test]
fn a_volume_that_a_claim_holds_cannot_be_made_anew() {
    let live = of("v1", "PersistentVolume", &json!({"spec": {"hostPath": {"path": "/a"}}, "status": {"phase": "Available"}}));
    let patch = json!({"spec": {"hostPath": {"path": "/b"}}});
    assert!(matches!(recreation(told(&live, &patch)).1.loses, Loss::Nothing(_)));
    let deletes = merged(&live, &json!({"spec": {"persistentVolumeReclaimPolicy": "Delete"}}));
    assert!(matches!(recreation(told(&deletes, &patch)).1.loses, Loss::Data(_)));
    for held in [json!({"status": {"phase": "Bound"}}), json!({"spec": {"claimRef": {"name": "db"}}})] {
        assert_eq!(only(told(&merged(&live, &held), &patch)).1.as_str(), "impossible");
    }
}

#[test]
fn a_pod_that_has_ended_loses_nothing() {
    let live = |phase: &str| {
        let spec = json!({"containers": [{"name": "main", "image": "main:1"}]});
        of("v1", "Pod", &json!({"spec": spec, "status": {"phase": phase}}))
    };
    let patch = json!({"spec": {"hostNetwork": true}});
    assert!(matches!(recreation(told(&live("Succeeded"), &patch)).1.loses, Loss::Nothing(_)));
    assert!(matches!(recreation(told(&live("Running"), &patch)).1.loses, Loss::Work(_)));
}

#[test]
fn an_object_on_its_way_out_takes_no_new_finalizer() {
    let live = of("v1", "ConfigMap", &json!({"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["a"]}}));
    let word = |finalizers: &[&str]| {
        let fates = told(&live, &json!({"metadata": {"finalizers": finalizers}, "data": {"a": "b"}}));
        fates.get("metadata.finalizers").map(Fate::as_str)
    };
    assert_eq!(word(&["a", "b"]), Some("impossible"));
    assert_ne!(word(&[]), Some("impossible"));
}

#[test]
fn a_quota_may_name_its_scopes_in_any_order() {
    let live = of("v1", "ResourceQuota", &json!({"spec": {"scopes": ["A", "B"]}}));
    let scopes = |scopes: &[&str]| told(&live, &json!({"spec": {"scopes": scopes}}));
    assert!(scopes(&["B", "A"]).values().all(|fate| *fate == Fate::InPlace));
    assert_eq!(only(scopes(&["B"])).1.as_str(), "recreate");
}
