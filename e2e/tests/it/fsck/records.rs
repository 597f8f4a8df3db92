//! Records that Helm left broken, or that somebody broke by hand: found, repaired, and Helm goes on.

use e2e::{Namespace, World};
use helm_release_core::Record;
use serde_json::json;

use super::{SECRETS, found, fsck, label, object, record, set_status, store};
use crate::release::{config_map, deploy, helm_goes_on, helms, noise, statuses, upgrade, web, without_a_write};

pub(crate) const TESTS: &[crate::Test] = super::for_both_lines![
    a_status_label_that_lies_is_put_right,
    a_label_with_another_number_is_put_right,
    a_record_under_a_wrong_name_gets_its_own,
    a_copy_with_the_labels_of_a_record_is_told,
    two_deployed_revisions_become_one,
    what_runs_is_deployed_again_after_a_rollback_of_helms_that_failed,
    a_revision_that_helm_laundered_is_failed_again,
    an_undecodable_latest_revision_no_longer_blocks_helm,
    a_repair_can_be_taken_back,
    a_payload_of_another_namespace_is_told_and_left,
    a_gap_and_a_large_record_are_notes,
    records_in_config_maps_are_repaired_too,
];

/// Three revisions, the last one deployed.
fn three(world: &World, major: u8) -> Namespace<'_> {
    let ns = world.namespace("fsck");
    deploy(&ns, major, &[web("red"), web("green"), web("blue")]);
    assert_eq!(found(&ns), [] as [&str; 0], "what helm makes is sound");
    ns
}

/// Finds exactly that, shows a repair without doing it, repairs, and finds nothing; then Helm reads the history and goes on.
fn is_cured(ns: &Namespace<'_>, major: u8, expected: &[&str], after: &[&str]) {
    assert_eq!(found(ns), expected);
    without_a_write(ns, || fsck(ns, &["--repair", "--dry-run"], 3));
    let said = fsck(ns, &["--repair", "--remove-undecodable"], 0).stdout;
    assert!(said.contains("Repaired:"), "{said}");
    assert_eq!(found(ns), [] as [&str; 0], "{said}");
    assert_eq!(statuses(ns, major), after);
    helm_goes_on(ns, major);
    assert_eq!(found(ns), [] as [&str; 0]);
}

const SOUND: [&str; 3] = ["superseded", "superseded", "deployed"];

fn a_status_label_that_lies_is_put_right<const MAJOR: u8>(world: &World) {
    let ns = three(world, MAJOR);
    label(&ns, 3, "status", "failed");
    is_cured(&ns, MAJOR, &["ailment status-mismatch 3"], &SOUND);
}

fn a_label_with_another_number_is_put_right<const MAJOR: u8>(world: &World) {
    let ns = three(world, MAJOR);
    label(&ns, 2, "version", "7");
    is_cured(&ns, MAJOR, &["ailment identity-mismatch 2"], &SOUND);
}

/// Makes a second Secret of a revision under another name.
fn copy(ns: &Namespace<'_>, revision: u32, name: &str) {
    let secret = ns.live(SECRETS, &object(revision));
    let metadata = json!({"name": name, "labels": secret["metadata"]["labels"]});
    let copy =
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": secret["type"], "data": secret["data"]});
    let _ = ns.create(SECRETS, &copy);
}

fn a_record_under_a_wrong_name_gets_its_own<const MAJOR: u8>(world: &World) {
    let ns = three(world, MAJOR);
    copy(&ns, 2, &object(9));
    ns.delete(SECRETS, &object(2));
    let lost = ns.helm(MAJOR).args(["rollback", "web", "2"]).run();
    assert_ne!(lost.code, 0, "helm lists the revision and does not find it: {lost:?}");
    is_cured(&ns, MAJOR, &["ailment wrong-object-name 2"], &SOUND);
    assert!(ns.get(SECRETS, &object(2)).is_some() && ns.get(SECRETS, &object(9)).is_none());
}

