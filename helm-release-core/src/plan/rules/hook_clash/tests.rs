use serde_json::json;

use super::*;
use crate::plan::Severity;
use crate::plan::tests::world::{World, foreign, hook, of_kind, only, place};

fn world() -> World {
    let world = World::default().revision("superseded", &[]);
    world.with("hooks", vec![hook("migrate", &["pre-rollback"], 0)]).revision("deployed", &[])
}

#[test]
fn a_hook_that_would_delete_somebody_elses_object_blocks() {
    let job = of_kind("batch/v1", "Job", "migrate");
    for (live, whose) in
        [(job.clone(), "an object that no hook has made"), (foreign(&job, "other"), "an object of release default/other")]
    {
        let finding = only(world().hook_place(&live).found_by(HookClash));
        assert_eq!((finding.id.as_str(), finding.severity), ("hook-clash", Severity::Block));
        let what =
            format!("the pre-rollback hook Job default/migrate has the name of {whose}, and its delete policy deletes that");
        assert_eq!((finding.what, finding.leads_to), (what, Verdict::BackUpFirst));
    }
    assert_eq!(place(&job).name, "migrate");
}

#[test]
fn a_hook_with_the_name_of_an_object_of_the_release_blocks() {
    let job = of_kind("batch/v1", "Job", "migrate");
    let world = World::default().revision("superseded", std::slice::from_ref(&job));
    let world = world.with("hooks", vec![hook("migrate", &["pre-rollback"], 0)]).revision("deployed", &[]);
    assert!(only(world.found_by(HookClash)).what.contains("an object of the release itself"));
}

#[test]
fn the_object_of_an_earlier_run_and_an_empty_place_are_no_clash() {
    let mut earlier = of_kind("batch/v1", "Job", "migrate");
    earlier["metadata"]["annotations"] = json!({"helm.sh/hook": "pre-rollback"});
    assert_eq!(world().hook_place(&earlier).found_by(HookClash), []);
    assert_eq!(world().found_by(HookClash), []);
}
