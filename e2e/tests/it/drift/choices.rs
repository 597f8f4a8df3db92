//! What a rollback does with fields that drifted is what was asked.

use e2e::{Namespace, World};
use serde_json::json;

use super::{CONFIG_MAPS, DEPLOYMENTS, MAKERS, deploy, findings, rich};
use crate::release::{color, ours, statuses, web, without_a_write};

pub(crate) const TESTS: &[crate::Test] = crate::tests![
    restoring_overwrites_what_was_edited_and_says_so,
    keeping_leaves_what_was_edited,
    stopping_refuses_to_overwrite_and_can_be_overruled,
    a_rule_speaks_of_one_field,
    replicas_that_an_autoscaler_holds_stay,
    a_field_that_was_taken_away_stays_away_when_kept,
    compat_takes_no_part_in_it,
];

/// Revision 1 with image 1 and revision 2 with image 2, whose image and replicas somebody edited.
fn edited<'a>(world: &'a World, prefix: &str, maker: (u8, &[&str])) -> Namespace<'a> {
    let ns = world.namespace(prefix);
    deploy(&ns, maker, &[rich("web:1", 1), rich("web:2", 1)]);
    let containers = json!([{"name": "web", "image": "web:hotfix"}]);
    let edit = json!({"spec": {"replicas": 3, "template": {"spec": {"containers": containers}}}});
    let mut deployment = ns.live(DEPLOYMENTS, "web");
    deployment["spec"]["replicas"] = edit["spec"]["replicas"].clone();
    deployment["spec"]["template"]["spec"]["containers"][0]["image"] = json!("web:hotfix");
    deployment["metadata"]["resourceVersion"] = serde_json::Value::Null;
    let _ = ns.replace_as("kubectl-edit", DEPLOYMENTS, "web", &deployment);
    ns
}

/// Image and replicas of the live Deployment.
fn live(ns: &Namespace<'_>) -> (String, u64) {
    let deployment = ns.live(DEPLOYMENTS, "web");
    let image = deployment["spec"]["template"]["spec"]["containers"][0]["image"].as_str().unwrap().to_owned();
    (image, deployment["spec"]["replicas"].as_u64().unwrap())
}

fn was(image: &str, replicas: u64) -> (String, u64) {
    (image.to_owned(), replicas)
}

fn is_server_side(maker: (u8, &[&str])) -> bool {
    maker.1.contains(&"--server-side=true")
}

fn restoring_overwrites_what_was_edited_and_says_so(world: &World) {
    for maker in MAKERS {
        let ns = edited(world, "choice-restore", maker);
        assert_eq!(findings(&ns, &["1"], &["drift"]), ["caution drift Deployment/web"], "{maker:?}");
        let plan = ns.plugin().args(["plan", "web", "1"]).run();
        // Where helm applies on the server, that refuses to take a field from another manager.
        assert_eq!(plan.code, if is_server_side(maker) { 3 } else { 0 }, "{plan:?}");
        let told = plan.stdout;
        let what = "it is not as revision 2 applied it: spec.replicas 1 -> 3 (kubectl-edit, 20";
        assert!(told.contains(what), "{told}");
        assert_eq!(told.contains("--force-conflicts"), is_server_side(maker), "{told}");
        let _ = ours(&ns, &["1"]).args(is_server_side(maker).then_some("--force-conflicts")).ok();
        assert_eq!(live(&ns), was("web:1", 1), "{maker:?}");
    }
}

fn keeping_leaves_what_was_edited(world: &World) {
    for maker in MAKERS {
        let ns = edited(world, "choice-keep", maker);
        assert_eq!(findings(&ns, &["1", "--drift", "keep"], &["drift"]), ["note drift Deployment/web"], "{maker:?}");
        let _ = ours(&ns, &["1", "--drift", "keep"]).ok();
        assert_eq!(live(&ns), was("web:hotfix", 3), "{maker:?}");
        assert_eq!(statuses(&ns, maker.0), ["superseded", "superseded", "deployed"]);
        let managed = ns.live(DEPLOYMENTS, "web")["metadata"]["managedFields"].to_string();
        assert!(managed.contains("kubectl-edit"), "{maker:?}: what is kept keeps its owner");
    }
}

fn stopping_refuses_to_overwrite_and_can_be_overruled(world: &World) {
    for maker in MAKERS {
        let ns = edited(world, "choice-stop", maker);
        let said = without_a_write(&ns, || ours(&ns, &["1", "--drift", "stop"]).fails(3));
        assert!(said.stderr.contains("block (drift): Deployment"), "{}", said.stderr);
        assert_eq!(live(&ns), was("web:hotfix", 3), "{maker:?}");
        let accept = ["1", "--drift", "stop", "--accept", "drift=Deployment/web"];
        let _ = ours(&ns, &accept).args(is_server_side(maker).then_some("--force-conflicts")).ok();
        assert_eq!(live(&ns), was("web:1", 1), "{maker:?}");
    }
    // Where nobody changed anything there is nothing to stop for.
    let ns = world.namespace("choice-stop-none");
    deploy(&ns, MAKERS[2], &[web("blue"), web("red")]);
    let _ = ours(&ns, &["1", "--drift", "stop"]).ok();
    assert_eq!(color(&ns), "blue");
}

