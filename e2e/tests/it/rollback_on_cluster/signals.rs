//! Ctrl-C and SIGTERM: the first goes back, the second ends at once, and `recover` goes on from there.

use std::process::{Child, Command, Stdio};

use e2e::{Namespace, World};

use crate::release::{color, deploy, helm_goes_on, hook, ours, statuses, web};

pub(crate) const TESTS: &[crate::Test] = crate::tests![
    the_first_signal_brings_every_object_back,
    the_second_signal_ends_at_once_and_no_hook_runs_twice,
    the_second_signal_ends_at_once_and_recover_undoes,
    a_program_that_is_killed_is_recovered_once_its_lock_has_expired,
];

/// A rollback whose last hook takes a while, and has begun.
fn begun<'a>(world: &'a World, args: &[&str]) -> (Namespace<'a>, Child) {
    let ns = world.namespace("signal");
    let slow = hook("slow", "post-rollback", "", "test/kubelet-takes: 20s");
    deploy(&ns, 4, &[web("blue").template("hook.yaml", &slow), web("red")]);
    let mut command = ours(&ns, &["1", "--lock-lasts=1s"]).args(args).into_command();
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the plugin starts");
    let _ = ns.until("v1/pods", "slow", |pod| pod.is_some());
    (ns, child)
}

fn signal(child: &Child, name: &str) {
    let status = Command::new("kill").args([name, &child.id().to_string()]).status();
    assert!(status.is_ok_and(|status| status.success()), "kill {name}");
}

/// Nothing of ours is left beside the records.
fn is_tidy(ns: &Namespace<'_>) {
    let notes = ns.list("v1/secrets").into_iter().filter(|secret| secret["metadata"]["labels"]["owner"] == "helm-rollback-safe");
    assert_eq!(notes.count(), 0);
    assert!(ns.get("coordination.k8s.io/v1/leases", "helm-rollback-safe.web").is_none());
}

fn the_first_signal_brings_every_object_back(world: &World) {
    for name in ["-INT", "-TERM"] {
        let (ns, mut child) = begun(world, &[]);
        assert_eq!(color(&ns), "blue");
        signal(&child, name);
        assert_eq!(child.wait().expect("it ends").code(), Some(6));
        assert_eq!(color(&ns), "red");
        assert!(ns.get("v1/pods", "slow").is_none(), "what the rollback's hook made is removed");
        assert_eq!(statuses(&ns, 4), ["superseded", "deployed", "failed"]);
        is_tidy(&ns);
        helm_goes_on(&ns, 4);
    }
}

/// Ends a rollback by two signals before it could go back.
fn ended_at_once(world: &World) -> Namespace<'_> {
    let (ns, mut child) = begun(world, &[]);
    // Removing the hook's Pod waits until it is gone: held by somebody's finalizer, the way back takes as long as that.
    let _ = ns.patch("v1/pods", "slow", &serde_json::json!({"metadata": {"finalizers": ["example.com/held"]}}));
    signal(&child, "-INT");
    std::thread::sleep(std::time::Duration::from_millis(500));
    signal(&child, "-INT");
    assert_eq!(child.wait().expect("it ends").code(), Some(7));
    let _ = ns.patch("v1/pods", "slow", &serde_json::json!({"metadata": {"finalizers": null}}));
    assert_eq!(statuses(&ns, 4), ["superseded", "deployed", "pending-rollback"]);
    ns
}

fn recovered(ns: &Namespace<'_>, way: &str) {
    let said = ns.plugin().args(["recover", "web", way, "--lock-lasts=1s", "--wait-lock=30s"]).run();
    assert_eq!(said.code, 0, "{said:?}");
    is_tidy(ns);
}

fn the_second_signal_ends_at_once_and_recover_undoes(world: &World) {
    let ns = ended_at_once(world);
    recovered(&ns, "--undo");
    assert_eq!(color(&ns), "red");
    assert_eq!(statuses(&ns, 4), ["superseded", "deployed", "failed"]);
    helm_goes_on(&ns, 4);
}

fn the_second_signal_ends_at_once_and_no_hook_runs_twice(world: &World) {
    let ns = ended_at_once(world);
    let said = ns.plugin().args(["recover", "web", "--finish", "--lock-lasts=1s", "--wait-lock=30s"]).run();
    assert_eq!(said.code, 7, "{said:?}");
    assert!(
        said.stderr.contains("post-rollback hook Pod slow failed: it had failed before the run was cut off"),
        "{}",
        said.stderr
    );
    assert!(ns.get("v1/pods", "slow").is_none(), "the way back had begun to remove it");
    assert_eq!(statuses(&ns, 4), ["superseded", "deployed", "failed"]);
    recovered(&ns, "--undo");
    assert_eq!(color(&ns), "red");
    helm_goes_on(&ns, 4);
}

fn a_program_that_is_killed_is_recovered_once_its_lock_has_expired(world: &World) {
    let (ns, mut child) = begun(world, &["--lock-lasts=15s"]);
    signal(&child, "-KILL");
    let _ = child.wait();
    let held = ns.plugin().args(["recover", "web"]).run();
    assert_eq!(held.code, 5, "{held:?}");
    assert!(held.stderr.contains("its lock is held: rollback web 1 by "), "{}", held.stderr);
    let rollback = ours(&ns, &["1"]).run();
    assert_eq!(rollback.code, 5, "{rollback:?}");
    let status = ns.plugin().args(["lock", "status", "web"]).ok();
    assert!(status.contains("held by rollback web 1 by "), "{status}");
    recovered(&ns, "--undo");
    assert_eq!(color(&ns), "red");
    helm_goes_on(&ns, 4);
}
