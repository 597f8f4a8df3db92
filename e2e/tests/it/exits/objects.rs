//! The small objects that the scenarios' charts are made of.

use e2e::{Chart, World};
use serde_json::json;
use std::thread;
use std::time::{Duration, Instant};

/// The group of the custom resource; its definition belongs to the cluster, since copies of a namespace share it.
const GROUP: &str = "exits.example.com";

pub(super) const WIDGETS: &str = "exits.example.com/v1/widgets";

pub(super) fn config_map(name: &str, color: &str) -> String {
    crate::release::config_map(name, color)
}

pub(super) fn secret(name: &str, text: &str) -> String {
    format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: {name}}}\nstringData: {{word: {text}}}\n")
}

pub(super) fn service(name: &str, port: u16) -> String {
    format!(
        "apiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\n\
         spec: {{selector: {{app: {name}}}, ports: [{{name: http, port: {port}}}]}}\n"
    )
}

/// Its Pods' story is told in `cluster/stages/kubelet.yaml`.
pub(super) fn deployment(name: &str, replicas: u32, image: &str, story: &str) -> String {
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}, test/kubelet: \"{story}\"}}}}
    spec: {{containers: [{{name: main, image: \"{image}\"}}]}}
"
    )
}

pub(super) fn job(name: &str, image: &str) -> String {
    format!(
        "apiVersion: batch/v1
kind: Job
metadata: {{name: {name}}}
spec:
  template:
    spec: {{restartPolicy: Never, containers: [{{name: main, image: \"{image}\"}}]}}
"
    )
}

/// A ConfigMap that never changes.
pub(super) fn fixed(name: &str, color: &str) -> String {
    config_map(name, color) + "immutable: true\n"
}

/// A StatefulSet without Pods; its service cannot be changed.
pub(super) fn stateful_set(name: &str, service: &str) -> String {
    let set = deployment(name, 0, "main:1", "").replace("kind: Deployment", "kind: StatefulSet");
    set.replace("spec:\n  replicas", &format!("spec:\n  serviceName: {service}\n  replicas"))
}

/// A Pod that takes its time to go.
pub(super) fn slow_pod(name: &str) -> String {
    format!(
        "apiVersion: v1
kind: Pod
metadata: {{name: {name}, annotations: {{test/kubelet-stops-in: 2s}}}}
spec: {{containers: [{{name: main, image: main}}]}}
"
    )
}

pub(super) fn widget(name: &str, size: u32) -> String {
    format!("apiVersion: {GROUP}/v1\nkind: Widget\nmetadata: {{name: {name}}}\nspec: {{size: {size}, parts: [a, b]}}\n")
}

pub(super) fn job_hook(name: &str, event: &str, weight: i32, policy: &str) -> String {
    let policy = if policy.is_empty() { String::new() } else { format!(", helm.sh/hook-delete-policy: \"{policy}\"") };
    format!(
        "apiVersion: batch/v1
kind: Job
metadata: {{name: {name}, annotations: {{helm.sh/hook: \"{event}\", helm.sh/hook-weight: \"{weight}\"{policy}}}}}
spec:
  template:
    spec: {{restartPolicy: Never, containers: [{{name: main, image: main}}]}}
"
    )
}

pub(super) fn pod_hook(name: &str, event: &str, weight: i32, policy: &str) -> String {
    let policy = if policy.is_empty() { String::new() } else { format!(", helm.sh/hook-delete-policy: \"{policy}\"") };
    format!(
        "apiVersion: v1
kind: Pod
metadata: {{name: {name}, annotations: {{helm.sh/hook: \"{event}\", helm.sh/hook-weight: \"{weight}\"{policy}}}}}
spec: {{restartPolicy: Never, containers: [{{name: main, image: main}}]}}
"
    )
}

/// A chart of documents.
pub(super) fn chart(documents: &[String]) -> Chart {
    let number = |(index, text): (usize, &String)| (format!("{index:02}.yaml"), text.clone());
    documents.iter().enumerate().map(number).fold(Chart::new("web", "1.0.0"), |chart, (file, text)| chart.template(&file, &text))
}

/// The same with an object that the server refuses, after all others of its kind.
pub(super) fn refused(chart: &Chart) -> Chart {
    let refused = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: zz-refused}\ndata: {\"/\": a}\n";
    chart.clone().template("zz.yaml", refused)
}

/// Makes the cluster know `Widget`.
pub(super) fn define_widgets(world: &World) {
    let definition = json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("widgets.{GROUP}")},
        "spec": {
            "group": GROUP, "scope": "Namespaced",
            "names": {"kind": "Widget", "plural": "widgets", "singular": "widget", "listKind": "WidgetList"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {
                "type": "object",
                "properties": {"spec": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}},
            }}}],
        },
    });
    // Another scenario may have been quicker.
    let _ = world.cluster().request("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", Some(&definition));
    let until = Instant::now() + Duration::from_secs(60);
    while world.cluster().get(&format!("/apis/{GROUP}/v1/widgets")).is_none() {
        assert!(Instant::now() < until, "the kind does not come");
        thread::sleep(Duration::from_millis(50));
    }
}
