use serde_json::{Value, json};

use crate::drift::DriftChoice;
use crate::plan::tests::world::{World, config_map, of_kind, ours};
use crate::plan::{Action, Plan, Step, Writing};
use crate::ports::{PatchBody, Request};

fn deployment(replicas: u32, image: &str) -> Value {
    let mut deployment = of_kind("apps/v1", "Deployment", "api");
    deployment["spec"] = json!({"replicas": replicas, "template": {"spec": {"containers": [{"name": "api", "image": image}]}}});
    deployment
}

/// Revisions with 1 and 2 replicas and images; live are 5 replicas and another image, by these managers.
fn world(method: &str, managers: [&str; 2]) -> World {
    let mut live = ours(&deployment(5, "api:hotfix"));
    let image = json!({"f:spec": {"f:template": {"f:spec": {"f:containers": {"k:{\"name\":\"api\"}": {"f:image": {}}}}}}});
    let entry = |manager: &str, fields: Value| json!({"manager": manager, "operation": "Update", "apiVersion": "apps/v1", "fieldsType": "FieldsV1", "fieldsV1": fields});
    live["metadata"]["managedFields"] =
        json!([entry(managers[0], json!({"f:spec": {"f:replicas": {}}})), entry(managers[1], image)]);
    World::default()
        .revision("superseded", &[deployment(1, "api:1")])
        .revision("deployed", &[deployment(2, "api:2")])
        .with_all("apply_method", method)
        .live(live)
}

fn keeping(world: World) -> World {
    world.asked(|options| options.drift = DriftChoice::Keep)
}

fn ruled(world: World, rule: &str) -> World {
    world.asked(|options| options.drift_rules.push(rule.parse().unwrap()))
}

fn step(plan: &Plan) -> &Step {
    let mut steps = plan.steps.iter().filter(|step| step.location().is_some());
    let step = steps.next().unwrap();
    assert!(steps.next().is_none());
    step
}

/// What is sent of the Deployment's `spec`.
fn sent(world: &World) -> Value {
    let plan = world.plan();
    match step(&plan).requests.last() {
        Some(Request::Apply { object, .. } | Request::Replace { object, .. }) => object.as_value()["spec"].clone(),
        Some(Request::Patch { patch: PatchBody::Strategic(patch), .. }) => patch["spec"].clone(),
        other => panic!("{other:?}"),
    }
}

fn image(name: &str) -> Value {
    json!({"spec": {"containers": [{"name": "api", "image": name}]}})
}

const OTHERS: [&str; 2] = ["kubectl", "kubectl-edit"];

#[test]
fn without_a_choice_the_target_wins() {
    assert_eq!(sent(&world("ssa", OTHERS)), deployment(1, "api:1")["spec"]);
    assert_eq!(sent(&world("csa", OTHERS))["replicas"], 1);
}

#[test]
fn what_others_own_is_left_out_of_an_apply_so_that_it_stays_theirs() {
    assert_eq!(sent(&keeping(world("ssa", OTHERS))), json!({"template": {"spec": {"containers": [{"name": "api"}]}}}));
}

#[test]
fn what_nobody_else_owns_is_applied_as_it_is_or_the_server_would_remove_it() {
    let alone = world("ssa", ["helm", "kubectl-edit"]).autoscaler("api", &deployment(1, ""));
    assert_eq!(
        sent(&alone),
        json!({"replicas": 5, "template": image("api:1")}),
        "helm wrote the replicas, and an autoscaler has them"
    );
}

#[test]
fn a_patch_does_not_name_what_is_kept() {
    let plan = keeping(world("csa", OTHERS)).plan();
    assert!(plan.steps_of(Action::Patch).all(|step| step.changes.is_empty()), "nothing but drift differs");
    let ruled = ruled(world("csa", OTHERS), "Deployment/api:spec.replicas=keep");
    assert_eq!(sent(&ruled)["replicas"], Value::Null);
    assert_eq!(sent(&ruled)["template"]["spec"]["containers"][0]["image"], "api:1");
    let plan = ruled.plan();
    assert!(step(&plan).reason.ends_with("; left as live: spec.replicas"), "{}", step(&plan).reason);
}

#[test]
fn a_replacement_holds_what_is_kept_and_what_others_added() {
    let world = keeping(world("csa", OTHERS)).asked(|options| options.writing = Writing::Replace);
    assert_eq!(sent(&world), deployment(5, "api:hotfix")["spec"]);
}

