//! Every single write of a rollback goes wrong, in every way: the records must tell the truth afterwards.

use std::sync::Arc;

use helm_release_core::plan::{Mode, OnFailure, RollbackOptions, WaitStrategy};
use helm_release_core::ports::ClusterErrorKind;
use helm_release_core::run::{FailedPhase, Failure, Left, Outcome};
use helm_release_store::cluster::{Fault, FaultyCluster};
use helm_release_store::storage::{Fault as StorageFault, FaultyStorage};
use serde_json::json;

use super::stage::{Stage, config_map, deployment, job_hook, statuses};

/// A rollback with everything in it: hooks with policies, creations, changes, deletions, waiting, pruning.
async fn everything(stage: Stage) -> Stage {
    let mut before = job_hook("before", &["pre-rollback"], 0, "", "1s");
    before["delete_policies"] = json!(["before-hook-creation", "hook-succeeded"]);
    let hooks = [before, job_hook("after", &["post-rollback"], 0, "", "1s")];
    let old = [config_map("paint", "red"), config_map("old", "red"), deployment("web", "web:1", "")];
    let new = [config_map("paint", "blue"), config_map("new", "blue"), deployment("web", "web:2", "")];
    stage.record(1, "superseded", &[], &[]).await;
    stage.record(2, "superseded", &old, &hooks).await;
    stage.record(3, "deployed", &new, &[]).await;
    stage.seed().await;
    stage
}

fn options() -> RollbackOptions {
    let mut options = RollbackOptions::default().with_wait(WaitStrategy::Watcher);
    options.history_max = 3;
    options.keep_good = 1;
    options
}

/// The stages to play on.
fn stages() -> [Stage; 3] {
    [Stage::new(), Stage::server_side(), Stage::of_helm_3()]
}

async fn check_failed(stage: &Stage, failure: &Failure, case: &str) {
    assert!(failure.unrecorded.is_none(), "{case}: {failure:?}");
    let expected = statuses(&[(1, "superseded"), (2, "superseded"), (3, "deployed"), (4, "failed")]);
    assert_eq!(stage.statuses().await, expected, "{case}");
    let description = stage.description(4).await;
    let back = if failure.left == Left::Returned { "; every object was brought back" } else { "" };
    assert!(description.ends_with(&format!("failed: {}{back}", failure.error)), "{case}: {description} is not {failure}");
}

