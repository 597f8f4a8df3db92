use super::*;
use crate::plan::tests::world::{World, config_map, of_kind, only};

#[test]
fn an_object_that_stands_twice_or_more_is_found_once() {
    let objects = [config_map("a", "red"), config_map("a", "blue"), config_map("a", "green"), config_map("b", "red")];
    let world = World::default().revision("superseded", &objects).revision("deployed", &[]);
    for world in [world.clone(), world.compat()] {
        let finding = only(world.found_by(DuplicateObject));
        assert_eq!((finding.id.as_str(), finding.severity), ("duplicate-object", Severity::Caution));
        assert_eq!(finding.object.unwrap().to_string(), "ConfigMap default/a");
    }
}

#[test]
fn two_kinds_may_share_a_name_and_another_revision_does_not_matter() {
    let objects = [config_map("a", "red"), of_kind("v1", "Secret", "a")];
    let twice = [config_map("a", "red"), config_map("a", "blue")];
    let world = World::default().revision("superseded", &objects).revision("deployed", &twice);
    assert_eq!(world.found_by(DuplicateObject), []);
}
