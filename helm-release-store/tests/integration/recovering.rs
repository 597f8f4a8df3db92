//! What operations of Helm's that were killed or failed leave behind, and what `recover` makes of it.

use std::sync::Arc;
use std::time::Duration;

use helm_release_core::lock::acquire;
use helm_release_core::plan::{Hooks, RollbackOptions};
use helm_release_core::ports::{Cluster, HeadQuery, Journal as _, Lock as _, LockKey, Note, Storage};
use helm_release_core::recover::{Eyes, Likeness, Vitality, Way, Wish, decide, look};
use helm_release_core::run::{Engine, FailedPhase, RunError, UndoLog};
use helm_release_store::crash::{Crash, Moment};
use helm_release_store::journal::SecretJournal;
use helm_release_store::lock::LeaseLock;
use serde_json::{Value, json};

use super::stage::{Stage, claim, config_map, job_hook, key, name, namespace, statuses};

/// What a Helm that was killed leaves: a pending record, and objects somewhere between.
async fn wreck(status: &str, live: &[Value]) -> Stage {
    let stage = Stage::new();
    stage.record(1, "deployed", &[config_map("paint", "red"), config_map("old", "red")], &[]).await;
    stage.seed().await;
    stage.record(2, status, &[config_map("paint", "blue"), config_map("new", "blue")], &[]).await;
    for object in live {
        stage.put(object).await;
    }
    // Long enough that nobody takes it for alive.
    tokio::time::sleep(Duration::from_secs(7200)).await;
    stage
}

#[tokio::test(start_paused = true)]
async fn helms_pending_upgrade_is_undone_finished_or_only_recorded_by_the_evidence() {
    // Nothing was written yet.
    let stage = wreck("pending-upgrade", &[]).await;
    let (plan, result) = stage.recover(Wish::Either).await;
    assert_eq!((result.unwrap(), plan.vitality), (Way::Undo, Vitality::Dead));
    assert!(plan.objects.is_none(), "{plan:?}");
    assert_eq!(stage.statuses().await, statuses(&[(1, "deployed"), (2, "failed")]));
    assert_eq!(stage.description(2).await, "Upgrade \"web\" failed: it was cut off; every object was brought back");

    // In between.
    let stage = wreck("pending-upgrade", &[config_map("new", "blue")]).await;
    let (plan, result) = stage.recover(Wish::Either).await;
    assert_eq!(result.unwrap(), Way::Undo);
    assert!(plan.objects.is_some());
    assert_eq!((stage.color("new").await, stage.color("paint").await.as_deref()), (None, Some("red")));
    assert_eq!(stage.statuses().await, statuses(&[(1, "deployed"), (2, "failed")]));

    // The same, to the end.
    let stage = wreck("pending-upgrade", &[config_map("new", "blue")]).await;
    let (_, result) = stage.recover(Wish::Finish).await;
    assert_eq!(result.unwrap(), Way::Finish);
    assert_eq!((stage.color("old").await, stage.color("paint").await.as_deref()), (None, Some("blue")));
    assert_eq!(stage.statuses().await, statuses(&[(1, "superseded"), (2, "deployed")]));
}

#[tokio::test(start_paused = true)]
async fn an_old_operation_of_helms_whose_hook_still_runs_is_not_called_dead() {
    for (lasts, expected) in [("100000s", Vitality::Unknown), ("1s", Vitality::Dead)] {
        let mut hook = job_hook("migrate", &["pre-upgrade"], 0, "", lasts);
        hook["last_run"] = json!({"phase": "Running", "started_at": "2026-05-01T12:00:00Z"});
        let stage = Stage::new();
        stage.record(1, "deployed", &[config_map("paint", "red")], &[]).await;
        stage.seed().await;
        stage.record(2, "pending-upgrade", &[config_map("paint", "blue")], std::slice::from_ref(&hook)).await;
        stage.put(&serde_json::from_str(hook["manifest"].as_str().unwrap()).unwrap()).await;
        tokio::time::sleep(Duration::from_secs(7200)).await;
        let (plan, _) = stage.recover(Wish::Either).await;
        assert_eq!(plan.vitality, expected, "{:?}", plan.cautions);
        let says = plan.cautions.iter().any(|caution| caution.starts_with("its hook Job default/migrate is still running"));
        assert_eq!(says, expected == Vitality::Unknown, "{:?}", plan.cautions);
    }
}

#[tokio::test(start_paused = true)]
async fn two_deployed_revisions_become_one() {
    let stage = Stage::new();
    stage.record(1, "deployed", &[config_map("paint", "red")], &[]).await;
    stage.record(2, "deployed", &[config_map("paint", "blue")], &[]).await;
    stage.seed().await;
    let (_, result) = stage.recover(Wish::Either).await;
    assert_eq!(result.unwrap(), Way::RecordsOnly);
    assert_eq!(stage.statuses().await, statuses(&[(1, "superseded"), (2, "deployed")]));
}

