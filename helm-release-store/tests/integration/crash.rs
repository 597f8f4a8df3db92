//! A process dies at every single write, before it, after it and between: `recover` finishes or undoes what it began.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use helm_release_core::drift::DriftChoice;
use helm_release_core::plan::{Acceptance, Hooks, RollbackOptions, WaitStrategy};
use helm_release_core::ports::{Cluster, DryRun, PatchBody, Request, Storage, Validation};
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
    let own = objects.filter(|object| {
        ["ConfigMap", "Deployment", "StatefulSet", "Service", "Secret", "Lease", "Job"].contains(&object.kind())
    });
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

/// The names of the hooks that a record has.
async fn stored_hooks(stage: &Stage, revision: u32) -> Vec<String> {
    let record = stage.json(revision).await;
    let hooks = record["hooks"].as_array().into_iter().flatten();
    hooks.map(|hook| hook["name"].as_str().unwrap().to_owned()).collect()
}

/// Lets the process die at every write in every way, and checks both ways out. Returns how many writes a rollback has.
async fn check<F: Future<Output = Scene>>(moments: impl Fn(usize) -> Vec<Moment>, make: impl Fn() -> F) -> usize {
    let quiet = make().await;
    let before = objects(&quiet.stage);
    let untouched = quiet.stage.statuses().await;
    let counted = Arc::new(Crash::never());
    let recording = Arc::new(RecordingCluster::new(Arc::new(quiet.stage.cluster.clone()) as Arc<dyn Cluster>));
    assert!(!run_until_death(&quiet, &counted, &recording).await);
    let (after, at_target, all_hooks) = (objects(&quiet.stage), quiet.stage.statuses().await, hook_runs(&recording));
    let new_revision = at_target.last().unwrap().0;
    assert_eq!(stored_hooks(&quiet.stage, new_revision).await, stored_hooks(&make().await.stage, 2).await);
    for nth in 1..=counted.writes() {
        for moment in &moments(nth) {
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
                        assert_eq!(end_statuses, at_target, "{case}");
                        assert_eq!(hook_runs(&recording), all_hooks, "{case}");
                    }
                    (Way::Undo, true) => {
                        pretty(&without_hooks(&end), &without_hooks(&before), &case);
                        assert_eq!(end_statuses, undone, "{case}");
                    }
                    // Nothing was left to do: the rollback had not begun, or was over.
                    (Way::Nothing, true) => {
                        pretty(&end, &after, &case);
                        assert_eq!(end_statuses, at_target, "{case}");
                    }
                    (Way::Nothing, false) => {
                        pretty(&end, &before, &case);
                        assert_eq!(end_statuses, untouched, "{case}");
                    }
                    other => panic!("{case}: {other:?}"),
                }
                assert!(hook_runs(&recording).values().all(|runs| *runs == 1), "{case}: {:?}", hook_runs(&recording));
                if is_begun {
                    // Hooks that another revision lent are in the record only while it runs. The target may have been pruned.
                    let own = stored_hooks(&quiet.stage, new_revision).await;
                    assert_eq!(stored_hooks(&scene.stage, new_revision).await, own, "{case}");
                }
                let deployed = end_statuses.iter().filter(|(_, status)| status == "deployed").count();
                assert_eq!(deployed, 1, "{case}: {end_statuses:?}");
                // And the release can be worked with.
                let accepting = RollbackOptions::default().with_accepted(scene.options.accept.clone());
                let next = scene.stage.plan(&accepting).await;
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
    options.keep_good = 1;
    Scene { stage, options }
}

/// The current revision lends hooks of its own, one of which has the name of one of the target's.
async fn lent(stage: Stage, whose: Hooks) -> Scene {
    let mut own = hooks().to_vec();
    own[1]["name"] = json!("leave");
    own[1]["manifest"] = job_hook("leave", &["pre-rollback"], 1, "", "1s")["manifest"].clone();
    own.push(job_hook("upgraded", &["post-upgrade"], 0, "", "1s"));
    stage.record(1, "superseded", &[], &[]).await;
    stage.record(2, "superseded", &[config_map("paint", "red")], &hooks()[..3]).await;
    stage.record(3, "deployed", &[config_map("paint", "blue")], &own[1..]).await;
    stage.seed().await;
    let mut options = RollbackOptions::default();
    options.hooks = whose;
    options.selector = Some("2".parse().unwrap());
    Scene { stage, options }
}

