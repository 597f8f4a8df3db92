//! What is found out about rollbacks that really failed.

use std::time::Duration;

use helm_release_core::evidence::{CauseKind, Evidence, Limits, Presence, Scene, Timeline, collect};
use helm_release_core::plan::{Mode, OnFailure, Plan, RollbackOptions, WaitStrategy};
use helm_release_core::ports::{Clock as _, Cluster};
use helm_release_core::run::{Engine, FailedPhase, Failure, Left};
use helm_release_core::{Object, ObjectId};
use helm_release_store::cluster::{Fault, FaultyCluster};
use serde_json::{Value, json};

use super::stage::{Stage, config_map, deployment, job_hook};

fn waiting() -> RollbackOptions {
    RollbackOptions::default().with_wait(WaitStrategy::Watcher).with_timeout(Duration::from_secs(60))
}

/// A rollback that failed.
struct Failed<'a> {
    stage: &'a Stage,
    plan: Plan,
    timeline: Timeline<'a>,
    began: jiff::Timestamp,
    failure: Failure,
}

impl<'a> Failed<'a> {
    async fn on(stage: &'a Stage, cluster: &dyn Cluster, options: &RollbackOptions) -> Self {
        // What is collected afterwards must still be there.
        let plan = stage.plan(&options.clone().with_on_failure(OnFailure::Stop)).await;
        let (timeline, began) = (Timeline::new(&stage.listener, &stage.clock), stage.clock.now().timestamp());
        let engine = Engine::new(stage.storage.as_ref(), cluster, &stage.clock, &timeline);
        let failure = engine.run(&plan).await.unwrap_err();
        Self { stage, plan, timeline, began, failure }
    }

    async fn collect_from(&self, cluster: &dyn Cluster) -> Evidence {
        let scene = Scene::of_plan(&self.plan, self.failure.phase, &self.failure.error, self.began);
        collect(cluster, &self.stage.clock, &scene.with_timeline(self.timeline.moments())).await
    }

    async fn collect(&self) -> Evidence {
        self.collect_from(&self.stage.cluster).await
    }

    /// The pods of an image, by name.
    fn pods_of(&self, image: &str) -> Vec<String> {
        let objects = self.stage.cluster.objects();
        let runs = |object: &&Object| object.at(&["spec", "containers"]).is_some_and(|list| list[0]["image"] == image);
        objects.iter().filter(runs).map(|object| object.name().to_owned()).collect()
    }
}

/// A release whose revision 1 ends as that story says.
async fn back_to(story: &str) -> Stage {
    Stage::new().two(&[deployment("web", "web:1", story)], &[], &[deployment("web", "web:2", "")]).await
}

#[tokio::test(start_paused = true)]
async fn a_target_that_crashes_is_explained_by_its_log() {
    let stage = back_to("crash").await;
    let failed = Failed::on(&stage, &stage.cluster, &waiting()).await;
    let [pod] = failed.pods_of("web:1").try_into().unwrap();
    stage.cluster.set_logs("default", &pod, "main", "starting\npanic: no database\n");
    let evidence = failed.collect().await;
    assert_eq!(
        evidence.cause().sentence,
        format!(
            "Deployment default/web: container \"main\" crashes again and again (exit code 1, 5 restarts, Pod {pod}); its last log \
             line: panic: no database"
        )
    );
    assert_eq!(evidence.unread, [] as [String; 0]);
    assert_eq!((evidence.from.get(), evidence.to.get(), evidence.new_revision.get()), (2, 1, 3));
    let told: Vec<_> = evidence.timeline.iter().map(|moment| moment.what.as_str()).collect();
    assert_eq!((told[0], told[1]), ("revision 3: pending-rollback", "patch Deployment default/web: done"));
    let said = failed.failure.error.to_string();
    let told = Scene::told(&failed.plan, &said, failed.began);
    let told = collect(&stage.cluster, &stage.clock, &told).await;
    assert_eq!(told.cause(), evidence.cause(), "the text of the error alone is enough");
    let changes = &evidence.objects[0].changes;
    assert!(changes.iter().any(|change| change.after == Some(json!("web:1"))), "{changes:?}");
}

