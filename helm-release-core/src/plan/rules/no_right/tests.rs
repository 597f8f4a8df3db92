use super::*;
use crate::plan::tests::world::{World, config_map, of_kind, only};

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
