use super::*;
use crate::plan::tests::world::{World, of_kind, only};

#[test]
fn a_target_with_a_kind_that_is_not_served_is_impossible_in_every_mode() {
    let thing = of_kind("example.org/v1", "Thing", "t");
    let world = World::default().revision("superseded", &[thing]).revision("deployed", &[]);
    for world in [world.clone(), world.compat()] {
        let finding = only(world.found_by(UnknownKind));
        assert_eq!((finding.id.as_str(), finding.severity), ("unknown-kind", Severity::Block));
        assert_eq!(finding.what, "the server does not know example.org/v1 Thing, which revision 1 has as \"t\"");
        assert_eq!(finding.ways_out, ["install the definition of that kind, when one is missing"]);
        assert_eq!((finding.acceptable, finding.leads_to), (false, Verdict::FixForward));
    }
}

#[test]
fn the_version_that_is_served_instead_is_the_first_way_out() {
    let old = of_kind("policy/v1beta1", "PodDisruptionBudget", "web");
    let finding = only(World::default().revision("superseded", &[old]).revision("deployed", &[]).found_by(UnknownKind));
    assert_eq!(finding.ways_out[0], "the server serves policy/v1: repair the chart and upgrade");
}

#[test]
fn in_a_revision_that_is_left_it_is_a_caution() {
    let thing = of_kind("example.org/v1", "Thing", "t");
    let finding = only(World::default().revision("superseded", &[]).revision("deployed", &[thing]).found_by(UnknownKind));
    assert_eq!((finding.severity, finding.leads_to), (Severity::Caution, Verdict::RollBack));
    assert!(finding.what.ends_with("which revision 2 has as \"t\""));
}

#[test]
fn kinds_that_are_served_are_no_danger() {
    let pod = of_kind("v1", "Pod", "p");
    let world = World::default().revision("superseded", std::slice::from_ref(&pod)).revision("deployed", &[pod]);
    assert_eq!(world.found_by(UnknownKind), []);
}