#[tokio::test(start_paused = true)]
async fn a_healthy_release_needs_no_recovery() {
    let stage = Stage::new().two(&[config_map("paint", "red")], &[], &[config_map("paint", "blue")]).await;
    let mut options = RollbackOptions::default();
    options.hooks = Hooks::Skip;
    stage.run(&stage.plan(&options).await).await.unwrap();
    let (plan, result) = stage.recover(Wish::Either).await;
    assert_eq!(result.unwrap(), Way::Nothing);
    assert!(plan.is_idle());
}

#[tokio::test(start_paused = true)]
async fn of_a_release_that_was_uninstalled_meanwhile_the_journal_is_removed() {
    let stage = Stage::new().two(&[config_map("paint", "red")], &[], &[config_map("paint", "blue")]).await;
    // Between the journal and the first object.
    let crash = Arc::new(Crash::at(4, Moment::After));
    let live: Arc<dyn Cluster> = Arc::new(stage.cluster.clone());
    let cluster: Arc<dyn Cluster> = Arc::new(crash.cluster(Arc::clone(&live)));
    let storage = crash.storage(Arc::clone(&stage.storage) as Arc<dyn Storage>);
    let plan = stage.plan(&RollbackOptions::default()).await;
    let run = stage.run_guarded(&storage, cluster, &plan, "first");
    futures::future::select(Box::pin(run), Box::pin(crash.happened())).await;
    let journal = SecretJournal::new(Arc::clone(&live));
    assert_eq!(journal.list(Some(&namespace()), Some(&name())).await.unwrap().len(), 1);
    for head in stage.storage.heads(&HeadQuery::default()).await.unwrap() {
        stage.storage.delete(&head.key, &head.version).await.unwrap();
    }

    tokio::time::sleep(Duration::from_secs(60)).await;
    let (plan, result) = stage.recover(Wish::Either).await;
    assert_eq!(result.unwrap(), Way::RecordsOnly);
    assert_eq!(plan.reasons, ["the release was uninstalled, records and all, while a rollback was at work"]);
    assert_eq!(plan.cautions, ["ConfigMap default/paint may be left: the rollback may have written it after that"]);
    assert_eq!(journal.list(None, None).await.unwrap(), []);
    assert_eq!(stage.statuses().await, []);
    // Now there is nothing at all.
    let (lock, clock) = (LeaseLock::new(live), &stage.clock);
    let eyes = Eyes { storage: stage.storage.as_ref(), cluster: &stage.cluster, lock: &lock, journal: &journal, clock };
    let error = look(eyes, &namespace(), &name()).await.unwrap_err();
    assert_eq!(error.to_string(), "release \"web\" not found in namespace \"default\"");
}

#[tokio::test(start_paused = true)]
async fn an_installation_that_was_cut_off_is_called_what_it_is() {
    let objects = [config_map("paint", "blue"), config_map("new", "blue")];
    let install = async |live: &[Value]| {
        let stage = Stage::new();
        stage.record(1, "pending-install", &objects, &[]).await;
        for object in live {
            stage.put(object).await;
        }
        tokio::time::sleep(Duration::from_secs(7200)).await;
        stage
    };

    // Everything is there.
    let stage = install(&objects).await;
    let (plan, result) = stage.recover(Wish::Either).await;
    assert_eq!(result.unwrap(), Way::Finish);
    assert!(plan.evidence.iter().all(|evidence| evidence.likeness == Likeness::Both), "{:?}", plan.evidence);
    assert_eq!(stage.statuses().await, statuses(&[(1, "deployed")]));
    assert_eq!(stage.description(1).await, "Install complete");

    // Something is missing: nothing is touched, and the record says so.
    let stage = install(&objects[..1]).await;
    let (_, result) = stage.recover(Wish::Either).await;
    assert_eq!(result.unwrap(), Way::RecordsOnly);
    assert_eq!(stage.statuses().await, statuses(&[(1, "failed")]));
    assert_eq!(stage.description(1).await, "Release \"web\" failed: it was cut off");
    assert_eq!(stage.color("paint").await.as_deref(), Some("blue"));

    // The same with a wish.
    let stage = install(&objects[..1]).await;
    let (_, result) = stage.recover(Wish::Undo).await;
    assert_eq!(result.unwrap(), Way::Undo);
    assert_eq!(stage.color("paint").await, None);
    assert_eq!(stage.statuses().await, statuses(&[(1, "failed")]));
    let stage = install(&objects[..1]).await;
    let (_, result) = stage.recover(Wish::Finish).await;
    assert_eq!(result.unwrap(), Way::Finish);
    assert_eq!(stage.color("new").await.as_deref(), Some("blue"));
    assert_eq!(stage.statuses().await, statuses(&[(1, "deployed")]));
}