#[tokio::test(start_paused = true)]
async fn a_target_whose_image_is_gone_is_explained_by_it_and_not_by_the_pods_that_still_run() {
    let stage = back_to("pull").await;
    let failed = Failed::on(&stage, &stage.cluster, &waiting()).await;
    let [pod] = failed.pods_of("web:1").try_into().unwrap();
    let event = json!({
        "apiVersion": "v1", "kind": "Event", "metadata": {"name": "pull", "namespace": "default"}, "type": "Warning",
        "reason": "Failed", "message": "Failed to pull image \"web:1\": web:1: not found", "lastTimestamp": "2026-05-01T12:00:30Z",
        "involvedObject": {"apiVersion": "v1", "kind": "Pod", "namespace": "default", "name": pod},
    });
    stage.cluster.insert(&Object::new(event).unwrap(), "default", "kubelet").unwrap();
    let evidence = failed.collect().await;
    assert_eq!(
        evidence.cause().sentence,
        format!(
            "Deployment default/web: image \"web:1\" of container \"main\" cannot be pulled (ImagePullBackOff, Pod {pod}): web:1: not found"
        )
    );
    assert_eq!(evidence.events.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_target_that_is_never_ready_is_explained_by_the_container() {
    let stage = back_to("never-ready").await;
    let failed = Failed::on(&stage, &stage.cluster, &waiting()).await;
    let cause = failed.collect().await.cause();
    assert_eq!(cause.kind, CauseKind::NeverReady);
    assert!(cause.sentence.starts_with("Deployment default/web: container \"main\" runs but never becomes ready"), "{cause}");
}

#[tokio::test(start_paused = true)]
async fn every_kind_of_workload_has_its_pods_found() {
    let template = |story: &str| {
        json!({
            "metadata": {"labels": {"app": "x", "test/kubelet": story}},
            "spec": {"containers": [{"name": "main", "image": "x:1"}]},
        })
    };
    let of_kind =
        |kind: &str, spec: Value| json!({"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": "x"}, "spec": spec});
    let set = |story: &str| json!({"replicas": 1, "serviceName": "x", "selector": {"matchLabels": {"app": "x"}}, "template": template(story)});
    let daemon = |story: &str| json!({"selector": {"matchLabels": {"app": "x"}}, "template": template(story)});
    let bare = |story: &str| {
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x", "labels": {"test/kubelet": story}},
            "spec": {"containers": [{"name": "main", "image": "x:1"}]}})
    };
    let targets = [of_kind("StatefulSet", set("crash")), of_kind("DaemonSet", daemon("crash")), bare("crash")];
    for target in targets {
        let kind = target["kind"].as_str().unwrap().to_owned();
        let stage = Stage::new().two(&[target], &[], &[config_map("x", "red")]).await;
        let failed = Failed::on(&stage, &stage.cluster, &waiting()).await;
        let evidence = failed.collect().await;
        let owner = ObjectId {
            group: if kind == "Pod" { String::new() } else { "apps".to_owned() },
            kind: kind.clone(),
            namespace: Some("default".to_owned()),
            name: "x".to_owned(),
        };
        assert_eq!(evidence.pods.iter().map(|pod| &pod.owner).collect::<Vec<_>>(), [&owner], "{kind}");
        assert_eq!(evidence.cause().kind, CauseKind::Crash, "{kind}: {}", evidence.cause());
    }
}

#[tokio::test(start_paused = true)]
async fn a_failing_hook_is_explained_by_its_log() {
    let hook = job_hook("migrate", &["pre-rollback"], 0, "fail", "1s");
    let stage = Stage::new().two(&[config_map("web", "blue")], &[hook], &[config_map("web", "red")]).await;
    let failed = Failed::on(&stage, &stage.cluster, &RollbackOptions::default()).await;
    assert_eq!(failed.failure.phase, FailedPhase::PreHooks);
    let [pod] = failed.pods_of("job:1").try_into().unwrap();
    stage.cluster.set_logs("default", &pod, "main", "table users is locked\n");
    let evidence = failed.collect().await;
    assert_eq!(
        evidence.cause().sentence,
        format!(
            "The pre-rollback hook Job migrate failed: container \"main\" ended with an error (exit code 1, Pod {pod}); its last log \
             line: table users is locked"
        )
    );
    let job = evidence.objects.iter().find(|object| object.object.kind == "Job").unwrap();
    assert_eq!((job.action, job.presence), (None, Presence::Live));
    assert!(job.conditions.iter().any(|condition| condition.reason == "BackoffLimitExceeded"), "{:?}", job.conditions);
}

#[tokio::test(start_paused = true)]
async fn a_field_that_cannot_change_is_named() {
    let mut other = deployment("web", "web:1", "");
    other["spec"]["selector"]["matchLabels"]["app"] = json!("other");
    other["spec"]["template"]["metadata"]["labels"]["app"] = json!("other");
    let stage = Stage::new().two(&[other], &[], &[deployment("web", "web:2", "")]).await;
    let failed = Failed::on(&stage, &stage.cluster, &RollbackOptions::default().with_mode(Mode::Compat)).await;
    let cause = failed.collect().await.cause();
    assert_eq!(
        (cause.kind, cause.sentence.as_str()),
        (
            CauseKind::Immutable,
            "Cannot patch Deployment default/web: the API server does not let spec.selector be changed on an object that exists"
        )
    );
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_broke_is_told_and_costs_no_time() {
    let stage = back_to("").await;
    let cluster = FaultyCluster::new(stage.cluster.clone());
    cluster.fail_next(Fault::CutOff);
    let failed = Failed::on(&stage, &cluster, &RollbackOptions::default()).await;
    let began = tokio::time::Instant::now();
    let evidence = failed.collect_from(&cluster).await;
    assert_eq!(
        evidence.cause().sentence,
        "Cannot patch Deployment default/web: the API server cannot be reached: the connection was refused"
    );
    assert!(!evidence.unread.is_empty());
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn collecting_writes_nothing() {
    let stage = back_to("crash").await;
    let failed = Failed::on(&stage, &stage.cluster, &waiting()).await;
    let cluster = FaultyCluster::new(stage.cluster.clone());
    let before = stage.cluster.objects();
    let _ = failed.collect_from(&cluster).await;
    assert_eq!(cluster.writes(), 0);
    assert_eq!(stage.cluster.objects(), before);
}

#[tokio::test(start_paused = true)]
async fn the_engine_collects_before_it_brings_anything_back() {
    let stage = back_to("crash").await;
    let plan = stage.plan(&waiting()).await;
    let engine = Engine::new(stage.storage.as_ref(), &stage.cluster, &stage.clock, &stage.listener);
    let failure = engine.with_evidence(Limits::default()).run(&plan).await.unwrap_err();
    assert_eq!(failure.left, Left::Returned);
    let evidence = failure.evidence.unwrap();
    assert!(evidence.cause().to_string().starts_with("Deployment default/web: container \"main\""), "{}", evidence.cause());
    assert!(!evidence.timeline.is_empty());
}
