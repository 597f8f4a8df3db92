//! What ails a release around its records.

use std::time::Duration;

use serde_json::{Value, json};

use super::world::*;
use crate::Object;
use crate::fsck::{Class, Gravity, Remedy};

fn pending(number: u32, began: &str) -> Stored {
    record(number, "pending-upgrade", "Preparing upgrade")
        .saying("info", json!({"status": "pending-upgrade", "description": "Preparing upgrade", "last_deployed": began}))
}

#[test]
fn a_pending_revision_is_stale_once_nobody_can_be_at_work() {
    let old = only(&examined(&[good(1, "deployed"), pending(2, "2026-05-01T10:59:00Z")]));
    assert_eq!((old.class, old.gravity), (Class::StalePending, Gravity::Ailment));
    assert_eq!(old.ways_out, ["helm rollback-safe recover web finishes or undoes it"]);
    assert_eq!(old.remedies, [], "a repair never touches it");
    // Helm writes a record more than once, the first time when it begins.
    let written = pending(2, "2026-05-01T10:59:00Z").labelled("modifiedAt", "1777636740");
    assert_eq!(only(&examined(&[good(1, "deployed"), written])).gravity, Gravity::Note, "a minute ago");
    let young = only(&examined(&[good(1, "deployed"), pending(2, "2026-05-01T11:59:00Z")]));
    assert_eq!(young.gravity, Gravity::Note);
}

#[test]
fn a_pending_revision_with_a_holder_or_a_journal_is_a_note() {
    let mut examination = examined(&[good(1, "deployed"), pending(2, "2026-04-01T00:00:00Z")]);
    examination.notes.push(journal("v2"));
    assert!(only(&examination).why.contains("its journal tells how to go on"));
    examination.lock = Some(lock(Duration::from_secs(5)));
    let held = only(&examination);
    assert_eq!(held.gravity, Gravity::Note);
    assert!(held.why.starts_with("at work: rollback web by ann@bastion"), "{}", held.why);
}

#[test]
fn a_pending_revision_that_others_went_over_is_a_note() {
    let note = only(&examined(&[good(1, "superseded"), pending(2, "2026-01-02T00:00:00Z"), good(3, "deployed")]));
    assert_eq!((note.class, note.gravity), (Class::StalePending, Gravity::Note));
}

#[test]
fn a_lock_is_stale_when_it_has_expired() {
    let mut examination = examined(&[good(1, "deployed")]);
    examination.lock = Some(lock(Duration::from_secs(20)));
    assert_eq!(found(&examination), []);
    examination.lock = Some(lock(Duration::from_secs(60)));
    let stale = only(&examination);
    assert_eq!((stale.class, stale.remedies.as_slice()), (Class::StaleLock, &[Remedy::RemoveLock][..]));
    assert!(stale.what.ends_with("has expired at 2026-05-01T11:59:30Z"), "{}", stale.what);
}

#[test]
fn the_lock_of_an_interrupted_operation_is_left_to_recover() {
    let mut examination = examined(&[good(1, "deployed"), pending(2, "2026-04-01T00:00:00Z")]);
    examination.lock = Some(lock(Duration::from_secs(60)));
    assert_eq!(found(&examination), [(Class::StalePending, Gravity::Ailment, Some(2)), (Class::StaleLock, Gravity::Note, None)]);
}

#[test]
fn a_journal_is_stale_when_its_revision_has_ended_well_or_is_gone() {
    let mut examination =
        examined(&[good(2, "superseded"), record(3, "failed", "Rollback \"web\" failed: x"), good(4, "deployed")]);
    for (id, gravity) in [("v2", Some(Gravity::Ailment)), ("v4-2", Some(Gravity::Ailment)), ("v1", Some(Gravity::Ailment))]
        .into_iter()
        .chain([("v3", Some(Gravity::Note)), ("v5", None), ("odd", None)])
    {
        examination.notes = vec![journal(id)];
        let found: Vec<Gravity> = found(&examination).into_iter().map(|(_, gravity, _)| gravity).collect();
        assert_eq!(found, gravity.into_iter().collect::<Vec<_>>(), "{id}");
    }
    examination.notes = vec![journal("v4")];
    assert_eq!(only(&examination).remedies, [Remedy::RemoveNote(journal("v4"))]);
    examination.lock = Some(lock(Duration::ZERO));
    assert_eq!(found(&examination), [], "whoever holds the lock may be about to remove it");
}

fn job(name: &str, ended: bool) -> Value {
    let mut job = json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name, "namespace": "default"}});
    if ended {
        job["status"] = json!({"conditions": [{"type": "Complete", "status": "True"}]});
    }
    job
}

fn hook(name: &str, policies: &[&str], phase: &str, started: &str) -> Value {
    json!({
        "name": name, "kind": "Job", "path": "web/templates/job.yaml", "manifest": job(name, false).to_string(),
        "events": ["pre-upgrade"], "last_run": {"started_at": started, "phase": phase}, "delete_policies": policies,
    })
}