#[tokio::test(start_paused = true)]
async fn a_release_that_helm_left_without_a_deployed_revision_gets_one() {
    let stage = Stage::new();
    stage.record(1, "superseded", &[config_map("paint", "red")], &[]).await;
    stage.record(2, "superseded", &[config_map("paint", "blue")], &[]).await;
    stage.record(3, "failed", &[config_map("paint", "red")], &[]).await;
    stage.put(&config_map("paint", "blue")).await;
    let (plan, result) = stage.recover(Wish::Either).await;
    assert_eq!((result.unwrap(), plan.vitality), (Way::Undo, Vitality::Dead));
    assert_eq!(stage.statuses().await, statuses(&[(1, "superseded"), (2, "deployed"), (3, "failed")]));
    assert_eq!(stage.color("paint").await.as_deref(), Some("blue"));
}

#[tokio::test(start_paused = true)]
async fn a_journal_of_a_newer_version_is_told_and_the_evidence_decides() {
    let stage = wreck("pending-rollback", &[config_map("new", "blue")]).await;
    let journal = SecretJournal::new(Arc::new(stage.cluster.clone()));
    let own = UndoLog::key(&namespace(), &name(), key(2).revision);
    journal.create(&own, &Note(b"something newer".to_vec())).await.unwrap();
    let (plan, result) = stage.recover(Wish::Either).await;
    assert_eq!(result.unwrap(), Way::Undo);
    assert!(
        plan.cautions.iter().any(|caution| caution.starts_with("journal v2 of default/web cannot be used: ")),
        "{:?}",
        plan.cautions
    );
    assert_eq!(stage.color("new").await, None);
    assert_eq!(journal.list(None, None).await.unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn a_recovery_as_data_says_which_way_and_why() {
    let stage = wreck("pending-upgrade", &[config_map("new", "blue")]).await;
    let (plan, _) = stage.recover(Wish::Either).await;
    let json = plan.to_json();
    assert_eq!(json["format"], "helm-rollback-safe/recovery/v1");
    assert_eq!((&json["way"], &json["vitality"]), (&json!("undo"), &json!("dead")));
    assert_eq!(json["interrupted"]["status"], "pending-upgrade");
    assert_eq!(json["records"][0]["revision"], 2);
    let reason = "the objects are in between: 2 are not as revision 2 wants them, 1 not as before";
    assert_eq!(json["reasons"][0], reason);
}

#[tokio::test(start_paused = true)]
async fn a_recovery_as_data_names_no_step_that_it_does_not_take() {
    let stage = wreck("pending-upgrade", &[config_map("new", "blue")]).await;
    let (plan, _) = stage.recover(Wish::Finish).await;
    let json = plan.to_json();
    let actions: Vec<&str> = json["objects"].as_array().unwrap().iter().map(|step| step["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["patch", "unchanged", "delete"], "the records are told apart");
    assert_eq!(json["records"].as_array().unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn who_is_at_work_is_left_alone_without_a_lock_and_waited_for_with_one() {
    let stage = wreck("pending-rollback", &[config_map("new", "blue")]).await;
    let cluster: Arc<dyn Cluster> = Arc::new(stage.cluster.clone());
    let (lock, journal) = (LeaseLock::new(Arc::clone(&cluster)), SecretJournal::new(Arc::clone(&cluster)));
    let release = LockKey { namespace: namespace(), name: name() };
    let held = acquire(&lock, &stage.clock, &stage.listener, &release, &claim("worker")).await.unwrap();
    let storage = stage.storage.as_ref();
    let eyes = Eyes { storage, cluster: cluster.as_ref(), lock: &lock, journal: &journal, clock: &stage.clock };
    let plan = decide(&look(eyes, &namespace(), &name()).await.unwrap(), Wish::Undo);
    assert_eq!(plan.vitality, Vitality::Alive);

    let engine = Engine::new(storage, cluster.as_ref(), &stage.clock, &stage.listener).with_journal(&journal);
    let failure = engine.recover(&plan).await.unwrap_err();
    assert!(matches!(failure.error, RunError::StillAtWork { .. }), "{failure:?}");
    assert_eq!(failure.phase, FailedPhase::Start);
    assert_eq!(stage.statuses().await, statuses(&[(1, "deployed"), (2, "pending-rollback")]));

    let patient = engine.with_lock(&lock, claim("patient").with_patience(Duration::from_secs(5)));
    let (recovered, given_back) = tokio::join!(patient.recover(&plan), lock.delete(&held));
    given_back.unwrap();
    assert_eq!(recovered.unwrap(), Way::Undo);
    assert_eq!(stage.statuses().await, statuses(&[(1, "deployed"), (2, "failed")]));
}
