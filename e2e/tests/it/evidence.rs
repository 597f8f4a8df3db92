//! What is found out about rollbacks that fail on a real control plane: the first line names the cause.

pub(crate) mod admission;
pub(crate) mod objects;
pub(crate) mod pods;

use std::time::Duration;

use e2e::{Chart, Namespace};
use helm_release_core::ReleaseName;
use helm_release_core::evidence::{Evidence, Limits};
use helm_release_core::plan::{OnFailure, RollbackOptions, WaitStrategy, plan};
use helm_release_core::ports::NoObserver;
use helm_release_core::run::Engine;
use helm_release_core::survey::survey;
use helm_release_store::clock::SystemClock;
use helm_release_store::cluster::KubernetesCluster;
use helm_release_store::connection::{Connection, ConnectionOptions};
use helm_release_store::storage::SecretStorage;

use crate::release::WEB;

/// Rolls back the release `web` as the user of that context, which must fail, and collects the evidence.
fn failed(ns: &Namespace<'_>, context: &str, options: &RollbackOptions) -> Evidence {
    let mut connect = ConnectionOptions::default();
    connect.kubeconfig = Some(ns.kubeconfig().display().to_string());
    connect.context = Some(context.to_owned());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let connection = Connection::open(&connect).unwrap();
        let (storage, cluster) = (SecretStorage::new(&connection), KubernetesCluster::new(&connection));
        let name: ReleaseName = WEB.parse().unwrap();
        // The tests look at what the failure left.
        let options = &options.clone().with_on_failure(OnFailure::Stop);
        let seen = survey(&storage, &cluster, connection.namespace(), &name, options).await.unwrap();
        let plan = plan(&seen, options);
        assert_eq!(plan.blocking().count(), 0, "{:?}", plan.findings);
        let engine = Engine::new(&storage, &cluster, &SystemClock, &NoObserver).with_evidence(Limits::default());
        *engine.run(&plan).await.unwrap_err().evidence.unwrap()
    })
}

/// The same with a wait of a few seconds.
fn failed_waiting(ns: &Namespace<'_>) -> Evidence {
    failed(ns, "test", &RollbackOptions::default().with_wait(WaitStrategy::Watcher).with_timeout(Duration::from_secs(8)))
}

/// The same without a wait.
fn failed_at_once(ns: &Namespace<'_>) -> Evidence {
    failed(ns, "test", &RollbackOptions::default())
}

fn first_line(evidence: &Evidence) -> String {
    evidence.to_text().lines().next().unwrap_or_default().to_owned()
}

/// A chart with the Deployment `web`; its pods have that label for the kubelet, its container has further fields in YAML's flow form.
fn deployment(story: &str, image: &str, replicas: u32, container: &str) -> Chart {
    let separator = if container.is_empty() { "" } else { ", " };
    let text = format!(
        "apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web, test/kubelet: \"{story}\"}}}}
    spec: {{containers: [{{name: main, image: {image}{separator}{container}}}]}}
"
    );
    Chart::new("web", "1.0.0").template("web.yaml", &text)
}