/// Objects that have to be made anew: their pods stop or go on, they run again or lose an address.
async fn made_anew(stage: Stage) -> Scene {
    let set = |service: &str| {
        let mut set = deployment("db", "db:1", "");
        set["kind"] = json!("StatefulSet");
        // An autoscaler's business.
        set["spec"].as_object_mut().unwrap().remove("replicas");
        set["spec"]["serviceName"] = json!(service);
        set
    };
    let fixed = |color: &str| {
        let mut map = config_map("fixed", color);
        map["immutable"] = json!(true);
        map
    };
    let selecting = |track: &str| {
        let mut deployment = deployment("web", "web:1", "");
        deployment["spec"]["selector"]["matchLabels"]["track"] = json!(track);
        deployment["spec"]["template"]["metadata"]["labels"]["track"] = json!(track);
        deployment
    };
    let headless = |address: &str| {
        let mut service = service("web", 80);
        service["spec"]["clusterIP"] = json!(address);
        service
    };
    let old = [config_map("paint", "red"), set("a"), fixed("red"), selecting("a"), headless("None")];
    let new = [config_map("paint", "blue"), set("b"), fixed("blue"), selecting("b"), headless("10.0.0.77")];
    stage.record(1, "superseded", &[], &[]).await;
    stage.record(2, "superseded", &old, &hooks()[..1]).await;
    stage.record(3, "deployed", &new, &[]).await;
    stage.seed().await;
    for (api_version, kind, name, patch) in [
        ("apps/v1", "StatefulSet", "db", json!({"spec": {"replicas": 2}})),
        ("v1", "ConfigMap", "fixed", json!({"metadata": {"labels": {"team": "shop"}}})),
    ] {
        let (at, manager) = (stage.place(api_version, kind, name).await, "somebody".to_owned());
        let request = Request::Patch { at, patch: PatchBody::Merge(patch), manager, validation: Validation::Ignore };
        stage.cluster.write(&request, DryRun::No).await.unwrap();
    }
    let mut options = RollbackOptions::default().with_wait(WaitStrategy::Watcher);
    options = options.with_accepted([Acceptance::parse("immutable-field")]);
    options.selector = Some("2".parse().unwrap());
    Scene { stage, options }
}

const MOMENTS: [Moment; 3] = [Moment::Before, Moment::Unanswered, Moment::After];

fn every(_: usize) -> Vec<Moment> {
    MOMENTS.to_vec()
}

#[tokio::test(start_paused = true)]
async fn a_rollback_with_everything_in_it_can_be_finished_and_undone_wherever_it_dies() {
    let writes = check(every, || everything(Stage::new())).await;
    assert!(writes >= 15, "{writes}");
}

#[tokio::test(start_paused = true)]
async fn so_can_one_by_server_side_apply() {
    let writes = check(every, || everything(Stage::server_side())).await;
    assert!(writes >= 15, "{writes}");
}

#[tokio::test(start_paused = true)]
async fn so_can_one_of_helm_3() {
    let writes = check(every, || everything(Stage::of_helm_3())).await;
    assert!(writes >= 15, "{writes}");
}

#[tokio::test(start_paused = true)]
async fn so_can_one_with_hooks_of_the_current_revision() {
    for stage in [Stage::new, Stage::of_helm_3] {
        check(every, || lent(stage(), Hooks::Current)).await;
        check(every, || lent(stage(), Hooks::Both)).await;
        check(every, || lent(stage(), Hooks::Skip)).await;
    }
}

/// A release of which somebody edited fields that the rollback is to leave alone, and took one away.
async fn edited(stage: Stage) -> Scene {
    let map = |color: &str| {
        let mut map = config_map("paint", color);
        map["data"]["gone"] = json!("soon");
        map
    };
    let stage =
        stage.two(&[map("red"), deployment("web", "web:1", "")], &[], &[map("blue"), deployment("web", "web:2", "")]).await;
    for (api_version, kind, name, edit) in [
        ("apps/v1", "Deployment", "web", json!({"spec": {"replicas": 3}})),
        ("v1", "ConfigMap", "paint", json!({"data": {"color": "by hand", "gone": null}})),
    ] {
        let at = stage.place(api_version, kind, name).await;
        let (manager, validation) = ("kubectl-edit".to_owned(), Validation::Ignore);
        let request = Request::Patch { at, patch: PatchBody::Merge(edit), manager, validation };
        stage.cluster.write(&request, DryRun::No).await.unwrap();
    }
    Scene { stage, options: RollbackOptions::default().with_drift(DriftChoice::Keep) }
}

#[tokio::test(start_paused = true)]
async fn what_is_kept_is_kept_wherever_it_dies() {
    for stage in [Stage::new, Stage::server_side] {
        let quiet = edited(stage()).await;
        quiet.stage.run(&quiet.stage.plan(&quiet.options).await).await.unwrap();
        let web = quiet.stage.find("apps/v1", "Deployment", "web").await.unwrap();
        assert_eq!(web.at(&["spec", "replicas"]), Some(&json!(3)));
        let containers = web.at(&["spec", "template", "spec", "containers"]).unwrap();
        assert_eq!(containers[0]["image"], "web:1");
        let paint = quiet.stage.find("v1", "ConfigMap", "paint").await.unwrap();
        assert_eq!(paint.at(&["data"]), Some(&json!({"color": "by hand"})));
        let writes = check(every, || edited(stage())).await;
        assert!(writes >= 5, "{writes}");
    }
}

