//! Objects that only the deployed revision has, when a failed one came after it.

use e2e::{Namespace, World};

use crate::release::{color, config_map, deploy, helm_goes_on, helms, hook, ours, statuses, upgrade, web};

pub(crate) const TESTS: &[crate::Test] = crate::tests![no_orphan_stays_of_helm3, no_orphan_stays_of_helm4];

fn no_orphan_stays(world: &World, major: u8) {
    let history_of = |prefix: &str| -> Namespace<'_> {
        let ns = world.namespace(prefix);
        deploy(&ns, major, &[web("blue"), web("red").template("extra.yaml", &config_map("extra", "red"))]);
        // It fails before it applies anything, so `extra` stays.
        let _ = upgrade(&ns, major, &web("green").template("hook.yaml", &hook("check", "pre-upgrade", "fail", ""))).fails(1);
        assert_eq!(statuses(&ns, major), ["superseded", "deployed", "failed"]);
        assert!(ns.get("v1/configmaps", "extra").is_some());
        ns
    };

    let helm = history_of("orphan");
    let _ = helms(&helm, major, &["1"]).ok();
    assert!(helm.get("v1/configmaps", "extra").is_some(), "helm leaves the orphan");
    let _ = helm.helm(major).args(["uninstall", "web"]).ok();
    assert!(helm.get("v1/configmaps", "extra").is_some(), "and uninstall leaves it too");

    let twin = history_of("orphan-twin");
    let _ = ours(&twin, &["1"]).ok();
    assert_eq!(color(&twin), "blue");
    assert!(twin.get("v1/configmaps", "extra").is_none());
    assert_eq!(statuses(&twin, major), ["superseded", "superseded", "failed", "deployed"]);
    helm_goes_on(&twin, major);
}

fn no_orphan_stays_of_helm3(world: &World) {
    no_orphan_stays(world, 3);
}

fn no_orphan_stays_of_helm4(world: &World) {
    no_orphan_stays(world, 4);
}
