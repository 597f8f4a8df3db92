use serde_json::{Value, json};

use super::*;
use crate::readiness::State;

fn object(value: Value) -> Object {
    Object::new(value).unwrap()
}

fn v3() -> Options {
    Options::of(HelmLine::V3)
}

#[track_caller]
fn assert_alone(value: Value, state: State, reason: &str) {
    let readiness = ready(&object(value), &Related::none(), &v3());
    assert_eq!((readiness.state, readiness.reason.as_str()), (state, reason));
}

fn template(image: &str) -> Value {
    json!({ "metadata": { "labels": { "app": "web" } }, "spec": { "containers": [{ "name": "web", "image": image }] } })
}

fn deployment() -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": { "name": "web", "namespace": "prod", "uid": "u1", "generation": 2 },
        "spec": {
            "replicas": 4, "selector": { "matchLabels": { "app": "web" } }, "template": template("web:2"),
            "strategy": { "type": "RollingUpdate", "rollingUpdate": { "maxSurge": "25%", "maxUnavailable": "25%" } },
        },
        "status": { "observedGeneration": 2 },
    })
}

fn replica_set(name: &str, image: &str, ready: i64) -> Object {
    let mut template = template(image);
    template["metadata"]["labels"]["pod-template-hash"] = json!(name);
    object(json!({
        "apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": {
            "name": name, "namespace": "prod", "generation": 1, "labels": { "app": "web", "pod-template-hash": name },
            "ownerReferences": [{ "uid": "u1", "controller": true }], "creationTimestamp": "2026-01-01T00:00:00Z",
        },
        "spec": { "template": template },
        "status": { "observedGeneration": 1, "readyReplicas": ready },
    }))
}

#[test]
fn deployment_goes_by_the_replica_set_with_its_template_and_tolerates_max_unavailable() {
    let (old, enough, too_few) = (replica_set("old", "web:1", 9), replica_set("new", "web:2", 3), replica_set("new", "web:2", 2));
    let judge = |sets: &[&Object]| ready(&object(deployment()), &sets.iter().copied().collect(), &v3());
    assert_eq!(judge(&[&old, &enough]).reason, "3 of 4 replicas are ready, 3 needed");
    assert_eq!(judge(&[&old, &enough]).state, State::Ready);
    assert_eq!(judge(&[&old, &too_few]).state, State::Waiting);
    assert_eq!(judge(&[&old]).reason, "its newest ReplicaSet does not exist yet");
}

#[test]
fn replica_set_of_another_owner_is_not_looked_at() {
    let mut foreign = replica_set("new", "web:2", 4);
    foreign.metadata_mut().insert("ownerReferences".to_owned(), json!([{ "uid": "u2", "controller": true }]));
    let readiness = ready(&object(deployment()), &[&foreign].into_iter().collect(), &v3());
    assert_eq!(readiness.reason, "its newest ReplicaSet does not exist yet");
}

#[test]
fn paused_deployment_is_ready_and_needs_nothing() {
    let mut paused = deployment();
    paused["spec"]["paused"] = json!(true);
    assert_eq!(needs(&object(paused.clone()), &v3()), None);
    assert_alone(paused, State::Ready, "it is paused, and not waited for");
}

#[test]
fn old_api_versions_are_judged_by_helm_3_only() {
    let mut old = deployment();
    old["apiVersion"] = json!("extensions/v1beta1");
    let judge = |line| ready(&object(old.clone()), &Related::none(), &Options::of(line)).state;
    assert_eq!((judge(HelmLine::V3), judge(HelmLine::V4)), (State::Waiting, State::Ready));
}

#[test]
fn completed_pod_is_never_ready() {
    let pod = |status: Value| json!({ "apiVersion": "v1", "kind": "Pod", "status": status });
    assert_alone(pod(json!({ "phase": "Succeeded" })), State::Waiting, "it is not ready, phase Succeeded");
    let conditions = json!([{ "type": "Ready", "status": "True" }]);
    assert_alone(pod(json!({ "phase": "Running", "conditions": conditions })), State::Ready, "it is ready");
}

#[test]
fn job_is_judged_only_when_jobs_are_awaited() {
    let job = |status: &Value| {
        let metadata = json!({ "name": "migrate", "namespace": "prod" });
        object(json!({
            "apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": { "backoffLimit": 2, "completions": 1 }, "status": status,
        }))
    };
    let judge = |status: Value, wait| ready(&job(&status), &Related::none(), &v3().with_wait_for_jobs(wait));
    assert_eq!(judge(json!({ "failed": 3 }), false).state, State::Ready);
    assert_eq!(judge(json!({ "failed": 3 }), true).message, "job is failed: prod/migrate");
    assert_eq!(judge(json!({ "failed": 2 }), true).state, State::Waiting);
    assert_eq!(judge(json!({ "succeeded": 1 }), true).state, State::Ready);
}

