use super::*;
use serde_json::Value;

use crate::plan::tests::world::{World, config_map, only, ours};

fn twins() -> World {
    let object = config_map("a", "red");
    World::default()
        .revision("superseded", std::slice::from_ref(&object))
        .revision("deployed", std::slice::from_ref(&object))
        .with_all("chart", Value::Null)
        .with_all("config", Value::Null)
        .live(ours(&object))
}

#[test]
fn a_target_that_runs_already_is_noted() {
    let finding = only(twins().found_by(NothingToChange));
    assert_eq!((finding.id.as_str(), finding.severity), ("nothing-to-change", Severity::Note));
    assert_eq!(finding.what, "revision 1 is what runs already");
    assert_eq!(finding.leads_to, Verdict::NothingToDo);
}

#[test]
fn helm_would_write_a_revision_so_there_is_something_to_do() {
    assert_eq!(twins().compat().found_by(NothingToChange), []);
}

#[test]
fn a_difference_is_something_to_do() {
    let world = World::default().revision("superseded", &[config_map("a", "red")]).revision("deployed", &[]);
    assert_eq!(world.found_by(NothingToChange), []);
}
