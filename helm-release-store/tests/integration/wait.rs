//! Waiting until objects are ready.

use std::time::Duration;

use helm_release_core::plan::{RollbackOptions, WaitStrategy};
use helm_release_core::run::FailedPhase;
use serde_json::Value;

use super::stage::{Stage, deployment, job_hook, statuses};

const STRATEGIES: [WaitStrategy; 2] = [WaitStrategy::Watcher, WaitStrategy::Legacy];

async fn back_to(target: Value) -> Stage {
    Stage::new().two(&[target], &[], &[deployment("web", "web:2", "")]).await
}

fn waiting(wait: WaitStrategy) -> RollbackOptions {
    RollbackOptions::default().with_wait(wait).with_timeout(Duration::from_secs(60))
}

#[tokio::test(start_paused = true)]
async fn a_target_that_becomes_ready_is_a_success() {
    for strategy in STRATEGIES {
        let stage = back_to(deployment("web", "web:1", "")).await;
        stage.run(&stage.plan(&waiting(strategy)).await).await.unwrap();
        assert_eq!(stage.statuses().await[2].1, "deployed");
        let live = stage.find("apps/v1", "Deployment", "web").await.unwrap();
        assert_eq!(live.at(&["status", "availableReplicas"]).and_then(Value::as_u64), Some(1));
    }
}

#[tokio::test(start_paused = true)]
async fn a_target_that_never_becomes_ready_fails_after_the_timeout_and_names_the_object() {
    for strategy in STRATEGIES {
        let hook = job_hook("after", &["post-rollback"], 0, "", "1s");
        let stage =
            Stage::new().two(&[deployment("web", "web:1", "never-ready")], &[hook], &[deployment("web", "web:2", "")]).await;
        let began = tokio::time::Instant::now();
        let failure = stage.run(&stage.plan(&waiting(strategy)).await).await.unwrap_err();
        assert_eq!(failure.phase, FailedPhase::Wait);
        assert_eq!(began.elapsed().as_secs(), 60);
        let description = stage.description(3).await;
        assert!(description.starts_with("Release \"web\" failed: "), "{description}");
        assert!(
            description.contains("Deployment")
                && description.ends_with("context deadline exceeded; every object was brought back"),
            "{description}"
        );
        assert_eq!(stage.statuses().await, statuses(&[(1, "superseded"), (2, "deployed"), (3, "failed")]));
        assert!(stage.find("batch/v1", "Job", "after").await.is_none(), "no hook runs after a failure");
    }
}

#[tokio::test(start_paused = true)]
async fn without_wait_readiness_does_not_matter() {
    let stage = back_to(deployment("web", "web:1", "never-ready")).await;
    stage.roll_back().await.unwrap();
    assert_eq!(stage.statuses().await[2].1, "deployed");
}

#[tokio::test(start_paused = true)]
async fn waiting_covers_jobs_only_when_asked_for() {
    let job = job_hook("load", &[], 0, "", "30s");
    let job: Value = serde_json::from_str(job["manifest"].as_str().unwrap()).unwrap();
    for strategy in STRATEGIES {
        for (wait_for_jobs, least) in [(false, 0), (true, 30)] {
            let stage =
                Stage::new().two(&[deployment("web", "web:1", ""), job.clone()], &[], &[deployment("web", "web:2", "")]).await;
            let mut options = waiting(strategy);
            options.wait_for_jobs = wait_for_jobs;
            let plan = stage.plan(&options).await;
            let began = tokio::time::Instant::now();
            stage.run(&plan).await.unwrap();
            let took = began.elapsed().as_secs();
            assert!((least..least + 10).contains(&took), "{strategy:?} {wait_for_jobs}: {took} s");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_job_ends_the_watchers_wait_before_the_timeout() {
    let job = job_hook("load", &[], 0, "fail", "5s");
    let job: Value = serde_json::from_str(job["manifest"].as_str().unwrap()).unwrap();
    let stage = Stage::new().two(&[job], &[], &[deployment("web", "web:2", "")]).await;
    let mut options = waiting(WaitStrategy::Watcher);
    options.wait_for_jobs = true;
    let began = tokio::time::Instant::now();
    let failure = stage.run(&stage.plan(&options).await).await.unwrap_err();
    assert_eq!(failure.phase, FailedPhase::Wait);
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
}
