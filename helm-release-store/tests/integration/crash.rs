//! A process dies at every single write, before it, after it and between: `recover` finishes or undoes what it began.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use helm_release_core::plan::{RollbackOptions, WaitStrategy};
use helm_release_core::ports::{Cluster, Storage};
use helm_release_core::recover::{Way, Wish};
use helm_release_store::cluster::RecordingCluster;
use helm_release_store::crash::{Crash, Moment};
use serde_json::{Value, json};

use super::stage::{Stage, config_map, deployment, job_hook};

/// A release before a rollback, and what is asked of the rollback.
struct Scene {
    stage: Stage,
    options: RollbackOptions,
}

/// Objects but for what changes with every write, by kind and name; without pods and what controllers make.
fn objects(stage: &Stage) -> BTreeMap<String, Value> {
    let objects = stage.cluster.objects().into_iter();
    let own = objects.filter(|object| ["ConfigMap", "Deployment", "Service", "Secret", "Lease", "Job"].contains(&object.kind()));
    own.map(|object| {
        let name = format!("{} {}", object.kind(), object.name());
        let mut value = object.into_value();
        value.as_object_mut().unwrap().remove("status");
        if value["kind"] == "Job" {
            // They hold the Job's uid.
            value["spec"].as_object_mut().unwrap().remove("selector");
            value["spec"]["template"]["metadata"].as_object_mut().unwrap().remove("labels");
        }
        let metadata = value["metadata"].as_object_mut().unwrap();
        for member in ["resourceVersion", "generation", "uid", "creationTimestamp"] {
            metadata.remove(member);
        }
        if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
            annotations.remove("deployment.kubernetes.io/revision");
        }
        for entry in metadata.get_mut("managedFields").and_then(Value::as_array_mut).into_iter().flatten() {
            entry.as_object_mut().unwrap().remove("time");
        }
        if let Some(entries) = metadata.get_mut("managedFields").and_then(Value::as_array_mut) {
            // Controllers write on their own.
            entries.retain(|entry| entry["manager"] == "helm");
            entries.sort_by_key(ToString::to_string);
        }
        (name, value)
    })
    .collect()
}

