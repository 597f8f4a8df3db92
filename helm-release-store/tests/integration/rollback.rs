//! Rollbacks that end well.

use helm_release_core::Revision;
use helm_release_core::plan::{Mode, RollbackOptions, Writing};
use helm_release_core::ports::{DryRun, PatchBody, Request};
use helm_release_core::run::{Event, Outcome};
use helm_release_store::cluster::RecordingCluster;
use serde_json::json;

use super::stage::{Stage, config_map, deployment, job_hook, statuses};

fn third() -> Outcome {
    Outcome::RolledBack(Revision::new(3).unwrap())
}

/// One object that changes, one that only the target has, one that only the current revision has.
async fn played(stage: Stage) -> Stage {
    let old = [config_map("paint", "red"), config_map("old", "red")];
    stage.two(&old, &[], &[config_map("paint", "blue"), config_map("new", "blue")]).await
}

#[tokio::test(start_paused = true)]
async fn objects_and_records_are_as_the_target_says_whatever_the_method_and_line() {
    for stage in [Stage::new(), Stage::server_side(), Stage::of_helm_3()] {
        let stage = played(stage).await;
        assert_eq!(stage.roll_back().await.unwrap(), third());
        assert_eq!(stage.color("paint").await.as_deref(), Some("red"));
        assert_eq!(stage.color("old").await.as_deref(), Some("red"));
        assert_eq!(stage.color("new").await, None);
        assert_eq!(stage.statuses().await, statuses(&[(1, "superseded"), (2, "superseded"), (3, "deployed")]));
        assert_eq!(stage.description(3).await, "Rollback to 1");
        let stored = stage.stored(3).await;
        assert_eq!(stored.head.labels.get("team").map(String::as_str), Some("shop"));
        assert_eq!(stage.warnings(), [] as [String; 0]);
        // What was written is what a second look finds in order.
        assert!(stage.plan(&RollbackOptions::default().with_selector("3".parse().unwrap())).await.is_idle());
    }
}

#[tokio::test(start_paused = true)]
async fn compat_mode_ends_in_the_same_state() {
    for stage in [Stage::new(), Stage::server_side(), Stage::of_helm_3()] {
        let stage = played(stage).await;
        let plan = stage.plan(&RollbackOptions::default().with_mode(Mode::Compat)).await;
        assert_eq!(stage.run(&plan).await.unwrap(), third());
        assert_eq!(stage.color("paint").await.as_deref(), Some("red"));
        assert_eq!(stage.color("new").await, None);
        assert_eq!(stage.statuses().await, statuses(&[(1, "superseded"), (2, "superseded"), (3, "deployed")]));
    }
}

#[tokio::test(start_paused = true)]
async fn exactly_the_planned_requests_are_sent() {
    let stage = played(Stage::new()).await;
    let plan = stage.plan(&RollbackOptions::default()).await;
    let cluster = RecordingCluster::new(stage.cluster.clone());
    stage.run_on(stage.storage.as_ref(), &cluster, &plan).await.unwrap();
    let planned: Vec<_> = plan.steps.iter().flat_map(|step| step.requests.clone()).collect();
    assert_eq!(planned.len(), 3);
    let mut sent = cluster.requests();
    for request in &mut sent {
        // A change is bound to the version that the plan saw.
        if let Request::Patch { patch: PatchBody::Strategic(body), .. } = request {
            assert_eq!(body["metadata"]["resourceVersion"], plan.steps[1].precondition.as_ref().unwrap().resource_version);
            body.as_object_mut().unwrap().remove("metadata");
        }
    }
    assert_eq!(sent, planned);
    assert!(cluster.writes().iter().all(|write| write.dry_run == DryRun::No && write.failure.is_none()));
}

