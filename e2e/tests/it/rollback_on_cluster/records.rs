//! Records in unusual states.

use e2e::{Namespace, World};
use helm_release_core::codec::{self, DecodeOptions};
use k8s_openapi::ByteString;
use serde_json::json;

use crate::release::{color, deploy, helm_goes_on, history, noise, ours, statuses, web, without_a_write};

pub(crate) const TESTS: &[crate::Test] = crate::tests![
    a_pending_revision_holds_the_release_until_it_is_accepted,
    a_corrupt_record_of_an_old_revision_stops_nothing,
    a_corrupt_record_of_the_target_is_told,
    a_corrupt_record_of_the_latest_revision_is_refused_until_it_is_accepted,
    an_uninstalled_release_comes_back_when_accepted,
    a_record_of_700_kilobytes_keeps_every_byte,
];

fn corrupt(ns: &Namespace<'_>, revision: u32) {
    // The base64 of "no record".
    let _ = ns.patch("v1/secrets", &format!("sh.helm.release.v1.web.v{revision}"), &json!({"data": {"release": "bm8gcmVjb3Jk"}}));
}

fn a_pending_revision_holds_the_release_until_it_is_accepted(world: &World) {
    for major in [3, 4] {
        let ns = world.namespace("pending");
        deploy(&ns, major, &[web("blue"), web("red")]);
        // Helm leaves such a revision when it is killed, or when a hook fails.
        let hook = crate::release::hook("check", "pre-rollback", "fail", "");
        deploy(&ns, major, &[web("green").template("hook.yaml", &hook), web("pink")]);
        let _ = ns.helm(major).args(["rollback", "web", "3"]).fails(1);
        assert_eq!(statuses(&ns, major).last().map(String::as_str), Some("pending-rollback"));

        let said = without_a_write(&ns, || ours(&ns, &["2"]).fails(5));
        let begin = "Error: release \"web\" is not rolled back, and nothing was changed\nCause: block (pending-revision): revision 5 is pending-rollback since ";
        assert!(said.stderr.contains(begin), "{}", said.stderr);
        let end = "; another operation may be at work on the same objects, or may have died and left them half changed
Hint: wait until the other operation ends, and look with history
Hint: when nobody works on it any more: recover finishes or undoes it (recover web --dry-run shows how)
Hint: or roll back over it: --accept pending-revision
";
        assert!(said.stderr.ends_with(end), "{}", said.stderr);
        let _ = ours(&ns, &["2", "--accept", "pending-revision"]).ok();
        assert_eq!(color(&ns), "red");
        let statuses = statuses(&ns, major);
        assert_eq!(statuses[5], "deployed", "{statuses:?}");
        assert_eq!(statuses.iter().filter(|status| *status == "deployed").count(), 1, "{statuses:?}");
        helm_goes_on(&ns, major);
    }
}

fn a_corrupt_record_of_an_old_revision_stops_nothing(world: &World) {
    let ns = world.namespace("corrupt");
    deploy(&ns, 4, &[web("blue"), web("red"), web("green")]);
    corrupt(&ns, 1);
    let _ = ours(&ns, &["2"]).ok();
    assert_eq!(color(&ns), "red");
    let said = ns.plugin().args(["history", "web"]).run();
    assert_eq!(said.code, 0);
    assert_eq!(said.stdout.lines().count(), 4, "a title and three of four revisions: {}", said.stdout);
    assert!(
        said.stderr.starts_with("Warning: record sh.helm.release.v1.web.v1 of release \"web\", revision 1, in namespace "),
        "{}",
        said.stderr
    );
}

fn a_corrupt_record_of_the_target_is_told(world: &World) {
    let ns = world.namespace("corrupt");
    deploy(&ns, 4, &[web("blue"), web("red")]);
    corrupt(&ns, 1);
    let said = without_a_write(&ns, || ours(&ns, &["1"]).fails(1));
    let begin = format!(
        "Error: record sh.helm.release.v1.web.v1 of release \"web\", revision 1, in namespace \"{}\" cannot be read\nCause: ",
        ns.name()
    );
    assert!(said.stderr.starts_with(&begin), "{}", said.stderr);
    assert!(!said.stderr.contains("no record"), "the payload is not shown: {}", said.stderr);
    // The default passes over it.
    let said = without_a_write(&ns, || ours(&ns, &[]).fails(2));
    assert!(
        said.stderr.starts_with("Error: no revision before 2 fits @good\nCause: revision 1: it cannot be read: "),
        "{}",
        said.stderr
    );
}

