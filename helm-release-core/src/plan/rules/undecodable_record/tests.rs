use super::*;
use crate::plan::Severity;
use crate::plan::tests::world::{World, only};

fn history() -> World {
    World::default().revision("superseded", &[]).revision("deployed", &[]).revision("failed", &[]).to(1)
}

#[test]
fn an_unreadable_revision_that_may_have_left_objects_blocks_unless_helm_is_to_be_imitated() {
    let world = history().broken(3, "not base64");
    let finding = only(world.found_by(UndecodableRecord));
    assert_eq!((finding.id.as_str(), finding.severity), ("undecodable-record", Severity::Block));
    assert_eq!(finding.what, "the record of revision 3 cannot be decoded: not base64");
    assert!(finding.acceptable);
    assert_eq!(only(world.compat().found_by(UndecodableRecord)).severity, Severity::Caution);
}

#[test]
fn readable_records_and_older_unreadable_ones_are_no_danger() {
    assert_eq!(history().found_by(UndecodableRecord), []);
    let older = World::default().revision("superseded", &[]).revision("superseded", &[]).revision("deployed", &[]);
    assert_eq!(older.broken(1, "not base64").found_by(UndecodableRecord), []);
}
