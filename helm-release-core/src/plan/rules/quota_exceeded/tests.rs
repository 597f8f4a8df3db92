use serde_json::json;

use super::*;
use crate::plan::tests::world::{World, config_map, only, ours};

fn deployment(replicas: u32, requests: &Value) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "shop"},
        "spec": {
            "replicas": replicas, "selector": {"matchLabels": {"app": "shop"}},
            "template": {"spec": {"containers": [{"name": "shop", "image": "shop:1", "resources": {"requests": requests}}]}},
        },
    })
}

fn quota(hard: &Value, used: &Value) -> Value {
    json!({
        "apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "team", "namespace": "default"},
        "spec": {"hard": hard}, "status": {"hard": hard, "used": used},
    })
}

fn world(target: &Value, live: &Value) -> World {
    let world = World::default().revision("superseded", std::slice::from_ref(target));
    world.revision("deployed", std::slice::from_ref(live)).live(ours(live))
}

#[test]
fn pods_that_do_not_fit_into_a_quota_block() {
    let (target, live) = (deployment(5, &json!({"cpu": "500m"})), deployment(2, &json!({"cpu": "500m"})));
    let world = world(&target, &live).around(quota(&json!({"cpu": "2", "pods": "10"}), &json!({"cpu": "1", "pods": "2"})));
    let finding = only(world.found_by(QuotaExceeded));
    assert_eq!((finding.id.as_str(), finding.severity), ("quota-exceeded", Severity::Block));
    assert!(finding.what.starts_with("quota team does not suffice: cpu: 1 used of 2, 1500m more needed"), "{}", finding.what);
    assert!(finding.what.contains("Deployment default/shop"));
}

#[test]
fn pods_that_fit_or_become_fewer_do_not() {
    let (few, many) = (deployment(2, &json!({"cpu": "500m"})), deployment(5, &json!({"cpu": "500m"})));
    let tight = quota(&json!({"cpu": "2500m", "pods": "5"}), &json!({"cpu": "2500m", "pods": "5"}));
    assert_eq!(world(&few, &many).around(tight).found_by(QuotaExceeded), []);
}

#[test]
fn the_runs_own_objects_are_counted() {
    let full = quota(&json!({"count/secrets": "4"}), &json!({"count/secrets": "3"}));
    let world = World::default().revision("superseded", &[config_map("a", "red")]).revision("deployed", &[]).around(full);
    let finding = only(world.found_by(QuotaExceeded));
    assert!(finding.what.contains("count/secrets: 3 used of 4, 2 more needed"), "{}", finding.what);
    assert!(finding.what.contains("the new record, the journal and the lock"));
}

#[test]
fn pods_that_do_not_say_what_is_counted_are_refused_unless_a_default_says_it() {
    let (target, live) = (deployment(1, &json!({})), deployment(1, &json!({"memory": "1Gi"})));
    let world = world(&target, &live).around(quota(&json!({"requests.memory": "8Gi"}), &json!({"requests.memory": "1Gi"})));
    let finding = only(world.clone().found_by(QuotaExceeded));
    assert_eq!(finding.what, "its pods do not say requests.memory, which quota team counts");
    let defaults = json!({
        "apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "defaults", "namespace": "default"},
        "spec": {"limits": [{"type": "Container", "defaultRequest": {"memory": "64Mi"}}]},
    });
    assert_eq!(world.around(defaults).found_by(QuotaExceeded), []);
}

#[test]
fn a_container_beyond_a_limit_range_is_refused() {
    let mut target = deployment(1, &json!({}));
    target["spec"]["template"]["spec"]["containers"][0]["resources"] = json!({"limits": {"memory": "4Gi"}});
    let range = json!({
        "apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "small", "namespace": "default"},
        "spec": {"limits": [{"type": "Container", "max": {"memory": "1Gi"}}]},
    });
    let finding = only(world(&target, &deployment(1, &json!({}))).around(range).found_by(QuotaExceeded));
    assert_eq!(finding.what, "limit range small refuses its pods: container shop has limits.memory 4Gi, max 1Gi");
}

#[test]
fn a_quota_with_a_scope_counts_the_pods_of_that_scope_alone() {
    let (target, live) = (deployment(5, &json!({"cpu": "500m"})), deployment(2, &json!({"cpu": "500m"})));
    let scoped = |scope: &str, hard: &Value, used: &Value| {
        let mut quota = quota(hard, used);
        quota["spec"]["scopes"] = json!([scope]);
        world(&target, &live).around(quota).found_by(QuotaExceeded)
    };
    let (full, pods) = (json!({"pods": "2"}), json!({"pods": "2"}));
    assert_eq!(scoped("BestEffort", &full, &pods), []);
    let finding = only(scoped("NotBestEffort", &full, &pods));
    assert!(finding.what.contains("pods: 2 used of 2, 3 more needed"), "{}", finding.what);
    // Pods that leave a scope make room there.
    let world = world(&deployment(3, &json!({})), &live);
    let mut best = quota(&json!({"pods": "2"}), &json!({"pods": "0"}));
    best["spec"]["scopes"] = json!(["BestEffort"]);
    let finding = only(world.around(best).found_by(QuotaExceeded));
    assert!(finding.what.contains("pods: 0 used of 2, 3 more needed"), "{}", finding.what);
}
