//! Old records go when the history has a limit.

use helm_release_core::plan::{Mode, RollbackOptions};
use helm_release_core::ports::{NewRecord, Storage as _};
use helm_release_store::storage::{Fault, FaultyStorage};
use std::sync::Arc;

use super::stage::{Stage, config_map, key, statuses};

/// Five revisions, the last deployed.
async fn five() -> Stage {
    let stage = Stage::new();
    for revision in 1..=5 {
        let status = if revision == 5 { "deployed" } else { "superseded" };
        stage.record(revision, status, &[config_map("paint", &format!("color-{revision}"))], &[]).await;
    }
    stage.seed().await;
    stage
}

fn limited(limit: u32, mode: Mode) -> RollbackOptions {
    let mut options = RollbackOptions::default().with_mode(mode);
    options.history_max = limit;
    options.keep_good = 1;
    options
}

async fn left(stage: &Stage) -> Vec<u32> {
    stage.statuses().await.into_iter().map(|(number, _)| number).collect()
}

#[tokio::test(start_paused = true)]
async fn the_oldest_go_and_the_target_stays() {
    let stage = five().await;
    let options = limited(3, Mode::Safe).with_selector("1".parse().unwrap());
    stage.run(&stage.plan(&options).await).await.unwrap();
    assert_eq!(left(&stage).await, [1, 5, 6]);
}

#[tokio::test(start_paused = true)]
async fn in_compat_mode_the_oldest_go_first_as_with_helm() {
    let stage = five().await;
    stage.run(&stage.plan(&limited(3, Mode::Compat)).await).await.unwrap();
    assert_eq!(left(&stage).await, [4, 5, 6]);
}

#[tokio::test(start_paused = true)]
async fn a_failed_rollback_prunes_nothing() {
    let stage = five().await;
    let plan = stage.plan(&limited(2, Mode::Safe)).await;
    let cluster = helm_release_store::cluster::FaultyCluster::new(stage.cluster.clone());
    cluster.fail_next(helm_release_store::cluster::Fault::LoseRequest);
    stage.run_on(stage.storage.as_ref(), &cluster, &plan).await.unwrap_err();
    assert_eq!(left(&stage).await, [1, 2, 3, 4, 5, 6]);
}

#[tokio::test(start_paused = true)]
async fn a_second_deployed_record_is_superseded_and_then_pruned() {
    let stage = Stage::new();
    stage.record(1, "deployed", &[config_map("paint", "red")], &[]).await;
    stage.record(2, "superseded", &[config_map("paint", "green")], &[]).await;
    stage.record(3, "deployed", &[config_map("paint", "blue")], &[]).await;
    stage.seed().await;
    stage.run(&stage.plan(&limited(3, Mode::Safe)).await).await.unwrap();
    assert_eq!(stage.statuses().await, statuses(&[(2, "superseded"), (3, "superseded"), (4, "deployed")]));
    assert_eq!(stage.warnings(), [] as [String; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_record_that_somebody_rewrote_is_left_alone() {
    let stage = five().await;
    let plan = stage.plan(&limited(4, Mode::Safe)).await;
    let stored = stage.stored(1).await;
    let record = NewRecord { payload: stored.payload, labels: stored.head.labels };
    stage.storage.replace(&key(1), &stored.head.version, &record).await.unwrap();
    stage.run(&plan).await.unwrap();
    assert_eq!(left(&stage).await, [1, 3, 4, 5, 6]);
}

#[tokio::test(start_paused = true)]
async fn a_record_that_cannot_be_pruned_is_a_warning_because_the_rollback_has_worked() {
    let stage = five().await;
    let plan = stage.plan(&limited(5, Mode::Safe)).await;
    // Created, deployed, superseded; the fourth write prunes.
    let storage = FaultyStorage::new(Arc::clone(&stage.storage), Fault::Fail, 4);
    stage.run_on(&storage, &stage.cluster, &plan).await.unwrap();
    assert_eq!(stage.statuses().await.last().unwrap(), &(6, "deployed".to_owned()));
    let [warning] = &stage.warnings()[..] else { panic!("{:?}", stage.warnings()) };
    assert!(warning.starts_with("cannot prune the history: "), "{warning}");
}
