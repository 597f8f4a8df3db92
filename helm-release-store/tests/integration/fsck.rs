//! Releases that ail in every way, examined, repaired and brought back as they were.

mod lock_lost;
mod ward;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use helm_release_core::fsck::{Bench, Class, Gravity, RepairFailure, RepairOptions, check, examine, repair, repair_plan};
use helm_release_core::history::PruneRules;
use helm_release_core::lock::NotTaken;
use helm_release_core::ports::{
    Holder, Journal, JournalError, Lock, LockKey, NewRecord, Note, NoteKey, NoteKind, Payload, RecordKey, Storage, StorageError,
};
use helm_release_core::prune::PruneError;
use helm_release_core::{Namespace, ReleaseName, Revision, prune};
use helm_release_store::cluster::{MemoryCluster, RecordingCluster};
use helm_release_store::journal::SecretJournal;
use helm_release_store::lock::LeaseLock;
use serde_json::{Value, json};

use ward::Ward;

use super::stage::{Stage, config_map, job_hook, key, name, namespace, statuses};

const FAILED: &str = "Upgrade \"web\" failed: boom";

/// Plants, finds exactly that, repairs, finds nothing, and brings every byte back.
async fn is_cured(ward: Ward, expected: &[(Class, Option<u32>)], after: &[(u32, &str)]) {
    let ill = ward.records().await;
    assert_eq!(ward.ailments().await, expected);
    let done = ward.repair().await;
    assert!(!done.is_empty());
    assert_eq!(ward.ailments().await, [], "after {done:?}");
    assert_eq!(ward.stage.statuses().await, statuses(after));

    let cured = ward.records().await;
    assert_ne!(ill, cured);
    let kept = done.iter().filter(|step| step.backup.is_some()).count();
    assert_eq!(ward.journal.list(None, None).await.unwrap().len(), kept);
    assert_eq!(ward.restore().await.len(), kept);
    assert_eq!(ward.records().await.get(&key(1)), ill.get(&key(1)));
    for (key, record) in &ill {
        assert_eq!(ward.records().await.get(key), Some(record), "{key}");
    }
    assert_eq!(ward.journal.list(None, None).await.unwrap(), [], "what was brought back needs no backup");
}

type Recorded = RecordingCluster<MemoryCluster>;

const SOUND: [(u32, &str); 3] = [(1, "superseded"), (2, "superseded"), (3, "deployed")];

#[tokio::test(start_paused = true)]
async fn a_sound_release_has_nothing_to_tell_and_is_only_read() {
    let ward = Ward::new().await;
    let cluster = Arc::new(RecordingCluster::new(ward.stage.cluster.clone()));
    let (lock, journal) =
        (LeaseLock::new(Arc::<Recorded>::clone(&cluster)), SecretJournal::new(Arc::<Recorded>::clone(&cluster)));
    let before = ward.records().await;
    let found = examine(ward.stage.storage.as_ref(), &lock, &journal, &cluster, &namespace(), &name()).await.unwrap();
    assert_eq!(check(&found, ward.now()), []);
    assert_eq!(found.unseen, [] as [String; 0]);
    assert_eq!(cluster.writes(), []);
    assert_eq!(ward.records().await, before);
}

#[tokio::test(start_paused = true)]
async fn a_label_with_another_status_is_put_right() {
    let ward = Ward::new().await;
    ward.label(1, "status", "failed").await;
    is_cured(ward, &[(Class::StatusMismatch, Some(1))], &SOUND).await;
}

#[tokio::test(start_paused = true)]
async fn a_label_with_another_name_or_number_is_put_right() {
    let ward = Ward::new().await;
    ward.label(1, "version", "8").await;
    is_cured(ward, &[(Class::IdentityMismatch, Some(1))], &SOUND).await;
    let ward = Ward::new().await;
    ward.label(1, "name", "shop").await;
    is_cured(ward, &[(Class::IdentityMismatch, Some(1))], &SOUND).await;
}

#[tokio::test(start_paused = true)]
async fn all_but_the_newest_deployed_are_superseded() {
    let ward = Ward::new().await;
    ward.rewrite(1, "deployed", "Upgrade complete").await;
    is_cured(ward, &[(Class::SeveralDeployed, Some(3))], &SOUND).await;
}

#[tokio::test(start_paused = true)]
async fn what_runs_is_deployed_again() {
    let ward = Ward::new().await;
    ward.rewrite(3, "superseded", "Upgrade complete").await;
    is_cured(ward, &[(Class::NoneDeployed, Some(3))], &SOUND).await;
}