fn without_hooks(objects: &BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    objects.iter().filter(|(name, _)| !name.starts_with("Job ")).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Runs the rollback until it dies; whether it did.
async fn run_until_death(scene: &Scene, crash: &Arc<Crash>, recording: &Arc<RecordingCluster<Arc<dyn Cluster>>>) -> bool {
    let Scene { stage, options } = scene;
    let plan = stage.plan(options).await;
    let cluster: Arc<dyn Cluster> = Arc::new(crash.cluster(Arc::<RecordingCluster<_>>::clone(recording)));
    let storage = crash.storage(Arc::<_>::clone(&stage.storage) as Arc<dyn Storage>);
    tokio::select! {
        biased;
        () = crash.happened() => true,
        result = stage.run_guarded(&storage, cluster, &plan, "first") => {
            result.unwrap();
            false
        }
    }
}

/// How often each hook's Job was made.
fn hook_runs(recording: &RecordingCluster<Arc<dyn Cluster>>) -> BTreeMap<String, usize> {
    let mut runs = BTreeMap::new();
    for request in recording.requests() {
        if request.at().resource.gvk.kind == "Job" && ["create", "apply"].contains(&request.verb()) {
            *runs.entry(request.at().name.clone()).or_default() += 1;
        }
    }
    runs
}

/// Lets the process die at every write in every way, and checks both ways out. Returns how many writes a rollback has.
async fn check<F: Future<Output = Scene>>(moments: &[Moment], make: impl Fn() -> F) -> usize {
    let quiet = make().await;
    let before = objects(&quiet.stage);
    let untouched = quiet.stage.statuses().await;
    let counted = Arc::new(Crash::never());
    let recording = Arc::new(RecordingCluster::new(Arc::new(quiet.stage.cluster.clone()) as Arc<dyn Cluster>));
    assert!(!run_until_death(&quiet, &counted, &recording).await);
    let (after, at_target, all_hooks) = (objects(&quiet.stage), quiet.stage.statuses().await, hook_runs(&recording));
    let new_revision = at_target.last().unwrap().0;
    for nth in 1..=counted.writes() {
        for moment in moments {
            for wish in [Wish::Finish, Wish::Undo] {
                let case = format!("write {nth} of {}, {moment:?}, {wish:?}", counted.writes());
                let scene = make().await;
                let crash = Arc::new(Crash::at(nth, *moment));
                let recording = Arc::new(RecordingCluster::new(Arc::new(scene.stage.cluster.clone()) as Arc<dyn Cluster>));
                let died = run_until_death(&scene, &crash, &recording).await;
                assert!(died || (nth == counted.writes() && *moment == Moment::After), "{case}");
                tokio::time::sleep(Duration::from_secs(20)).await;
                let again: Arc<dyn Cluster> = Arc::<RecordingCluster<_>>::clone(&recording);
                let (plan, result) = scene.stage.recover_on(scene.stage.storage.as_ref(), again, wish).await;
                let way = result.unwrap_or_else(|failure| panic!("{case}: {failure:?} of {plan:?}"));
                // Jobs and pods come to rest.
                tokio::time::sleep(Duration::from_secs(60)).await;
                let (end, end_statuses) = (objects(&scene.stage), scene.stage.statuses().await);
                let is_begun = end_statuses.iter().any(|(revision, _)| *revision == new_revision);
                let mut undone = untouched.clone();
                if is_begun {
                    undone.push((new_revision, "failed".to_owned()));
                }
                match (way, is_begun) {
                    (Way::Finish, true) => {
                        pretty(&end, &after, &case);
                        // The end of a history's limit is the next operation's business.
                        let kept = |statuses: &[(u32, String)]| {
                            let first = at_target[0].0;
                            statuses.iter().filter(|(revision, _)| *revision >= first).cloned().collect::<Vec<_>>()
                        };
                        assert_eq!(kept(&end_statuses), at_target, "{case}");
                        assert_eq!(hook_runs(&recording), all_hooks, "{case}");
                    }
                    (Way::Undo, true) => {
                        pretty(&without_hooks(&end), &without_hooks(&before), &case);
                        assert_eq!(end_statuses, undone, "{case}");
                    }
                    // Nothing was left to do: the rollback had not begun, or was over but for its pruning.
                    (Way::Nothing, true) => pretty(&end, &after, &case),
                    (Way::Nothing, false) => {
                        pretty(&end, &before, &case);
                        assert_eq!(end_statuses, untouched, "{case}");
                    }
                    other => panic!("{case}: {other:?}"),
                }
                assert!(hook_runs(&recording).values().all(|runs| *runs == 1), "{case}: {:?}", hook_runs(&recording));
                let deployed = end_statuses.iter().filter(|(_, status)| status == "deployed").count();
                assert_eq!(deployed, 1, "{case}: {end_statuses:?}");
                // And the release can be worked with.
                let next = scene.stage.plan(&RollbackOptions::default()).await;
                assert!(next.blocking().next().is_none(), "{case}: {:?}", next.findings);
            }
        }
    }
    counted.writes()
}

fn pretty(found: &BTreeMap<String, Value>, expected: &BTreeMap<String, Value>, case: &str) {
    for name in found.keys().chain(expected.keys()) {
        let (found, expected) = (found.get(name), expected.get(name));
        if found != expected {
            let text =
                |value: Option<&Value>| value.map_or("nothing".to_owned(), |value| serde_json::to_string_pretty(value).unwrap());
            panic!("{case}: {name} is\n{}\nand should be\n{}", text(found), text(expected));
        }
    }
}

fn hooks() -> [Value; 4] {
    let with = |mut hook: Value, policies: &[&str]| {
        hook["delete_policies"] = json!(policies);
        hook
    };
    [
        job_hook("before-default", &["pre-rollback"], 0, "", "1s"),
        with(job_hook("before-gone", &["pre-rollback"], 1, "", "1s"), &["hook-succeeded"]),
        with(job_hook("after-both", &["post-rollback"], 0, "", "1s"), &["before-hook-creation", "hook-succeeded", "hook-failed"]),
        job_hook("after-default", &["post-rollback"], 1, "", "1s"),
    ]
}

/// Hooks around, every kind of change, a failed revision between, waiting, pruning.
async fn everything(stage: Stage) -> Scene {
    let old = [config_map("paint", "red"), config_map("old", "red"), deployment("web", "web:1", "")];
    let new = [config_map("paint", "blue"), config_map("new", "blue"), deployment("web", "web:2", "")];
    let failed =
        [config_map("paint", "green"), config_map("new", "green"), config_map("orphan", "green"), deployment("web", "web:3", "")];
    stage.record(1, "superseded", &[], &[]).await;
    stage.record(2, "superseded", &old, &hooks()).await;
    stage.record(3, "deployed", &new, &[]).await;
    stage.seed().await;
    stage.record(4, "failed", &failed, &[]).await;
    stage.insert(&config_map("orphan", "green"));
    let mut options = RollbackOptions::default().with_wait(WaitStrategy::Watcher);
    options.selector = Some("2".parse().unwrap());
    options.history_max = 3;
    Scene { stage, options }
}

const MOMENTS: [Moment; 3] = [Moment::Before, Moment::Unanswered, Moment::After];

#[tokio::test(start_paused = true)]
async fn a_rollback_with_everything_in_it_can_be_finished_and_undone_wherever_it_dies() {
    let writes = check(&MOMENTS, || everything(Stage::new())).await;
    assert!(writes >= 15, "{writes}");
}

#[tokio::test(start_paused = true)]
async fn so_can_one_by_server_side_apply() {
    let writes = check(&MOMENTS, || everything(Stage::server_side())).await;
    assert!(writes >= 15, "{writes}");
}

#[tokio::test(start_paused = true)]
async fn so_can_one_of_helm_3() {
    let writes = check(&MOMENTS, || everything(Stage::of_helm_3())).await;
    assert!(writes >= 15, "{writes}");
}
