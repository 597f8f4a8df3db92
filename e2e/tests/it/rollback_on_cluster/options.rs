//! Options of `rollback` on a real cluster.

use e2e::{Namespace, World};
use serde_json::{Value, json};

use crate::release::{
    color, config_map, deploy, description, helm_goes_on, history, ours, statuses, upgrade, web, without_a_way_back,
    without_a_write,
};

pub(crate) const TESTS: &[crate::Test] = crate::tests![
    the_history_is_kept_as_short_as_told,
    the_history_is_as_short_as_the_environment_says,
    what_a_failed_rollback_made_is_cleaned_up_when_told_so,
    the_description_is_recorded,
    a_description_that_is_too_long_is_refused,
    the_result_is_told_as_data,
    a_dry_run_shows_the_plan_and_changes_nothing,
    the_exit_code_of_a_dry_run_tells_whether_something_would_change,
    force_replace_replaces_and_the_release_goes_on,
];

fn release<'a>(world: &'a World, prefix: &str, major: u8) -> Namespace<'a> {
    let ns = world.namespace(prefix);
    deploy(&ns, major, &[web("blue"), web("red"), web("green")]);
    ns
}

fn revisions(ns: &Namespace<'_>, major: u8) -> Vec<u64> {
    history(ns, major).iter().filter_map(|row| row["revision"].as_u64()).collect()
}

fn the_history_is_kept_as_short_as_told(world: &World) {
    let ns = release(world, "max", 3);
    let _ = ours(&ns, &["2", "--history-max", "3", "--keep-good", "1"]).ok();
    assert_eq!(revisions(&ns, 3), [2, 3, 4]);
    // The revision that was returned to is not pruned away.
    let _ = ours(&ns, &["2", "--history-max", "1", "--keep-good", "1"]).ok();
    assert_eq!(color(&ns), "red");
    let left = revisions(&ns, 3);
    assert!(left.contains(&4), "{left:?}");
    helm_goes_on(&ns, 3);
}

fn the_history_is_as_short_as_the_environment_says(world: &World) {
    let ns = release(world, "max", 4);
    let _ = ours(&ns, &["2", "--keep-good", "1"]).env("HELM_MAX_HISTORY", "2").ok();
    // Neither the revision that was returned to goes, nor the one that ran before.
    assert_eq!(revisions(&ns, 4), [2, 3, 4]);
    // Three good ones stay unless something else is said.
    let _ = ours(&ns, &["3"]).env("HELM_MAX_HISTORY", "2").ok();
    assert_eq!(revisions(&ns, 4), [2, 3, 4, 5]);
}

fn what_a_failed_rollback_made_is_cleaned_up_when_told_so(world: &World) {
    for (flag, stays, address) in [(None, true, "10.0.0.91"), (Some("--cleanup-on-fail"), false, "10.0.0.92")] {
        let ns = world.namespace("cleanup");
        without_a_way_back(&ns, 3, &web("blue").template("old.yaml", &config_map("old", "blue")), address);
        let _ = ours(&ns, &["1", "--on-failure=stop"]).args(flag).fails(7);
        assert_eq!(ns.get("v1/configmaps", "old").is_some(), stays);
        assert_eq!(statuses(&ns, 3), ["superseded", "deployed", "failed"]);
    }
}

fn the_description_is_recorded(world: &World) {
    let ns = release(world, "why", 4);
    let _ = ours(&ns, &["1", "--description", "the blue one was better"]).ok();
    assert_eq!(description(&ns, 4), "the blue one was better");
}

fn a_description_that_is_too_long_is_refused(world: &World) {
    let ns = release(world, "why", 4);
    let said = without_a_write(&ns, || ours(&ns, &["1", "--description", &"x".repeat(257)]).fails(2));
    assert_eq!(said.stderr, "Error: description must be 256 characters or less, got 257\n");
}

fn the_result_is_told_as_data(world: &World) {
    let ns = release(world, "data", 4);
    let said = ours(&ns, &["1", "-o", "json"]).ok();
    let expected = json!({"release": "web", "namespace": ns.name(), "outcome": "rolled-back", "from": 3, "to": 1, "revision": 4});
    assert_eq!(serde_json::from_str::<Value>(&said).ok(), Some(expected));
    let said = ours(&ns, &["2", "-o", "yaml"]).ok();
    assert!(said.contains("outcome: rolled-back\n") && said.contains("revision: 5\n"), "{said}");
}

fn a_dry_run_shows_the_plan_and_changes_nothing(world: &World) {
    let ns = release(world, "dry", 4);
    let said = without_a_write(&ns, || ours(&ns, &["1", "--dry-run"]).ok());
    assert!(said.contains("from revision 3 (web-1.0.0, app 1.0) to revision 1 (web-1.0.0, app 1.0)\n"), "{said}");
    assert!(said.contains("1 to change; becomes revision 4, by server-side apply\n"), "{said}");
    assert!(said.contains("data.color"), "{said}");
    let said = without_a_write(&ns, || ours(&ns, &["1", "--dry-run", "-o", "json"]).ok());
    let plan: Value = serde_json::from_str(&said).expect("the plan is JSON");
    assert!(plan["steps"].as_array().is_some_and(|steps| steps.len() > 2), "{plan}");
    assert_eq!(color(&ns), "green");
}

fn the_exit_code_of_a_dry_run_tells_whether_something_would_change(world: &World) {
    let ns = release(world, "exit", 4);
    let _ = ours(&ns, &["1", "--dry-run", "--detailed-exitcode"]).fails(10);
    let _ = ours(&ns, &["3", "--dry-run", "--detailed-exitcode"]).fails(0);
    let _ = ours(&ns, &["1", "--dry-run"]).fails(0);
}

fn force_replace_replaces_and_the_release_goes_on(world: &World) {
    for (major, flags) in [(3, [].as_slice()), (4, &["--server-side=false"])] {
        let ns = world.namespace("force");
        for color in ["blue", "red"] {
            let _ = upgrade(&ns, major, &web(color)).args(flags).ok();
        }
        let _ = ns.patch("v1/configmaps", "web", &json!({"data": {"added": "goes"}}));
        let mark = ns.mark();
        let _ = ours(&ns, &["1", "--force-replace"]).ok();
        let verbs: Vec<_> =
            ns.requests_since(mark).into_iter().filter(|r| r.is_write() && r.resource == "configmaps").map(|r| r.verb).collect();
        assert_eq!(verbs, ["update"]);
        assert_eq!(ns.live("v1/configmaps", "web")["data"], json!({"color": "blue"}));
        helm_goes_on(&ns, major);
    }
}
