//! A failed revision that Helm calls superseded, and then takes for one that worked.

use e2e::{Namespace, World};

use crate::release::{color, config_map, deploy, helm_goes_on, helms, hook, ours, statuses, upgrade, web};

pub(crate) const TESTS: &[crate::Test] = crate::tests![
    a_rollback_that_fails_leaves_a_failed_revision_of_helm3_failed,
    a_rollback_that_fails_leaves_a_failed_revision_of_helm4_failed,
    the_default_target_is_no_laundered_revision_of_helm3,
    the_default_target_is_no_laundered_revision_of_helm4,
];

/// Revision 1 cannot be returned to, 2 is deployed, 3 has failed.
fn with_a_failed_revision<'a>(world: &'a World, major: u8, prefix: &str) -> Namespace<'a> {
    let ns = world.namespace(prefix);
    let sealed = format!("{}immutable: true\n", config_map("sealed", "red"));
    let good = web("red").template("sealed.yaml", &sealed);
    // Helm stops at the object that cannot change back; what stops a rollback that makes it anew comes after.
    let first = web("blue").template("sealed.yaml", &config_map("sealed", "blue"));
    let first = first.template("check.yaml", &hook("check", "post-rollback", "fail", ""));
    deploy(&ns, major, &[first, good.clone()]);
    let broken = good.template("web.yaml", &config_map("web", "broken")).template("bad.yaml", &config_map("Bad_Name", "x"));
    let _ = upgrade(&ns, major, &broken).fails(1);
    assert_eq!(statuses(&ns, major), ["superseded", "deployed", "failed"]);
    ns
}

fn a_rollback_that_fails_leaves_a_failed_revision_failed(world: &World, major: u8) {
    let helm = with_a_failed_revision(world, major, "launder");
    let _ = helms(&helm, major, &["1"]).fails(1);
    assert_eq!(statuses(&helm, major), ["superseded", "deployed", "superseded", "failed"], "the failed revision is laundered");

    let twin = with_a_failed_revision(world, major, "launder-twin");
    let _ = ours(&twin, &["1"]).fails(6);
    assert_eq!(statuses(&twin, major), ["superseded", "deployed", "failed", "failed"]);
}

fn a_rollback_that_fails_leaves_a_failed_revision_of_helm3_failed(world: &World) {
    a_rollback_that_fails_leaves_a_failed_revision_failed(world, 3);
}

fn a_rollback_that_fails_leaves_a_failed_revision_of_helm4_failed(world: &World) {
    a_rollback_that_fails_leaves_a_failed_revision_failed(world, 4);
}

fn the_default_target_is_no_laundered_revision(world: &World, major: u8) {
    let laundered = |prefix: &str| {
        let ns = with_a_failed_revision(world, major, prefix);
        let _ = helms(&ns, major, &["1"]).fails(1);
        ns
    };

    let helm = laundered("default");
    let _ = helms(&helm, major, &[]).fails(1);
    assert_eq!(statuses(&helm, major).last().map(String::as_str), Some("failed"));
    let chosen = helm.helm(major).args(["get", "manifest", "web"]).ok();
    assert!(chosen.contains("Bad_Name"), "helm chose the broken revision 3: {chosen}");

    let twin = laundered("default-twin");
    let said = ours(&twin, &[]).run();
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.stderr.contains("not 3: it is called superseded, but its description says that it failed"), "{}", said.stderr);
    assert_eq!(color(&twin), "red");
    assert_eq!(statuses(&twin, major), ["superseded", "superseded", "superseded", "failed", "deployed"]);
    helm_goes_on(&twin, major);
}

fn the_default_target_is_no_laundered_revision_of_helm3(world: &World) {
    the_default_target_is_no_laundered_revision(world, 3);
}

fn the_default_target_is_no_laundered_revision_of_helm4(world: &World) {
    the_default_target_is_no_laundered_revision(world, 4);
}
