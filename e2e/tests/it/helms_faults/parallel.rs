//! Rollbacks at the same time.

use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use e2e::{Namespace, Tool, World};

use crate::release::{color, deploy, helm_goes_on, helms, history, hook, ours, statuses, web};

pub(crate) const TESTS: &[crate::Test] = crate::tests![
    a_second_rollback_does_not_cross_the_first_with_helm3,
    a_second_rollback_does_not_cross_the_first_with_helm4,
    of_six_rollbacks_at_once_each_succeeds_or_is_held_with_helm3,
    of_six_rollbacks_at_once_each_succeeds_or_is_held_with_helm4,
];

/// Starts a tool and waits until its rollback has its record and its hook.
fn start(ns: &Namespace<'_>, tool: Tool) -> std::process::Child {
    let mut command = tool.into_command();
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the tool starts");
    let until = Instant::now() + Duration::from_secs(60);
    while ns.get("v1/pods", "slow").is_none() {
        assert!(Instant::now() < until, "the hook does not start");
        thread::sleep(Duration::from_millis(20));
    }
    child
}

fn a_second_rollback_does_not_cross_the_first(world: &World, major: u8) {
    let history_of = |prefix: &str| -> Namespace<'_> {
        let ns = world.namespace(prefix);
        let slow = hook("slow", "pre-rollback", "", "test/kubelet-takes: 8s");
        deploy(&ns, major, &[web("blue").template("hook.yaml", &slow), web("red"), web("green")]);
        ns
    };

    let helm = history_of("cross");
    let mut first = start(&helm, helms(&helm, major, &["1"]));
    let _ = helms(&helm, major, &["2"]).ok();
    assert_eq!(color(&helm), "red");
    assert!(first.wait().expect("it ends").success(), "both say that they succeeded");
    let newest = helm.helm(major).args(["get", "manifest", "web"]).ok();
    assert!(newest.contains("color: red"), "the newest revision is that of the second: {newest}");
    assert_eq!(color(&helm), "blue", "and the cluster has what the first wanted");

    let twin = history_of("cross-twin");
    let mut first = start(&twin, ours(&twin, &["1"]));
    let said = ours(&twin, &["2"]).fails(5);
    assert!(said.stderr.contains("Cause: block (pending-revision): revision 4 is pending-rollback since "), "{}", said.stderr);
    assert!(first.wait().expect("it ends").success());
    assert_eq!(color(&twin), "blue");
    assert_eq!(statuses(&twin, major), ["superseded", "superseded", "superseded", "deployed"]);
    helm_goes_on(&twin, major);
}

fn a_second_rollback_does_not_cross_the_first_with_helm3(world: &World) {
    a_second_rollback_does_not_cross_the_first(world, 3);
}

fn a_second_rollback_does_not_cross_the_first_with_helm4(world: &World) {
    a_second_rollback_does_not_cross_the_first(world, 4);
}

fn of_six_rollbacks_at_once_each_succeeds_or_is_held(world: &World, major: u8) {
    let ns = world.namespace("six");
    deploy(&ns, major, &[web("blue"), web("red"), web("green")]);
    let outputs: Vec<_> = thread::scope(|scope| {
        let running: Vec<_> = (0..6)
            .map(|number| {
                let tool = ours(&ns, &[if number % 2 == 0 { "1" } else { "2" }]);
                scope.spawn(move || tool.run())
            })
            .collect();
        running.into_iter().map(|thread| thread.join().expect("the tool ends")).collect()
    });
    assert!(outputs.iter().all(|output| output.code == 0 || output.code == 5), "{outputs:#?}");
    let succeeded = outputs.iter().filter(|output| output.stdout.starts_with("Rollback was a success")).count();
    assert!(succeeded >= 1, "{outputs:#?}");
    let rows = history(&ns, major);
    assert_eq!(rows.len(), 3 + succeeded, "one revision for each that succeeded: {rows:#?}");
    let newest = rows.len() - 1;
    for (index, row) in rows.iter().enumerate() {
        assert_eq!(row["status"], if index == newest { "deployed" } else { "superseded" }, "{rows:#?}");
    }
    let wanted = if rows[newest]["description"] == "Rollback to 1" { "blue" } else { "red" };
    assert_eq!(color(&ns), wanted, "{rows:#?}");
    helm_goes_on(&ns, major);
}

fn of_six_rollbacks_at_once_each_succeeds_or_is_held_with_helm3(world: &World) {
    of_six_rollbacks_at_once_each_succeeds_or_is_held(world, 3);
}

fn of_six_rollbacks_at_once_each_succeeds_or_is_held_with_helm4(world: &World) {
    of_six_rollbacks_at_once_each_succeeds_or_is_held(world, 4);
}
