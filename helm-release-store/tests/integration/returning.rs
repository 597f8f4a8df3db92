//! A rollback that fails brings every object back: whatever failed, wherever, and whoever else was at work meanwhile.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use helm_release_core::history::Selector;
use helm_release_core::lock::{NotTaken, acquire};
use helm_release_core::plan::{RollbackOptions, WaitStrategy};
use helm_release_core::ports::{Cluster, ClusterErrorKind, HeadQuery, LockKey, Storage as _};
use helm_release_core::recover::{Way, Wish};
use helm_release_core::run::{Engine, FailedPhase, Interrupt, Left, Outcome, RunError};
use helm_release_store::cluster::{Fault, FaultyCluster};
use helm_release_store::journal::SecretJournal;
use helm_release_store::lock::LeaseLock;
use helm_release_store::{Journal as _, Lock as _};
use serde_json::{Value, json};

use super::stage::{Stage, claim, config_map, deployment, job_hook, name, namespace, statuses};

/// What every object of the release holds, without what changes with each write.
fn contents(stage: &Stage) -> BTreeMap<String, Value> {
    let objects = stage.cluster.objects().into_iter();
    let own = objects.filter(|object| ["ConfigMap", "Deployment", "Secret", "Lease", "Job"].contains(&object.kind()));
    own.map(|object| {
        let title = format!("{} {}", object.kind(), object.name());
        let owners = object.at(&["metadata", "managedFields"]).and_then(Value::as_array).cloned().unwrap_or_default();
        let mut owners: Vec<String> = owners
            .iter()
            .filter(|entry| entry["manager"] == "helm")
            .map(|entry| format!("{} {} {}", entry["manager"], entry["operation"], entry["fieldsV1"]))
            .collect();
        owners.sort();
        let metadata = json!({"labels": object.at(&["metadata", "labels"]), "owners": owners});
        (title, json!({"metadata": metadata, "spec": object.at(&["spec"]), "data": object.at(&["data"])}))
    })
    .collect()
}

async fn played(stage: Stage) -> Stage {
    let hooks = [job_hook("before", &["pre-rollback"], 0, "", "1s"), job_hook("after", &["post-rollback"], 0, "", "1s")];
    let old = [config_map("paint", "red"), config_map("old", "red"), deployment("web", "web:1", "")];
    let new = [config_map("paint", "blue"), config_map("new", "blue"), deployment("web", "web:2", "")];
    stage.two(&old, &hooks, &new).await
}

fn waiting() -> RollbackOptions {
    RollbackOptions::default().with_wait(WaitStrategy::Watcher)
}

