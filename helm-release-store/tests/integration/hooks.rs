//! Hooks around a rollback, on the cluster in memory.

use std::time::Duration;

use helm_release_core::plan::{Hooks, OnFailure, RollbackOptions};
use helm_release_core::ports::{DryRun, Preconditions, Propagation, Request};
use helm_release_core::run::{Event, FailedPhase, Left};
use helm_release_store::Cluster as _;
use helm_release_store::cluster::RecordingCluster;
use serde_json::{Value, json};

use super::stage::{Stage, config_map, job_hook, statuses};

async fn with_hooks(stage: Stage, hooks: &[Value]) -> Stage {
    stage.two(&[config_map("paint", "red")], hooks, &[config_map("paint", "blue")]).await
}

fn with_policies(mut hook: Value, policies: &[&str]) -> Value {
    hook["delete_policies"] = json!(policies);
    hook
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(name, phase)| ((*name).to_owned(), (*phase).to_owned())).collect()
}

#[tokio::test(start_paused = true)]
async fn hooks_run_one_after_another_around_the_objects_and_leave_their_times() {
    let hooks = [
        job_hook("late", &["pre-rollback"], 9, "", "3s"),
        job_hook("early", &["pre-rollback"], -1, "", "2s"),
        job_hook("after", &["post-rollback"], 0, "", "1s"),
        job_hook("other", &["pre-upgrade"], 0, "", "1s"),
    ];
    for stage in [Stage::new, Stage::server_side, Stage::of_helm_3] {
        let stage = with_hooks(stage(), &hooks).await;
        let plan = stage.plan(&RollbackOptions::default()).await;
        let cluster = RecordingCluster::new(stage.cluster.clone());
        stage.run_on(stage.storage.as_ref(), &cluster, &plan).await.unwrap();
        let written: Vec<_> = cluster.requests().iter().map(|request| request.at().name.clone()).collect();
        assert_eq!(written, ["early", "late", "paint", "after"]);
        let phases = [("late", "Succeeded"), ("early", "Succeeded"), ("after", "Succeeded"), ("other", "")];
        assert_eq!(stage.phases(3).await, pairs(&phases));
        let record = stage.json(3).await;
        let time = |hook: usize, which: &str| record["hooks"][hook]["last_run"][which].as_str().unwrap().to_owned();
        assert_eq!(time(1, "started_at"), "2026-05-01T12:00:00Z");
        assert!(time(1, "completed_at").as_str() >= "2026-05-01T12:00:02");
        assert!(time(0, "started_at") >= time(1, "completed_at"));
        assert!(time(2, "started_at") >= time(0, "completed_at"));
        // The hooks of the revision that was left never ran.
        assert_eq!(stage.phases(1).await[0].1, "");
    }
}

#[tokio::test(start_paused = true)]
async fn an_earlier_runs_object_goes_before_the_hook_runs_again() {
    let hook = job_hook("migrate", &["pre-rollback"], 0, "", "1s");
    let stage = with_hooks(Stage::new(), std::slice::from_ref(&hook)).await;
    let old: Value = serde_json::from_str(hook["manifest"].as_str().unwrap()).unwrap();
    let old = stage.cluster.insert(&helm_release_core::Object::new(old).unwrap(), "default", "helm").unwrap();
    stage.roll_back().await.unwrap();
    let new = stage.find("batch/v1", "Job", "migrate").await.unwrap();
    assert_ne!(new.uid(), old.uid());
}

#[tokio::test(start_paused = true)]
async fn an_object_that_nobody_removes_is_not_taken_for_this_runs() {
    let hook = with_policies(job_hook("migrate", &["pre-rollback"], 0, "", "1s"), &["hook-succeeded"]);
    for stage in [Stage::new(), Stage::server_side()] {
        let stage = with_hooks(stage, std::slice::from_ref(&hook)).await;
        let old: Value = serde_json::from_str(hook["manifest"].as_str().unwrap()).unwrap();
        stage.cluster.insert(&helm_release_core::Object::new(old).unwrap(), "default", "helm").unwrap();
        let failure = stage.roll_back().await.unwrap_err();
        assert_eq!(failure.phase, FailedPhase::PreHooks);
        assert!(failure.to_string().contains("already exists"), "{failure}");
        assert_eq!(stage.color("paint").await.as_deref(), Some("blue"));
        assert!(stage.find("batch/v1", "Job", "migrate").await.is_some(), "what this run did not make stays");
    }
}

