//! What a repair and a restore would do.

use std::time::Duration;

use insta::assert_json_snapshot;
use serde_json::Value;

use super::world::*;
use crate::codec::{self, DecodeOptions};
use crate::fsck::{Backup, Class, RepairAction, RepairOptions, RepairPlan, check, repair_plan, restore_plan};
use crate::ports::{NewRecord, Note};

fn planned(examination: &crate::fsck::Examination, options: RepairOptions) -> RepairPlan {
    repair_plan(examination, &check(examination, now()), options, now())
}

fn after(plan: &RepairPlan, step: usize) -> &NewRecord {
    match &plan.steps[step].action {
        RepairAction::Rewrite { after, .. } => after,
        other => panic!("no record is rewritten: {}", other.describe()),
    }
}

#[test]
fn a_plan_says_each_step_with_its_reasons() {
    let mut examination = examined(&[
        good(1, "superseded").holding(b"%%%"),
        record(2, "superseded", "Upgrade \"web\" failed: boom").labelled("status", "deployed"),
        good(3, "deployed"),
        good(4, "deployed").labelled("version", "9"),
    ]);
    examination.notes.push(journal("v4"));
    examination.lock = Some(lock(Duration::from_secs(60)));
    assert_json_snapshot!(planned(&examination, RepairOptions::default()), @r#"
    {
      "namespace": "default",
      "name": "web",
      "steps": [
        {
          "revision": 2,
          "action": "mark revision 2 failed",
          "cures": [
            "status-mismatch",
            "laundered-superseded"
          ],
          "reasons": [
            "payload says superseded, label status is deployed",
            "it is called superseded, but its description says that it failed: Upgrade \"web\" failed: boom"
          ],
          "keepsBackup": true
        },
        {
          "revision": 3,
          "action": "mark revision 3 superseded",
          "cures": [
            "several-deployed"
          ],
          "reasons": [
            "revisions 3, 4 are all deployed"
          ],
          "keepsBackup": true
        },
        {
          "revision": 4,
          "action": "write the labels of revision 4 anew (status deployed)",
          "cures": [
            "identity-mismatch"
          ],
          "reasons": [
            "label version is 9, not 4"
          ],
          "keepsBackup": true
        },
        {
          "revision": 4,
          "action": "remove journal v4",
          "cures": [
            "stale-journal"
          ],
          "reasons": [
            "journal v4 is there though revision 4 is deployed"
          ],
          "keepsBackup": false
        },
        {
          "action": "remove the lock of rollback web by ann@bastion (process 7), since 2026-05-01T11:59:00Z",
          "cures": [
            "stale-lock"
          ],
          "reasons": [
            "the lock of rollback web by ann@bastion (process 7), since 2026-05-01T11:59:00Z has expired at 2026-05-01T11:59:30Z"
          ],
          "keepsBackup": false
        }
      ],
      "left": [
        {
          "class": "undecodable-payload",
          "revision": 1,
          "waysOut": [
            "restore the object from a backup of the cluster",
            "have it removed, a backup kept: fsck --repair --remove-undecodable"
          ]
        }
      ]
    }
    "#);
}

#[test]
fn ailments_of_one_record_are_cured_in_one_step() {
    let broken = record(2, "superseded", "Upgrade \"web\" failed: boom").labelled("status", "deployed").labelled("team", "shop");
    let plan = planned(&examined(&[good(1, "superseded"), broken, good(3, "deployed")]), RepairOptions::default());
    assert_eq!(plan.steps.len(), 1);
    assert_eq!(plan.steps[0].cures, [Class::StatusMismatch, Class::LaunderedSuperseded]);
    let after = after(&plan, 0);
    let json: Value = serde_json::from_slice(&codec::decode_json(&after.payload.0, DecodeOptions::default()).unwrap()).unwrap();
    assert_eq!(json["info"]["status"], "failed");
    let labels: Vec<_> = after.labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    assert_eq!(labels, ["modifiedAt=1777636800", "name=web", "owner=helm", "status=failed", "team=shop", "version=2"]);
}

#[test]
fn a_payload_that_says_the_truth_is_not_written_anew() {
    let examination = examined(&[good(1, "deployed").labelled("status", "failed")]);
    let plan = planned(&examination, RepairOptions::default());
    assert_eq!(Some(&after(&plan, 0).payload), examination.records[0].payload.as_ref());
}

#[test]
fn what_supersedes_comes_before_what_deploys() {
    let old = good(1, "superseded").labelled("version", "5");
    let mut examination = examined(&[old, good(2, "superseded"), record(3, "superseded", "Rollback \"web\" failed: boom")]);
    seen(&mut examination, own(&config_map("web", "red")));
    let plan = planned(&examination, RepairOptions::default());
    let told: Vec<String> = plan.steps.iter().map(|step| step.action.describe()).collect();
    assert_eq!(
        told,
        ["write the labels of revision 1 anew (status superseded)", "mark revision 3 failed", "mark revision 2 deployed"]
    );
}

#[test]
fn an_undecodable_record_is_removed_only_when_asked_for() {
    let examination = examined(&[good(1, "superseded").holding(b"%%%"), good(2, "deployed")]);
    let plan = planned(&examination, RepairOptions::default());
    assert!(plan.is_idle());
    assert_eq!(plan.left.iter().map(|left| left.class).collect::<Vec<_>>(), [Class::UndecodablePayload]);
    let plan = planned(&examination, RepairOptions::default().with_remove_undecodable(true));
    assert_eq!(plan.steps[0].action.describe(), "remove record sh.helm.release.v1.web.v1");
    assert_eq!(plan.left, []);
}

#[test]
fn a_backup_round_trips_whatever_its_bytes() {
    let record = good(3, "deployed").labelled("team", "shop").holding(&[0xff, 0, b'%']).examined();
    let backup = Backup::of(&record.stored().unwrap(), "remove record", now());
    let key = backup.note_key(0);
    assert_eq!(key.to_string(), "backup v3-20260501t120000 of default/web");
    assert_eq!(backup.note_key(2).id, "v3-20260501t120000-2");
    let read = Backup::read(&key, &backup.to_note().unwrap()).unwrap();
    assert_eq!(read, backup);
    let other = Note(br#"{"format":"helm-rollback-safe/backup/v2"}"#.to_vec());
    assert!(Backup::read(&key, &other).is_err());
    let other = String::from_utf8(backup.to_note().unwrap().0).unwrap().replace("backup/v1", "backup/v2");
    let error = Backup::read(&key, &Note(other.into_bytes())).unwrap_err().to_string();
    assert!(error.contains("its form is \"helm-rollback-safe/backup/v2\""), "{error}");
}

#[test]
fn the_newest_backup_of_each_revision_is_brought_back() {
    let kept = |number: u32, status: &str, seconds: i64, again: usize| {
        let record = good(number, status).examined().stored().unwrap();
        let backup = Backup::of(&record, "mark it", now() + Duration::from_secs(seconds.unsigned_abs()));
        (backup.note_key(again), backup)
    };
    let backups = vec![
        kept(1, "deployed", 9, 0),
        kept(2, "failed", 5, 0),
        kept(2, "superseded", 5, 10),
        kept(2, "pending-upgrade", 5, 2),
        kept(2, "deployed", 1, 0),
    ];
    let heads = [good(2, "superseded").examined().head];
    let plan = restore_plan(&namespace(), &name(), backups, &heads);
    let told: Vec<_> = plan.steps.iter().map(|step| (step.describe(), step.status.clone(), step.older)).collect();
    assert_eq!(
        told,
        [
            ("bring revision 1 back as it was (deployed)".to_owned(), None, 0),
            ("bring revision 2 back as it was (superseded)".to_owned(), Some("superseded".to_owned()), 3),
        ]
    );
}
