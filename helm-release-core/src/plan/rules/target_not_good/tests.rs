use super::*;
use crate::plan::Severity;
use crate::plan::tests::world::{World, only};

#[test]
fn a_target_that_never_worked_blocks_unless_helm_is_to_be_imitated() {
    for status in ["failed", "uninstalled", "pending-upgrade"] {
        let world = World::default().revision(status, &[]).revision("deployed", &[]).to(1);
        let finding = only(world.found_by(TargetNotGood));
        assert_eq!((finding.id.as_str(), finding.severity), ("target-not-good", Severity::Block));
        assert!(finding.what.ends_with(&format!("its status is {status}")), "{}", finding.what);
        assert!(finding.acceptable);
        assert_eq!(only(world.compat().found_by(TargetNotGood)).severity, Severity::Caution);
    }
}

#[test]
fn a_failure_that_is_called_superseded_is_seen_through() {
    let world = World::default()
        .revision("superseded", &[])
        .with_info("description", "Upgrade \"web\" failed: timed out")
        .revision("deployed", &[])
        .to(1);
    assert!(only(world.found_by(TargetNotGood)).what.contains("its description says that it failed"));
}

#[test]
fn a_target_that_was_deployed_is_good() {
    assert_eq!(World::default().revision("superseded", &[]).revision("deployed", &[]).found_by(TargetNotGood), []);
    assert_eq!(World::default().revision("superseded", &[]).revision("deployed", &[]).to(2).found_by(TargetNotGood), []);
}