#[tokio::test(start_paused = true)]
async fn whichever_write_to_the_cluster_fails_the_records_say_so_and_the_deployed_one_stays() {
    let faults = [
        Fault::Refuse(ClusterErrorKind::Forbidden),
        Fault::Refuse(ClusterErrorKind::Invalid),
        Fault::LoseRequest,
        Fault::LoseAnswer,
        Fault::CutOff,
    ];
    for round in 0..stages().len() {
        let mut writes = 0;
        for fault in &faults {
            for nth in 1.. {
                let [csa, ssa, v3] = stages();
                let stage = everything([csa, ssa, v3].into_iter().nth(round).unwrap()).await;
                let plan = stage.plan(&options()).await;
                let cluster = FaultyCluster::new(stage.cluster.clone());
                cluster.fail_nth(nth, fault.clone());
                let result = stage.run_on(stage.storage.as_ref(), &cluster, &plan).await;
                if cluster.writes() < nth {
                    result.unwrap();
                    writes = nth - 1;
                    break;
                }
                let case = format!("round {round}, write {nth}, {fault:?}");
                match result {
                    Err(failure) => check_failed(&stage, &failure, &case).await,
                    // A deletion is asked for again: by its uid that is safe.
                    Ok(_) => assert!(matches!(fault, Fault::LoseRequest | Fault::LoseAnswer), "{case}"),
                }
            }
        }
        // Two hooks with a deletion, two changes, a creation, a deletion.
        assert_eq!(writes, 7, "round {round}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_busy_for_a_moment_does_not_fail_a_rollback() {
    for nth in 1..=7 {
        let stage = everything(Stage::new()).await;
        let plan = stage.plan(&options()).await;
        let cluster = FaultyCluster::new(stage.cluster.clone());
        cluster.fail_nth(nth, Fault::Refuse(ClusterErrorKind::Busy));
        stage.run_on(stage.storage.as_ref(), &cluster, &plan).await.unwrap();
        assert_eq!(cluster.writes(), 8, "write {nth}");
    }
}

#[tokio::test(start_paused = true)]
async fn whichever_write_of_a_record_fails_once_the_rollback_goes_on_or_says_so() {
    for fault in [StorageFault::Fail, StorageFault::LoseAnswer, StorageFault::Conflict] {
        for nth in 1.. {
            let stage = everything(Stage::new()).await;
            let plan = stage.plan(&options()).await;
            let storage = FaultyStorage::new(Arc::clone(&stage.storage), fault, nth);
            let result = stage.run_on(&storage, &stage.cluster, &plan).await;
            let case = format!("write {nth}, {fault:?}: {result:?}");
            match result {
                Ok(Outcome::RolledBack(revision)) => {
                    assert_eq!(revision.get(), 4, "{case}");
                    let expected = [(2, "superseded"), (3, "superseded"), (4, "deployed")];
                    let left: Vec<_> = stage.statuses().await.into_iter().filter(|(number, _)| *number > 1).collect();
                    assert_eq!(left, statuses(&expected), "{case}");
                }
                Err(failure) if failure.phase == FailedPhase::Start => {
                    let expected = [(1, "superseded"), (2, "superseded"), (3, "deployed")];
                    assert_eq!(stage.statuses().await, statuses(&expected), "{case}");
                }
                Err(failure) => check_failed(&stage, &failure, &case).await,
                Ok(outcome) => panic!("{case}: {outcome:?}"),
            }
            if storage.writes() < nth {
                break;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn when_no_record_can_be_written_any_more_that_is_said() {
    for nth in 2..=5 {
        let stage = everything(Stage::new()).await;
        let plan = stage.plan(&options()).await;
        let storage = FaultyStorage::new(Arc::clone(&stage.storage), StorageFault::Die, nth);
        let failure = stage.run_on(&storage, &stage.cluster, &plan).await.unwrap_err();
        let deployed = stage.statuses().await.iter().filter(|(_, status)| status == "deployed").count();
        if stage.statuses().await[3].1 == "deployed" {
            assert_eq!((failure.phase, deployed), (FailedPhase::Records, 2), "write {nth}: {failure:?}");
        } else {
            assert!(failure.unrecorded.is_some(), "write {nth}: {failure:?}");
            assert_eq!(deployed, 1, "write {nth}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn helms_own_failure_marks_the_revision_before_superseded_in_compat_mode() {
    let stage = Stage::new().two(&[config_map("paint", "red")], &[], &[config_map("paint", "blue")]).await;
    let plan = stage.plan(&RollbackOptions::default().with_mode(Mode::Compat)).await;
    let cluster = FaultyCluster::new(stage.cluster.clone());
    cluster.fail_next(Fault::Refuse(ClusterErrorKind::Invalid));
    let failure = stage.run_on(stage.storage.as_ref(), &cluster, &plan).await.unwrap_err();
    assert_eq!(failure.phase, FailedPhase::Apply);
    assert_eq!(stage.statuses().await, statuses(&[(1, "superseded"), (2, "superseded"), (3, "failed")]));
}

#[tokio::test(start_paused = true)]
async fn of_several_failures_in_one_rank_the_first_is_named_and_the_rest_counted() {
    let objects = |color: &str| ["a", "b", "c"].map(|name| config_map(name, color));
    let stage = Stage::new().two(&objects("red"), &[], &objects("blue")).await;
    let plan = stage.plan(&RollbackOptions::default().with_on_failure(OnFailure::Stop)).await;
    let cluster = FaultyCluster::new(stage.cluster.clone());
    cluster.fail_where(usize::MAX, Fault::Refuse(ClusterErrorKind::Invalid), |request| request.at().name != "a");
    let failure = stage.run_on(stage.storage.as_ref(), &cluster, &plan).await.unwrap_err();
    let expected = "patch ConfigMap default/b: refused by an injected fault (and 1 more)";
    assert_eq!(failure.to_string(), expected);
    assert_eq!(stage.color("a").await.as_deref(), Some("red"));
}
