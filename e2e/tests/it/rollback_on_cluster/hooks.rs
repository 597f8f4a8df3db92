//! Hooks of the target: order, policies, logs.

use e2e::{Namespace, World};
use serde_json::Value;

use crate::release::{color, deploy, helm_goes_on, hook, ours, statuses, web};

pub(crate) const TESTS: &[crate::Test] = crate::tests![
    the_hooks_of_the_target_run_by_weight_before_and_after_the_objects,
    a_hook_goes_away_when_its_policy_says_so_after_success,
    a_hook_goes_away_when_its_policy_says_so_after_failure,
    the_hook_of_an_earlier_run_is_replaced,
    a_hook_that_may_not_be_replaced_stops_the_rollback,
    the_log_of_a_hook_is_shown_as_its_policy_says,
    no_hook_runs_when_told_so,
];

/// Revision 1 with these hooks, revision 2 without.
fn hooked<'a>(world: &'a World, prefix: &str, major: u8, hooks: &[(&str, String)]) -> Namespace<'a> {
    let ns = world.namespace(prefix);
    let chart = hooks.iter().fold(web("blue"), |chart, (file, text)| chart.template(file, text));
    deploy(&ns, major, &[chart, web("red")]);
    ns
}

fn pods(ns: &Namespace<'_>) -> Vec<String> {
    let pods = ns.list("v1/pods");
    let there = pods.iter().filter(|pod| pod["metadata"]["deletionTimestamp"] == Value::Null);
    there.filter_map(|pod| pod["metadata"]["name"].as_str().map(str::to_owned)).collect()
}

fn the_hooks_of_the_target_run_by_weight_before_and_after_the_objects(world: &World) {
    for major in [3, 4] {
        let hooks = [
            ("a.yaml", hook("late", "pre-rollback", "", "helm.sh/hook-weight: \"5\"")),
            ("b.yaml", hook("early", "\"pre-rollback, post-rollback\"", "", "helm.sh/hook-weight: \"-5\"")),
        ];
        let ns = hooked(world, "order", major, &hooks);
        let mark = ns.mark();
        let _ = ours(&ns, &["1"]).ok();
        let writes = ns.requests_since(mark);
        let order: Vec<String> = writes
            .iter()
            .filter(|request| request.is_write() && ["pods", "configmaps"].contains(&request.resource.as_str()))
            .map(|request| {
                let name = if request.name.is_empty() {
                    request.body["metadata"]["name"].as_str().unwrap_or_default()
                } else {
                    &request.name
                };
                format!("{} {name}", if request.verb == "delete" { "delete" } else { "write" })
            })
            .collect();
        assert_eq!(order, ["write early", "write late", "write web", "delete early", "write early"], "Helm {major}");
        assert_eq!(statuses(&ns, major), ["superseded", "superseded", "deployed"]);
        let shown = ns.helm(major).args(["status", "web", "-o", "json"]).ok();
        let shown: Value = serde_json::from_str(&shown).expect("status is JSON");
        let phases: Vec<_> =
            shown["hooks"].as_array().into_iter().flatten().map(|hook| hook["last_run"]["phase"].clone()).collect();
        assert_eq!(phases, ["Succeeded", "Succeeded"], "{shown}");
        helm_goes_on(&ns, major);
    }
}

fn a_hook_goes_away_when_its_policy_says_so_after_success(world: &World) {
    for major in [3, 4] {
        let policy = |word: &str| format!("helm.sh/hook-delete-policy: {word}");
        let hooks = [
            ("a.yaml", hook("succeeded", "pre-rollback", "", &policy("hook-succeeded"))),
            ("b.yaml", hook("failed", "pre-rollback", "", &policy("hook-failed"))),
            ("c.yaml", hook("before", "pre-rollback", "", &policy("before-hook-creation"))),
            ("d.yaml", hook("either", "pre-rollback", "", &policy("\"hook-failed,hook-succeeded\""))),
        ];
        let ns = hooked(world, "policy", major, &hooks);
        let _ = ours(&ns, &["1"]).ok();
        assert_eq!(pods(&ns), ["before", "failed"], "Helm {major}");
    }
}

