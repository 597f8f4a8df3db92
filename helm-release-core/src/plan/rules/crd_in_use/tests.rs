use super::*;
use crate::plan::tests::world::{World, definition, only, ours};

fn removed(count: usize) -> World {
    let things = definition("things.example.org");
    World::default()
        .revision("superseded", &[])
        .revision("deployed", std::slice::from_ref(&things))
        .live(ours(&things))
        .instances(things, count)
}

#[test]
fn a_used_definition_is_kept_and_that_is_said() {
    let finding = only(removed(2).found_by(CrdInUse));
    assert_eq!((finding.id.as_str(), finding.severity), ("crd-in-use", Severity::Caution));
    assert_eq!(finding.object.unwrap().to_string(), "CustomResourceDefinition things.example.org");
    assert_eq!(finding.what, "the target does not have it, and 2 objects of its kind exist: it is kept");
}

#[test]
fn where_helm_would_delete_it_with_its_objects_that_is_said_and_weighs_on_the_verdict() {
    let finding = only(removed(2).compat().found_by(CrdInUse));
    assert_eq!(finding.severity, Severity::Caution);
    assert_eq!(finding.what, "2 objects of its kind exist and are deleted with it");
    assert_eq!(finding.leads_to, Verdict::FixForward);
}

#[test]
fn a_definition_that_nothing_uses_is_no_danger() {
    assert_eq!(removed(0).found_by(CrdInUse), []);
}