#[tokio::test(start_paused = true)]
async fn whichever_write_fails_for_good_every_object_is_as_it_was() {
    let faults = [Fault::Refuse(ClusterErrorKind::Invalid), Fault::LoseRequest, Fault::LoseAnswer];
    for (which, fault) in
        [Stage::new, Stage::server_side, Stage::of_helm_3].iter().flat_map(|make| faults.iter().map(move |fault| (make, fault)))
    {
        for nth in 1.. {
            let stage = played(which()).await;
            let before = contents(&stage);
            let cluster = Arc::new(FaultyCluster::new(stage.cluster.clone()));
            let plan = stage.plan(&waiting()).await;
            cluster.fail_nth(nth, fault.clone());
            let result = stage
                .run_guarded(stage.storage.as_ref(), Arc::<FaultyCluster<_>>::clone(&cluster) as Arc<dyn Cluster>, &plan, "x")
                .await;
            let is_over = cluster.writes() < nth;
            tokio::time::sleep(Duration::from_secs(60)).await;
            match result {
                Ok(_) => {}
                Err(failure) if failure.phase == FailedPhase::Start => {
                    let mut end = contents(&stage);
                    // A lock or journal whose answer was lost goes by itself, or with the next operation.
                    end.retain(|title, _| !title.starts_with("Lease ") && !title.starts_with("Secret "));
                    assert_eq!(end, before, "write {nth}, {fault:?}: {failure}");
                }
                Err(failure) => {
                    assert_eq!(failure.left, Left::Returned, "write {nth}, {fault:?}: {failure:?}");
                    assert_eq!(contents(&stage), before, "write {nth}, {fault:?}: {failure}");
                    assert_eq!(stage.statuses().await, statuses(&[(1, "superseded"), (2, "deployed"), (3, "failed")]));
                    let description = stage.description(3).await;
                    assert!(description.ends_with("; every object was brought back"), "{description}");
                }
            }
            if is_over {
                break;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_target_that_does_not_become_ready_is_left_again() {
    for make in [Stage::new, Stage::server_side] {
        let old = [config_map("paint", "red"), deployment("web", "web:1", "never-ready")];
        let stage = make().two(&old, &[], &[config_map("paint", "blue"), deployment("web", "web:2", "")]).await;
        let before = contents(&stage);
        let plan = stage.plan(&waiting()).await;
        let failure = stage.run_guarded(stage.storage.as_ref(), Arc::new(stage.cluster.clone()), &plan, "x").await.unwrap_err();
        assert_eq!((failure.phase, failure.left), (FailedPhase::Wait, Left::Returned));
        assert_eq!(contents(&stage), before);
    }
}

#[tokio::test(start_paused = true)]
async fn edits_that_somebody_made_to_other_fields_meanwhile_survive() {
    let hook = job_hook("after", &["post-rollback"], 0, "fail", "30s");
    let stage = Stage::new().two(&[config_map("paint", "red")], &[hook], &[config_map("paint", "blue")]).await;
    let plan = stage.plan(&RollbackOptions::default()).await;
    let editing = async {
        tokio::time::sleep(Duration::from_secs(10)).await;
        let mut edited = stage.find("v1", "ConfigMap", "paint").await.unwrap();
        assert_eq!(stage.color("paint").await.as_deref(), Some("red"));
        edited.set_label("edited", "meanwhile");
        stage.cluster.insert(&edited, "default", "kubectl-edit").unwrap_err();
        let at = stage.place("v1", "ConfigMap", "paint").await;
        let body = json!({"metadata": {"labels": {"edited": "meanwhile"}}});
        let request = helm_release_core::ports::Request::Patch {
            at,
            patch: helm_release_core::ports::PatchBody::Merge(body),
            manager: "kubectl-edit".to_owned(),
            validation: helm_release_core::ports::Validation::Ignore,
        };
        stage.cluster.write(&request, helm_release_core::ports::DryRun::No).await.unwrap();
    };
    let running = stage.run_guarded(stage.storage.as_ref(), Arc::new(stage.cluster.clone()), &plan, "x");
    let (result, ()) = tokio::join!(running, editing);
    assert_eq!(result.unwrap_err().left, Left::Returned);
    assert_eq!(stage.color("paint").await.as_deref(), Some("blue"));
    let paint = stage.find("v1", "ConfigMap", "paint").await.unwrap();
    assert_eq!(paint.label("edited"), Some("meanwhile"));
}

#[tokio::test(start_paused = true)]
async fn an_edit_of_a_field_that_the_plan_changes_stops_the_run_before_it_is_overwritten() {
    let stage = Stage::new().two(&[config_map("paint", "red")], &[], &[config_map("paint", "blue")]).await;
    let plan = stage.plan(&RollbackOptions::default()).await;
    let at = stage.place("v1", "ConfigMap", "paint").await;
    let patch = helm_release_core::ports::PatchBody::Merge(json!({"data": {"color": "somebody's"}}));
    let (manager, validation) = ("kubectl".to_owned(), helm_release_core::ports::Validation::Ignore);
    let request = helm_release_core::ports::Request::Patch { at, patch, manager, validation };
    stage.cluster.write(&request, helm_release_core::ports::DryRun::No).await.unwrap();
    let failure = stage.run_guarded(stage.storage.as_ref(), Arc::new(stage.cluster.clone()), &plan, "x").await.unwrap_err();
    assert_eq!(failure.to_string(), "ConfigMap default/paint: data.color was changed by somebody else after the plan was made");
}

#[tokio::test(start_paused = true)]
async fn who_asks_to_stop_gets_everything_back() {
    let stage = played(Stage::new()).await;
    let before = contents(&stage);
    let plan = stage.plan(&waiting()).await;
    let cluster: Arc<dyn Cluster> = Arc::new(stage.cluster.clone());
    let (lock, journal) = (LeaseLock::new(Arc::clone(&cluster)), SecretJournal::new(Arc::clone(&cluster)));
    let interrupt = Interrupt::new();
    let engine = Engine::new(stage.storage.as_ref(), cluster.as_ref(), &stage.clock, &stage.listener)
        .with_lock(&lock, claim("x"))
        .with_journal(&journal)
        .with_interrupt(&interrupt);
    let asking = async {
        tokio::time::sleep(Duration::from_millis(1500)).await;
        interrupt.request();
    };
    let (result, ()) = tokio::join!(engine.run(&plan), asking);
    let failure = result.unwrap_err();
    assert!(matches!(failure.error, RunError::Interrupted), "{failure:?}");
    assert_eq!(failure.left, Left::Returned);
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(contents(&stage), before);
    assert_eq!(stage.statuses().await, statuses(&[(1, "superseded"), (2, "deployed"), (3, "failed")]));
}

#[tokio::test(start_paused = true)]
async fn a_second_operation_is_told_who_holds_the_release_and_can_wait_for_it() {
    let stage = Stage::new()
        .two(&[config_map("paint", "red")], &[job_hook("slow", &["pre-rollback"], 0, "", "60s")], &[config_map("paint", "blue")])
        .await;
    let plan = stage.plan(&RollbackOptions::default()).await;
    let cluster: Arc<dyn Cluster> = Arc::new(stage.cluster.clone());
    let late = async {
        tokio::time::sleep(Duration::from_secs(30)).await;
        stage.run_guarded(stage.storage.as_ref(), Arc::clone(&cluster), &plan, "second").await
    };
    let (first, second) = tokio::join!(stage.run_guarded(stage.storage.as_ref(), Arc::clone(&cluster), &plan, "first"), late);
    first.unwrap();
    let failure = second.unwrap_err();
    assert_eq!(failure.left, Left::Untouched);
    let told = "another operation holds the release: rollback web by ann@bastion (process 4711), since 2026-05-01T12:00:00Z";
    assert_eq!(failure.to_string(), told);
}

#[tokio::test(start_paused = true)]
async fn a_holder_that_slept_through_its_lock_writes_nothing_after_somebody_took_over() {
    let hook = job_hook("slow", &["pre-rollback"], 0, "", "600s");
    let stage = Stage::new().two(&[config_map("paint", "red")], &[hook], &[config_map("paint", "blue")]).await;
    let plan = stage.plan(&RollbackOptions::default().with_timeout(Duration::from_secs(3600))).await;
    let cluster: Arc<dyn Cluster> = Arc::new(stage.cluster.clone());
    let lock = LeaseLock::new(Arc::clone(&cluster));
    let thief = async {
        tokio::time::sleep(Duration::from_secs(100)).await;
        let key = LockKey { namespace: namespace(), name: name() };
        let held = lock.find(&key).await.unwrap().unwrap();
        let mut holder = held.holder.clone();
        holder.id = "thief".to_owned();
        lock.replace(&held, &holder).await.unwrap();
        stage.storage.heads(&HeadQuery::release(&namespace(), &name())).await.unwrap().len()
    };
    let (result, records) = tokio::join!(stage.run_guarded(stage.storage.as_ref(), Arc::clone(&cluster), &plan, "x"), thief);
    let failure = result.unwrap_err();
    assert!(matches!(failure.error, RunError::LockLost { .. }), "{failure:?}");
    assert!(failure.unrecorded.is_some());
    assert_eq!(records, 3);
    assert_eq!(stage.statuses().await, statuses(&[(1, "superseded"), (2, "deployed"), (3, "pending-rollback")]));
    let journal = SecretJournal::new(cluster);
    assert_eq!(journal.list(None, None).await.unwrap().len(), 1, "the journal is there for whoever took over");
}

#[tokio::test(start_paused = true)]
async fn a_way_back_that_fails_keeps_the_journal_and_recover_goes_on_from_there() {
    let stage = played(Stage::new()).await;
    let before = contents(&stage);
    let plan = stage.plan(&RollbackOptions::default().with_wait(WaitStrategy::HookOnly)).await;
    let cluster = Arc::new(FaultyCluster::new(stage.cluster.clone()));
    cluster.fail_where(1, Fault::Refuse(ClusterErrorKind::Invalid), |request| request.at().resource.gvk.kind == "Deployment");
    // Its first write is on the way forward, the next two are the way back and its second try.
    let writes = AtomicUsize::new(0);
    cluster.fail_where(2, Fault::Refuse(ClusterErrorKind::Forbidden), move |request| {
        request.at().name == "paint" && writes.fetch_add(1, Ordering::Relaxed) > 0
    });
    let result =
        stage.run_guarded(stage.storage.as_ref(), Arc::<FaultyCluster<_>>::clone(&cluster) as Arc<dyn Cluster>, &plan, "x").await;
    let failure = result.unwrap_err();
    cluster.heal();
    assert_eq!(failure.left, Left::Between);
    assert!(failure.unreturned.is_some(), "{failure:?}");
    assert!(failure.to_string().contains("Deployment default/web"), "the first error is the one reported: {failure}");
    let (recovery, result) = stage.recover(Wish::Either).await;
    assert_eq!(result.unwrap(), Way::Undo, "{recovery:?}");
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(contents(&stage), before);
    assert_eq!(stage.statuses().await, statuses(&[(1, "superseded"), (2, "deployed"), (3, "failed")]));
}

#[tokio::test(start_paused = true)]
async fn who_asks_to_stop_while_waiting_is_heard_at_once_and_leaves_the_other_alone() {
    let stage = played(Stage::new()).await;
    let plan = stage.plan(&RollbackOptions::default()).await;
    let cluster: Arc<dyn Cluster> = Arc::new(stage.cluster.clone());
    let lock = LeaseLock::new(Arc::clone(&cluster));
    let key = LockKey { namespace: namespace(), name: name() };
    let held = acquire(&lock, &stage.clock, &stage.listener, &key, &claim("first").with_lasts(Duration::from_secs(3600))).await;
    let held = held.unwrap();
    let before = contents(&stage);
    let interrupt = Interrupt::new();
    let engine = Engine::new(stage.storage.as_ref(), cluster.as_ref(), &stage.clock, &stage.listener)
        .with_lock(&lock, claim("second").with_patience(Duration::from_secs(600)))
        .with_interrupt(&interrupt);
    let asking = async {
        tokio::time::sleep(Duration::from_secs(30)).await;
        interrupt.request();
        tokio::time::Instant::now()
    };
    let (result, asked) = tokio::join!(engine.run(&plan), asking);
    let failure = result.unwrap_err();
    assert!(matches!((&failure.error, failure.left), (RunError::Interrupted, Left::Untouched)), "{failure:?}");
    assert!(asked.elapsed() < Duration::from_secs(1));
    assert_eq!(lock.find(&key).await.unwrap(), Some(held));
    assert_eq!(contents(&stage), before);
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_was_taken_before_the_plan_is_gone_on_with_and_given_back() {
    let stage = played(Stage::new()).await;
    let cluster: Arc<dyn Cluster> = Arc::new(stage.cluster.clone());
    let lock = LeaseLock::new(Arc::clone(&cluster));
    let key = LockKey { namespace: namespace(), name: name() };
    let mine = acquire(&lock, &stage.clock, &stage.listener, &key, &claim("mine")).await.unwrap();
    let plan = stage.plan(&RollbackOptions::default()).await;
    let engine =
        |claim| Engine::new(stage.storage.as_ref(), cluster.as_ref(), &stage.clock, &stage.listener).with_lock(&lock, claim);

    // Without what was taken, one's own lock is another's.
    let failure = engine(claim("mine")).run(&plan).await.unwrap_err();
    assert!(matches!(failure.error, RunError::NotLocked(NotTaken::Held(_))), "{failure:?}");

    // One that somebody else has by now is not gone on with.
    tokio::time::sleep(Duration::from_secs(60)).await;
    let theirs = acquire(&lock, &stage.clock, &stage.listener, &key, &claim("theirs")).await.unwrap();
    let failure = engine(claim("mine").with_held(mine.clone())).run(&plan).await.unwrap_err();
    assert!(matches!(&failure.error, RunError::NotLocked(NotTaken::Held(held)) if held.holder.id == "theirs"), "{failure:?}");
    lock.delete(&theirs).await.unwrap();

    let mine = acquire(&lock, &stage.clock, &stage.listener, &key, &claim("mine")).await.unwrap();
    let outcome = engine(claim("mine").with_held(mine)).run(&plan).await.unwrap();
    assert_eq!(outcome, Outcome::RolledBack(plan.new_revision));
    assert_eq!(lock.find(&key).await.unwrap(), None);

    // So is one under which there was nothing to do.
    let mine = acquire(&lock, &stage.clock, &stage.listener, &key, &claim("mine")).await.unwrap();
    let again = stage.plan(&RollbackOptions::default().with_selector(Selector::Revision(plan.new_revision))).await;
    assert_eq!(engine(claim("mine").with_held(mine)).run(&again).await.unwrap(), Outcome::NothingToDo);
    assert_eq!(lock.find(&key).await.unwrap(), None);
}
