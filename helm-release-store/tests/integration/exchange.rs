//! Objects that are deleted and made anew because a field cannot change back.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use helm_release_core::Object;
use helm_release_core::inquiry::inquire;
use helm_release_core::plan::{Acceptance, DryRunAnswer, Keepers, OnFailure, Preflight, RollbackOptions, WaitStrategy};
use helm_release_core::ports::{
    Cluster, ClusterErrorKind, DryRun, PatchBody, Preconditions, Propagation, Request, Storage, Validation,
};
use helm_release_core::recover::{Way, Wish};
use helm_release_core::run::{FailedPhase, Left, RunError};
use helm_release_core::survey::survey;
use helm_release_store::cluster::{Fault, FaultyCluster};
use helm_release_store::crash::{Crash, Moment};
use serde_json::{Value, json};

use super::stage::{Stage, config_map, deployment, name, namespace, statuses};

fn fixed(color: &str) -> Value {
    let mut map = config_map("fixed", color);
    map["immutable"] = json!(true);
    map
}

fn stateful_set(service: &str, story: &str) -> Value {
    let mut set = deployment("db", "db:1", story);
    set["kind"] = json!("StatefulSet");
    set["spec"]["serviceName"] = json!(service);
    set
}

fn waiting() -> RollbackOptions {
    RollbackOptions::default().with_wait(WaitStrategy::Watcher).with_accepted([Acceptance::parse("immutable-field")])
}

async fn played(stage: Stage) -> Stage {
    let old = [fixed("red"), stateful_set("a", ""), config_map("zz", "red")];
    let new = [fixed("blue"), stateful_set("b", ""), config_map("zz", "blue")];
    let stage = stage.two(&old, &[], &new).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    stage
}

/// What the objects hold and who owns their fields, pods by their uid.
fn contents(stage: &Stage) -> BTreeMap<String, Value> {
    let all = stage.cluster.objects().into_iter();
    let own = all.filter(|object| ["ConfigMap", "StatefulSet", "Pod"].contains(&object.kind()));
    own.map(|object| {
        let title = format!("{} {}", object.kind(), object.name());
        if object.kind() == "Pod" {
            return (title, json!(object.uid()));
        }
        let owners = object.at(&["metadata", "managedFields"]).and_then(Value::as_array).cloned().unwrap_or_default();
        let own = |entry: &&Value| entry["manager"] == "helm";
        let owners: Vec<Value> = owners.iter().filter(own).map(|entry| json!([entry["operation"], entry["fieldsV1"]])).collect();
        (title, json!([object.at(&["data"]), object.at(&["spec"]), object.at(&["metadata", "labels"]), owners]))
    })
    .collect()
}

async fn pod(stage: &Stage) -> (Option<String>, Value) {
    let pod = stage.find("v1", "Pod", "db-0").await.unwrap();
    (pod.uid().map(str::to_owned), pod.at(&["metadata", "ownerReferences"]).cloned().unwrap_or_default()[0]["uid"].clone())
}

#[tokio::test(start_paused = true)]
async fn pods_of_a_stateful_set_go_on_running() {
    for make in [Stage::new, Stage::server_side, Stage::of_helm_3] {
        let stage = played(make()).await;
        let (before, _) = pod(&stage).await;
        stage.run(&stage.plan(&waiting()).await).await.unwrap();
        let set = stage.find("apps/v1", "StatefulSet", "db").await.unwrap();
        assert_eq!(set.at(&["spec", "serviceName"]), Some(&json!("a")));
        assert_eq!(pod(&stage).await, (before, json!(set.uid())));
        assert_eq!(stage.color("fixed").await.as_deref(), Some("red"));
    }
}