fn a_copy_with_the_labels_of_a_record_is_told<const MAJOR: u8>(world: &World) {
    let ns = three(world, MAJOR);
    copy(&ns, 3, "web-before-friday");
    assert_eq!(found(&ns), ["ailment wrong-object-name null"]);
    let said = fsck(&ns, &["--repair"], 3).stdout;
    assert!(said.contains("Secret web-before-friday carries the labels of a record"), "{said}");
    assert!(ns.get(SECRETS, "web-before-friday").is_some(), "what is no record's is never removed");
    // A copy under the name of a record is one too many for sure.
    ns.delete(SECRETS, "web-before-friday");
    copy(&ns, 1, &object(8));
    is_cured(&ns, MAJOR, &["ailment wrong-object-name 1"], &SOUND);
}

fn two_deployed_revisions_become_one<const MAJOR: u8>(world: &World) {
    let ns = three(world, MAJOR);
    set_status(&ns, 1, "deployed");
    assert_eq!(statuses(&ns, MAJOR), ["deployed", "superseded", "deployed"]);
    is_cured(&ns, MAJOR, &["ailment several-deployed 3"], &SOUND);
}

fn what_runs_is_deployed_again_after_a_rollback_of_helms_that_failed<const MAJOR: u8>(world: &World) {
    let ns = world.namespace("fsck-lost");
    // Nothing leads back from an immutable ConfigMap but its deletion.
    let sealed = |color: &str| format!("{}immutable: true\n", config_map("sealed", color));
    let before = web("blue").template("sealed.yaml", &config_map("sealed", "blue"));
    deploy(&ns, MAJOR, &[before, web("red").template("sealed.yaml", &sealed("red"))]);
    let _ = helms(&ns, MAJOR, &["1"]).fails(1);
    assert_eq!(statuses(&ns, MAJOR), ["superseded", "superseded", "failed"], "nothing is deployed any more");
    is_cured(&ns, MAJOR, &["ailment none-deployed 2"], &["superseded", "deployed", "failed"]);
}

fn a_revision_that_helm_laundered_is_failed_again<const MAJOR: u8>(world: &World) {
    let ns = world.namespace("fsck-launder");
    let sealed = format!("{}immutable: true\n", config_map("sealed", "red"));
    let good = web("red").template("sealed.yaml", &sealed);
    deploy(&ns, MAJOR, &[web("blue").template("sealed.yaml", &config_map("sealed", "blue")), good.clone()]);
    let _ = upgrade(&ns, MAJOR, &good.template("bad.yaml", &config_map("Bad_Name", "x"))).fails(1);
    let _ = helms(&ns, MAJOR, &["1"]).fails(1);
    assert_eq!(statuses(&ns, MAJOR), ["superseded", "deployed", "superseded", "failed"]);
    is_cured(&ns, MAJOR, &["ailment laundered-superseded 3"], &["superseded", "deployed", "failed", "failed"]);
}

fn an_undecodable_latest_revision_no_longer_blocks_helm<const MAJOR: u8>(world: &World) {
    let ns = three(world, MAJOR);
    let _ = ns.patch(SECRETS, &object(3), &json!({"stringData": {"release": "%%% no record"}}));
    // Helm overlooks the third revision and wants to make it again.
    let blocked = upgrade(&ns, MAJOR, &web("green")).run();
    assert_ne!(blocked.code, 0, "{blocked:?}");
    assert_eq!(found(&ns), ["ailment undecodable-payload 3"]);
    let said = fsck(&ns, &["--repair"], 3).stdout;
    assert!(!said.contains("Repaired:"), "nobody asked for a removal: {said}");
    // What the removed revision deployed is still there, so that a second look finds none deployed.
    let said = fsck(&ns, &["--repair", "--remove-undecodable"], 3).stdout;
    assert!(said.contains("Still ailing:\n  none-deployed: revision 2: "), "{said}");
    assert_eq!(found(&ns), ["ailment none-deployed 2"]);
    let _ = fsck(&ns, &["--repair"], 0);
    assert_eq!(statuses(&ns, MAJOR), ["superseded", "deployed"]);
    helm_goes_on(&ns, MAJOR);
}