#[tokio::test(start_paused = true)]
async fn so_can_one_that_makes_objects_anew() {
    let writes = check(every, || made_anew(Stage::new())).await;
    // Four objects are deleted and made.
    assert!(writes >= 15, "{writes}");
    let scene = made_anew(Stage::new()).await;
    let plan = scene.stage.plan(&scene.options).await;
    let _ = scene.stage.run(&plan).await.unwrap();
    let set = scene.stage.find("apps/v1", "StatefulSet", "db").await.unwrap();
    assert_eq!(set.at(&["spec", "replicas"]), Some(&json!(2)));
    let fixed = scene.stage.find("v1", "ConfigMap", "fixed").await.unwrap();
    assert_eq!((fixed.label("team"), fixed.at(&["data", "color"])), (Some("shop"), Some(&json!("red"))));
}

#[tokio::test(start_paused = true)]
async fn so_can_one_that_makes_objects_anew_by_server_side_apply() {
    check(every, || made_anew(Stage::server_side())).await;
}

/// Small numbers in a fixed order: xorshift.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(sides).unwrap()).unwrap()
    }

    fn one_of<T: Clone>(&mut self, items: &[T]) -> T {
        items[self.roll(items.len())].clone()
    }
}

fn secret(name: &str, color: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": {"color": color}})
}

fn service(name: &str, port: u32) -> Value {
    let spec = json!({"selector": {"app": name}, "ports": [{"name": "web", "port": port}]});
    json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec})
}

/// An object in one of its colours.
fn object(kind: usize, number: usize, color: usize) -> Value {
    let name = format!("o{number}");
    match kind {
        0 | 1 => config_map(&name, ["red", "blue", "green"][color]),
        2 => secret(&name, ["red", "blue", "green"][color]),
        3 => service(&name, [80, 81, 82][color]),
        _ => deployment(&name, ["web:1", "web:2", "web:3"][color], ""),
    }
}

const POLICIES: [&[&str]; 5] = [
    &["before-hook-creation"],
    &["hook-succeeded"],
    &["hook-failed"],
    &["before-hook-creation", "hook-succeeded"],
    &["hook-succeeded", "hook-failed"],
];

/// A release of a few objects and hooks that came about somehow.
async fn generated(seed: u64) -> Scene {
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let stage = [Stage::new, Stage::server_side, Stage::of_helm_3][dice.roll(3)]();
    let (mut old, mut new, mut failed, mut strays) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for number in 0..2 + dice.roll(4) {
        let kind = dice.roll(5);
        // In both, changed or not; in one; nowhere but in the revision that failed.
        let (in_old, in_new) = dice.one_of(&[(true, true), (true, true), (true, false), (false, true), (false, false)]);
        if in_old {
            old.push(object(kind, number, 0));
        }
        if in_new {
            new.push(object(kind, number, dice.one_of(&[0, 1, 1])));
        }
        if dice.roll(3) > 0 {
            failed.push(object(kind, number, 2));
            if !in_new {
                strays.push(object(kind, number, 2));
            }
        }
    }
    // Something to do there is always.
    old.push(config_map("always", "red"));
    new.push(config_map("always", "blue"));
    let hooks: Vec<Value> = (0..dice.roll(4))
        .map(|number| {
            let event = dice.one_of(&["pre-rollback", "post-rollback"]);
            let mut hook = job_hook(&format!("h{number}"), &[event], i64::try_from(number % 2).unwrap(), "", "1s");
            hook["delete_policies"] = json!(dice.one_of(&POLICIES));
            hook
        })
        .collect();
    stage.record(1, "superseded", &[], &[]).await;
    stage.record(2, "superseded", &old, &hooks).await;
    let lent: Vec<Value> =
        (0..dice.roll(3)).map(|number| job_hook(&format!("l{number}"), &["pre-rollback"], 1, "", "1s")).collect();
    stage.record(3, "deployed", &new, &lent).await;
    stage.seed().await;
    if dice.roll(2) == 0 {
        stage.record(4, "failed", &failed, &[]).await;
        for stray in &strays {
            stage.insert(stray);
        }
    }
    let mut options = RollbackOptions::default().with_wait(dice.one_of(&[WaitStrategy::Watcher, WaitStrategy::HookOnly]));
    options.selector = Some("2".parse().unwrap());
    options.history_max = dice.one_of(&[0, 2, 10]);
    options.keep_good = dice.one_of(&[0, 1, 3]);
    options.hooks = dice.one_of(&[Hooks::Target, Hooks::Target, Hooks::Current, Hooks::Both]);
    Scene { stage, options }
}

/// Every write of so many generated rollbacks, its moment taking turns, both ways out.
async fn check_generated(seeds: std::ops::Range<u64>) {
    let mut writes = 0;
    for seed in seeds {
        let turn = usize::try_from(seed).unwrap();
        writes += check(|nth| vec![MOMENTS[(nth + turn) % 3]], || generated(seed + 1)).await;
    }
    println!("{writes} writes");
}

#[tokio::test(start_paused = true)]
async fn generated_rollbacks_can_be_finished_and_undone_wherever_they_die_part_1() {
    check_generated(0..70).await;
}

#[tokio::test(start_paused = true)]
async fn generated_rollbacks_can_be_finished_and_undone_wherever_they_die_part_2() {
    check_generated(70..140).await;
}

#[tokio::test(start_paused = true)]
async fn generated_rollbacks_can_be_finished_and_undone_wherever_they_die_part_3() {
    check_generated(140..210).await;
}
