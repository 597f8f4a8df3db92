//! `--wait`: until what is ready, and what is said when it never is.

use e2e::{Chart, Namespace, World};
use serde_json::Value;

use crate::release::{description, ours, statuses, upgrade};

pub(crate) const TESTS: &[crate::Test] = crate::tests![
    the_watcher_waits_until_a_deployment_is_ready,
    the_legacy_way_waits_until_a_deployment_is_ready,
    the_watcher_ends_a_rollback_that_never_gets_ready,
    the_legacy_way_ends_a_rollback_that_never_gets_ready,
    without_wait_a_deployment_need_not_be_ready,
];

fn deployment(story: &str, image: &str) -> Chart {
    Chart::new("web", "1.0.0").template(
        "web.yaml",
        &format!(
            "apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web, test/kubelet: \"{story}\"}}}}
    spec: {{containers: [{{name: web, image: {image}}}]}}
"
        ),
    )
}

/// Revision 1 ends as `story` says, revision 2 is fine.
fn release<'a>(world: &'a World, prefix: &str, major: u8, story: &str) -> Namespace<'a> {
    let ns = world.namespace(prefix);
    let _ = upgrade(&ns, major, &deployment(story, "one")).ok();
    let _ = upgrade(&ns, major, &deployment("", "two")).arg("--wait").ok();
    ns
}

fn waits_until_ready(world: &World, wait: &str) {
    for major in [3, 4] {
        let ns = release(world, "wait", major, "");
        let _ = ours(&ns, &["1", wait, "--timeout", "60s"]).ok();
        let live = ns.live("apps/v1/deployments", "web");
        assert_eq!(live["spec"]["template"]["spec"]["containers"][0]["image"], "one");
        let sets = ns.list("apps/v1/replicasets");
        let of_one = |set: &&Value| set["spec"]["template"]["spec"]["containers"][0]["image"] == "one";
        let set = sets.iter().find(of_one).expect("the deployment has such a set");
        assert_eq!(set["status"]["readyReplicas"], 2, "{set}");
        assert_eq!(live["status"]["observedGeneration"], live["metadata"]["generation"], "{live}");
        assert_eq!(statuses(&ns, major), ["superseded", "superseded", "deployed"]);
        let _ = ns.helm(major).args(["upgrade", "web"]).arg(ns.chart(&deployment("", "three"))).ok();
    }
}

fn the_watcher_waits_until_a_deployment_is_ready(world: &World) {
    waits_until_ready(world, "--wait");
}

fn the_legacy_way_waits_until_a_deployment_is_ready(world: &World) {
    waits_until_ready(world, "--wait=legacy");
}

fn ends_when_never_ready(world: &World, wait: &str) {
    for major in [3, 4] {
        let ns = release(world, "never", major, "never-ready");
        let said = ours(&ns, &["1", wait, "--timeout", "3s"]).fails(6);
        let error = "Error: rollback of \"web\" to revision 1 failed; every object was brought back\nCause: ";
        assert!(said.stderr.contains(error), "{}", said.stderr);
        assert!(said.stderr.contains("context deadline exceeded\n"), "{}", said.stderr);
        assert!(said.stderr.ends_with("Hint: revision 3 is marked failed and says why\n"));
        assert_eq!(statuses(&ns, major), ["superseded", "deployed", "failed"]);
        assert!(description(&ns, major).starts_with("Release \"web\" failed: "), "{}", description(&ns, major));
        let _ = ns.helm(major).args(["upgrade", "web", "--wait"]).arg(ns.chart(&deployment("", "three"))).ok();
        assert_eq!(statuses(&ns, major), ["superseded", "superseded", "failed", "deployed"]);
    }
}

fn the_watcher_ends_a_rollback_that_never_gets_ready(world: &World) {
    ends_when_never_ready(world, "--wait=watcher");
}

fn the_legacy_way_ends_a_rollback_that_never_gets_ready(world: &World) {
    ends_when_never_ready(world, "--wait=legacy");
}

fn without_wait_a_deployment_need_not_be_ready(world: &World) {
    let ns = release(world, "nowait", 4, "never-ready");
    let _ = ours(&ns, &["1"]).ok();
    assert_eq!(statuses(&ns, 4), ["superseded", "superseded", "deployed"]);
}
