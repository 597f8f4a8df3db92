//! What becomes of each object of the target.

use serde_json::{Value, json};

use super::world::{World, config_map, managed, of_kind, ours, place};
use crate::patch;
use crate::plan::{Action, Mode, Plan, ServerSide, Step, Writing};
use crate::ports::{Conflicts, PatchBody, Request, Validation};
use crate::release::ApplyMethod;

fn only<'a>(plan: &'a Plan, name: &str) -> &'a Step {
    let mut steps = plan.steps.iter().filter(|step| step.location().is_some_and(|location| location.name == name));
    let step = steps.next().unwrap_or_else(|| panic!("no step for {name}: {:?}", plan.steps));
    assert!(steps.next().is_none(), "several steps for {name}: {:?}", plan.steps);
    step
}

/// Revision 1 in red, revision 2, which is deployed, in blue, and the live object as given.
fn red_and_blue(live: Option<Value>) -> World {
    let world = World::default()
        .revision("superseded", &[config_map("paint", "red")])
        .revision("deployed", &[config_map("paint", "blue")]);
    match live {
        Some(live) => world.live(live),
        None => world,
    }
}

fn body(request: &Request) -> &Value {
    match request {
        Request::Create { object, .. } | Request::Apply { object, .. } | Request::Replace { object, .. } => object.as_value(),
        Request::Patch { patch, .. } => patch.value(),
        Request::Delete { .. } => panic!("a delete has no body"),
    }
}

#[test]
fn an_object_that_is_not_there_is_created_with_the_marks_of_the_release() {
    let plan = red_and_blue(None).plan();
    let step = only(&plan, "paint");
    assert_eq!(step.action, Action::Create);
    assert_eq!(step.reason, "it is gone from the cluster though the current revision has it");
    assert_eq!(step.precondition, None);
    let [Request::Create { object, manager, validation, .. }] = &step.requests[..] else { panic!("{:?}", step.requests) };
    assert_eq!((manager.as_str(), *validation), ("helm", Validation::Ignore));
    assert_eq!(object.as_value()["data"], json!({"color": "red"}));
    assert_eq!(object.label("app.kubernetes.io/managed-by"), Some("Helm"));
    assert_eq!(object.annotation("meta.helm.sh/release-name"), Some("web"));
    assert_eq!(object.annotation("meta.helm.sh/release-namespace"), Some("default"));
    assert_eq!(object.namespace(), Some("default"));
}

#[test]
fn an_object_that_only_the_target_has_is_created_for_that_reason() {
    let world = World::default().revision("superseded", &[config_map("old", "red")]).revision("deployed", &[]);
    assert_eq!(only(&world.plan(), "old").reason, "only the target has it");
}

#[test]
fn server_side_creation_is_an_apply_that_refuses_unknown_fields() {
    let plan = red_and_blue(None).with_all("apply_method", "ssa").plan();
    assert_eq!(plan.apply_method, ApplyMethod::Ssa);
    let step = only(&plan, "paint");
    assert_eq!(step.action, Action::Create);
    let [Request::Apply { conflicts, validation, .. }] = &step.requests[..] else { panic!("{:?}", step.requests) };
    assert_eq!((*conflicts, *validation), (Conflicts::Refuse, Validation::Strict));
}

#[test]
fn the_method_asked_for_outweighs_the_record() {
    let world = red_and_blue(None);
    let asked = |server_side| world.clone().asked(|options| options.server_side = server_side).plan().apply_method;
    assert_eq!(asked(ServerSide::Auto), ApplyMethod::Csa);
    assert_eq!(asked(ServerSide::Yes), ApplyMethod::Ssa);
    assert_eq!(asked(ServerSide::No), ApplyMethod::Csa);
    let world = world.with_all("apply_method", "ssa");
    assert_eq!(world.asked(|options| options.server_side = ServerSide::No).plan().apply_method, ApplyMethod::Csa);
}