fn a_corrupt_record_of_the_latest_revision_is_refused_until_it_is_accepted(world: &World) {
    let ns = world.namespace("corrupt");
    deploy(&ns, 4, &[web("blue"), web("red"), web("green")]);
    corrupt(&ns, 3);
    let said = without_a_write(&ns, || ours(&ns, &["1"]).fails(3));
    assert!(
        said.stderr.contains("Cause: block (undecodable-record): the record of revision 3 cannot be decoded: "),
        "{}",
        said.stderr
    );
    assert!(said.stderr.ends_with("Hint: go on without it: --accept undecodable-record\n"), "{}", said.stderr);
    let _ = ours(&ns, &["1", "--accept", "undecodable-record"]).ok();
    assert_eq!(color(&ns), "blue");
    let labels = |revision: u32| {
        ns.live("v1/secrets", &format!("sh.helm.release.v1.web.v{revision}"))["metadata"]["labels"]["status"].clone()
    };
    assert_eq!(labels(4), "deployed");
    let rows = ns.plugin().args(["history", "web", "-o", "json"]).run();
    assert_eq!(rows.code, 0, "{rows:?}");
}

fn an_uninstalled_release_comes_back_when_accepted(world: &World) {
    let ns = world.namespace("uninstalled");
    deploy(&ns, 4, &[web("blue"), web("red")]);
    let _ = ns.helm4().args(["uninstall", "web", "--keep-history"]).ok();
    let said = without_a_write(&ns, || ours(&ns, &["2"]).fails(3));
    assert!(
        said.stderr.contains("block (target-not-good): revision 2 never worked, or does not any more: its status is uninstalled"),
        "{}",
        said.stderr
    );
    let _ = ours(&ns, &["2", "--accept", "target-not-good"]).ok();
    assert_eq!(color(&ns), "red");
    assert_eq!(history(&ns, 4).len(), 3);
    helm_goes_on(&ns, 4);
}

/// The payload of a record, as it lies in its Secret.
fn payload(ns: &Namespace<'_>, revision: u32) -> Vec<u8> {
    let secret = ns.live("v1/secrets", &format!("sh.helm.release.v1.web.v{revision}"));
    let ByteString(bytes) = serde_json::from_value(secret["data"]["release"].clone()).expect("data is base64");
    bytes
}

fn a_record_of_700_kilobytes_keeps_every_byte(world: &World) {
    for major in [3, 4] {
        let ns = world.namespace("large");
        let large = web("blue").file("noise.txt", &noise(1_050_000));
        deploy(&ns, major, &[large, web("red")]);
        let stored = payload(&ns, 1);
        assert!(stored.len() >= 700_000, "{} bytes", stored.len());
        let json = codec::decode_json(&stored, DecodeOptions::default()).unwrap();
        let record = codec::decode(&stored, DecodeOptions::default()).unwrap();
        assert!(record.to_json().as_bytes() == json, "decoded and written again it is another text");
        let again = codec::decode_json(&codec::encode(&record).0, DecodeOptions::default()).unwrap();
        assert!(again == json, "encoded and decoded it is another text");

        let _ = ours(&ns, &["1"]).ok();
        assert_eq!(color(&ns), "blue");
        let new = codec::decode(&payload(&ns, 3), DecodeOptions::default()).unwrap();
        for member in ["chart", "config", "manifest", "hooks"] {
            assert!(new.raw(member) == record.raw(member), "{member} is not that of revision 1");
        }
        let _ = ns.helm(major).args(["rollback", "web", "2"]).ok();
        let _ = ns.helm(major).args(["rollback", "web", "3"]).ok();
        assert_eq!(color(&ns), "blue");
        helm_goes_on(&ns, major);
    }
}
