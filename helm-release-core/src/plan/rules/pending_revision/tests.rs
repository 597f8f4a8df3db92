use super::*;
use crate::plan::Severity;
use crate::plan::tests::world::{World, only};

#[test]
fn an_operation_that_has_not_ended_blocks_unless_helm_is_to_be_imitated() {
    for status in ["pending-install", "pending-upgrade", "pending-rollback"] {
        let world = World::default().revision("superseded", &[]).revision("deployed", &[]).revision(status, &[]);
        let finding = only(world.found_by(PendingRevision));
        assert_eq!((finding.id.as_str(), finding.severity), ("pending-revision", Severity::Block));
        assert_eq!(finding.what, format!("revision 3 is {status} since 2026-01-03T00:00:00Z"));
        assert!(finding.acceptable);
        assert_eq!(only(world.compat().found_by(PendingRevision)).severity, Severity::Caution);
    }
}

#[test]
fn an_operation_that_ended_is_no_danger_whatever_older_ones_say() {
    let world = World::default().revision("superseded", &[]).revision("pending-upgrade", &[]);
    assert_eq!(world.clone().revision("deployed", &[]).found_by(PendingRevision), []);
    assert_eq!(world.revision("failed", &[]).found_by(PendingRevision), []);
}