#[tokio::test(start_paused = true)]
async fn a_laundered_revision_is_failed_again() {
    let ward = Ward::new().await;
    ward.rewrite(2, "superseded", FAILED).await;
    let after = [(1, "superseded"), (2, "failed"), (3, "deployed")];
    is_cured(ward, &[(Class::LaunderedSuperseded, Some(2))], &after).await;
}

#[tokio::test(start_paused = true)]
async fn everything_at_once_is_cured_at_once() {
    let ward = Ward::new().await;
    ward.rewrite(2, "superseded", FAILED).await;
    ward.label(2, "status", "deployed").await;
    ward.rewrite(1, "deployed", "Install complete").await;
    ward.label(1, "version", "9").await;
    let expected = [
        (Class::IdentityMismatch, Some(1)),
        (Class::StatusMismatch, Some(2)),
        (Class::SeveralDeployed, Some(3)),
        (Class::LaunderedSuperseded, Some(2)),
    ];
    is_cured(ward, &expected, &[(1, "superseded"), (2, "failed"), (3, "deployed")]).await;
}

#[tokio::test(start_paused = true)]
async fn an_undecodable_record_goes_when_that_is_asked_for_and_comes_back() {
    let ward = Ward::new().await;
    ward.tamper(1, |record| record.payload = Payload(b"\xff no record \0".to_vec())).await;
    let ill = ward.records().await;
    assert_eq!(ward.ailments().await, [(Class::UndecodablePayload, Some(1))]);
    let found = ward.examine().await;
    let plan = repair_plan(&found, &check(&found, ward.now()), RepairOptions::default(), ward.now());
    assert!(plan.is_idle(), "nobody asked for its removal");
    ward.repair().await;
    assert_eq!(ward.stage.statuses().await, statuses(&SOUND[1..]));
    ward.restore().await;
    assert_eq!(ward.records().await, ill);
}