#[tokio::test(start_paused = true)]
async fn whichever_write_fails_for_good_the_first_objects_are_back_with_the_same_pods() {
    let faults = [Fault::Refuse(ClusterErrorKind::Invalid), Fault::LoseRequest, Fault::LoseAnswer];
    for (make, fault) in [Stage::new, Stage::server_side].iter().flat_map(|make| faults.iter().map(move |fault| (make, fault))) {
        for nth in 1.. {
            let stage = played(make()).await;
            let before = contents(&stage);
            let plan = stage.plan(&waiting()).await;
            let cluster = Arc::new(FaultyCluster::new(stage.cluster.clone()));
            cluster.fail_nth(nth, fault.clone());
            let shared = Arc::<FaultyCluster<_>>::clone(&cluster) as Arc<dyn Cluster>;
            let result = stage.run_guarded(stage.storage.as_ref(), shared, &plan, "x").await;
            tokio::time::sleep(Duration::from_secs(60)).await;
            if let Err(failure) = result {
                let is_right = failure.phase == FailedPhase::Start || failure.left == Left::Returned;
                assert!(is_right, "write {nth}, {fault:?}: {failure:?}");
                assert_eq!(contents(&stage), before, "write {nth}, {fault:?}: {failure}");
            }
            if cluster.writes() < nth {
                break;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_way_back_that_dies_too_can_be_gone_again() {
    for moment in [Moment::Before, Moment::Unanswered, Moment::After] {
        for nth in 1.. {
            let stage = played(Stage::new()).await;
            let before = contents(&stage);
            // The rollback dies when everything is made anew.
            let plan = stage.plan(&waiting()).await;
            let first = Arc::new(Crash::at(9, Moment::After));
            let (storage, cluster) = (first.storage(Arc::<_>::clone(&stage.storage) as Arc<dyn Storage>), stage.cluster.clone());
            tokio::select! {
                biased;
                () = first.happened() => {}
                _ = stage.run_guarded(&storage, Arc::new(first.cluster(Arc::new(cluster))), &plan, "first") => panic!("it lives"),
            }
            assert_ne!(contents(&stage), before);
            tokio::time::sleep(Duration::from_secs(20)).await;
            let second = Arc::new(Crash::at(nth, moment));
            let storage = second.storage(Arc::<_>::clone(&stage.storage) as Arc<dyn Storage>);
            let cluster: Arc<dyn Cluster> = Arc::new(second.cluster(Arc::new(stage.cluster.clone())));
            let died = tokio::select! {
                biased;
                () = second.happened() => true,
                (_, result) = stage.recover_on(&storage, cluster, Wish::Undo) => {
                    assert_eq!(result.unwrap(), Way::Undo);
                    false
                }
            };
            tokio::time::sleep(Duration::from_secs(60)).await;
            let (_, result) = stage.recover(Wish::Undo).await;
            result.unwrap_or_else(|failure| panic!("{moment:?} {nth}: {failure:?}"));
            tokio::time::sleep(Duration::from_secs(60)).await;
            assert_eq!(contents(&stage), before, "{moment:?} {nth}");
            assert_eq!(
                stage.statuses().await,
                statuses(&[(1, "superseded"), (2, "deployed"), (3, "failed")]),
                "{moment:?} {nth}"
            );
            if !died {
                assert!(nth > 5, "the way back has {nth} writes");
                break;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_object_that_somebody_put_in_its_place_meanwhile_is_left_alone() {
    let stage = Stage::new().two(&[fixed("red")], &[], &[fixed("blue")]).await;
    let plan = stage.plan(&waiting()).await;
    let at = stage.place("v1", "ConfigMap", "fixed").await;
    let (propagation, preconditions) = (Propagation::Background, Preconditions::default());
    stage.cluster.write(&Request::Delete { at, propagation, preconditions }, DryRun::No).await.unwrap();
    stage.cluster.insert(&Object::new(config_map("fixed", "somebody's")).unwrap(), "default", "other").unwrap();
    let failure = stage.run(&plan).await.unwrap_err();
    assert!(matches!(failure.error, RunError::Moved { .. }), "{failure:?}");
    assert_eq!(failure.to_string().lines().next().unwrap().matches("ConfigMap default/fixed").count(), 1, "{failure}");
    assert_eq!(stage.color("fixed").await.as_deref(), Some("somebody's"));
}

#[tokio::test(start_paused = true)]
async fn somebody_who_is_quicker_than_the_new_object_keeps_the_place() {
    let stage = Stage::new().two(&[fixed("red")], &[], &[fixed("blue")]).await;
    let plan = stage.plan(&waiting()).await;
    let cluster = Arc::new(FaultyCluster::new(stage.cluster.clone()));
    // Between deletion and creation there is a pause, in which the place is taken.
    cluster.fail_where(1, Fault::Delay(Duration::from_secs(10)), |request| {
        request.verb() == "create" && request.at().name == "fixed"
    });
    let taking = async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        stage.cluster.insert(&Object::new(config_map("fixed", "somebody's")).unwrap(), "default", "other").unwrap();
    };
    let (result, ()) = tokio::join!(stage.run_on(stage.storage.as_ref(), cluster.as_ref(), &plan), taking);
    let failure = result.unwrap_err();
    assert_eq!(stage.color("fixed").await.as_deref(), Some("somebody's"));
    assert!(
        stage.warnings().iter().any(|warning| warning.contains("another object is in its place")),
        "{:?} {failure}",
        stage.warnings()
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_harmless_only_as_long_as_nothing_runs_is_not_done_when_something_does() {
    let selecting = |track: &str, replicas: u32| {
        let mut deployment = deployment("web", "web:1", "");
        deployment["spec"]["replicas"] = json!(replicas);
        deployment["spec"]["selector"]["matchLabels"]["track"] = json!(track);
        deployment["spec"]["template"]["metadata"]["labels"]["track"] = json!(track);
        deployment
    };
    let stage = Stage::new().two(&[selecting("a", 0)], &[], &[selecting("b", 0)]).await;
    let plan = stage.plan(&RollbackOptions::default()).await;
    assert_eq!(plan.blocking().count(), 0, "nothing runs");
    let at = stage.place("apps/v1", "Deployment", "web").await;
    let (patch, manager) = (PatchBody::Merge(json!({"spec": {"replicas": 3}})), "somebody".to_owned());
    stage.cluster.write(&Request::Patch { at, patch, manager, validation: Validation::Ignore }, DryRun::No).await.unwrap();
    let failure = stage.run(&plan).await.unwrap_err();
    assert!(matches!(failure.error, RunError::Moved { .. }), "{failure:?}");
    let live = stage.find("apps/v1", "Deployment", "web").await.unwrap();
    assert_eq!(live.at(&["spec", "replicas"]), Some(&json!(3)));
    assert_eq!(live.at(&["spec", "selector", "matchLabels", "track"]), Some(&json!("b")));
}

#[tokio::test(start_paused = true)]
async fn cleaning_up_leaves_what_was_there_before_in_another_form() {
    let old = [fixed("red"), deployment("web", "web:1", "")];
    let stage = Stage::new().two(&old, &[], &[fixed("blue"), deployment("web", "web:2", "")]).await;
    let mut options = RollbackOptions::default().with_on_failure(OnFailure::Stop);
    options.cleanup_on_fail = true;
    let cluster = FaultyCluster::new(stage.cluster.clone());
    cluster.fail_where(1, Fault::Refuse(ClusterErrorKind::Invalid), |request| request.at().name == "web");
    let _ = stage.run_on(stage.storage.as_ref(), &cluster, &stage.plan(&options).await).await.unwrap_err();
    assert_eq!(stage.color("fixed").await.as_deref(), Some("red"));
}

#[tokio::test(start_paused = true)]
async fn the_servers_dry_run_is_asked_what_it_can_answer() {
    for make in [Stage::new, Stage::server_side] {
        let stage = played(make()).await;
        let before = contents(&stage);
        let options = waiting().with_preflight(Preflight::All);
        let seen = survey(stage.storage.as_ref(), &stage.cluster, &namespace(), &name(), &options).await.unwrap();
        let answers = inquire(&stage.cluster, &seen, &options, &Keepers::default()).await;
        // What comes in the place of an object cannot be tried as long as that one is there: its deletion is.
        let asked: Vec<&str> = answers.dry_runs.keys().map(|object| object.name.as_str()).collect();
        assert_eq!(asked, ["fixed", "zz", "db"]);
        assert!(answers.dry_runs.values().all(|answer| matches!(answer, DryRunAnswer::Accepted(_))), "{:?}", answers.dry_runs);
        assert_eq!(contents(&stage), before);
    }
}

#[tokio::test(start_paused = true)]
async fn a_claim_that_has_grown_keeps_its_size_and_everything_else_goes_back() {
    let claim = |size: &str, tier: &str| {
        json!({
            "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "db", "labels": {"tier": tier}},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}},
        })
    };
    for make in [Stage::new, Stage::server_side] {
        let stage = make().two(&[claim("1Gi", "old")], &[], &[claim("2Gi", "new")]).await;
        tokio::time::sleep(Duration::from_secs(10)).await;
        let before = stage.find("v1", "PersistentVolumeClaim", "db").await.unwrap();
        stage.run(&stage.plan(&RollbackOptions::default()).await).await.unwrap();
        let after = stage.find("v1", "PersistentVolumeClaim", "db").await.unwrap();
        assert_eq!((after.uid(), after.label("tier")), (before.uid(), Some("old")));
        assert_eq!(after.at(&["spec", "resources", "requests", "storage"]), Some(&json!("2Gi")));
    }
}
