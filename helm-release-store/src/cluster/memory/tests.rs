use std::time::Duration;

use futures::StreamExt as _;
use helm_release_core::ports::{
    Cluster, ClusterErrorKind, DryRun, ListOptions, Location, LogOptions, Preconditions, Propagation, Request, WatchEvent,
};
use helm_release_core::{Gvk, Object};
use serde_json::{Value, json};

use super::MemoryCluster;
use crate::conformance::cluster::{CHECKS, run_all};

fn object(value: Value) -> Object {
    Object::new(value).unwrap()
}

fn namespace(name: &str) -> Object {
    object(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}))
}

fn pod(name: &str, restart: &str, annotations: &Value) -> Object {
    let containers = json!([{"name": "main", "image": "web:1"}]);
    object(json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "annotations": annotations},
        "spec": {"restartPolicy": restart, "containers": containers},
    }))
}

async fn at(cluster: &MemoryCluster, api_version: &str, kind: &str, name: &str) -> Location {
    cluster.kinds(false).await.unwrap().find(&Gvk::new(api_version, kind)).unwrap().at("default", name)
}

async fn phase(cluster: &MemoryCluster, name: &str) -> String {
    let pod = cluster.get(&at(cluster, "v1", "Pod", name).await).await.unwrap();
    pod.at(&["status", "phase"]).and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[tokio::test(start_paused = true)]
async fn it_behaves_as_every_cluster_must() {
    let cluster = MemoryCluster::with_objects([namespace("checks")]).unwrap();
    let mut deviations = Vec::new();
    for check in CHECKS.iter().copied().flatten() {
        if let Err(deviation) = check.run(&cluster, "checks").await {
            deviations.push(deviation.to_string());
        }
    }
    assert!(deviations.is_empty(), "{}", deviations.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn a_shared_or_boxed_cluster_is_the_same_cluster() {
    let cluster = MemoryCluster::with_objects([namespace("shared"), namespace("boxed")]).unwrap();
    run_all(&std::sync::Arc::new(cluster.clone()), "shared").await.unwrap();
    let boxed: Box<dyn Cluster> = Box::new(cluster);
    run_all(&boxed, "boxed").await.unwrap();
}

#[tokio::test]
async fn a_watch_from_before_what_is_remembered_is_expired() {
    let cluster = MemoryCluster::new();
    let maps = at(&cluster, "v1", "ConfigMap", "").await.resource;
    let listing = cluster.list(&maps, &ListOptions::default()).await.unwrap();
    let mut watch = cluster.watch(&maps, &ListOptions::default(), &listing.resource_version).await.unwrap();
    cluster.insert(&namespace("later"), "default", "test").unwrap();
    cluster.forget_history();
    assert_eq!(watch.next().await.unwrap().unwrap_err().kind, ClusterErrorKind::Expired);
    assert!(watch.next().await.is_none());
    let Err(error) = cluster.watch(&maps, &ListOptions::default(), &listing.resource_version).await else {
        panic!("a watch from before began");
    };
    assert_eq!(error.kind, ClusterErrorKind::Expired);
}

#[tokio::test(start_paused = true)]
async fn a_pod_that_runs_once_ends_when_its_time_is_over() {
    let cluster = MemoryCluster::new();
    cluster.insert(&pod("task", "Never", &json!({"test/kubelet-takes": "90s"})), "default", "test").unwrap();
    assert_eq!(phase(&cluster, "task").await, "Running");
    tokio::time::sleep(Duration::from_secs(80)).await;
    assert_eq!(phase(&cluster, "task").await, "Running");
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert_eq!(phase(&cluster, "task").await, "Succeeded");
}

#[tokio::test(start_paused = true)]
async fn a_watch_is_woken_by_what_happens_without_a_write() {
    let cluster = MemoryCluster::new();
    cluster.insert(&pod("task", "Never", &json!({"test/kubelet-takes": "1h"})), "default", "test").unwrap();
    let pods = at(&cluster, "v1", "Pod", "").await.resource;
    let from = cluster.list(&pods, &ListOptions::default()).await.unwrap().resource_version;
    let began = tokio::time::Instant::now();
    let mut watch = cluster.watch(&pods, &ListOptions::default(), &from).await.unwrap();
    let WatchEvent::Changed(ended) = watch.next().await.unwrap().unwrap() else { panic!("the pod was deleted") };
    assert_eq!(ended.at(&["status", "phase"]).unwrap(), "Succeeded");
    assert!(began.elapsed() > Duration::from_secs(3590), "after {:?}", began.elapsed());
}

#[tokio::test]
async fn a_dry_run_says_the_version_that_is_there() {
    let cluster = MemoryCluster::new();
    let made = cluster.insert(&pod("web", "Always", &json!({})), "default", "test").unwrap();
    let pod_at = at(&cluster, "v1", "Pod", "web").await;
    let before = cluster.objects();
    let (propagation, preconditions) = (Propagation::Background, Preconditions::default());
    let request = Request::Delete { at: pod_at, propagation, preconditions };
    let answer = cluster.write(&request, DryRun::Server).await.unwrap().unwrap();
    assert_eq!(answer.uid(), made.uid());
    assert!(answer.is_terminating());
    assert_eq!(cluster.objects(), before);
}

#[tokio::test]
async fn logs_are_what_a_test_wrote_into_them() {
    let cluster = MemoryCluster::new();
    cluster.insert(&pod("web", "Always", &json!({})), "default", "test").unwrap();
    cluster.set_logs("default", "web", "main", "one\ntwo\nthree\n");
    let mut options = LogOptions::default();
    assert_eq!(cluster.logs("default", "web", &options).await.unwrap(), "one\ntwo\nthree\n");
    options.tail = Some(2);
    assert_eq!(cluster.logs("default", "web", &options).await.unwrap(), "two\nthree\n");
    let error = cluster.logs("default", "web", &LogOptions::container("side")).await.unwrap_err();
    assert_eq!(error.to_string(), "read the logs of Pod default/web: container side is not valid for pod web");
}

#[tokio::test]
async fn a_claim_is_bound_and_takes_its_volume_along() {
    let claim = object(json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }));
    let cluster = MemoryCluster::with_objects([claim]).unwrap();
    let claim_at = at(&cluster, "v1", "PersistentVolumeClaim", "data").await;
    let bound = cluster.get(&claim_at).await.unwrap();
    assert_eq!(bound.at(&["status", "phase"]).unwrap(), "Bound");
    let volumes = at(&cluster, "v1", "PersistentVolume", "").await.resource;
    assert_eq!(cluster.list(&volumes, &ListOptions::default()).await.unwrap().items.len(), 1);
    let (propagation, preconditions) = (Propagation::Background, Preconditions::default());
    cluster.write(&Request::Delete { at: claim_at, propagation, preconditions }, DryRun::No).await.unwrap();
    assert!(cluster.list(&volumes, &ListOptions::default()).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn a_status_can_be_written_for_a_controller_that_is_not_there() {
    let claim = object(json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "web"},
        "spec": {"defaultBackend": {"service": {"name": "web", "port": {"number": 80}}}},
    }));
    let cluster = MemoryCluster::with_objects([claim]).unwrap();
    let ingress_at = at(&cluster, "networking.k8s.io/v1", "Ingress", "web").await;
    let status = json!({"loadBalancer": {"ingress": [{"ip": "192.0.2.7"}]}});
    cluster.set_status(&ingress_at, status.clone(), "ingress-controller").unwrap();
    let ingress = cluster.get(&ingress_at).await.unwrap();
    assert_eq!(ingress.at(&["status"]).unwrap(), &status);
    assert_eq!(ingress.generation(), Some(1));
    let entries = ingress.at(&["metadata", "managedFields"]).unwrap().as_array().unwrap();
    assert!(entries.iter().any(|entry| entry["manager"] == "ingress-controller" && entry["subresource"] == "status"));
}

#[tokio::test]
async fn debug_shows_no_object() {
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {"a": "hidden"}});
    let cluster = MemoryCluster::with_objects([object(secret)]).unwrap();
    assert_eq!(format!("{cluster:?} {cluster}"), "MemoryCluster { .. } memory");
}
