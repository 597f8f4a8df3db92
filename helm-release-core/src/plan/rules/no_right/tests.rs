use super::*;
use crate::plan::tests::world::{World, config_map, of_kind, only};
use crate::ports::Right;

#[test]
fn what_may_not_be_read_makes_a_rollback_impossible_and_names_the_right() {
    let set = of_kind("apps/v1", "StatefulSet", "db");
    let world = World::default().revision("superseded", std::slice::from_ref(&set)).revision("deployed", &[]).hidden(set);
    for world in [world.clone(), world.compat()] {
        let finding = only(world.found_by(NoRight));
        assert_eq!((finding.id.as_str(), finding.severity, finding.acceptable), ("no-right", Severity::Block, false));
        assert_eq!(finding.what, "it cannot be read: pods is forbidden");
        let right = "get the rights get, create, patch and delete on statefulsets.apps in namespace default";
        assert_eq!(finding.ways_out, [right]);
    }
}

#[test]
fn the_right_to_a_kind_of_the_whole_cluster_is_named_so() {
    let namespace = of_kind("v1", "Namespace", "n");
    let world = World::default().revision("superseded", std::slice::from_ref(&namespace)).revision("deployed", &[]);
    let finding = only(world.hidden(namespace).found_by(NoRight));
    assert_eq!(finding.ways_out, ["get the rights get, create, patch and delete on namespaces in the cluster"]);
}

#[test]
fn what_is_absent_or_seen_is_no_matter_of_rights() {
    let world = World::default().revision("superseded", &[config_map("a", "red"), config_map("b", "red")]);
    assert_eq!(world.revision("deployed", &[]).live(config_map("a", "red")).found_by(NoRight), []);
}

fn need(purpose: &str, weight: Severity, verb: &'static str) -> Need {
    let any_of = vec![Right::of(verb, "apps", "deployments", Some("default")).named("shop")];
    Need { purpose: purpose.to_owned(), any_of, weight }
}

#[test]
fn rights_that_the_plan_needs_and_the_server_denies_are_one_finding_a_kind() {
    let denied = [Permission::Denied("no role gives it".to_owned())];
    let world = World::default().revision("superseded", &[config_map("a", "red")]).revision("deployed", &[]);
    let world = world.need(need("patch Deployment default/shop", Severity::Block, "patch"), &denied);
    let world = world.need(need("make Deployment default/shop", Severity::Block, "create"), &denied);
    let world = world.need(need("see it", Severity::Note, "watch"), &[Permission::Allowed]);
    let finding = only(world.clone().found_by(NoRight));
    assert_eq!((finding.id.as_str(), finding.severity, finding.acceptable), ("no-right", Severity::Block, true));
    let what = "no right to patch, create deployments.apps in namespace default (no role gives it), needed to \
                patch Deployment default/shop, make Deployment default/shop";
    assert_eq!(finding.what, what);
    assert_eq!(only(world.compat().found_by(NoRight)).severity, Severity::Caution);
}

#[test]
fn what_the_server_does_not_tell_is_a_note() {
    let world = World::default().revision("superseded", &[config_map("a", "red")]).revision("deployed", &[]);
    let world = world.need(need("patch it", Severity::Block, "patch"), &[Permission::Unknown("no reviews here".to_owned())]);
    let finding = only(world.found_by(NoRight));
    assert_eq!(finding.severity, Severity::Note);
    assert_eq!(finding.what, "the server does not tell whether 1 of the rights that are needed are given");
}