#[test]
fn a_client_side_patch_holds_exactly_what_differs() {
    let mut live = ours(&config_map("paint", "blue"));
    live["data"]["added-by-hand"] = json!("stays");
    let plan = red_and_blue(Some(live)).plan();
    let step = only(&plan, "paint");
    assert_eq!((step.action, step.reason.as_str()), (Action::Patch, "fields differ from the target"));
    let [Request::Patch { patch: PatchBody::Strategic(patch), .. }] = &step.requests[..] else { panic!("{:?}", step.requests) };
    assert_eq!(*patch, json!({"data": {"color": "red"}}));
    let [change] = &step.changes[..] else { panic!("{:?}", step.changes) };
    assert_eq!(change.path, "data.color");
    assert_eq!((change.before.clone(), change.after.clone()), (Some(json!("blue")), Some(json!("red"))));
    let precondition = step.precondition.as_ref().unwrap();
    assert_eq!((precondition.uid.as_str(), precondition.resource_version.as_str()), ("uid-1", "101"));
}

#[test]
fn a_drifted_field_is_brought_back_though_both_revisions_agree_on_it() {
    let world = World::default()
        .revision("superseded", &[config_map("paint", "red")])
        .revision("deployed", &[config_map("paint", "red")])
        .live(ours(&config_map("paint", "green")));
    assert_eq!(body(&only(&world.plan(), "paint").requests[0])["data"], json!({"color": "red"}));
}

#[test]
fn an_object_that_is_right_already_is_left_alone() {
    let plan = red_and_blue(Some(ours(&config_map("paint", "red")))).plan();
    let step = only(&plan, "paint");
    assert_eq!(step.action, Action::Unchanged);
    assert!(step.requests.is_empty() && step.changes.is_empty());
}

#[test]
fn a_field_that_only_a_failed_upgrade_brought_is_taken_away() {
    let mut two_fields = config_map("paint", "blue");
    two_fields["data"]["shine"] = json!("matt");
    let world = World::default()
        .revision("superseded", &[config_map("paint", "red")])
        .revision("deployed", &[config_map("paint", "blue")])
        .revision("failed", &[two_fields.clone()])
        .revision("failed", &[config_map("paint", "blue")])
        .live(ours(&two_fields))
        .to(1);
    assert_eq!(body(&only(&world.plan(), "paint").requests[0])["data"], json!({"color": "red", "shine": null}));
    // Helm compares with the latest record alone, which has never heard of the field.
    let compat = world.compat().plan();
    let patch = body(&only(&compat, "paint").requests[0]);
    assert_eq!(patch["data"], json!({"color": "red"}));
}

#[test]
fn a_server_side_apply_sends_the_whole_object_and_foretells_what_changes() {
    let live = managed(ours(&config_map("paint", "blue")), "Apply");
    let plan = red_and_blue(Some(live)).with_all("apply_method", "ssa").plan();
    let step = only(&plan, "paint");
    assert_eq!((step.action, step.reason.as_str()), (Action::Patch, "applied by the server"));
    let [Request::Apply { object, .. }] = &step.requests[..] else { panic!("{:?}", step.requests) };
    assert_eq!(object.as_value()["data"], json!({"color": "red"}));
    assert_eq!(object.uid(), None);
    assert_eq!(step.changes.iter().map(|change| change.path.as_str()).collect::<Vec<_>>(), ["data.color"]);
    assert!(step.precondition.is_some());
}

#[test]
fn a_server_side_apply_that_would_change_nothing_is_not_sent() {
    let live = managed(ours(&config_map("paint", "red")), "Apply");
    let plan = red_and_blue(Some(live)).with_all("apply_method", "ssa").plan();
    assert_eq!(only(&plan, "paint").action, Action::Unchanged);
}

#[test]
fn fields_that_helm_wrote_client_side_are_taken_over_before_the_apply() {
    let live = managed(ours(&config_map("paint", "blue")), "Update");
    let plan = red_and_blue(Some(live.clone())).with_all("apply_method", "ssa").plan();
    let step = only(&plan, "paint");
    assert!(step.reason.contains("taking over the fields that helm wrote client-side"), "{}", step.reason);
    let [Request::Patch { patch: PatchBody::Json(operations), .. }, Request::Apply { .. }] = &step.requests[..] else {
        panic!("{:?}", step.requests)
    };
    let mut entry = live["metadata"]["managedFields"][0].clone();
    entry["operation"] = json!("Apply");
    assert_eq!(
        *operations,
        json!([
            {"op": "replace", "path": "/metadata/managedFields", "value": [entry]},
            {"op": "replace", "path": "/metadata/resourceVersion", "value": "101"},
        ])
    );
}

#[test]
fn the_same_object_written_client_side_is_migrated_even_when_no_value_changes() {
    let live = managed(ours(&config_map("paint", "red")), "Update");
    let plan = red_and_blue(Some(live)).with_all("apply_method", "ssa").plan();
    let step = only(&plan, "paint");
    assert_eq!((step.action, step.requests.len()), (Action::Patch, 2));
    assert_eq!(step.changes, []);
}

