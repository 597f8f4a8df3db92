//! What is around the records: pending operations, locks, journals, hooks, objects, rights.

use std::time::Duration;

use e2e::World;
use helm_release_core::Record;
use jiff::Timestamp;
use serde_json::json;

use super::{SECRETS, found, fsck, object, record, store};
use crate::release::{allow_viewer, config_map, deploy, helm_goes_on, helms, hook, statuses, upgrade, web, without_a_write};

pub(crate) const TESTS: &[crate::Test] = super::for_both_lines![
    a_revision_that_helm_left_pending_is_stale_after_an_hour,
    an_expired_lock_and_a_finished_journal_are_removed,
    a_held_release_is_not_repaired,
    an_object_that_a_pruned_revision_left_is_an_orphan,
    a_hook_that_its_policy_should_have_removed_is_noted,
    rights_to_read_records_are_enough,
    fsck_reads_and_writes_nothing,
];

/// Sets when the operation of a revision began.
fn began(ns: &e2e::Namespace<'_>, revision: u32, ago: Duration, status: &str) {
    let mut json: serde_json::Value = serde_json::from_str(&record(ns, revision).to_json()).unwrap();
    json["info"]["last_deployed"] = json!((Timestamp::now() - ago).to_string());
    store(ns, revision, &Record::parse(json.to_string().as_bytes()).unwrap(), status);
    let never_touched = json!({"metadata": {"labels": {"createdAt": null, "modifiedAt": null}}});
    let _ = ns.patch(SECRETS, &object(revision), &never_touched);
}

fn a_revision_that_helm_left_pending_is_stale_after_an_hour<const MAJOR: u8>(world: &World) {
    let ns = world.namespace("fsck-stuck");
    deploy(&ns, MAJOR, &[web("blue").template("hook.yaml", &hook("check", "pre-rollback", "fail", "")), web("red")]);
    let _ = helms(&ns, MAJOR, &["1", "--timeout", "60s"]).fails(1);
    assert_eq!(statuses(&ns, MAJOR), ["superseded", "deployed", "pending-rollback"]);
    assert_eq!(found(&ns), ["note stale-pending 3"], "somebody may be at work");
    began(&ns, 3, Duration::from_secs(2 * 60 * 60), "pending-rollback");
    assert_eq!(found(&ns), ["ailment stale-pending 3"]);
    let said = without_a_write(&ns, || fsck(&ns, &["--repair"], 3).stdout);
    assert!(said.contains("helm rollback-safe recover web finishes or undoes it"), "{said}");
    // The record can be dated back, the objects that Helm wrote a moment ago cannot: they are a sign of life.
    let doubts = without_a_write(&ns, || ns.plugin().args(["recover", "web"]).fails(5).stderr);
    assert!(doubts.contains("Cause: Helm wrote ConfigMap "), "{doubts}");
    // What the way out leads to is sound.
    let recovered = ns.plugin().args(["recover", "web", "--assume-dead"]).run();
    assert_eq!(recovered.code, 0, "{recovered:?}");
    assert_eq!(found(&ns), [] as [&str; 0]);
    helm_goes_on(&ns, MAJOR);
}

/// A lock as this tool keeps it, renewed that long ago.
fn lock(ns: &e2e::Namespace<'_>, ago: Duration) {
    let renewed = Timestamp::now() - ago;
    let holder = json!({
        "id": "id", "who": "ann@bastion", "process": 7, "command": "rollback web", "since": renewed, "renewed": renewed, "seconds": 30,
    });
    let metadata = json!({
        "name": "helm-rollback-safe.web",
        "labels": {"owner": "helm-rollback-safe", "name": "web"},
        "annotations": {"rollback-safe/holder": holder.to_string()},
    });
    let lease = json!({"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": metadata, "spec": {}});
    let _ = ns.create("coordination.k8s.io/v1/leases", &lease);
}

fn an_expired_lock_and_a_finished_journal_are_removed<const MAJOR: u8>(world: &World) {
    let ns = world.namespace("fsck-past");
    deploy(&ns, MAJOR, &[web("red"), web("blue")]);
    lock(&ns, Duration::from_secs(90));
    let labels = json!({"owner": "helm-rollback-safe", "name": "web", "note": "journal", "id": "v2"});
    let metadata = json!({"name": "helm-rollback-safe.journal.web.v2", "labels": labels});
    let _ =
        ns.create(SECRETS, &json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "rollback-safe/note.v1"}));
    assert_eq!(found(&ns), ["ailment stale-lock null", "ailment stale-journal 2"]);
    let _ = fsck(&ns, &["--repair"], 0);
    assert_eq!(found(&ns), [] as [&str; 0]);
    assert!(ns.get("coordination.k8s.io/v1/leases", "helm-rollback-safe.web").is_none());
    assert!(ns.get(SECRETS, "helm-rollback-safe.journal.web.v2").is_none());
    helm_goes_on(&ns, MAJOR);
}