#[tokio::test(start_paused = true)]
async fn delete_policies_decide_what_is_left_of_hooks_that_succeed() {
    let pre = |name: &str| job_hook(name, &["pre-rollback"], 0, "", "1s");
    let hooks = [
        with_policies(pre("gone"), &["hook-succeeded"]),
        with_policies(pre("stays"), &["hook-failed"]),
        with_policies(pre("default"), &[]),
    ];
    let stage = with_hooks(Stage::new(), &hooks).await;
    stage.roll_back().await.unwrap();
    assert!(stage.find("batch/v1", "Job", "gone").await.is_none());
    assert!(stage.find("batch/v1", "Job", "stays").await.is_some());
    assert!(stage.find("batch/v1", "Job", "default").await.is_some());
    // Helm stores the default policy that it goes by.
    assert_eq!(stage.json(3).await["hooks"][2]["delete_policies"], json!(["before-hook-creation"]));
}

#[tokio::test(start_paused = true)]
async fn a_hook_that_fails_stops_the_rollback_before_any_object_is_touched() {
    let hooks = [
        with_policies(job_hook("a-ok", &["pre-rollback"], 0, "", "1s"), &["hook-succeeded"]),
        with_policies(job_hook("b-bad", &["pre-rollback"], 0, "fail", "1s"), &["hook-failed"]),
        job_hook("c-never", &["pre-rollback"], 0, "", "1s"),
        job_hook("d-after", &["post-rollback"], 0, "", "1s"),
    ];
    for stage in [Stage::new(), Stage::server_side(), Stage::of_helm_3()] {
        let stage = with_hooks(stage, &hooks).await;
        let failure = stage.roll_back().await.unwrap_err();
        assert_eq!(failure.phase, FailedPhase::PreHooks);
        assert!(failure.unrecorded.is_none());
        assert_eq!(stage.statuses().await, statuses(&[(1, "superseded"), (2, "deployed"), (3, "failed")]));
        let description = stage.description(3).await;
        assert_eq!(description, format!("Rollback \"web\" failed: {failure}; every object was brought back"));
        assert!(description.contains("pre-rollback hook Job b-bad failed: "), "{description}");
        let phases = [("a-ok", "Succeeded"), ("b-bad", "Failed"), ("c-never", ""), ("d-after", "")];
        assert_eq!(stage.phases(3).await, pairs(&phases));
        assert_eq!(stage.color("paint").await.as_deref(), Some("blue"));
        assert!(stage.find("batch/v1", "Job", "a-ok").await.is_none());
        assert!(stage.find("batch/v1", "Job", "b-bad").await.is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn a_failing_last_hook_leaves_the_objects_at_the_target_when_asked_to_and_says_so() {
    let stage = with_hooks(Stage::new(), &[job_hook("after", &["post-rollback"], 0, "fail", "1s")]).await;
    let plan = stage.plan(&RollbackOptions::default().with_on_failure(OnFailure::Stop)).await;
    let failure = stage.run(&plan).await.unwrap_err();
    assert_eq!(failure.left, Left::Between);
    assert_eq!(failure.phase, FailedPhase::PostHooks);
    assert_eq!(stage.color("paint").await.as_deref(), Some("red"));
    assert_eq!(stage.statuses().await, statuses(&[(1, "superseded"), (2, "deployed"), (3, "failed")]));
    assert!(stage.find("batch/v1", "Job", "after").await.is_some(), "its policy does not remove it");
}

#[tokio::test(start_paused = true)]
async fn a_hook_that_does_not_end_fails_when_its_time_is_over() {
    let stage = with_hooks(Stage::new(), &[job_hook("slow", &["pre-rollback"], 0, "", "60s")]).await;
    let began = tokio::time::Instant::now();
    let plan = stage.plan(&RollbackOptions::default().with_timeout(Duration::from_secs(20))).await;
    let failure = stage.run(&plan).await.unwrap_err();
    assert!(failure.to_string().contains("not finished after 20 s"), "{failure}");
    assert_eq!(began.elapsed().as_secs(), 20);
    assert_eq!(stage.statuses().await[2].1, "failed");
}

#[tokio::test(start_paused = true)]
async fn a_hook_that_is_deleted_while_it_runs_has_failed() {
    for stage in [Stage::new(), Stage::server_side(), Stage::of_helm_3()] {
        let stage = with_hooks(stage, &[job_hook("slow", &["pre-rollback"], 0, "", "60s")]).await;
        let plan = stage.plan(&RollbackOptions::default()).await;
        let at = stage.place("batch/v1", "Job", "slow").await;
        let meddle = async {
            tokio::time::sleep(Duration::from_secs(5)).await;
            let (propagation, preconditions) = (Propagation::Background, Preconditions::default());
            stage.cluster.write(&Request::Delete { at, propagation, preconditions }, DryRun::No).await.unwrap();
        };
        let (result, ()) = futures::join!(stage.run(&plan), meddle);
        let failure = result.unwrap_err();
        assert!(failure.to_string().ends_with("it was deleted while it ran"), "{failure}");
        assert_eq!(stage.color("paint").await.as_deref(), Some("blue"));
        assert_eq!(stage.phases(3).await, pairs(&[("slow", "Failed")]));
    }
}

#[tokio::test(start_paused = true)]
async fn a_hooks_logs_are_told_when_its_policy_says_so() {
    let mut hook = job_hook("talker", &["pre-rollback"], 0, "fail", "10s");
    hook["output_log_policies"] = json!(["hook-failed"]);
    let stage = with_hooks(Stage::new(), &[hook]).await;
    let plan = stage.plan(&RollbackOptions::default()).await;
    let write_logs = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let pods = stage.cluster.objects().into_iter().filter(|object| object.kind() == "Pod");
        for pod in pods {
            stage.cluster.set_logs("default", pod.name(), "main", "one\ntwo\n");
        }
    };
    let (result, ()) = futures::join!(stage.run(&plan), write_logs);
    result.unwrap_err();
    let lines = stage.events().into_iter().filter_map(|event| match event {
        Event::HookLog { line, .. } => Some(line),
        _ => None,
    });
    assert_eq!(lines.collect::<Vec<_>>(), ["one", "two"]);
}

#[tokio::test(start_paused = true)]
async fn hooks_that_are_switched_off_do_not_run() {
    let stage = with_hooks(Stage::new(), &[job_hook("bad", &["pre-rollback"], 0, "fail", "1s")]).await;
    let mut options = RollbackOptions::default();
    options.hooks = Hooks::Skip;
    stage.run(&stage.plan(&options).await).await.unwrap();
    assert!(stage.find("batch/v1", "Job", "bad").await.is_none());
}

#[tokio::test(start_paused = true)]
async fn hooks_of_the_current_revision_run_and_leave_no_trace_in_the_record() {
    let own = job_hook("enter", &["pre-rollback"], 0, "", "1s");
    for (fails, ends) in [("", "deployed"), ("fail", "failed")] {
        let stage = Stage::new();
        stage.record(1, "superseded", &[config_map("paint", "red")], std::slice::from_ref(&own)).await;
        stage
            .record(2, "deployed", &[config_map("paint", "blue")], &[job_hook("leave", &["pre-rollback"], 0, fails, "1s")])
            .await;
        stage.seed().await;
        let mut options = RollbackOptions::default();
        options.hooks = Hooks::Current;
        options.on_failure = OnFailure::Stop;
        let result = stage.run(&stage.plan(&options).await).await;
        assert_eq!(result.is_ok(), fails.is_empty());
        let made = |name| stage.find("batch/v1", "Job", name);
        assert!(made("leave").await.is_some() && made("enter").await.is_none());
        assert_eq!(stage.phases(3).await, pairs(&[("enter", "")]));
        assert_eq!(stage.statuses().await.last().unwrap().1, ends);
    }
}

#[tokio::test(start_paused = true)]
async fn a_hook_of_another_kind_is_done_once_it_exists() {
    let map = config_map("hook", "red");
    let hook = json!({
        "name": "hook", "kind": "ConfigMap", "path": "web/templates/hook.yaml", "manifest": map.to_string(),
        "events": ["pre-rollback"], "last_run": {"phase": ""}, "weight": 0,
    });
    let stage = with_hooks(Stage::new(), &[hook]).await;
    stage.roll_back().await.unwrap();
    assert_eq!(stage.color("hook").await.as_deref(), Some("red"));
    assert_eq!(stage.phases(3).await, pairs(&[("hook", "Succeeded")]));
}