fn a_rule_speaks_of_one_field(world: &World) {
    for maker in MAKERS {
        let ns = edited(world, "choice-rule", maker);
        let rule = ["1", "--drift-rule", "Deployment/*:spec.replicas=keep"];
        let _ = ours(&ns, &rule).args(is_server_side(maker).then_some("--force-conflicts")).ok();
        assert_eq!(live(&ns), was("web:1", 3), "{maker:?}");
    }
    let ns = edited(world, "choice-rule-but", MAKERS[0]);
    let _ = ours(&ns, &["1", "--drift", "keep", "--drift-rule", "Deployment/web:spec.template=restore"]).ok();
    assert_eq!(live(&ns), was("web:1", 3));
    let said = ours(&ns, &["1", "--drift-rule", "spec.replicas"]).fails(2);
    assert!(said.stderr.contains("is no rule: write OBJECT:FIELD=CHOICE"), "{}", said.stderr);
}

fn replicas_that_an_autoscaler_holds_stay(world: &World) {
    let autoscaler = json!({
        "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "web"},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
            "minReplicas": 3, "maxReplicas": 9,
        },
    });
    for maker in MAKERS {
        let ns = world.namespace("choice-hpa");
        deploy(&ns, maker, &[rich("web:1", 1), rich("web:2", 2)]);
        let _ = ns.create("autoscaling/v2/horizontalpodautoscalers", &autoscaler);
        let _ = ns.until(DEPLOYMENTS, "web", |found| found.is_some_and(|found| found["spec"]["replicas"] == 3));
        let found = findings(&ns, &["1"], &["drift", "held-replicas"]);
        assert_eq!(found, ["note held-replicas Deployment/web"], "{maker:?}");
        let mark = ns.mark();
        let _ = ours(&ns, &["1"]).ok();
        assert_eq!(live(&ns), was("web:1", 3), "{maker:?}");
        let sent = ns.requests_since(mark).into_iter().filter(|request| request.resource == "deployments" && request.is_write());
        for request in sent {
            let replicas = &request.body["spec"]["replicas"];
            assert!(replicas.is_null(), "{maker:?} sends {replicas}, and may overtake the autoscaler");
        }
    }
    // A rule can say otherwise: then the target's number is written, and the autoscaler takes over again.
    let ns = world.namespace("choice-hpa-not");
    deploy(&ns, MAKERS[0], &[rich("web:1", 1), rich("web:2", 2)]);
    let _ = ns.create("autoscaling/v2/horizontalpodautoscalers", &autoscaler);
    let _ = ns.until(DEPLOYMENTS, "web", |found| found.is_some_and(|found| found["spec"]["replicas"] == 3));
    let mark = ns.mark();
    let _ = ours(&ns, &["1", "--drift-rule", "Deployment/web:spec.replicas=restore"]).ok();
    let sent = ns.requests_since(mark);
    assert!(sent.iter().any(|request| request.resource == "deployments" && request.body["spec"]["replicas"] == 1));
}

fn a_field_that_was_taken_away_stays_away_when_kept(world: &World) {
    for maker in MAKERS {
        let ns = world.namespace("choice-away");
        deploy(&ns, maker, &[rich("web:1", 1), rich("web:2", 1)]);
        let _ = ns.patch_as("kubectl-patch", CONFIG_MAPS, "web", &json!({"data": {"color": null}}));
        let _ = ours(&ns, &["1", "--drift", "keep"]).ok();
        assert!(ns.live(CONFIG_MAPS, "web")["data"].get("color").is_none(), "{maker:?}");
        let _ = ours(&ns, &["2"]).ok();
        assert_eq!(ns.live(CONFIG_MAPS, "web")["data"]["color"], "blue", "{maker:?}");
    }
}

fn compat_takes_no_part_in_it(world: &World) {
    let ns = edited(world, "choice-compat", MAKERS[0]);
    let autoscaler = json!({
        "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "web"},
        "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}, "minReplicas": 2, "maxReplicas": 9},
    });
    let _ = ns.create("autoscaling/v2/horizontalpodautoscalers", &autoscaler);
    let said = ours(&ns, &["1", "--compat", "--drift", "keep"]).fails(2);
    assert!(said.stderr.contains("cannot be used together"), "{}", said.stderr);
    let mark = ns.mark();
    let _ = ours(&ns, &["1", "--compat"]).ok();
    let requests = ns.requests_since(mark);
    assert!(requests.iter().all(|request| request.resource != "horizontalpodautoscalers"), "nobody asks who holds them");
    let patch = requests.iter().find(|request| request.resource == "deployments" && request.is_write()).expect("a patch");
    assert_eq!(patch.body["spec"]["replicas"], 1, "as helm does");
}
