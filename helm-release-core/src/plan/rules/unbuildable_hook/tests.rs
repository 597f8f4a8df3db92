use super::*;
use serde_json::{Value, json};

use crate::plan::Hooks;
use crate::plan::tests::world::{World, hook, of_kind, only};

fn with_manifest(manifest: &str) -> World {
    let mut hook = hook("h", &["pre-rollback"], 0);
    hook["manifest"] = json!(manifest);
    World::default().revision("superseded", &[]).with("hooks", vec![hook]).revision("deployed", &[])
}

fn with_object(object: &Value) -> World {
    with_manifest(&object.to_string())
}

#[test]
fn each_reason_is_found_before_the_hooks_moment_comes_in_every_mode() {
    let mut numeric = of_kind("batch/v1", "Job", "h");
    numeric["metadata"]["labels"] = json!({"version": 2});
    let worlds = [
        (with_object(&numeric), "metadata.labels"),
        (with_object(&of_kind("example.org/v1", "Thing", "h")), "the server does not know example.org/v1 Thing"),
        (with_object(&json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"generateName": "h-"}})), "has no name"),
        (with_manifest("kind: [broken"), "line 1"),
        (with_manifest(""), "it holds no object"),
    ];
    for (world, problem) in worlds {
        for world in [world.clone(), world.compat()] {
            let finding = only(world.found_by(UnbuildableHook));
            assert_eq!((finding.id.as_str(), finding.severity), ("unbuildable-hook", Severity::Block));
            assert!(finding.what.starts_with("pre-rollback hook Job h (web/templates/h.yaml) cannot be built: "), "{finding:?}");
            assert!(finding.what.contains(problem), "{finding:?}");
            assert!(!finding.acceptable);
        }
    }
}

#[test]
fn a_hook_that_does_not_run_does_no_harm() {
    let skipped = with_manifest("kind: [broken").asked(|options| options.hooks = Hooks::Skip);
    assert_eq!(skipped.found_by(UnbuildableHook), []);
    let mut other = hook("h", &["pre-upgrade"], 0);
    other["manifest"] = json!("kind: [broken");
    let world = World::default().revision("superseded", &[]).with("hooks", vec![other]).revision("deployed", &[]);
    assert_eq!(world.found_by(UnbuildableHook), []);
}

#[test]
fn a_hook_that_can_be_built_is_no_danger() {
    assert_eq!(with_object(&of_kind("batch/v1", "Job", "h")).found_by(UnbuildableHook), []);
}
