use serde_json::json;

use super::*;
use crate::plan::tests::world::{World, of_kind, ours};

fn workload(kind: &str, image: &str, replicas: u32) -> Value {
    let mut workload = of_kind("apps/v1", kind, "shop");
    workload["spec"] = json!({
        "replicas": replicas,
        "template": {"spec": {"containers": [{"name": "shop", "image": image, "resources": {"limits": {"cpu": "1000m"}}}]}},
    });
    workload
}

fn of(target: &Value, live: &Value) -> Vec<(PodsFate, Option<u64>, Option<u64>, Option<u64>)> {
    let world = World::default().revision("superseded", std::slice::from_ref(target));
    let plan = world.revision("deployed", std::slice::from_ref(live)).live(ours(live)).plan();
    plan.impact.iter().map(|impact| (impact.pods, impact.before, impact.after, impact.unavailable)).collect()
}

#[test]
fn a_change_of_the_template_replaces_every_pod_as_the_strategy_says() {
    let (old, new) = (workload("Deployment", "shop:1", 8), workload("Deployment", "shop:2", 8));
    assert_eq!(of(&old, &new), [(PodsFate::Replaced, Some(8), Some(8), Some(2))]);
    let mut old = old;
    old["spec"]["strategy"] = json!({"rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}});
    assert_eq!(of(&old, &new), [(PodsFate::Replaced, Some(8), Some(8), Some(0))]);
    let (old, new) = (workload("StatefulSet", "shop:1", 3), workload("StatefulSet", "shop:2", 3));
    assert_eq!(of(&old, &new), [(PodsFate::Replaced, Some(3), Some(3), Some(1))]);
}

#[test]
fn a_change_of_the_number_alone_leaves_the_others() {
    let (old, new) = (workload("Deployment", "shop:1", 5), workload("Deployment", "shop:1", 2));
    assert_eq!(of(&old, &new), [(PodsFate::Scaled, Some(2), Some(5), Some(0))]);
}

#[test]
fn what_the_server_adds_to_a_template_is_no_change() {
    let (mut old, mut new) = (workload("Deployment", "shop:1", 1), workload("Deployment", "shop:1", 1));
    new["spec"]["template"]["spec"]["restartPolicy"] = json!("Always");
    new["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["cpu"] = json!("1");
    old["metadata"]["labels"] = json!({"team": "shop"});
    assert_eq!(of(&old, &new), []);
}