fn a_held_release_is_not_repaired<const MAJOR: u8>(world: &World) {
    let ns = world.namespace("fsck-held");
    deploy(&ns, MAJOR, &[web("red"), web("green"), web("blue")]);
    super::set_status(&ns, 1, "deployed");
    lock(&ns, Duration::ZERO);
    let prune = ["prune", "web", "--keep", "1", "--keep-good", "0"];
    for (args, what) in [(&["fsck", "web", "--repair"][..], "repaired"), (&prune[..], "pruned")] {
        let said = without_a_write(&ns, || ns.plugin().args(args).fails(5));
        let error =
            format!("Error: release \"web\" is not {what}: it is held by rollback web by ann@bastion (process 7), since ");
        assert!(said.stderr.starts_with(&error), "{}", said.stderr);
    }
    ns.delete("coordination.k8s.io/v1/leases", "helm-rollback-safe.web");
    let _ = fsck(&ns, &["--repair"], 0);
    let _ = ns.plugin().args(prune).ok();
    assert_eq!(statuses(&ns, MAJOR), ["deployed"]);
    assert_eq!(ns.list("coordination.k8s.io/v1/leases").len(), 0, "every lock is given back");
}

fn an_object_that_a_pruned_revision_left_is_an_orphan<const MAJOR: u8>(world: &World) {
    let ns = world.namespace("fsck-orphan");
    deploy(&ns, MAJOR, &[web("blue"), web("red").template("extra.yaml", &config_map("extra", "red"))]);
    // It fails before it applies anything, so `extra` stays; the rollback of Helm's does not know it any more.
    let _ =
        upgrade(&ns, MAJOR, &web("green").template("hook.yaml", &hook("check", "pre-upgrade", "fail", "hook-delete-policy: x")))
            .run();
    let _ = helms(&ns, MAJOR, &["1"]).ok();
    assert!(ns.get("v1/configmaps", "extra").is_some());
    let notes = |ns: &e2e::Namespace<'_>| -> Vec<String> {
        found(ns).into_iter().filter(|note| !note.contains("leftover-hook")).collect()
    };
    assert_eq!(notes(&ns), [] as [&str; 0], "revision 2 still names it");
    let _ = ns.plugin().args(["prune", "web", "--keep", "1", "--keep-good", "0"]).ok();
    assert_eq!(statuses(&ns, MAJOR), ["deployed"]);
    assert_eq!(notes(&ns), ["note orphaned-object extra"]);
    let said = fsck(&ns, &[], 0).stdout;
    assert!(said.contains("kubectl delete configmaps extra --namespace fsck-orphan-"), "{said}");
    ns.delete("v1/configmaps", "extra");
    assert_eq!(notes(&ns), [] as [&str; 0]);
}

fn a_hook_that_its_policy_should_have_removed_is_noted<const MAJOR: u8>(world: &World) {
    let ns = world.namespace("fsck-hook");
    let check = hook("check", "post-install", "", "helm.sh/hook-delete-policy: hook-succeeded");
    let keeps = hook("keeps", "post-install", "", "");
    deploy(&ns, MAJOR, &[web("blue").template("hook.yaml", &check).template("keeps.yaml", &keeps)]);
    let _ = ns.until("v1/pods", "check", |pod| pod.is_none());
    assert!(ns.get("v1/pods", "keeps").is_some(), "the default policy leaves it until it runs again");
    assert_eq!(found(&ns), [] as [&str; 0]);
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "check"},
        "spec": {"restartPolicy": "Never", "containers": [{"name": "hook", "image": "hook"}]},
    });
    let _ = ns.create("v1/pods", &pod);
    assert_eq!(found(&ns), ["note leftover-hook check"]);
    let _ = without_a_write(&ns, || fsck(&ns, &["--repair"], 0));
}

fn rights_to_read_records_are_enough<const MAJOR: u8>(world: &World) {
    let ns = world.namespace("fsck-rights");
    deploy(&ns, MAJOR, &[web("red"), web("blue")]);
    super::set_status(&ns, 1, "deployed");
    allow_viewer(&ns, &[("", &["secrets"], &["get", "list"])]);
    let said = fsck(&ns, &["--kube-context", "viewer"], 3).stdout;
    assert!(said.contains("ailment several-deployed"), "{said}");
    assert!(said.contains("not looked at: the lock: no right to get"), "{said}");
    assert!(said.contains("not looked at: orphans: clusterrolebindings, clusterroles, configmaps, "), "{said}");
    let refused = fsck(&ns, &["--repair", "--kube-context", "viewer"], 1);
    assert!(refused.stderr.contains("is not wholly repaired: cannot mark revision 1 superseded"), "{}", refused.stderr);
    assert_eq!(statuses(&ns, MAJOR), ["deployed", "deployed"], "without a backup nothing is changed");
}

fn fsck_reads_and_writes_nothing<const MAJOR: u8>(world: &World) {
    let ns = world.namespace("fsck-reads");
    deploy(&ns, MAJOR, &[web("red"), web("blue")]);
    let mark = ns.mark();
    let said = without_a_write(&ns, || ns.plugin().args(["fsck"]).ok());
    assert_eq!(said, format!("web in namespace {} (2 revisions): healthy\n", ns.name()));
    let requests = ns.requests_since(mark);
    let payloads = requests.iter().filter(|request| request.verb == "get" && request.resource == "secrets").count();
    assert_eq!(payloads, 2, "each record is read once");
    eprintln!("{:>3} requests: fsck", requests.len());
}
