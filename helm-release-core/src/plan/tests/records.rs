//! What a plan does with records, and when there is nothing to do.

use serde_json::Value;

use super::world::{World, config_map, hook, managed, ours, revision};
use crate::plan::{Action, Plan, Subject, Verdict};
use crate::release::{HelmTime, Status};

fn records(plan: &Plan, action: Action) -> Vec<u32> {
    let revision = |subject: &Subject| match subject {
        Subject::Record(revision) => revision.get(),
        other => panic!("no record: {other:?}"),
    };
    plan.steps_of(action).map(|step| revision(&step.subject)).collect()
}

/// That many revisions, the last deployed; each colours the one object differently.
fn history(revisions: u32) -> World {
    let world = (1..=revisions).fold(World::default(), |world, number| {
        let status = if number == revisions { "deployed" } else { "superseded" };
        world.revision(status, &[config_map("paint", &format!("color-{number}"))])
    });
    world.live(ours(&config_map("paint", &format!("color-{revisions}"))))
}

#[test]
fn the_record_is_written_first_and_every_deployed_one_is_superseded_last() {
    let world = World::default()
        .revision("deployed", &[config_map("paint", "red")])
        .revision("deployed", &[config_map("paint", "blue")])
        .revision("failed", &[config_map("paint", "green")])
        .to(1);
    let plan = world.plan();
    assert_eq!(plan.new_revision, revision(4));
    assert_eq!(plan.steps[0].action, Action::CreateRecord);
    assert_eq!(records(&plan, Action::CreateRecord), [4]);
    assert_eq!(records(&plan, Action::FinishRecord), [4]);
    assert_eq!(records(&plan, Action::Supersede), [1, 2]);
    let deployed: Vec<_> = plan.deployed.iter().map(|head| head.key.revision.get()).collect();
    assert_eq!(deployed, [1, 2]);
}