#[tokio::test(start_paused = true)]
async fn a_record_under_a_wrong_name_is_stored_under_its_own() {
    let ward = Ward::new().await;
    let stored = ward.stage.stored(1).await;
    let wrong = RecordKey { name: "shop".parse().unwrap(), ..key(7) };
    let record = NewRecord { payload: stored.payload.clone(), labels: stored.head.labels.clone() };
    ward.stage.storage.create(&wrong, &record).await.unwrap();
    ward.stage.storage.delete(&key(1), &stored.head.version).await.unwrap();
    assert_eq!(ward.ailments().await, [(Class::WrongObjectName, Some(1))]);
    let done = ward.repair().await;
    assert_eq!(done[0].action, "store sh.helm.release.v1.shop.v7 as sh.helm.release.v1.web.v1");
    assert_eq!(ward.ailments().await, []);
    assert_eq!(ward.stage.statuses().await, statuses(&SOUND));
    assert!(ward.stage.storage.get(&wrong).await.is_err());

    // A copy that somebody made is one record too many.
    ward.stage.storage.create(&wrong, &NewRecord { labels: ward.stage.stored(1).await.head.labels, ..record }).await.unwrap();
    assert_eq!(ward.ailments().await, [(Class::WrongObjectName, Some(1))]);
    assert_eq!(ward.repair().await[0].action, "remove record sh.helm.release.v1.shop.v7");
    assert_eq!(ward.ailments().await, []);
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_is_labelled_like_a_record_is_seen_under_any_name() {
    let ward = Ward::new().await;
    let labels = json!({"owner": "helm", "name": "web", "status": "deployed", "version": "3"});
    let metadata = json!({"name": "web-before-friday", "namespace": "default", "labels": labels});
    ward.create(json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": {"release": "SA=="}})).await;
    let found = ward.check().await;
    assert_eq!(found.iter().map(|ailment| ailment.class).collect::<Vec<_>>(), [Class::WrongObjectName]);
    assert!(found[0].what.starts_with("Secret web-before-friday carries"), "{}", found[0].what);
    assert!(ward.plan().await.is_idle());
}

#[tokio::test(start_paused = true)]
async fn a_lock_and_a_journal_of_the_past_are_removed() {
    let ward = Ward::new().await;
    let holder = Holder {
        id: "id".to_owned(),
        who: "ann@bastion".to_owned(),
        process: 7,
        command: "rollback web".to_owned(),
        since: ward.now(),
        renewed: ward.now(),
        lasts: Duration::from_secs(30),
    };
    ward.lock.create(&LockKey { namespace: namespace(), name: name() }, &holder).await.unwrap();
    let journal = NoteKey { namespace: namespace(), name: name(), kind: NoteKind::Journal, id: "v3".to_owned() };
    ward.journal.create(&journal, &Note(b"{}".to_vec())).await.unwrap();
    assert_eq!(ward.check().await, [], "somebody is at work");
    assert!(ward.examine().await.hold(ward.now()).is_some());

    tokio::time::advance(Duration::from_secs(31)).await;
    assert_eq!(ward.ailments().await, [(Class::StaleLock, None), (Class::StaleJournal, Some(3))]);
    assert_eq!(ward.examine().await.hold(ward.now()), None);
    ward.repair().await;
    assert_eq!(ward.check().await, []);
    assert_eq!(ward.lock.list(None).await.unwrap(), []);
    assert_eq!(ward.journal.list(None, None).await.unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn whoever_takes_the_release_between_plan_and_repair_is_left_alone() {
    let ward = Ward::new().await;
    ward.label(1, "status", "failed").await;
    let (plan, before) = (ward.plan().await, ward.records().await);
    let key = LockKey { namespace: namespace(), name: name() };
    let holder = Holder {
        id: "other".to_owned(),
        who: "ann@bastion".to_owned(),
        process: 7,
        command: "rollback web".to_owned(),
        since: ward.now(),
        renewed: ward.now(),
        lasts: Duration::from_secs(30),
    };
    let held = ward.lock.create(&key, &holder).await.unwrap();
    let error = repair(&plan, ward.bench()).await.unwrap_err();
    assert!(matches!(error.failure, RepairFailure::NotTaken(NotTaken::Held(_))), "{error}");
    assert_eq!(ward.records().await, before);
    assert_eq!(ward.lock.find(&key).await.unwrap(), Some(held));

    // One that has expired is taken over, and nothing of it stays.
    tokio::time::advance(Duration::from_secs(31)).await;
    assert_eq!(repair(&plan, ward.bench()).await.unwrap().len(), 1);
    assert_eq!(ward.lock.find(&key).await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn a_pending_revision_is_told_and_never_touched() {
    let ward = Ward::new().await;
    ward.stage.record(4, "pending-upgrade", &[config_map("paint", "pink")], &[]).await;
    assert_eq!(ward.ailments().await, [], "it was written a moment ago");
    assert!(ward.examine().await.hold(ward.now()).is_some());
    tokio::time::advance(Duration::from_secs(2 * 60 * 60)).await;
    assert_eq!(ward.examine().await.hold(ward.now()), None);
    assert_eq!(ward.ailments().await, [(Class::StalePending, Some(4))]);
    let plan = ward.plan().await;
    assert!(plan.is_idle());
    assert_eq!(plan.left.len(), 1);
    assert!(plan.left[0].ways_out[0].contains("recover web"), "{:?}", plan.left);
}

#[tokio::test(start_paused = true)]
async fn what_nobody_knows_and_what_hooks_left_is_noted() {
    let mut hook = job_hook("check", &["post-upgrade"], 0, "", "1s");
    hook["delete_policies"] = json!(["hook-succeeded"]);
    hook["last_run"] = json!({"started_at": "2026-01-03T00:00:00Z", "phase": "Succeeded"});
    let stage = Stage::new();
    stage.record(1, "deployed", &[config_map("paint", "blue")], std::slice::from_ref(&hook)).await;
    stage.seed().await;
    let ward = Ward::of(stage);
    assert_eq!(ward.check().await, []);
    let mut job: Value = serde_json::from_str(hook["manifest"].as_str().unwrap()).unwrap();
    job["metadata"]["namespace"] = json!("default");
    ward.create(job).await;
    let owner = json!({"meta.helm.sh/release-name": "web", "meta.helm.sh/release-namespace": "default"});
    for (api_version, kind) in [("v1", "ConfigMap"), ("v1", "ServiceAccount")] {
        let labels = json!({"app.kubernetes.io/managed-by": "Helm"});
        let metadata = json!({"name": "left", "namespace": "default", "labels": labels, "annotations": owner});
        ward.create(json!({"apiVersion": api_version, "kind": kind, "metadata": metadata})).await;
    }
    let noted: Vec<_> = ward
        .check()
        .await
        .into_iter()
        .map(|note| (note.class, note.gravity, note.object.map(|object| object.to_string()).unwrap_or_default()))
        .collect();
    let note = |class, object: &str| (class, Gravity::Note, object.to_owned());
    assert_eq!(
        noted,
        [
            note(Class::LeftoverHook, "Job default/check"),
            note(Class::OrphanedObject, "ConfigMap default/left"),
            note(Class::OrphanedObject, "ServiceAccount default/left"),
        ]
    );
    assert!(ward.plan().await.is_idle());
}

#[tokio::test(start_paused = true)]
async fn a_record_that_somebody_writes_meanwhile_is_not_overwritten() {
    let ward = Ward::new().await;
    ward.label(1, "status", "failed").await;
    ward.rewrite(2, "superseded", FAILED).await;
    let plan = ward.plan().await;
    ward.label(2, "team", "other").await;
    let error = repair(&plan, ward.bench()).await.unwrap_err();
    assert!(matches!(error.failure, RepairFailure::Storage(StorageError::Conflict { .. })), "{error}");
    assert_eq!((error.done.len(), error.step.as_str()), (1, "mark revision 2 failed"));
    assert_eq!(ward.journal.list(None, None).await.unwrap().len(), 1, "no backup of what was not changed");
    assert_eq!(ward.stage.stored(2).await.head.labels["team"], "other");
}

/// A place for notes that takes none.
#[derive(Debug)]
struct Full;

impl std::fmt::Display for Full {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("nothing")
    }
}

#[async_trait]
impl Journal for Full {
    async fn list(&self, _: Option<&Namespace>, _: Option<&ReleaseName>) -> Result<Vec<NoteKey>, JournalError> {
        Ok(Vec::new())
    }
    async fn read(&self, key: &NoteKey) -> Result<Note, JournalError> {
        Err(JournalError::NotFound { key: Box::new(key.clone()) })
    }
    async fn create(&self, key: &NoteKey, _: &Note) -> Result<(), JournalError> {
        Err(JournalError::Forbidden { action: format!("create {key}"), message: "no".to_owned() })
    }
    async fn delete(&self, _: &NoteKey) -> Result<(), JournalError> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_backup_nothing_is_changed() {
    let ward = Ward::new().await;
    ward.label(1, "status", "failed").await;
    let before = ward.records().await;
    let plan = ward.plan().await;
    let error = repair(&plan, Bench { journal: &Full, ..ward.bench() }).await.unwrap_err();
    assert!(matches!(error.failure, RepairFailure::Journal(JournalError::Forbidden { .. })), "{error}");
    assert_eq!(ward.records().await, before);
}

#[tokio::test(start_paused = true)]
async fn a_second_repair_within_a_second_keeps_both_backups_and_they_come_back_one_by_one() {
    let ward = Ward::new().await;
    ward.label(1, "status", "failed").await;
    ward.repair().await;
    ward.label(1, "status", "unknown").await;
    ward.repair().await;
    let label = async || ward.stage.stored(1).await.head.labels["status"].clone();
    assert_eq!(label().await, "superseded");
    ward.restore().await;
    assert_eq!(label().await, "unknown");
    ward.restore().await;
    assert_eq!(label().await, "failed");
    assert_eq!(ward.restore().await, []);
}

#[tokio::test(start_paused = true)]
async fn pruning_spares_pins_and_leaves_what_somebody_wrote_meanwhile() {
    let ward = Ward::new().await;
    ward.stage.record(4, "failed", &[], &[]).await;
    ward.stage.record(5, "failed", &[], &[]).await;
    ward.label(1, "rollback-safe/pinned", "yes").await;
    let mut rules = PruneRules::default();
    (rules.keep, rules.keep_good) = (Some(1), 0);
    let storage = ward.stage.storage.as_ref();
    let plan = prune::plan(storage, &namespace(), &name(), &rules).await.unwrap().unwrap();
    ward.label(4, "team", "other").await;
    let run = async |plan| prune::run(plan, storage, &ward.lock, &ward.stage.clock, &ward.claim).await;
    match run(&plan).await {
        Err(PruneError::Stopped { removed, revision, source: StorageError::Conflict { .. } }) => {
            assert_eq!((removed, revision), (vec![Revision::new(2).unwrap()], Revision::new(4).unwrap()));
        }
        other => panic!("{other:?}"),
    }

    let plan = prune::plan(storage, &namespace(), &name(), &rules).await.unwrap().unwrap();
    assert_eq!(run(&plan).await.unwrap(), [Revision::new(4).unwrap()]);
    assert_eq!(ward.stage.statuses().await, statuses(&[(1, "superseded"), (3, "deployed"), (5, "failed")]));
    assert_eq!(prune::plan(storage, &namespace(), &"nothing".parse().unwrap(), &rules).await.unwrap().map(|_| ()), None);
}