fn a_repair_can_be_taken_back<const MAJOR: u8>(world: &World) {
    let ns = three(world, MAJOR);
    set_status(&ns, 1, "deployed");
    label(&ns, 2, "version", "7");
    let before: Vec<_> = (1..=3).map(|revision| ns.live(SECRETS, &object(revision))).collect();
    let _ = fsck(&ns, &["--repair"], 0);
    let notes = || ns.list(SECRETS).into_iter().filter(|secret| secret["type"] == "rollback-safe/note.v1").count();
    assert_eq!(notes(), 2, "one backup for each record that was changed");
    assert_eq!(statuses(&ns, MAJOR), SOUND);

    let said = without_a_write(&ns, || fsck(&ns, &["--restore", "--dry-run"], 0).stdout);
    assert!(said.contains("bring revision 1 back as it was (deployed) from backup v1-"), "{said}");
    let _ = fsck(&ns, &["--restore"], 0);
    assert_eq!(found(&ns), ["ailment identity-mismatch 2", "ailment several-deployed 3"]);
    for (before, revision) in before.iter().zip(1..) {
        let after = ns.live(SECRETS, &object(revision));
        assert_eq!((&after["data"], &after["metadata"]["labels"]), (&before["data"], &before["metadata"]["labels"]));
    }
    assert_eq!(notes(), 0);
    let _ = fsck(&ns, &["--repair"], 0);
    helm_goes_on(&ns, MAJOR);
}

fn a_payload_of_another_namespace_is_told_and_left<const MAJOR: u8>(world: &World) {
    let ns = three(world, MAJOR);
    let mut json: serde_json::Value = serde_json::from_str(&record(&ns, 2).to_json()).unwrap();
    json["namespace"] = json!("elsewhere");
    store(&ns, 2, &Record::parse(json.to_string().as_bytes()).unwrap(), "superseded");
    assert_eq!(found(&ns), ["ailment identity-mismatch 2"]);
    let said = without_a_write(&ns, || fsck(&ns, &["--repair"], 3).stdout);
    assert!(said.contains("payload says namespace elsewhere, its object lies in fsck-"), "{said}");
}

fn a_gap_and_a_large_record_are_notes<const MAJOR: u8>(world: &World) {
    let ns = three(world, MAJOR);
    let file = noise(900_000);
    let _ = upgrade(&ns, MAJOR, &web("large").file("noise.txt", &file)).ok();
    ns.delete(SECRETS, &object(3));
    assert_eq!(found(&ns), ["note number-gap 4", "note near-size-limit 4"]);
    let said = fsck(&ns, &[], 0).stdout;
    assert!(said.contains(" of 1048576 bytes (") && said.contains(": chart files "), "{said}");
}

fn records_in_config_maps_are_repaired_too<const MAJOR: u8>(world: &World) {
    let ns = world.namespace("fsck-maps");
    for color in ["red", "blue"] {
        let _ = upgrade(&ns, MAJOR, &web(color)).env("HELM_DRIVER", "configmap").ok();
    }
    let label = |status: &str| json!({"metadata": {"labels": {"status": status}}});
    let _ = ns.patch("v1/configmaps", &object(1), &label("deployed"));
    let run = |args: &[&str]| ns.plugin().env("HELM_DRIVER", "configmap").args(["fsck", "web"]).args(args).run();
    let said = run(&["--repair"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.stdout.contains("ailment status-mismatch: revision 1: "), "{}", said.stdout);
    assert_eq!(ns.live("v1/configmaps", &object(1))["metadata"]["labels"]["status"], "superseded");
    assert_eq!(run(&[]).stdout, format!("web in namespace {} (2 revisions): healthy\n", ns.name()));
    let _ = run(&["--restore"]);
    assert_eq!(ns.live("v1/configmaps", &object(1))["metadata"]["labels"]["status"], "deployed");
    let history = ns.helm(MAJOR).env("HELM_DRIVER", "configmap").args(["history", "web"]).ok();
    assert_eq!(history.lines().count(), 3, "{history}");
}
