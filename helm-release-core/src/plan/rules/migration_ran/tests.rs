use super::*;
use crate::plan::tests::world::{World, hook, only};

#[test]
fn a_hook_that_looks_like_a_migration_and_ran_since_is_worth_a_backup() {
    let world = World::default().revision("superseded", &[]).revision("deployed", &[]);
    let finding = only(world.with("hooks", vec![hook("db-migrate", &["pre-upgrade"], 0)]).found_by(MigrationRan));
    assert_eq!(
        (finding.id.as_str(), finding.severity, finding.leads_to),
        ("migration-ran", Severity::Caution, Verdict::BackUpFirst)
    );
    assert_eq!(finding.what, "Job db-migrate of revision 2 looks like a migration, and revision 1 has it not in this form");
}

#[test]
fn the_same_migration_and_other_hooks_are_not_named() {
    let migrate = || vec![hook("db-migrate", &["pre-upgrade"], 0)];
    let same = World::default().revision("superseded", &[]).with("hooks", migrate()).revision("deployed", &[]);
    assert_eq!(same.with("hooks", migrate()).found_by(MigrationRan), []);
    for other in [hook("warm-up", &["post-upgrade"], 0), hook("db-migrate", &["test"], 0)] {
        let world = World::default().revision("superseded", &[]).revision("deployed", &[]).with("hooks", vec![other]);
        assert_eq!(world.found_by(MigrationRan), []);
    }
}
