//! Somebody else works on the same release.

use helm_release_core::codec;
use helm_release_core::plan::{Mode, RollbackOptions, ServerSide};
use helm_release_core::ports::{DryRun, NewRecord, PatchBody, Preconditions, Propagation, Request, Storage as _, Validation};
use helm_release_core::run::{FailedPhase, RunError};
use helm_release_core::{Object, Record};
use helm_release_store::Cluster as _;
use helm_release_store::cluster::RecordingCluster;
use serde_json::{Value, json};
use std::time::Duration;

use super::stage::{Stage, config_map, job_hook, key, statuses};

async fn two() -> Stage {
    Stage::new().two(&[config_map("paint", "red")], &[], &[config_map("paint", "blue")]).await
}

/// With a hook that leaves time to meddle.
async fn slow() -> Stage {
    let hook = job_hook("slow", &["pre-rollback"], 0, "", "10s");
    Stage::new().two(&[config_map("paint", "red")], &[hook], &[config_map("paint", "blue")]).await
}

/// Writes a record as somebody else would: `change` is made to its JSON, `label` added.
async fn meddle(stage: &Stage, revision: u32, change: impl FnOnce(&mut Value), label: &str) {
    let stored = stage.stored(revision).await;
    let mut record = stage.json(revision).await;
    change(&mut record);
    let status = record["info"]["status"].as_str().unwrap().to_owned();
    let mut labels = stored.head.labels.clone();
    labels.insert("status".to_owned(), status);
    labels.insert(label.to_owned(), "yes".to_owned());
    let same = record == stage.json(revision).await;
    let payload = if same { stored.payload } else { codec::encode(&Record::parse(record.to_string().as_bytes()).unwrap()) };
    stage.storage.replace(&key(revision), &stored.head.version, &NewRecord { payload, labels }).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_revision_made_after_the_plan_stops_the_run_before_anything_is_written() {
    for mode in [Mode::Safe, Mode::Compat] {
        let stage = two().await;
        let plan = stage.plan(&RollbackOptions::default().with_mode(mode)).await;
        stage.record(3, "pending-upgrade", &[config_map("paint", "green")], &[]).await;
        let before = stage.stored(3).await;
        let cluster = RecordingCluster::new(stage.cluster.clone());
        let failure = stage.run_on(stage.storage.as_ref(), &cluster, &plan).await.unwrap_err();
        assert_eq!(failure.phase, FailedPhase::Start);
        assert!(matches!(failure.error, RunError::Overtaken { revision } if revision.get() == 3), "{failure}");
        assert_eq!(cluster.writes(), []);
        assert_eq!(stage.stored(3).await, before);
        assert_eq!(stage.statuses().await, statuses(&[(1, "superseded"), (2, "deployed"), (3, "pending-upgrade")]));
    }
}

#[tokio::test(start_paused = true)]
async fn of_two_runs_of_one_plan_exactly_one_writes() {
    let stage = two().await;
    let plan = stage.plan(&RollbackOptions::default()).await;
    let (one, other) = futures::join!(stage.run(&plan), stage.run(&plan));
    let failures: Vec<_> = [one, other].into_iter().filter_map(Result::err).collect();
    let [failure] = &failures[..] else { panic!("{failures:?}") };
    assert!(matches!(failure.error, RunError::Overtaken { .. }), "{failure}");
    assert_eq!(stage.statuses().await, statuses(&[(1, "superseded"), (2, "superseded"), (3, "deployed")]));
}

#[tokio::test(start_paused = true)]
async fn a_label_that_somebody_puts_on_our_record_does_not_matter_and_stays() {
    let stage = slow().await;
    let plan = stage.plan(&RollbackOptions::default()).await;
    let other = async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        meddle(&stage, 3, |_| {}, "audited").await;
    };
    let (result, ()) = futures::join!(stage.run(&plan), other);
    result.unwrap();
    assert_eq!(stage.statuses().await, statuses(&[(1, "superseded"), (2, "superseded"), (3, "deployed")]));
    assert!(stage.stored(3).await.head.labels.contains_key("audited"));
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_wrote_into_our_record_is_not_overwritten() {
    let stage = slow().await;
    let plan = stage.plan(&RollbackOptions::default()).await;
    let other = async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        meddle(&stage, 3, |record| record["info"]["status"] = json!("failed"), "x").await;
    };
    let (result, ()) = futures::join!(stage.run(&plan), other);
    let failure = result.unwrap_err();
    let told = format!("{failure}");
    assert!(told.contains("was changed by somebody else"), "{told}");
    assert!(failure.unrecorded.is_some());
    assert_eq!(stage.statuses().await, statuses(&[(1, "superseded"), (2, "deployed"), (3, "failed")]));
}

#[tokio::test(start_paused = true)]
async fn a_deployed_record_that_was_rewritten_meanwhile_is_superseded_with_what_it_says_then() {
    let stage = slow().await;
    let plan = stage.plan(&RollbackOptions::default()).await;
    let other = async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        meddle(&stage, 2, |record| record["note"] = json!("mine"), "x").await;
    };
    let (result, ()) = futures::join!(stage.run(&plan), other);
    result.unwrap();
    assert_eq!(stage.json(2).await["note"], json!("mine"));
    assert_eq!(stage.statuses().await[1].1, "superseded");
}

