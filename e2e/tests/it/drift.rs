//! Drift on the real server: who changed which field is told, and a rollback does with it what was asked.

pub(crate) mod attributed;
pub(crate) mod choices;
pub(crate) mod histories;
pub(crate) mod owners;

use std::fmt::Write as _;

use e2e::{Chart, Namespace};
use serde_json::{Value, json};

use crate::release::{upgrade, without_a_write};

const DEPLOYMENTS: &str = "apps/v1/deployments";
const CONFIG_MAPS: &str = "v1/configmaps";

/// How Helm writes objects: the line, and further flags.
const MAKERS: [(u8, &[&str]); 3] = [(3, &[]), (4, &["--server-side=false"]), (4, &["--server-side=true"])];

/// A chart of the kinds whose fields the server fills in, rewrites and allocates.
fn rich(image: &str, replicas: u32) -> Chart {
    let deployment = format!(
        "apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, labels: {{tier: front}}, annotations: {{note: \"\"}}}}
spec:
  replicas: {replicas}
  paused: false
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      hostNetwork: false
      securityContext: {{}}
      nodeSelector: {{}}
      tolerations: [{{key: a, operator: Exists}}]
      volumes: [{{name: tmp, emptyDir: {{sizeLimit: 1024Mi}}}}]
      containers:
      - name: web
        image: {image}
        args: [run, --fast]
        env: [{{name: Z, value: z}}, {{name: A, value: \"\"}}]
        ports: [{{containerPort: 80}}, {{containerPort: 443, name: tls}}]
        resources: {{limits: {{cpu: 1000m, memory: 1024Mi}}, requests: {{cpu: 0.5}}}}
        volumeMounts: [{{name: tmp, mountPath: /tmp, readOnly: false}}]
"
    );
    Chart::new("web", "1.0.0")
        .template("deployment.yaml", &deployment)
        .template("map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {color: blue, text: \"a\\nb\\n\"}\n")
        .template(
            "secret.yaml",
            "apiVersion: v1\nkind: Secret\nmetadata: {name: web}\ndata: {key: Zmlyc3Q=}\nstringData: {password: hunter2}\n",
        )
        .template(
            "service.yaml",
            "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n\
             spec: {type: NodePort, clusterIP: \"\", selector: {app: web}, ports: [{port: 80}, {name: tls, port: 443}]}\n"
                .replace("{port: 80}", "{name: http, port: 80}")
                .as_str(),
        )
        .template(
            "role.yaml",
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: web}\n\
             rules: [{apiGroups: [\"\"], resources: [pods], verbs: [list, get]}]\n",
        )
        .template(
            "policy.yaml",
            "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: web}\n\
             spec: {podSelector: {}, ingress: [{ports: [{port: 80}]}]}\n",
        )
        .template(
            "claim.yaml",
            "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: web}\n\
             spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1024Mi}}}\n",
        )
        .template(
            "job.yaml",
            "apiVersion: batch/v1\nkind: Job\nmetadata: {name: web}\n\
             spec: {template: {spec: {restartPolicy: Never, containers: [{name: job, image: job}]}}}\n",
        )
}

/// Deploys charts one after another, waiting until the controllers have had their say.
fn deploy(ns: &Namespace<'_>, (major, flags): (u8, &[&str]), charts: &[Chart]) {
    for chart in charts {
        let _ = upgrade(ns, major, chart).args(flags).ok();
        let is_observed = |found: Option<&Value>| {
            found.is_none_or(|found| found["status"]["observedGeneration"] == found["metadata"]["generation"])
        };
        let _ = ns.until(DEPLOYMENTS, "web", is_observed);
    }
}

/// What `drift` tells as JSON.
fn report(ns: &Namespace<'_>) -> Value {
    let text = without_a_write(ns, || ns.plugin().args(["drift", "web", "-o", "json"]).ok());
    serde_json::from_str(&text).expect("JSON was asked for")
}

/// `Kind/name path: was -> is by manager operation/subresource` of everything that drifted.
fn told(ns: &Namespace<'_>) -> Vec<String> {
    let report = report(ns);
    let mut lines = Vec::new();
    for object in report["objects"].as_array().expect("objects are a list") {
        let name = format!("{}/{}", object["kind"].as_str().unwrap(), object["name"].as_str().unwrap());
        if object["fate"] != "changed" {
            lines.push(format!("{name} {}", object["fate"].as_str().unwrap()));
        }
        for field in object["fields"].as_array().expect("fields are a list") {
            let mut line = format!("{name} {}: {} -> {}", field["path"].as_str().unwrap(), field["was"], field["is"]);
            for manager in field["by"].as_array().expect("by is a list") {
                // Of writes through the subresource `scale` the server keeps no time.
                let is_scale = manager["subresource"] == "scale";
                assert!(is_scale || manager["time"].as_str().is_some_and(|time| time.starts_with("20")), "{manager}");
                let _ = write!(line, " by {} {}", manager["manager"].as_str().unwrap(), manager["operation"].as_str().unwrap());
                if let Some(subresource) = manager["subresource"].as_str() {
                    let _ = write!(line, "/{subresource}");
                }
            }
            if let Some(holder) = field["heldBy"].as_str() {
                let _ = write!(line, " held by {}", holder.split(' ').next().unwrap());
            }
            if let Some(revision) = field["leftBy"].as_u64() {
                let _ = write!(line, " left by {revision}");
            }
            lines.push(line);
        }
    }
    assert_eq!(report["format"], "helm-rollback-safe/drift/v1");
    lines
}

/// The findings of a plan: `severity id Kind/name`, those of these ids only.
fn findings(ns: &Namespace<'_>, args: &[&str], ids: &[&str]) -> Vec<String> {
    let output = ns.plugin().args(["plan", "web", "-o", "json"]).args(args).run();
    let plan: Value = serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let found = plan["findings"].as_array().expect("findings are a list").iter();
    let found = found.filter(|finding| ids.contains(&finding["id"].as_str().unwrap_or_default()));
    let found = found.map(|finding| {
        let object = &finding["object"];
        let object =
            if object.is_null() { "-".to_owned() } else { format!("{}/{}", text(&object["kind"]), text(&object["name"])) };
        format!("{} {} {object}", text(&finding["severity"]), text(&finding["id"]))
    });
    found.collect()
}

/// A ConfigMap that is only changed in part.
fn part(kind: &str, api_version: &str, content: &Value) -> Value {
    let mut object = json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": "web"}});
    for (key, value) in content.as_object().into_iter().flatten() {
        if key == "metadata" {
            for (key, value) in value.as_object().into_iter().flatten() {
                object["metadata"][key] = value.clone();
            }
        } else {
            object[key] = value.clone();
        }
    }
    object
}
