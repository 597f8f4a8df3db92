use super::*;
use crate::plan::tests::world::{World, config_map, only};

const BROKEN: &str = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a\n";

#[test]
fn a_target_that_cannot_be_read_is_impossible_in_every_mode() {
    let world = World::default().revision("superseded", &[]).with("manifest", BROKEN).revision("deployed", &[]);
    for world in [world.clone(), world.compat()] {
        let finding = only(world.found_by(InvalidManifest));
        assert_eq!((finding.id.as_str(), finding.severity), ("invalid-manifest", Severity::Block));
        assert!(!finding.acceptable);
        assert!(finding.what.starts_with("the manifest of revision 1 cannot be read: "), "{}", finding.what);
    }
}

#[test]
fn what_an_unreadable_revision_may_have_left_can_be_accepted() {
    let world = World::default()
        .revision("superseded", &[config_map("a", "red")])
        .revision("deployed", &[config_map("a", "red")])
        .revision("failed", &[])
        .with("manifest", BROKEN)
        .to(1);
    let finding = only(world.found_by(InvalidManifest));
    assert_eq!((finding.severity, finding.acceptable), (Severity::Block, true));
    assert!(finding.what.starts_with("the manifest of revision 3 "), "{}", finding.what);
    assert_eq!(only(world.compat().found_by(InvalidManifest)).severity, Severity::Caution);
}

#[test]
fn an_object_without_a_name_has_no_place() {
    let nameless = "apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: a-}\n";
    let world = World::default().revision("superseded", &[]).with("manifest", nameless).revision("deployed", &[]);
    assert!(only(world.found_by(InvalidManifest)).what.ends_with("the ConfigMap in line 1 has no name"));
}

#[test]
fn readable_manifests_are_no_danger_and_older_ones_do_not_matter() {
    let world = World::default()
        .revision("superseded", &[])
        .with("manifest", BROKEN)
        .revision("superseded", &[config_map("a", "red")])
        .revision("deployed", &[config_map("a", "blue")]);
    assert_eq!(world.found_by(InvalidManifest), []);
}