fn live(object: &Value) -> Object {
    Object::new(object.clone()).unwrap()
}

const RAN: &str = "2026-01-02T00:00:00Z";

#[test]
fn a_hook_object_that_its_policy_should_have_deleted_is_noted() {
    for (policy, phase, is_left) in [
        ("hook-succeeded", "Succeeded", true),
        ("hook-failed", "Failed", true),
        ("hook-succeeded", "Failed", false),
        ("before-hook-creation", "Succeeded", false),
        ("hook-succeeded", "Running", false),
    ] {
        let mut examination = examined(&[good(1, "deployed").saying("hooks", json!([hook("check", &[policy], phase, RAN)]))]);
        assert_eq!(found(&examination), [], "there is no such object");
        seen(&mut examination, live(&job("check", true)));
        let noted: Vec<Class> = found(&examination).into_iter().map(|(class, ..)| class).collect();
        assert_eq!(noted, if is_left { vec![Class::LeftoverHook] } else { vec![] }, "{policy} {phase}");
    }
}

#[test]
fn the_last_run_of_a_hook_decides() {
    let older = hook("check", &["hook-succeeded"], "Succeeded", RAN);
    let newer = hook("check", &["before-hook-creation"], "Succeeded", "2026-01-03T00:00:00Z");
    let mut examination =
        examined(&[good(1, "superseded").saying("hooks", json!([older])), good(2, "deployed").saying("hooks", json!([newer]))]);
    seen(&mut examination, live(&job("check", true)));
    assert_eq!(found(&examination), []);
}

#[test]
fn what_a_hook_of_a_revision_that_never_worked_left_is_noted_once_it_has_ended() {
    let failed = record(2, "failed", "Upgrade \"web\" failed: boom");
    let guard = hook("guard", &["before-hook-creation"], "Failed", RAN);
    let mut examination = examined(&[good(1, "deployed"), failed.saying("hooks", json!([guard]))]);
    seen(&mut examination, live(&job("guard", false)));
    assert_eq!(found(&examination), []);
    seen(&mut examination, live(&job("guard", true)));
    let note = only(&examination);
    assert_eq!((note.class, note.gravity, note.revision), (Class::LeftoverHook, Gravity::Note, Some(revision(2))));
    assert_eq!(note.ways_out, ["kubectl delete jobs guard --namespace default"]);
}

#[test]
fn a_hook_object_of_somebody_else_or_of_the_manifest_is_none() {
    let check = hook("check", &["hook-succeeded"], "Succeeded", RAN);
    let mut examination = examined(&[good(1, "deployed").saying("hooks", json!([check.clone()]))]);
    let mut foreign = live(&job("check", true));
    foreign.set_annotation("meta.helm.sh/release-name", "shop");
    seen(&mut examination, foreign);
    assert_eq!(found(&examination), []);
    let manifest = good(2, "deployed").objects(&[job("check", false)]);
    let mut examination = examined(&[good(1, "superseded").saying("hooks", json!([check])), manifest]);
    seen(&mut examination, live(&job("check", true)));
    assert_eq!(found(&examination), []);
}

#[test]
fn a_live_object_that_no_revision_knows_is_an_orphan() {
    let mut examination = examined(&[good(1, "deployed")]);
    owned(&mut examination, own(&config_map("web", "red")));
    assert_eq!(found(&examination), [], "the manifest has it");
    owned(&mut examination, own(&config_map("left", "red")));
    let note = only(&examination);
    assert_eq!((note.class, note.gravity), (Class::OrphanedObject, Gravity::Note));
    assert_eq!(note.object.unwrap().to_string(), "ConfigMap default/left");
}

#[test]
fn what_is_kept_controlled_or_going_is_no_orphan() {
    let mut kept = own(&config_map("kept", "red"));
    kept.set_annotation("helm.sh/resource-policy", "keep");
    let replica_set = json!({
        "apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": {"name": "web-1", "ownerReferences": [{"kind": "Deployment", "name": "web", "controller": true}]},
    });
    let mut going = own(&config_map("going", "red"));
    going.metadata_mut().insert("deletionTimestamp".to_owned(), json!(NOW));
    let mut examination = examined(&[good(1, "deployed")]);
    for object in [kept, own(&replica_set), going] {
        owned(&mut examination, object);
    }
    assert_eq!(found(&examination), []);
}

#[test]
fn orphans_are_not_told_where_a_revision_cannot_be_read_or_somebody_is_at_work() {
    let unreadable = examined(&[good(1, "superseded").holding(b"%"), good(2, "deployed")]);
    let pending = examined(&[good(1, "deployed"), pending(2, "2026-05-01T11:59:00Z")]);
    for mut examination in [unreadable, pending] {
        owned(&mut examination, own(&config_map("left", "red")));
        assert!(found(&examination).iter().all(|(class, ..)| *class != Class::OrphanedObject));
    }
}
