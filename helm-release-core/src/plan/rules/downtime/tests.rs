use serde_json::json;

use super::*;
use crate::plan::tests::world::{World, deployment, only};

#[test]
fn a_workload_that_is_stopped_before_it_starts_again_is_down() {
    let world = World::between(&[deployment("shop:1", "Recreate", 3)], &[deployment("shop:2", "Recreate", 3)]);
    let finding = only(world.found_by(Downtime));
    assert_eq!((finding.id.as_str(), finding.severity), ("downtime", Severity::Caution));
    assert_eq!(finding.what, "all of its 3 pods are stopped before new ones run");
}

#[test]
fn a_budget_that_the_rollout_goes_below_is_named() {
    let budget = json!({
        "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "most", "namespace": "default"},
        "spec": {"minAvailable": 8, "selector": {"matchLabels": {"app": "shop"}}},
    });
    let limited = |replicas| {
        let (target, live) = (deployment("shop:1", "RollingUpdate", replicas), deployment("shop:2", "RollingUpdate", replicas));
        World::between(&[target], &[live]).around(budget.clone())
    };
    let finding = only(limited(8).found_by(Downtime));
    assert_eq!(finding.what, "2 of its 8 pods may be missing at once, more than budget most allows");
    assert_eq!(limited(12).found_by(Downtime), []);
}

#[test]
fn a_rollout_one_after_the_other_is_no_downtime() {
    let world = World::between(&[deployment("shop:1", "RollingUpdate", 1)], &[deployment("shop:2", "RollingUpdate", 1)]);
    assert_eq!(world.found_by(Downtime), []);
}
