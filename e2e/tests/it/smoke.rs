//! Real Helm works on the control plane, and the plugin's binary runs.

use e2e::{Chart, World};
use serde_json::json;

pub(crate) const TESTS: &[crate::Test] = crate::tests![
    helm3_installs_upgrades_and_rolls_back,
    helm4_installs_upgrades_and_rolls_back,
    hook_jobs_complete_and_deployments_become_ready,
    a_broken_deployment_fails_the_wait,
    the_viewer_may_do_nothing,
    the_plugin_runs_alone,
];

fn chart(color: &str) -> Chart {
    Chart::new("web", "1.0.0")
        .values(&format!("color: {color}\n"))
        .template("cm.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {color: \"{{ .Values.color }}\"}\n")
}

fn installs_upgrades_and_rolls_back(world: &World, major: u8) {
    let ns = world.namespace("smoke");
    let color = || ns.live("v1/configmaps", "web")["data"]["color"].clone();
    let _ = ns.helm(major).args(["install", "web"]).arg(ns.chart(&chart("blue"))).ok();
    assert_eq!(color(), json!("blue"));
    let _ = ns.helm(major).args(["upgrade", "web"]).arg(ns.chart(&chart("red"))).ok();
    assert_eq!(color(), json!("red"));
    let said = ns.helm(major).args(["rollback", "web", "1"]).ok();
    assert_eq!(said, "Rollback was a success! Happy Helming!\n");
    assert_eq!(color(), json!("blue"));
    let names: Vec<_> = ns.list("v1/secrets").iter().map(|secret| secret["metadata"]["name"].clone()).collect();
    assert_eq!(names, ["sh.helm.release.v1.web.v1", "sh.helm.release.v1.web.v2", "sh.helm.release.v1.web.v3"]);
}

fn helm3_installs_upgrades_and_rolls_back(world: &World) {
    installs_upgrades_and_rolls_back(world, 3);
}

fn helm4_installs_upgrades_and_rolls_back(world: &World) {
    installs_upgrades_and_rolls_back(world, 4);
}

const DEPLOYMENT: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web, test/kubelet: \"{{ .Values.story }}\"}}
    spec: {containers: [{name: web, image: web}]}
";

const HOOK: &str = "apiVersion: batch/v1
kind: Job
metadata: {name: before, annotations: {helm.sh/hook: pre-install}}
spec:
  template:
    spec: {restartPolicy: Never, containers: [{name: job, image: job}]}
";

fn hook_jobs_complete_and_deployments_become_ready(world: &World) {
    let ns = world.namespace("ready");
    let chart = Chart::new("web", "1.0.0").values("story: \"\"\n").template("web.yaml", DEPLOYMENT).template("hook.yaml", HOOK);
    let _ = ns.helm4().args(["install", "web", "--wait", "--timeout", "120s"]).arg(ns.chart(&chart)).ok();
    assert_eq!(ns.live("apps/v1/deployments", "web")["status"]["readyReplicas"], 2);
    assert_eq!(ns.live("batch/v1/jobs", "before")["status"]["succeeded"], 1);
}

fn a_broken_deployment_fails_the_wait(world: &World) {
    let ns = world.namespace("broken");
    let chart = Chart::new("web", "1.0.0").values("story: crash\n").template("web.yaml", DEPLOYMENT);
    let output = ns.helm3().args(["install", "web", "--wait", "--timeout", "4s"]).arg(ns.chart(&chart)).fails(1);
    assert!(output.stderr.contains("context deadline exceeded"), "{output:?}");
}

fn the_viewer_may_do_nothing(world: &World) {
    let ns = world.namespace("viewer");
    let output = ns.helm4().args(["--kube-context", "viewer", "list"]).fails(1);
    let who = format!("User \"{}\" cannot list resource \"secrets\"", ns.viewer());
    assert!(output.stderr.contains(&who), "{output:?}");
}

fn the_plugin_runs_alone(world: &World) {
    let ns = world.namespace("plugin");
    let output = ns.plugin().arg("--version").run();
    assert_eq!(output.code, 0, "{output:?}");
}
