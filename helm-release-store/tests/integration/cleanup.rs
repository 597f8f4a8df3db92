//! What `cleanup_on_fail` removes after a failure while objects are written.

use helm_release_core::Object;
use helm_release_core::plan::{OnFailure, RollbackOptions};
use helm_release_core::ports::ClusterErrorKind;
use helm_release_store::cluster::{Fault, FaultyCluster};

use super::stage::{Stage, config_map, deployment};

fn stopping() -> RollbackOptions {
    RollbackOptions::default().with_on_failure(OnFailure::Stop)
}

fn cleaning() -> RollbackOptions {
    let mut options = stopping();
    options.cleanup_on_fail = true;
    options
}

/// The target has a new object and a change that comes after it.
async fn played() -> Stage {
    let old = [config_map("new", "red"), deployment("web", "web:1", "")];
    Stage::new().two(&old, &[], &[deployment("web", "web:2", "")]).await
}

#[tokio::test(start_paused = true)]
async fn what_the_run_created_goes_when_asked_for_and_stays_otherwise() {
    for (options, is_left) in [(cleaning(), false), (stopping(), true)] {
        let stage = played().await;
        let cluster = FaultyCluster::new(stage.cluster.clone());
        cluster.fail_where(1, Fault::Refuse(ClusterErrorKind::Invalid), |request| request.at().name == "web");
        let failure = stage.run_on(stage.storage.as_ref(), &cluster, &stage.plan(&options).await).await.unwrap_err();
        assert!(failure.to_string().contains("Deployment default/web"), "{failure}");
        assert_eq!(stage.color("new").await.is_some(), is_left);
        assert!(stage.find("apps/v1", "Deployment", "web").await.is_some(), "what was there before stays");
    }
}

#[tokio::test(start_paused = true)]
async fn an_object_that_somebody_else_made_meanwhile_is_not_cleaned_up() {
    let stage = played().await;
    let plan = stage.plan(&cleaning()).await;
    stage.cluster.insert(&Object::new(config_map("new", "somebody's")).unwrap(), "default", "other").unwrap();
    let failure = stage.run(&plan).await.unwrap_err();
    assert!(failure.to_string().contains("already exists"), "{failure}");
    assert_eq!(stage.color("new").await.as_deref(), Some("somebody's"));
}

#[tokio::test(start_paused = true)]
async fn a_creation_whose_answer_was_lost_is_cleaned_up_too() {
    let stage = played().await;
    let plan = stage.plan(&cleaning()).await;
    let cluster = FaultyCluster::new(stage.cluster.clone());
    cluster.fail_next(Fault::LoseAnswer);
    stage.run_on(stage.storage.as_ref(), &cluster, &plan).await.unwrap_err();
    assert_eq!(stage.color("new").await, None);
}

#[tokio::test(start_paused = true)]
async fn a_failing_cleaning_up_is_a_warning_and_the_first_error_is_the_one_reported() {
    let stage = played().await;
    let plan = stage.plan(&cleaning()).await;
    let cluster = FaultyCluster::new(stage.cluster.clone());
    cluster.fail_where(1, Fault::Refuse(ClusterErrorKind::Invalid), |request| request.at().name == "web");
    cluster.fail_where(1, Fault::Refuse(ClusterErrorKind::Forbidden), |request| request.verb() == "delete");
    let failure = stage.run_on(stage.storage.as_ref(), &cluster, &plan).await.unwrap_err();
    assert!(failure.to_string().contains("Deployment default/web"), "{failure}");
    let [warning] = &stage.warnings()[..] else { panic!("{:?}", stage.warnings()) };
    assert!(warning.starts_with("cannot clean up: delete ConfigMap default/new"), "{warning}");
}