#[test]
fn a_rule_takes_a_field_out_of_what_is_kept() {
    let world = ruled(keeping(world("ssa", OTHERS)), "Deployment/api:spec.template=restore");
    assert_eq!(sent(&world), json!({"template": image("api:1")}));
}

#[test]
fn replicas_that_an_autoscaler_holds_stay_unless_a_rule_says_otherwise() {
    let held = || world("csa", ["kube-controller-manager", "kubectl-edit"]).autoscaler("api", &deployment(1, ""));
    assert_eq!(sent(&held())["replicas"], Value::Null);
    assert_eq!(sent(&ruled(held(), "Deployment/*:spec.replicas=restore"))["replicas"], 1);
    assert_eq!(sent(&held().compat())["replicas"], 1, "compat does as Helm");
}

#[test]
fn an_autoscaler_that_the_rollback_deletes_holds_nothing() {
    let mut autoscaler = of_kind("autoscaling/v2", "HorizontalPodAutoscaler", "api");
    autoscaler["spec"]["scaleTargetRef"] = json!({"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"});
    let sent = |target: &[Value]| {
        let world = World::default()
            .revision("superseded", target)
            .revision("deployed", &[deployment(2, "api:1"), autoscaler.clone()])
            .live(ours(&deployment(5, "api:1")))
            .live(ours(&autoscaler))
            .autoscaler("api", &deployment(1, ""));
        let plan = world.plan();
        plan.steps_of(Action::Patch).any(|step| step.changes.iter().any(|change| change.path == "spec.replicas"))
    };
    assert!(sent(&[deployment(1, "api:1")]));
    assert!(!sent(&[deployment(1, "api:1"), autoscaler.clone()]));
}

#[test]
fn where_autoscalers_may_not_be_listed_the_manager_tells_who_scaled() {
    let scaled = |manager: &str| {
        let mut world = world("csa", [manager, "kubectl-edit"]).hidden_autoscalers();
        world = world.with_live(|live| live["metadata"]["managedFields"][0]["subresource"] = json!("scale"));
        sent(&world)["replicas"].clone()
    };
    assert_eq!(scaled("kube-controller-manager"), Value::Null);
    assert_eq!(scaled("kubectl"), 1);
}

#[test]
fn a_field_that_is_gone_stays_gone_when_it_is_kept() {
    let without_color = |choice: DriftChoice| {
        let mut live = ours(&config_map("a", "red"));
        live["data"] = json!({"other": "x"});
        let world = World::default()
            .revision("superseded", &[config_map("a", "blue")])
            .revision("deployed", &[config_map("a", "red")])
            .live(live)
            .asked(|options| options.drift = choice);
        world.plan().steps_of(Action::Patch).count()
    };
    assert_eq!(without_color(DriftChoice::Keep), 0);
    assert_eq!(without_color(DriftChoice::Restore), 1);
}

#[test]
fn what_the_target_has_no_place_for_is_not_kept() {
    let mut target = deployment(1, "api:1");
    target["spec"]["template"]["spec"]["containers"][0]["name"] = json!("renamed");
    let renamed = World::default()
        .revision("superseded", &[target])
        .revision("deployed", &[deployment(2, "api:2")])
        .live(ours(&deployment(2, "api:hotfix")))
        .asked(|options| options.drift = DriftChoice::Keep);
    let plan = renamed.plan();
    let changes: Vec<&str> = step(&plan).changes.iter().map(|change| change.path.as_str()).collect();
    assert!(changes.contains(&"spec.template.spec.containers[name=api]"), "{changes:?}");
}

#[test]
fn a_secret_whose_texts_the_chart_writes_keeps_its_bytes() {
    let secret = |text: &str| {
        let mut secret = of_kind("v1", "Secret", "login");
        secret["stringData"] = json!({"password": text, "user": text});
        secret
    };
    let mut live = of_kind("v1", "Secret", "login");
    live["data"] = json!({"password": "cm90YXRlZA==", "user": "dHdv"});
    let world = World::default()
        .revision("superseded", &[secret("one")])
        .revision("deployed", &[secret("two")])
        .with_all("apply_method", "csa")
        .live(ours(&live))
        .asked(|options| options.drift_rules.push("Secret/login:data.password=keep".parse().unwrap()));
    let plan = world.plan();
    let changes: Vec<&str> = step(&plan).changes.iter().map(|change| change.path.as_str()).collect();
    assert_eq!(changes, ["data.user"]);
}