fn a_hook_goes_away_when_its_policy_says_so_after_failure(world: &World) {
    for (word, left) in [("hook-failed", &[][..]), ("hook-succeeded", &["check"]), ("before-hook-creation", &["check"])] {
        let hooks = [
            ("a.yaml", hook("check", "pre-rollback", "fail", &format!("helm.sh/hook-delete-policy: {word}"))),
            ("b.yaml", hook("zz-never", "pre-rollback", "", "")),
        ];
        let ns = hooked(world, "policy", 4, &hooks);
        // What a policy keeps, the way back would remove.
        let _ = ours(&ns, &["1", "--on-failure=stop"]).fails(7);
        assert_eq!(pods(&ns), left, "{word}");
        assert_eq!(color(&ns), "red");
        assert_eq!(statuses(&ns, 4), ["superseded", "deployed", "failed"]);
    }
}

fn the_hook_of_an_earlier_run_is_replaced(world: &World) {
    // Stopping takes a while: who does not wait for it takes the old Pod's success for that of this run, as Helm 4 does.
    let ns = hooked(world, "again", 4, &[("a.yaml", hook("check", "pre-rollback", "", "test/kubelet-stops-in: 2s"))]);
    let uid = || ns.live("v1/pods", "check")["metadata"]["uid"].clone();
    let _ = ours(&ns, &["1"]).ok();
    let first = uid();
    let _ = ours(&ns, &["2"]).ok();
    let _ = ours(&ns, &["1"]).ok();
    assert_ne!(uid(), first);
}

fn a_hook_that_may_not_be_replaced_stops_the_rollback(world: &World) {
    for major in [3, 4] {
        let policy = "helm.sh/hook-delete-policy: hook-failed";
        let ns = hooked(world, "exists", major, &[("a.yaml", hook("check", "pre-rollback", "", policy))]);
        let _ = ours(&ns, &["1"]).ok();
        let _ = ours(&ns, &["2"]).ok();
        let said = ours(&ns, &["1"]).fails(6);
        assert!(said.stderr.contains("pre-rollback hook Pod check failed: "), "{}", said.stderr);
        assert!(said.stderr.contains("already exists"), "{}", said.stderr);
        assert_eq!(color(&ns), "red");
        assert_eq!(statuses(&ns, major), ["superseded", "superseded", "superseded", "deployed", "failed"]);
    }
}

fn the_log_of_a_hook_is_shown_as_its_policy_says(world: &World) {
    let policy = |word: &str| format!("helm.sh/hook-output-log-policy: {word}");
    // After a failure the log is evidence too.
    for (story, word, code, times) in [("", "hook-succeeded", 0, 1), ("fail", "hook-failed", 6, 2)] {
        let ns = hooked(world, "log", 4, &[("a.yaml", hook("check", "pre-rollback", story, &policy(word)))]);
        let mark = ns.mark();
        let _ = ours(&ns, &["1"]).fails(code);
        let logs = ns.requests_since(mark).into_iter().filter(|request| request.subresource == "log").count();
        assert_eq!(logs, times, "{word}");
    }
    let ns = hooked(world, "log", 4, &[("a.yaml", hook("check", "pre-rollback", "", &policy("hook-failed")))]);
    let mark = ns.mark();
    let _ = ours(&ns, &["1"]).ok();
    assert!(ns.requests_since(mark).iter().all(|request| request.subresource != "log"));
}

fn no_hook_runs_when_told_so(world: &World) {
    let ns = hooked(world, "silent", 4, &[("a.yaml", hook("check", "pre-rollback", "fail", ""))]);
    let _ = ours(&ns, &["1", "--no-hooks"]).ok();
    assert_eq!(pods(&ns), [""; 0]);
    assert_eq!(color(&ns), "blue");
    helm_goes_on(&ns, 4);
}