#[tokio::test(start_paused = true)]
async fn the_whole_story_is_told_in_order() {
    let hooks = [job_hook("before", &["pre-rollback"], 0, "", "1s"), job_hook("after", &["post-rollback"], 0, "", "1s")];
    let stage = Stage::new().two(&[config_map("paint", "red")], &hooks, &[config_map("paint", "blue")]).await;
    stage.roll_back().await.unwrap();
    let told = stage.events().into_iter().filter_map(|event| match event {
        Event::RecordWritten { revision, status } => Some(format!("{revision} {status}")),
        Event::ObjectWritten { object, action } => Some(format!("{action} {object}")),
        Event::HookStarted { event, hook } => Some(format!("{event} {hook} started")),
        Event::HookEnded { event, hook, failure } => Some(format!("{event} {hook} ended: {failure:?}")),
        _ => None,
    });
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            "3 pending-rollback",
            "3 pending-rollback",
            "pre-rollback Job before started",
            "pre-rollback Job before ended: None",
            "patch ConfigMap default/paint",
            "3 pending-rollback",
            "post-rollback Job after started",
            "post-rollback Job after ended: None",
            "3 deployed",
            "2 superseded",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn nothing_to_do_writes_nothing() {
    let object = config_map("paint", "red");
    let stage = Stage::new();
    stage.record(1, "superseded", std::slice::from_ref(&object), &[]).await;
    stage.record(2, "deployed", &[object], &[]).await;
    stage.seed().await;
    let plan = stage.plan(&RollbackOptions::default().with_selector("2".parse().unwrap())).await;
    assert!(plan.is_idle());
    let cluster = RecordingCluster::new(stage.cluster.clone());
    let before = (stage.stored(1).await, stage.stored(2).await);
    assert_eq!(stage.run_on(stage.storage.as_ref(), &cluster, &plan).await.unwrap(), Outcome::NothingToDo);
    assert_eq!(cluster.writes(), []);
    assert_eq!((stage.stored(1).await, stage.stored(2).await), before);
    assert_eq!(stage.events(), []);
}

#[tokio::test(start_paused = true)]
async fn a_blocked_plan_writes_nothing() {
    let stage = played(Stage::new()).await;
    stage.record(3, "pending-upgrade", &[config_map("paint", "blue")], &[]).await;
    let plan = stage.plan(&RollbackOptions::default()).await;
    let cluster = RecordingCluster::new(stage.cluster.clone());
    let failure = stage.run_on(stage.storage.as_ref(), &cluster, &plan).await.unwrap_err();
    assert_eq!(failure.to_string(), "the plan is blocked: pending-revision");
    assert_eq!(cluster.writes(), []);
    assert_eq!(stage.statuses().await.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_replaced_object_keeps_nothing_that_others_added() {
    let stage = played(Stage::new()).await;
    let mut options = RollbackOptions::default();
    options.writing = Writing::Replace;
    let plan = stage.plan(&options).await;
    stage.run(&plan).await.unwrap();
    assert_eq!(stage.color("paint").await.as_deref(), Some("red"));
}

#[tokio::test(start_paused = true)]
async fn an_object_that_is_still_going_is_awaited_and_made_anew() {
    let stage = Stage::new();
    let mut slow = deployment("x", "x:1", "");
    slow = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "slow", "annotations": {"test/kubelet-stops-in": "20s"}},
        "spec": slow["spec"]["template"]["spec"],
    });
    let stage = stage.two(std::slice::from_ref(&slow), &[], std::slice::from_ref(&slow)).await;
    let before = stage.find("v1", "Pod", "slow").await.unwrap();
    let request = Request::Delete {
        at: stage.place("v1", "Pod", "slow").await,
        propagation: helm_release_core::ports::Propagation::Background,
        preconditions: helm_release_core::ports::Preconditions::default(),
    };
    helm_release_store::Cluster::write(&stage.cluster, &request, DryRun::No).await.unwrap();
    assert!(stage.find("v1", "Pod", "slow").await.unwrap().is_terminating());
    stage.roll_back().await.unwrap();
    let after = stage.find("v1", "Pod", "slow").await.unwrap();
    assert!(!after.is_terminating());
    assert_ne!(after.uid(), before.uid());
}

#[tokio::test(start_paused = true)]
async fn the_record_tells_when_the_rollback_began() {
    let stage = played(Stage::new()).await;
    let now = stage.now();
    stage.roll_back().await.unwrap();
    assert_eq!(stage.json(3).await["info"]["last_deployed"], json!(now));
    assert_eq!(stage.json(3).await["info"]["first_deployed"], json!("2026-01-01T00:00:00Z"));
    assert_eq!(stage.json(3).await["info"]["rollback_revision"], json!(1));
}
