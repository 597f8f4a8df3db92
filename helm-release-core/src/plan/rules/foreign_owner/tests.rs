use super::*;
use serde_json::{Value, json};

use crate::plan::Acceptance;
use crate::plan::tests::world::{World, config_map, foreign, only, ours};

fn in_target(live: Value) -> World {
    World::default().revision("superseded", &[config_map("a", "red")]).revision("deployed", &[]).live(live)
}

#[test]
fn an_object_of_another_release_in_the_targets_place_blocks_unless_helm_is_to_be_imitated() {
    let world = in_target(foreign(&config_map("a", "blue"), "shop"));
    let finding = only(world.found_by(ForeignOwner));
    assert_eq!((finding.id.as_str(), finding.severity), ("foreign-owner", Severity::Block));
    assert_eq!(finding.what, "it belongs to release default/shop");
    assert_eq!(finding.ways_out[1], "let this release take it over: --accept 'foreign-owner=ConfigMap default/a'");
    assert!(finding.acceptable);
    assert_eq!(only(world.compat().found_by(ForeignOwner)).severity, Severity::Caution);
}

#[test]
fn an_object_that_is_right_but_another_releases_is_found_too() {
    let finding = only(in_target(foreign(&config_map("a", "red"), "shop")).found_by(ForeignOwner));
    assert_eq!(finding.severity, Severity::Block);
}

#[test]
fn an_object_of_nobody_is_foreign_when_no_revision_in_force_has_it() {
    let finding = only(in_target(config_map("a", "red")).found_by(ForeignOwner));
    assert!(finding.what.starts_with("it was not made by this release: label app.kubernetes.io/managed-by is missing"));
}

#[test]
fn an_object_that_lost_its_marks_is_ours_when_the_current_revision_has_it() {
    let world = World::default()
        .revision("superseded", &[config_map("a", "red")])
        .revision("deployed", &[config_map("a", "blue")])
        .live(config_map("a", "blue"));
    assert_eq!(world.found_by(ForeignOwner), []);
}

#[test]
fn another_releases_object_that_only_the_current_revision_has_is_kept_and_told() {
    let object = config_map("a", "blue");
    let world = World::default()
        .revision("superseded", &[])
        .revision("deployed", std::slice::from_ref(&object))
        .live(foreign(&object, "shop"));
    let finding = only(world.found_by(ForeignOwner));
    assert_eq!((finding.severity, finding.ways_out.len()), (Severity::Caution, 0));
}

#[test]
fn our_own_object_is_no_danger() {
    assert_eq!(in_target(ours(&config_map("a", "blue"))).found_by(ForeignOwner), []);
}

/// What is live with the mark of another tool.
fn marked(name: &str) -> Value {
    let mut object = ours(&config_map(name, "red"));
    object["metadata"]["labels"]["argocd.argoproj.io/instance"] = json!("shop");
    object
}

#[test]
fn an_object_of_another_tool_blocks_though_it_is_ours_too() {
    let mut differing = marked("a");
    differing["data"]["color"] = json!("blue");
    let finding = only(in_target(differing.clone()).found_by(ForeignOwner));
    assert_eq!(finding.severity, Severity::Block);
    assert_eq!(finding.what, "Argo CD keeps it by application shop");
    assert_eq!(only(in_target(differing).compat().found_by(ForeignOwner)).severity, Severity::Caution);
    assert_eq!(
        only(in_target(marked("a")).found_by(ForeignOwner)).severity,
        Severity::Caution,
        "what stays as it is is not taken"
    );
}

#[test]
fn an_object_of_another_tool_is_kept_and_deleted_only_when_it_is_named() {
    let world = || World::default().revision("superseded", &[]).revision("deployed", &[config_map("a", "red")]).live(marked("a"));
    let accepting = |text: &str| world().asked(|options| options.accept.push(Acceptance::parse(text)));
    let deletes = |world: World| world.plan().steps_of(Action::Delete).count() == 1;
    let finding = only(world().found_by(ForeignOwner));
    assert_eq!(finding.severity, Severity::Caution);
    assert_eq!(finding.ways_out, ["delete it all the same: --accept 'foreign-owner=ConfigMap default/a'"]);
    assert!(!deletes(world()) && !deletes(accepting("foreign-owner")), "an acceptance of everything deletes nothing of others");
    assert!(deletes(accepting("foreign-owner=ConfigMap default/a")));
    assert!(deletes(world().compat()), "as Helm does");
}

#[test]
fn objects_of_a_tool_that_keeps_the_whole_release_are_not_told_one_by_one() {
    let objects = ["a", "b"].map(|name| config_map(name, "blue"));
    let world =
        World::default().revision("superseded", &objects).revision("deployed", &objects).live(marked("a")).live(marked("b"));
    assert_eq!(world.found_by(ForeignOwner), []);
    assert_eq!(world.plan().findings.iter().filter(|finding| finding.id == FindingId::MANAGED_ELSEWHERE).count(), 1);
}