#[test]
fn conflicts_are_forced_only_when_asked_for() {
    let live = managed(ours(&config_map("paint", "blue")), "Apply");
    let world = red_and_blue(Some(live)).with_all("apply_method", "ssa").asked(|options| options.conflicts = Conflicts::Force);
    let plan = world.plan();
    assert!(matches!(only(&plan, "paint").requests[..], [Request::Apply { conflicts: Conflicts::Force, .. }]));
}

#[test]
fn a_replacement_puts_the_whole_object_over_the_version_that_was_seen() {
    let plan = red_and_blue(Some(ours(&config_map("paint", "blue")))).asked(|o| o.writing = Writing::Replace).plan();
    let step = only(&plan, "paint");
    assert_eq!(step.action, Action::Replace);
    let [Request::Replace { object, .. }] = &step.requests[..] else { panic!("{:?}", step.requests) };
    assert_eq!(object.resource_version(), Some("101"));
    assert_eq!(object.as_value()["data"], json!({"color": "red"}));
    let changes: Vec<&str> = step.changes.iter().map(|change| change.path.as_str()).collect();
    assert_eq!(changes, ["data.color"], "what the server keeps for itself is not the rollback's to change");
}

#[test]
fn a_terminating_object_is_made_anew_and_in_compat_mode_patched() {
    let mut live = ours(&config_map("paint", "blue"));
    live["metadata"]["deletionTimestamp"] = json!("2026-01-02T00:00:00Z");
    let world = red_and_blue(Some(live));
    let plan = world.plan();
    let step = only(&plan, "paint");
    assert_eq!(step.action, Action::Recreate);
    assert!(matches!(step.requests[..], [Request::Create { .. }]));
    let compat = world.compat().plan();
    assert_eq!(compat.options.mode, Mode::Compat);
    assert_eq!(only(&compat, "paint").action, Action::Patch);
}

#[test]
fn of_an_object_that_stands_twice_the_last_one_is_applied() {
    let twice = [config_map("paint", "red"), config_map("other", "red"), config_map("paint", "pink")];
    let plan = World::default().revision("superseded", &twice).revision("deployed", &[]).plan();
    assert_eq!(body(&only(&plan, "paint").requests[0])["data"], json!({"color": "pink"}));
    let names: Vec<_> = plan.steps.iter().filter_map(|step| Some(step.location()?.name.clone())).collect();
    assert_eq!(names, ["other", "paint"]);
}

#[test]
fn objects_are_planned_in_the_order_of_the_manifest() {
    let objects = [of_kind("v1", "Namespace", "n"), config_map("z", "red"), config_map("a", "red")];
    let plan = World::default().revision("superseded", &objects).revision("deployed", &[]).plan();
    let names: Vec<_> = plan.steps.iter().filter_map(|step| Some(step.location()?.name.clone())).collect();
    assert_eq!(names, ["n", "z", "a"]);
}

#[test]
fn lists_are_merged_by_their_keys() {
    let deployment = |image: &str| {
        let mut deployment = of_kind("apps/v1", "Deployment", "web");
        deployment["spec"]["template"]["spec"]["containers"] = json!([{"name": "web", "image": image}]);
        deployment
    };
    let mut live = ours(&deployment("web:2"));
    live["spec"]["template"]["spec"]["containers"] =
        json!([{"name": "sidecar", "image": "proxy"}, {"name": "web", "image": "web:2"}]);
    let world = World::default()
        .revision("superseded", &[deployment("web:1")])
        .revision("deployed", &[deployment("web:2")])
        .live(live.clone());
    let survey = world.survey();
    let plan = world.plan();
    let step = only(&plan, "web");
    let Request::Patch { patch, .. } = &step.requests[0] else { panic!("{:?}", step.requests) };
    let gvk = place(&deployment("")).resource.gvk;
    let after = patch::apply(&survey.schemas, &gvk, &live, patch).unwrap();
    let containers = &after["spec"]["template"]["spec"]["containers"];
    assert!(containers.as_array().unwrap().contains(&json!({"name": "sidecar", "image": "proxy"})), "{containers}");
    assert!(containers.as_array().unwrap().contains(&json!({"name": "web", "image": "web:1"})), "{containers}");
}
