//! What becomes of objects that the target does not have.

use serde_json::{Value, json};

use super::world::{World, config_map, definition, foreign, managed, of_kind, ours};
use crate::plan::{Action, Plan};
use crate::ports::{Preconditions, Propagation, Request};

/// Revision 1 with nothing, revision 2, which is deployed, with one object, live as given.
fn surplus(object: &Value, live: Value) -> World {
    World::default().revision("superseded", &[]).revision("deployed", std::slice::from_ref(object)).live(live)
}

fn fates(plan: &Plan) -> Vec<(Action, String, &str)> {
    let steps = plan.steps.iter().filter(|step| step.location().is_some());
    steps.map(|step| (step.action, step.location().unwrap().name.clone(), step.reason.as_str())).collect()
}

fn delete_conditions(plan: &Plan) -> Vec<Preconditions> {
    let requests = plan.steps_of(Action::Delete).flat_map(|step| &step.requests);
    requests
        .map(|request| match request {
            Request::Delete { preconditions, propagation: Propagation::Background, .. } => preconditions.clone(),
            other => panic!("no delete in the background: {other:?}"),
        })
        .collect()
}

fn with_policy(policy: &str) -> Value {
    let mut live = ours(&config_map("paint", "blue"));
    live["metadata"]["annotations"]["helm.sh/resource-policy"] = json!(policy);
    live
}

#[test]
fn an_object_that_the_target_lacks_is_deleted_if_it_is_still_the_one_that_was_seen() {
    let world = surplus(&config_map("paint", "blue"), ours(&config_map("paint", "blue")));
    let plan = world.plan();
    assert_eq!(fates(&plan), [(Action::Delete, "paint".to_owned(), "the target does not have it")]);
    assert_eq!(delete_conditions(&plan), [Preconditions { uid: Some("uid-1".to_owned()), resource_version: None }]);
    assert_eq!(delete_conditions(&world.compat().plan()), [Preconditions::default()]);
}

#[test]
fn what_is_not_there_any_more_needs_no_step() {
    let world = World::default().revision("superseded", &[]).revision("deployed", &[config_map("paint", "blue")]);
    assert_eq!(fates(&world.plan()), []);
}

#[test]
fn the_policy_keep_of_the_live_object_is_kept_to() {
    let world = surplus(&config_map("paint", "blue"), with_policy("keep"));
    let kept = (Action::Keep, "paint".to_owned(), "its resource policy says keep");
    assert_eq!(fates(&world.plan()), std::slice::from_ref(&kept));
    assert_eq!(fates(&world.compat().plan()), [kept]);
}

#[test]
fn a_policy_that_only_means_keep_counts_unless_helm_is_to_be_imitated() {
    let world = surplus(&config_map("paint", "blue"), with_policy(" Keep "));
    assert_eq!(fates(&world.plan()), [(Action::Keep, "paint".to_owned(), "its resource policy means keep")]);
    assert_eq!(fates(&world.compat().plan())[0].0, Action::Delete);
}

#[test]
fn an_object_of_another_release_or_of_nobody_is_kept_unless_helm_is_to_be_imitated() {
    let object = config_map("paint", "blue");
    let other = surplus(&object, foreign(&object, "shop"));
    assert_eq!(fates(&other.plan()), [(Action::Keep, "paint".to_owned(), "it belongs to release default/shop")]);
    assert_eq!(fates(&other.compat().plan())[0].0, Action::Delete);
    let nobodys = surplus(&object, object.clone());
    let plan = nobodys.plan();
    let [(Action::Keep, _, reason)] = &fates(&plan)[..] else { panic!("{:?}", fates(&plan)) };
    assert!(reason.starts_with("it does not say that it belongs to this release: label"), "{reason}");
}

#[test]
fn an_object_that_is_going_already_is_not_told_again() {
    let mut live = ours(&config_map("paint", "blue"));
    live["metadata"]["deletionTimestamp"] = json!("2026-01-02T00:00:00Z");
    let world = surplus(&config_map("paint", "blue"), live);
    assert_eq!(fates(&world.plan())[0].2, "it is being deleted already");
    assert_eq!(fates(&world.compat().plan())[0].0, Action::Delete);
}

#[test]
fn a_definition_is_deleted_only_when_there_is_no_object_of_its_kind() {
    let things = definition("things.example.org");
    let world = surplus(&things, ours(&things));
    assert_eq!(fates(&world.plan())[0].0, Action::Delete);
    let used = world.instances(things, 3);
    let kept = "there are 3 objects of its kind, which would be deleted with it";
    assert_eq!(fates(&used.plan()), [(Action::Keep, "things.example.org".to_owned(), kept)]);
    assert_eq!(fates(&used.compat().plan())[0].0, Action::Delete);
}

#[test]
fn orphans_of_failed_upgrades_are_deleted_as_far_back_as_the_last_good_revision() {
    let [one, two, three, four] = ["one", "two", "three", "four"].map(|name| config_map(name, "red"));
    let world = World::default()
        .revision("superseded", &[config_map("base", "red"), one.clone()])
        .revision("deployed", &[config_map("base", "red"), two.clone()])
        .revision("failed", &[config_map("base", "red"), three.clone()])
        .revision("failed", &[config_map("base", "red"), four.clone()])
        .live(ours(&config_map("base", "red")))
        .live(ours(&one))
        .live(ours(&two))
        .live(ours(&three))
        .live(ours(&four));
    let deleted = |world: &World| {
        let plan = world.plan();
        let mut names: Vec<_> = plan.steps_of(Action::Delete).map(|step| step.location().unwrap().name.clone()).collect();
        names.sort();
        names
    };
    assert_eq!(deleted(&world.clone().to(1)), ["four", "three", "two"]);
    assert_eq!(deleted(&world.clone().to(2)), ["four", "three"]);
    // Helm knows the latest record alone, and leaves the rest behind for ever.
    assert_eq!(deleted(&world.to(1).compat()), ["four"]);
}

#[test]
fn an_object_that_only_changed_its_version_is_no_orphan() {
    let mut old = of_kind("policy/v1", "PodDisruptionBudget", "web");
    old["apiVersion"] = json!("policy/v1beta1");
    let current = of_kind("policy/v1", "PodDisruptionBudget", "web");
    let world =
        World::default().revision("superseded", std::slice::from_ref(&current)).revision("deployed", &[old]).live(ours(&current));
    assert_eq!(world.plan().steps_of(Action::Delete).count(), 0);
}

#[test]
fn deletions_come_after_everything_that_is_written_and_in_the_order_of_an_uninstall() {
    let gone = [of_kind("v1", "Namespace", "n"), config_map("c", "red"), of_kind("apps/v1", "Deployment", "d")];
    let world = gone.iter().fold(
        World::default().revision("superseded", &[config_map("new", "red")]).revision("deployed", &gone),
        |world, object| world.live(ours(object)),
    );
    let plan = world.plan();
    let order: Vec<_> = fates(&plan).into_iter().map(|(action, name, _)| (action, name)).collect();
    let expected = [(Action::Create, "new"), (Action::Delete, "d"), (Action::Delete, "c"), (Action::Delete, "n")];
    assert_eq!(order, expected.map(|(action, name)| (action, name.to_owned())));
}

#[test]
fn an_orphan_that_was_applied_by_the_server_is_an_orphan_too() {
    let object = config_map("paint", "blue");
    let world = surplus(&object, managed(ours(&object), "Apply")).with_all("apply_method", "ssa");
    assert_eq!(fates(&world.plan())[0].0, Action::Delete);
}
