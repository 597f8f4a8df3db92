//! Sealed plans that are applied: nothing that they rest on moved.

use std::os::unix::fs::PermissionsExt as _;

use e2e::World;
use serde_json::{Value, json};

use super::bench::{PINS, apply, release, seal};
use crate::release::{WEB, color, color_of, config_map, helm_goes_on, history, ours, statuses, web, without_a_write};

pub(crate) const TESTS: &[crate::Test] = crate::tests![
    a_sealed_plan_is_applied_and_helm_goes_on,
    the_file_holds_no_secret_value_and_is_its_owners,
    what_a_plan_does_not_rest_on_may_change,
    what_was_asked_of_the_plan_is_in_the_file,
    an_accepted_finding_stays_accepted,
    a_blocked_plan_is_not_sealed,
    sealing_writes_nothing_on_the_server,
];

fn a_sealed_plan_is_applied_and_helm_goes_on(world: &World) {
    for major in [3, 4] {
        let ns = release(world, "sealed", major);
        let file = seal(&ns, &[]);
        let said = apply(&ns, &file).args(["-o", "json"]).ok();
        let expected =
            json!({"release": "web", "namespace": ns.name(), "outcome": "rolled-back", "from": 2, "to": 1, "revision": 3});
        assert_eq!(serde_json::from_str::<Value>(&said).ok(), Some(expected));
        assert_eq!((color(&ns), color_of(&ns, "old")), ("blue".to_owned(), "blue".to_owned()));
        assert!(ns.get("v1/configmaps", "new").is_none());
        assert_eq!(statuses(&ns, major), ["superseded", "superseded", "deployed"]);
        helm_goes_on(&ns, major);
    }
}

fn the_file_holds_no_secret_value_and_is_its_owners(world: &World) {
    let ns = release(world, "sealed", 4);
    let file = seal(&ns, &[]);
    let text = std::fs::read_to_string(&file).expect("there is a file");
    // Each pin as it is, and in base64.
    for hidden in [PINS[0], PINS[1], "cGluLTEyMzQ=", "cGluLTU2Nzg="] {
        assert!(!text.contains(hidden), "{hidden} is in the file");
    }
    assert!(text.contains("(masked #1"), "the Secret is in the plan, masked");
    let mode = file.metadata().expect("there is a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let beside: Vec<_> = std::fs::read_dir(ns.home())
        .expect("there is a folder")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.contains(".plan"))
        .collect();
    assert_eq!(beside, ["web.plan"], "nothing is left beside it");
}

fn what_a_plan_does_not_rest_on_may_change(world: &World) {
    for (major, flags) in
        [(3, [].as_slice()), (4, &[]), (4, &["--server-side=false"]), (4, &["--force-replace", "--server-side=false"])]
    {
        let ns = release(world, "sealed", major);
        let file = seal(&ns, flags);
        // Another release, other objects, the status of an object that the plan writes, and an object that it leaves alone.
        let _ = ns
            .helm(major)
            .args(["install", "other"])
            .arg(ns.chart(&web("pink").template("o.yaml", &config_map("o", "pink"))))
            .run();
        let _ = ns.create("v1/configmaps", &json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "stranger"}}));
        let _ = ns.patch("v1/configmaps", "stranger", &json!({"metadata": {"labels": {"team": "shop"}}}));
        let version = |()| ns.live("apps/v1/deployments", WEB)["metadata"]["resourceVersion"].clone();
        let before = version(());
        let condition = json!({"type": "Tested", "status": "True", "reason": "ByHand", "message": ""});
        let _ = ns.patch("apps/v1/deployments", "web/status", &json!({"status": {"conditions": [condition]}}));
        assert_ne!(before, version(()), "the status was written");
        if !flags.contains(&"--force-replace") {
            let _ = ns.patch("v1/configmaps", "same", &json!({"metadata": {"labels": {"team": "shop"}}}));
        }
        let _ = apply(&ns, &file).ok();
        assert_eq!(color(&ns), "blue");
        assert_eq!(statuses(&ns, major), ["superseded", "superseded", "deployed"]);
        helm_goes_on(&ns, major);
    }
}

fn what_was_asked_of_the_plan_is_in_the_file(world: &World) {
    let ns = release(world, "sealed", 4);
    let file = seal(&ns, &["--description", "the blue one was better", "--history-max", "2", "--wait", "--timeout", "90s"]);
    let said = apply(&ns, &file).run();
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.stderr.contains(": ready: "), "it waits: {}", said.stderr);
    let rows = history(&ns, 4);
    let last = rows.last().expect("there is a revision");
    assert_eq!((&last["revision"], &last["description"]), (&json!(3), &json!("the blue one was better")));
}

fn an_accepted_finding_stays_accepted(world: &World) {
    let ns = release(world, "sealed", 4);
    let mark = json!({"metadata": {"annotations": {"meta.helm.sh/release-name": "another"}}});
    let _ = ns.patch("v1/configmaps", "web", &mark);
    let file = seal(&ns, &["--accept", "foreign-owner=ConfigMap/web", "--force-conflicts"]);
    let _ = apply(&ns, &file).ok();
    assert_eq!(color(&ns), "blue");
}

fn a_blocked_plan_is_not_sealed(world: &World) {
    let ns = release(world, "sealed", 4);
    let mark = json!({"metadata": {"annotations": {"meta.helm.sh/release-name": "another"}}});
    let _ = ns.patch("v1/configmaps", "web", &mark);
    let file = ns.home().join("web.plan");
    let said = ns.plugin().args(["plan", "web", "1", "--out"]).arg(&file).fails(3);
    assert!(said.stderr.ends_with("web.plan: it has blocking findings\n"), "{}", said.stderr);
    assert!(!file.exists());
}

fn sealing_writes_nothing_on_the_server(world: &World) {
    let ns = release(world, "sealed", 4);
    let _ = without_a_write(&ns, || seal(&ns, &[]));
    // An idle plan can be sealed as well, and does nothing.
    let file = ns.home().join("idle.plan");
    let _ = ours(&ns, &["2", "--dry-run"]).ok();
    let _ = ns.plugin().args(["plan", "web", "2", "--out"]).arg(&file).ok();
    let said = without_a_write(&ns, || apply(&ns, &file).ok());
    assert_eq!(said, "Nothing to do: revision 2 is what runs already.\n");
}