#[test]
fn load_balancer_needs_an_address() {
    let service = |spec: Value, status: Value| json!({ "apiVersion": "v1", "kind": "Service", "spec": spec, "status": status });
    let spec = json!({ "type": "LoadBalancer", "clusterIP": "10.0.0.1" });
    assert_alone(service(spec.clone(), json!({ "loadBalancer": {} })), State::Waiting, "its load balancer has no address yet");
    let status = json!({ "loadBalancer": { "ingress": [{ "ip": "1.2.3.4" }] } });
    assert_alone(service(spec, status), State::Ready, "it has its addresses");
    assert_alone(service(json!({ "type": "ExternalName" }), json!({})), State::Ready, "it points outside the cluster");
    assert_alone(service(json!({ "type": "ClusterIP" }), json!({})), State::Waiting, "it has no cluster address yet");
}

#[test]
fn daemon_set_tolerates_max_unavailable_and_everything_when_it_is_unreadable() {
    let set = |limit: Value, ready: i64| {
        json!({
            "apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": { "generation": 1 },
            "spec": { "updateStrategy": { "type": "RollingUpdate", "rollingUpdate": { "maxUnavailable": limit } } },
            "status": { "observedGeneration": 1, "desiredNumberScheduled": 4, "updatedNumberScheduled": 4, "numberReady": ready },
        })
    };
    assert_alone(set(json!(1), 2), State::Waiting, "2 of 4 pods are ready, 3 needed");
    assert_alone(set(json!("30%"), 2), State::Ready, "2 of 4 pods are ready, 2 needed");
    assert_alone(set(json!("nonsense"), 0), State::Ready, "0 of 4 pods are ready, 0 needed");
}

#[test]
fn stateful_set_needs_exactly_its_replicas() {
    let set = |ready: i64, partition: i64, revision: &str| {
        json!({
            "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": { "generation": 1 },
            "spec": { "replicas": 2, "updateStrategy": { "type": "RollingUpdate", "rollingUpdate": { "partition": partition } } },
            "status": {
                "observedGeneration": 1, "updatedReplicas": 2, "readyReplicas": ready,
                "currentRevision": revision, "updateRevision": "b",
            },
        })
    };
    assert_alone(set(3, 0, "b"), State::Waiting, "3 of 2 replicas are ready");
    assert_alone(set(2, 0, "a"), State::Waiting, "its rollout has not finished yet");
    assert_alone(set(2, 1, "a"), State::Ready, "2 of 2 replicas are ready");
}

#[test]
fn replication_controller_needs_every_selected_pod() {
    let controller = object(json!({
        "apiVersion": "v1", "kind": "ReplicationController", "metadata": { "namespace": "prod" }, "spec": { "selector": { "app": "web" } },
    }));
    let pod = |app: &str, status: &str| {
        object(json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": { "namespace": "prod", "labels": { "app": app } },
            "status": { "conditions": [{ "type": "Ready", "status": status }] },
        }))
    };
    let (up, down, foreign) = (pod("web", "True"), pod("web", "False"), pod("other", "False"));
    let judge = |pods: &[&Object]| ready(&controller, &pods.iter().copied().collect(), &v3());
    assert_eq!(judge(&[&up, &foreign]).reason, "1 of 1 pods are ready");
    assert_eq!(judge(&[&up, &down]).state, State::Waiting);
    assert_eq!(needs(&controller, &v3()).unwrap().selector.to_string(), "app=web");
}

#[test]
fn definition_with_refused_names_is_ready() {
    let crd = |conditions: Value| json!({ "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "status": { "conditions": conditions } });
    let refused = json!([{ "type": "NamesAccepted", "status": "False" }]);
    assert_alone(crd(refused), State::Ready, "its names were not accepted, which Helm does not mind");
    assert_alone(crd(json!([])), State::Waiting, "the server does not serve it yet");
}

#[test]
fn hook_job_fails_with_helms_words() {
    let conditions = json!([{ "type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "too often" }]);
    let job = json!({ "apiVersion": "batch/v1", "kind": "Job", "metadata": { "name": "migrate" }, "status": { "conditions": conditions } });
    let readiness = hook_ready(&object(job));
    assert_eq!(readiness.message, "job migrate failed: BackoffLimitExceeded");
    assert_eq!(readiness.reason, "it has failed: BackoffLimitExceeded: too often");
}

#[test]
fn hook_job_of_another_group_fails_at_once() {
    let job = object(json!({ "apiVersion": "batch.volcano.sh/v1alpha1", "kind": "Job", "metadata": { "name": "train" } }));
    assert_eq!(hook_ready(&job).message, "expected train to be a *batch.Job, got *unstructured.Unstructured");
}