#[test]
fn the_new_record_is_the_targets_with_its_own_number_time_and_text() {
    let plan = history(3).to(1).plan();
    let began: HelmTime = serde_json::from_str("\"2026-02-03T04:05:06Z\"").unwrap();
    let record = plan.new_record(&began).unwrap();
    let json: Value = serde_json::from_str(&record.to_json()).unwrap();
    insta::assert_json_snapshot!(json, @r#"
    {
      "apply_method": "csa",
      "chart": {
        "metadata": {
          "appVersion": "1.1",
          "name": "web",
          "version": "1.0.0"
        }
      },
      "config": {
        "revision": 1
      },
      "hooks": [],
      "info": {
        "description": "Rollback to 1",
        "first_deployed": "2026-01-01T00:00:00Z",
        "last_deployed": "2026-02-03T04:05:06Z",
        "notes": "",
        "rollback_revision": 1,
        "status": "pending-rollback"
      },
      "manifest": "---\n{\"apiVersion\":\"v1\",\"data\":{\"color\":\"color-1\"},\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"paint\"}}\n",
      "name": "web",
      "namespace": "default",
      "version": 4
    }
    "#);
}

#[test]
fn a_description_of_the_users_own_takes_the_place_of_helms() {
    let world = history(2);
    assert_eq!(world.plan().description(), "Rollback to 1");
    let described = |text: &str| {
        let text = text.to_owned();
        world.clone().asked(|options| options.description = Some(text)).plan().description()
    };
    assert_eq!(described("because"), "because");
    assert_eq!(described(""), "Rollback to 1");
}

#[test]
fn pruning_comes_last_and_spares_the_deployed_and_the_target() {
    let world = history(5).asked(|options| (options.history_max, options.keep_good) = (3, 1));
    let plan = world.clone().to(1).plan();
    // Five and the new one; three may stay, and the target is spared.
    assert_eq!(records(&plan, Action::PruneRecord), [2, 3, 4]);
    assert_eq!(plan.steps.last().unwrap().action, Action::PruneRecord);
    assert_eq!(records(&world.plan(), Action::PruneRecord), [1, 2, 3]);
    // Nor do the good ones go, of which somebody may want one.
    let plan = history(5).asked(|options| options.history_max = 3).to(1).plan();
    assert_eq!(records(&plan, Action::PruneRecord), [2]);
}

#[test]
fn helm_prunes_first_and_spares_the_deployed_alone() {
    let plan = history(5).asked(|options| options.history_max = 3).to(1).compat().plan();
    assert_eq!(records(&plan, Action::PruneRecord), [1, 2, 3]);
    assert_eq!(plan.steps[0].action, Action::PruneRecord);
    assert_eq!(plan.steps[3].action, Action::CreateRecord);
}

#[test]
fn no_limit_and_a_limit_that_is_not_reached_prune_nothing() {
    let pruned = |limit| {
        records(&history(5).asked(|options| (options.history_max, options.keep_good) = (limit, 1)).plan(), Action::PruneRecord)
    };
    assert_eq!(pruned(0), [] as [u32; 0]);
    assert_eq!(pruned(6), [] as [u32; 0]);
    assert_eq!(pruned(5), [1]);
}

/// Two revisions with the same chart, values, notes and manifest.
fn twins() -> World {
    let object = config_map("paint", "red");
    let world = World::default()
        .revision("superseded", std::slice::from_ref(&object))
        .revision("deployed", std::slice::from_ref(&object));
    world.with_all("chart", Value::Null).with_all("config", Value::Null).live(ours(&object))
}

#[test]
fn a_target_that_runs_already_makes_an_idle_plan() {
    let plan = twins().with("hooks", vec![hook("h", &["pre-rollback"], 0)]).plan();
    assert!(plan.is_idle());
    assert_eq!(plan.verdict, Verdict::NothingToDo);
    assert!(plan.steps.iter().all(|step| step.action == Action::Unchanged), "{:?}", plan.steps);
    assert_eq!(plan.findings.iter().map(|finding| finding.id.as_str()).collect::<Vec<_>>(), ["nothing-to-change"]);
}

#[test]
fn helm_writes_a_new_revision_all_the_same() {
    let plan = twins().compat().plan();
    assert!(!plan.is_idle());
    assert_eq!(records(&plan, Action::CreateRecord), [3]);
}

#[test]
fn anything_that_the_record_would_say_differently_is_something_to_do() {
    assert!(!twins().with("config", serde_json::json!({"a": 1})).plan().is_idle());
    assert!(!twins().with("chart", serde_json::json!({"values": {"a": 1}})).plan().is_idle());
    assert!(!twins().with_info("notes", "other").plan().is_idle());
    let world = twins().with("apply_method", "ssa").asked(|options| options.server_side = crate::plan::ServerSide::No);
    assert!(!world.plan().is_idle());
    let failed = twins().revision("failed", &[config_map("paint", "red")]).with("chart", Value::Null).with("config", Value::Null);
    assert!(!failed.plan().is_idle(), "the latest revision failed, its record would say deployed");
}

#[test]
fn drift_alone_is_something_to_do() {
    let object = config_map("paint", "red");
    let world = World::default().revision("superseded", std::slice::from_ref(&object)).revision("deployed", &[object]);
    let world = world.with_all("chart", Value::Null).with_all("config", Value::Null).live(ours(&config_map("paint", "green")));
    assert!(!world.plan().is_idle());
}

#[test]
fn an_object_owned_client_side_under_a_server_side_record_is_something_to_do() {
    let object = config_map("paint", "red");
    let world = World::default()
        .revision("superseded", std::slice::from_ref(&object))
        .revision("deployed", std::slice::from_ref(&object));
    let world = world.with_all("chart", Value::Null).with_all("config", Value::Null).with_all("apply_method", "ssa");
    assert!(world.clone().live(managed(ours(&object), "Apply")).plan().is_idle());
    assert!(!world.live(managed(ours(&object), "Update")).plan().is_idle());
}

#[test]
fn the_default_target_passes_over_what_never_worked() {
    let world =
        World::default().revision("superseded", &[]).revision("failed", &[]).revision("deployed", &[]).revision("failed", &[]);
    let plan = world.plan();
    assert_eq!(plan.target.revision(), revision(3));
    assert_eq!(plan.current.revision(), revision(4));
    assert_eq!(plan.target.info.status, Status::Deployed);
}
