//! Options that exclude each other, which Helm 4 finds out after the hooks ran.

use e2e::{Namespace, World};

use crate::release::{color, helms, hook, ours, statuses, upgrade, web, without_a_write};

pub(crate) const TESTS: &[crate::Test] = crate::tests![
    force_replace_on_a_server_side_release_is_refused_at_once,
    force_conflicts_on_a_client_side_release_is_refused_at_once,
];

fn refused_at_once(world: &World, server_side: &str, flag: &str, helms_error: &str, ours_error: &str) {
    let history_of = |prefix: &str| -> Namespace<'_> {
        let ns = world.namespace(prefix);
        let hooked = web("blue").template("hook.yaml", &hook("check", "pre-rollback", "", ""));
        let _ = upgrade(&ns, 4, &hooked).arg(server_side).ok();
        let _ = upgrade(&ns, 4, &web("red")).ok();
        ns
    };

    let helm = history_of("clash");
    let said = helms(&helm, 4, &["1", flag]).fails(1);
    assert!(said.stderr.contains(helms_error), "{said:?}");
    assert!(helm.get("v1/pods", "check").is_some(), "the hook ran");
    assert_eq!(statuses(&helm, 4), ["superseded", "superseded", "failed"], "and nothing is deployed any more");

    let twin = history_of("clash-twin");
    let said = without_a_write(&twin, || ours(&twin, &["1", flag]).fails(3));
    assert!(said.stderr.ends_with(ours_error), "{}", said.stderr);
    assert!(twin.get("v1/pods", "check").is_none());
    assert_eq!(statuses(&twin, 4), ["superseded", "deployed"]);
    assert_eq!(color(&twin), "red");
}

fn force_replace_on_a_server_side_release_is_refused_at_once(world: &World) {
    refused_at_once(
        world,
        "--server-side=true",
        "--force-replace",
        "cannot use server-side apply and force replace together",
        "Error: release \"web\" is not rolled back, and nothing was changed
Cause: block (option-clash): --force-replace does not go with server-side apply, which the target's record asks for; helm notices it half-way, after the hooks ran
Hint: add --server-side=false, or leave --force-replace out
",
    );
}

fn force_conflicts_on_a_client_side_release_is_refused_at_once(world: &World) {
    refused_at_once(
        world,
        "--server-side=false",
        "--force-conflicts",
        "forceConflicts enabled when serverSideApply disabled",
        "Error: release \"web\" is not rolled back, and nothing was changed
Cause: block (option-clash): --force-conflicts goes with server-side apply only, and the target's record asks for client-side apply; helm notices it half-way, after the hooks ran
Hint: add --server-side=true, or leave --force-conflicts out
",
    );
}
