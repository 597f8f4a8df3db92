//! `status` shows live objects as Helm 4 does, and asks for no more than Helm.

use std::collections::BTreeSet;
use std::thread;
use std::time::Duration;

use e2e::{Chart, Namespace, Request, World};

use crate::release::{allow_viewer, config_map, deploy, web};
use crate::widget;

pub(crate) const TESTS: &[crate::Test] = crate::tests![
    live_objects_look_as_helm_4_shows_them,
    an_object_that_is_gone_or_forbidden_is_left_out_as_helm_does_and_told_on_stderr,
    a_kind_that_is_gone_hides_no_other_object,
];

/// Kinds with tables of every sort: own columns, wide ones, none at all, and Pods behind them.
const OBJECTS: &str = "apiVersion: v1
kind: ConfigMap
metadata: {name: a-name-that-is-longer}
data: {a: b}
---
apiVersion: v1
kind: Secret
metadata: {name: web}
stringData: {a: b}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{name: http, port: 80}, {name: https, port: 443}]}
---
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: PersistentVolumeClaim
  metadata: {name: data}
  spec: {accessModes: [ReadWriteOnce], storageClassName: none, resources: {requests: {storage: 1Gi}}}
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: listed}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: web}
rules: []
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web, tier: front}}
  template:
    metadata: {labels: {app: web, tier: front}}
    spec: {containers: [{name: web, image: web}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: without-pods}
spec:
  replicas: 0
  selector: {matchLabels: {app: without-pods}}
  template:
    metadata: {labels: {app: without-pods}}
    spec: {containers: [{name: web, image: web}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  replicas: 1
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db, test/kubelet: crash}}
    spec: {containers: [{name: db, image: db}]}
---
apiVersion: batch/v1
kind: Job
metadata: {name: once}
spec:
  template:
    spec: {restartPolicy: Never, containers: [{name: job, image: job}]}
---
";

/// What a table of the kind shows beside the name.
const COLUMNS: &str = "    additionalPrinterColumns:
    - {name: Size, type: integer, jsonPath: .spec.size}
    - {name: Share, type: number, jsonPath: .spec.share}
    - {name: Text, type: string, jsonPath: .spec.text}
    - {name: Wide, type: string, priority: 1, jsonPath: .spec.wide}
";

fn live_objects_look_as_helm_4_shows_them(world: &World) {
    let ns = world.namespace("status");
    let definition = widget::definition(&ns) + COLUMNS;
    let widget = widget::object(&ns, "size: 1000000, share: 0.5, text: \"größer\\nas a line\", wide: x");
    deploy(
        &ns,
        4,
        &[Chart::new("web", "1.0.0").file("crds/widget.yaml", &definition).template("all.yaml", &(OBJECTS.to_owned() + &widget))],
    );
    let _ = ns.until("batch/v1/jobs", "once", |job| job.is_some_and(|job| job["status"]["succeeded"] == 1));
    let _ = ns.until("apps/v1/deployments", "web", |web| web.is_some_and(|web| web["status"]["readyReplicas"] == 2));
    same(&ns, &["status", "web"], blocks);
    same(&ns, &["status", "web", "-o", "json"], |text| {
        without_versions(text, r#""kind":"PodList","metadata":{"resourceVersion":""#)
    });
    let listed = "      kind: PodList\n      metadata:\n        resourceVersion: \"";
    same(&ns, &["status", "web", "-o", "yaml"], |text| without_versions(text, listed));
    let json = ns.plugin().args(["status", "web", "-o", "json"]).ok();
    for key in ["v1/Pod(related)", "v1/Widget", "v1/PersistentVolumeClaim"] {
        assert!(json.contains(&format!("\"{key}\":[{{")), "{json}");
    }
}

/// Demands the same of Helm and of ours. Ages and states of objects go on meanwhile, so some tries are allowed.
fn same<T: PartialEq + std::fmt::Debug>(ns: &Namespace<'_>, args: &[&str], form: impl Fn(&str) -> T) {
    let mut before = form(&ns.helm4().args(args).ok());
    for _ in 0..20 {
        let ours = form(&ns.plugin().args(args).ok());
        let after = form(&ns.helm4().args(args).ok());
        if ours == before || ours == after {
            return;
        }
        before = after;
        thread::sleep(Duration::from_millis(200));
    }
    assert_eq!(form(&ns.plugin().args(args).ok()), before, "{args:?}");
}

/// The text with the live objects' blocks in an order of their own: Helm goes through a Go map.
fn blocks(text: &str) -> (String, Vec<String>, String) {
    let (before, rest) = text.split_once("RESOURCES:\n").expect("there are live objects");
    let (blocks, after) = rest.split_once("\n\n\n").expect("the list of live objects has an end");
    let mut blocks: Vec<String> = blocks.split("\n\n").map(str::to_owned).collect();
    blocks.sort();
    (before.to_owned(), blocks, after.to_owned())
}

/// The text without the versions of lists, which change with every write in the cluster.
fn without_versions(text: &str, before: &str) -> String {
    let parts = text.split(before).enumerate();
    parts.map(|(at, part)| if at == 0 { part } else { part.trim_start_matches(|c: char| c.is_ascii_digit()) }).collect()
}

/// What was asked for of live objects, neither of records nor of kinds.
fn asked(requests: &[Request]) -> BTreeSet<(&str, &str, &str)> {
    let is_live = |request: &&Request| !request.resource.is_empty() && !request.name.starts_with("sh.helm.release.");
    let live = requests.iter().filter(is_live);
    live.map(|request| (request.verb.as_str(), request.resource.as_str(), request.name.as_str())).collect()
}

fn an_object_that_is_gone_or_forbidden_is_left_out_as_helm_does_and_told_on_stderr(world: &World) {
    let ns = world.namespace("status-rights");
    deploy(&ns, 4, &[web("blue").template("gone.yaml", &config_map("gone", "blue")).template("all.yaml", OBJECTS)]);
    ns.delete("v1/configmaps", "gone");
    let _ = ns.until("batch/v1/jobs", "once", |job| job.is_some_and(|job| job["status"]["succeeded"] == 1));
    allow_viewer(
        &ns,
        &[("", &["secrets"], &["get", "list"]), ("", &["configmaps"], &["get"]), ("apps", &["statefulsets"], &["get"])],
    );
    for output in ["table", "json"] {
        let args = ["status", "web", "-o", output, "--kube-context", "viewer"];
        let mark = ns.mark();
        let helm = ns.helm4().args(args).run();
        let helms = ns.requests_since(mark);
        let mark = ns.mark();
        let ours = ns.plugin().args(args).run();
        let requests = ns.requests_since(mark);
        assert_eq!((helm.code, ours.code), (0, 0), "{helm:?} {ours:?}");
        let more: Vec<_> = asked(&requests).difference(&asked(&helms)).copied().collect();
        assert!(more.is_empty(), "Helm does not ask for {more:?}");
        assert_eq!(requests.iter().filter(|request| request.code == 403).count(), 7, "{requests:#?}");
        if output == "table" {
            assert_eq!(blocks(&ours.stdout).1.len(), 3, "{}", ours.stdout);
            assert_eq!(blocks(&ours.stdout).1.len(), blocks(&helm.stdout).1.len(), "{}", helm.stdout);
        } else {
            assert_eq!(ours.stdout, helm.stdout);
        }
        let gone = format!("Warning: not in the cluster: ConfigMap {}/gone\n", ns.name());
        assert!(ours.stderr.contains(&gone), "{}", ours.stderr);
        let forbidden = format!("Warning: cannot be read: Role {}/web, ", ns.name());
        assert!(ours.stderr.contains(&forbidden) && ours.stderr.contains("the Pods of its workloads"), "{}", ours.stderr);
    }
}

fn a_kind_that_is_gone_hides_no_other_object(world: &World) {
    let ns = world.namespace("status-kind");
    let chart =
        web("blue").file("crds/widget.yaml", &widget::definition(&ns)).template("widget.yaml", &widget::object(&ns, "a: 1"));
    deploy(&ns, 4, &[chart]);
    widget::remove_definition(world, &ns);
    // Helm keeps on disk which kinds there are, for some hours.
    let helm = ns.helm4().args(["status", "web"]).env("KUBECACHEDIR", ns.home().join("empty")).fails(1);
    assert!(helm.stderr.contains("no matches for kind \"Widget\""), "{helm:?}");
    let ours = ns.plugin().args(["status", "web"]).run();
    assert_eq!(ours.code, 0, "{ours:?}");
    assert!(ours.stdout.contains("==> v1/ConfigMap\nNAME   DATA   AGE\nweb    1      "), "{}", ours.stdout);
    assert!(ours.stderr.contains("Widget: \"web\" is left out"), "{}", ours.stderr);
}
