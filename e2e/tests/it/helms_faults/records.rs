//! Records after a failure: Helm's stay pending for ever, or forget what is deployed.

use e2e::{Namespace, World};

use crate::release::{
    color, deploy, description, helm_goes_on, helms, history, hook, ours, statuses, upgrade, web, without_a_way_back,
};

pub(crate) const TESTS: &[crate::Test] = crate::tests![
    a_failing_pre_rollback_hook_does_not_block_helm3,
    a_failing_pre_rollback_hook_does_not_block_helm4,
    a_failing_post_rollback_hook_does_not_block_helm3,
    a_failing_post_rollback_hook_does_not_block_helm4,
    an_apply_failure_leaves_the_deployed_revision_of_helm3_deployed,
    an_apply_failure_leaves_the_deployed_revision_of_helm4_deployed,
];

fn a_failing_hook_does_not_block(world: &World, major: u8, event: &str) {
    let history_of = |prefix: &str| -> Namespace<'_> {
        let ns = world.namespace(prefix);
        deploy(&ns, major, &[web("blue").template("hook.yaml", &hook("check", event, "fail", "")), web("red")]);
        ns
    };
    let helm = history_of("stuck");
    let _ = helms(&helm, major, &["1", "--timeout", "60s"]).fails(1);
    assert_eq!(statuses(&helm, major), ["superseded", "deployed", "pending-rollback"]);
    let blocked = upgrade(&helm, major, &web("green")).fails(1);
    assert!(blocked.stderr.contains("another operation (install/upgrade/rollback) is in progress"), "{blocked:?}");

    let twin = history_of("stuck-twin");
    let said = ours(&twin, &["1", "--timeout", "60s"]).fails(6);
    assert_eq!(color(&twin), "red", "every object is as it was");
    assert_eq!(statuses(&twin, major), ["superseded", "deployed", "failed"]);
    let why = format!("Rollback \"web\" failed: {event} hook Pod check failed: ");
    assert!(description(&twin, major).starts_with(&why), "{}", description(&twin, major));
    let error = format!(
        "Error: rollback of \"web\" to revision 1 failed; every object was brought back\nCause: {event} hook Pod check failed: "
    );
    assert!(said.stderr.contains(&error), "{}", said.stderr);
    assert!(said.stderr.ends_with("Hint: revision 3 is marked failed and says why\n"));
    helm_goes_on(&twin, major);
}

fn a_failing_pre_rollback_hook_does_not_block_helm3(world: &World) {
    a_failing_hook_does_not_block(world, 3, "pre-rollback");
}

fn a_failing_pre_rollback_hook_does_not_block_helm4(world: &World) {
    a_failing_hook_does_not_block(world, 4, "pre-rollback");
}

fn a_failing_post_rollback_hook_does_not_block_helm3(world: &World) {
    a_failing_hook_does_not_block(world, 3, "post-rollback");
}

fn a_failing_post_rollback_hook_does_not_block_helm4(world: &World) {
    a_failing_hook_does_not_block(world, 4, "post-rollback");
}

fn an_apply_failure_leaves_the_deployed_revision_deployed(world: &World, major: u8) {
    let history_of = |prefix: &str, number: u8| -> Namespace<'_> {
        let ns = world.namespace(prefix);
        without_a_way_back(&ns, major, &web("blue"), &format!("10.0.0.1{major}{number}"));
        ns
    };

    let helm = history_of("lost", 1);
    let _ = helms(&helm, major, &["1"]).fails(1);
    assert_eq!(statuses(&helm, major), ["superseded", "superseded", "failed"], "nothing is deployed any more");

    let twin = history_of("lost-twin", 2);
    let said = ours(&twin, &["1"]).fails(6);
    assert!(said.stderr.contains("already allocated"), "{}", said.stderr);
    assert_eq!(statuses(&twin, major), ["superseded", "deployed", "failed"]);
    assert!(description(&twin, major).contains("already allocated"), "{:?}", history(&twin, major));
    helm_goes_on(&twin, major);
}

fn an_apply_failure_leaves_the_deployed_revision_of_helm3_deployed(world: &World) {
    an_apply_failure_leaves_the_deployed_revision_deployed(world, 3);
}

fn an_apply_failure_leaves_the_deployed_revision_of_helm4_deployed(world: &World) {
    an_apply_failure_leaves_the_deployed_revision_deployed(world, 4);
}