#[tokio::test(start_paused = true)]
async fn a_deployed_record_that_was_deleted_meanwhile_needs_no_superseding() {
    let stage = slow().await;
    let plan = stage.plan(&RollbackOptions::default()).await;
    let other = async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        let stored = stage.stored(2).await;
        stage.storage.delete(&key(2), &stored.head.version).await.unwrap();
    };
    let (result, ()) = futures::join!(stage.run(&plan), other);
    result.unwrap();
    assert_eq!(stage.statuses().await, statuses(&[(1, "superseded"), (3, "deployed")]));
}

#[tokio::test(start_paused = true)]
async fn an_object_that_is_not_the_one_that_was_seen_is_not_deleted() {
    let stage = Stage::new().two(&[], &[], &[config_map("paint", "blue")]).await;
    let plan = stage.plan(&RollbackOptions::default()).await;
    let at = stage.place("v1", "ConfigMap", "paint").await;
    let delete = plan.steps.iter().flat_map(|step| &step.requests).next().unwrap();
    stage.cluster.write(delete, DryRun::No).await.unwrap();
    let object = Object::new(config_map("paint", "somebody's")).unwrap();
    let request = Request::Create { at, object, manager: "other".to_owned(), validation: Validation::Strict };
    stage.cluster.write(&request, DryRun::No).await.unwrap();
    let failure = stage.run(&plan).await.unwrap_err();
    assert_eq!(failure.phase, FailedPhase::Apply);
    assert_eq!(stage.color("paint").await.as_deref(), Some("somebody's"));
}

/// A label that somebody else puts on an object.
async fn touch(stage: &Stage, value: &str) {
    let at = stage.place("v1", "ConfigMap", "paint").await;
    let patch = PatchBody::Merge(json!({"metadata": {"labels": {"touched": value}}}));
    let request = Request::Patch { at, patch, manager: "controller".to_owned(), validation: Validation::Strict };
    stage.cluster.write(&request, DryRun::No).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_object_that_a_controller_touched_after_the_plan_is_taken_over_all_the_same() {
    for mode in [Mode::Safe, Mode::Compat] {
        let stage = two().await;
        let mut options = RollbackOptions::default().with_mode(mode);
        options.server_side = ServerSide::Yes;
        let plan = stage.plan(&options).await;
        assert_eq!(plan.steps.iter().flat_map(|step| &step.requests).count(), 2, "a taking over and an apply");
        touch(&stage, "yes").await;
        stage.run(&plan).await.unwrap();
        assert_eq!(stage.color("paint").await.as_deref(), Some("red"));
        let live = stage.cluster.get(&stage.place("v1", "ConfigMap", "paint").await).await.unwrap();
        assert_eq!(live.at(&["metadata", "labels", "touched"]), Some(&json!("yes")));
        let entries = live.at(&["metadata", "managedFields"]).and_then(Value::as_array).unwrap();
        let helms: Vec<_> = entries.iter().filter(|entry| entry["manager"] == "helm").map(|entry| &entry["operation"]).collect();
        assert_eq!(helms, ["Apply"]);
    }
}

#[tokio::test(start_paused = true)]
async fn an_object_that_is_not_the_one_that_was_seen_is_not_taken_over() {
    let stage = two().await;
    let mut options = RollbackOptions::default();
    options.server_side = ServerSide::Yes;
    let plan = stage.plan(&options).await;
    let at = stage.place("v1", "ConfigMap", "paint").await;
    let preconditions = Preconditions::default();
    let delete = Request::Delete { at: at.clone(), propagation: Propagation::Background, preconditions };
    stage.cluster.write(&delete, DryRun::No).await.unwrap();
    let object = Object::new(config_map("paint", "somebody's")).unwrap();
    let create = Request::Create { at, object, manager: "helm".to_owned(), validation: Validation::Strict };
    stage.cluster.write(&create, DryRun::No).await.unwrap();
    let failure = stage.run(&plan).await.unwrap_err();
    assert_eq!(failure.phase, FailedPhase::Apply);
    assert_eq!(stage.color("paint").await.as_deref(), Some("somebody's"));
}

#[tokio::test(start_paused = true)]
async fn an_apply_of_what_a_controller_touched_is_looked_at_again_and_not_only_repeated() {
    let stage = Stage::server_side().two(&[config_map("paint", "red")], &[], &[config_map("paint", "blue")]).await;
    let plan = stage.plan(&RollbackOptions::default()).await;
    touch(&stage, "yes").await;
    let cluster = RecordingCluster::new(stage.cluster.clone());
    stage.run_on(stage.storage.as_ref(), &cluster, &plan).await.unwrap();
    assert_eq!(stage.color("paint").await.as_deref(), Some("red"));
    let applies = cluster.requests().iter().filter(|request| matches!(request, Request::Apply { .. })).count();
    assert_eq!(applies, 2, "what names a version that is over can only fail again");
}
