use serde_json::{Value, json};

use super::*;

fn object(value: Value) -> Object {
    Object::new(value).unwrap()
}

fn now() -> Timestamp {
    "2026-01-01T00:00:20Z".parse().unwrap()
}

#[track_caller]
fn assert_status(value: Value, state: State, message: &str, reason: &str) {
    let readiness = status(&object(value), &Related::none(), &Options::at(now())).unwrap();
    assert_eq!((readiness.state, readiness.message.as_str(), readiness.reason.as_str()), (state, message, reason));
}

fn deployment(replicas: i64, counts: [i64; 4], conditions: &Value) -> Value {
    let [existing, updated, ready, available] = counts;
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": { "name": "web", "namespace": "prod", "generation": 2 },
        "spec": { "replicas": replicas, "progressDeadlineSeconds": 600, "selector": { "matchLabels": { "app": "web" } } },
        "status": {
            "observedGeneration": 2, "replicas": existing, "updatedReplicas": updated,
            "readyReplicas": ready, "availableReplicas": available, "conditions": conditions,
        },
    })
}

fn rolled_out() -> Value {
    json!([
        { "type": "Available", "status": "True" },
        { "type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable" },
    ])
}

#[test]
fn deployment_waits_for_every_count_in_turn() {
    let steps = [
        ([2, 0, 0, 0], "Replicas: 2/3", "2 of 3 replicas are created"),
        ([3, 1, 0, 0], "Updated: 1/3", "1 of 3 replicas are updated"),
        ([5, 3, 3, 3], "Pending termination: 2", "2 old replicas are not gone yet"),
        ([3, 3, 2, 1], "Available: 1/3", "1 of 3 updated replicas are available"),
        ([3, 3, 2, 3], "Ready: 2/3", "2 of 3 replicas are ready"),
    ];
    for (counts, message, reason) in steps {
        assert_status(deployment(3, counts, &rolled_out()), State::Waiting, message, reason);
    }
    let message = "Deployment is available. Replicas: 3";
    assert_status(deployment(3, [3; 4], &rolled_out()), State::Ready, message, "3 of 3 replicas are ready");
}

#[test]
fn deployment_fails_when_its_deadline_has_passed() {
    let conditions = json!([
        { "type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "ReplicaSet \"web-1\" has timed out progressing." },
    ]);
    let reason = "its rollout made no progress in time: ReplicaSet \"web-1\" has timed out progressing.";
    assert_status(deployment(1, [1; 4], &conditions), State::Failed, "Progress deadline exceeded", reason);
}

#[test]
fn deployment_without_conditions_is_not_available_although_every_count_is_met() {
    let reason = "its newest ReplicaSet is not available yet";
    assert_status(deployment(1, [1; 4], &json!([])), State::Waiting, "ReplicaSet not Available", reason);
    let mut unlimited = deployment(1, [1; 4], &json!([]));
    unlimited["spec"].as_object_mut().unwrap().remove("progressDeadlineSeconds");
    assert_status(unlimited, State::Waiting, "Deployment not Available", "it is not available yet");
}

#[test]
fn paused_deployment_is_left_out() {
    let mut paused = deployment(3, [0; 4], &json!([]));
    paused["spec"]["paused"] = json!(true);
    assert_eq!(status(&object(paused), &Related::none(), &Options::at(now())), None);
}

#[test]
fn deployment_without_selector_cannot_be_judged() {
    let mut value = deployment(1, [1; 4], &rolled_out());
    value["spec"].as_object_mut().unwrap().remove("selector");
    assert_status(value, State::Unknown, "", "a field that decides has an unexpected type");
}

#[test]
fn deletion_and_generation_come_before_every_kinds_own_rule() {
    let mut going = deployment(1, [1; 4], &rolled_out());
    going["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
    assert_status(going, State::Terminating, "Resource scheduled for deletion", "it is being deleted");
    let mut unseen = deployment(1, [1; 4], &rolled_out());
    unseen["metadata"]["generation"] = json!(3);
    let message = "Deployment generation is 3, but latest observed generation is 2";
    assert_status(unseen, State::Waiting, message, "its controller has not seen the latest change yet");
}

#[test]
fn custom_resource_tells_by_its_conditions() {
    let custom =
        |conditions: Value| json!({ "apiVersion": "acme.io/v1", "kind": "Widget", "status": { "conditions": conditions } });
    assert_status(custom(json!(null)), State::Ready, "Resource is current", "it exists");
    let conditions = json!([{ "type": "Ready", "status": "False", "message": "no disk" }]);
    assert_status(custom(conditions), State::Waiting, "no disk", "it says that it is not ready: no disk");
    let conditions = json!([{ "type": "Ready", "status": "True" }]);
    assert_status(custom(conditions), State::Ready, "Resource is Ready", "it says that it is ready");
    let conditions =
        json!([{ "type": "Ready", "status": "True" }, { "type": "Stalled", "status": "True", "message": "bad key" }]);
    assert_status(custom(conditions), State::Failed, "bad key", "its controller gave up: bad key");
}

fn pod(status: &Value) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": { "name": "web-0", "namespace": "prod", "labels": { "app": "web" }, "creationTimestamp": "2026-01-01T00:00:00Z" },
        "status": status,
    })
}

fn crashing() -> Value {
    pod(&json!({
        "phase": "Running",
        "containerStatuses": [
            { "name": "app", "state": { "waiting": { "reason": "CrashLoopBackOff" } } },
            { "name": "log", "state": { "running": {} } },
        ],
    }))
}

#[test]
fn failed_pod_counts_as_finished() {
    let message = "Pod has completed, but not successfully";
    assert_status(pod(&json!({ "phase": "Failed" })), State::Ready, message, "it has ended with a failure");
}

#[test]
fn crashing_pod_fails() {
    let reason = "its container app crashes again and again";
    assert_status(crashing(), State::Failed, "Containers in CrashLoop state: app", reason);
}

#[test]
fn pod_without_node_fails_fifteen_seconds_after_its_creation() {
    let condition = json!([{ "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/1 nodes" }]);
    let pod = object(pod(&json!({ "phase": "Pending", "conditions": condition })));
    let at = |now: &str| status(&pod, &Related::none(), &Options::at(now.parse().unwrap())).unwrap();
    let early = at("2026-01-01T00:00:14.999Z");
    assert_eq!((early.state, early.message.as_str()), (State::Waiting, "Pod has not been scheduled"));
    let late = at("2026-01-01T00:00:15Z");
    assert_eq!((late.state, late.message.as_str()), (State::Failed, "Pod could not be scheduled"));
    assert_eq!(late.reason, "no node takes it: 0/1 nodes");
}

fn stateful_set(spec: &Value, status: &Value) -> Value {
    let mut set = json!({
        "apiVersion": "apps/v1", "kind": "StatefulSet",
        "metadata": { "name": "web", "namespace": "prod" },
        "spec": { "replicas": 2, "selector": { "matchLabels": { "app": "web" } } },
        "status": status,
    });
    for (key, member) in spec.as_object().unwrap() {
        set["spec"][key] = member.clone();
    }
    set
}

#[test]
fn stateful_set_with_partition_needs_only_the_replicas_above_it() {
    let partition = json!({ "updateStrategy": { "rollingUpdate": { "partition": 1 } } });
    let counts = |updated: i64| json!({ "replicas": 2, "readyReplicas": 2, "updatedReplicas": updated });
    let reason = "0 of 1 replicas above the partition are updated";
    assert_status(stateful_set(&partition, &counts(0)), State::Waiting, "updated: 0/1", reason);
    let message = "Partition rollout complete. updated: 1";
    assert_status(stateful_set(&partition, &counts(1)), State::Ready, message, "2 of 2 replicas are ready");
}

#[test]
fn stateful_set_fails_with_a_crashing_pod_only_while_it_waits() {
    let judge = |ready: i64, pod: &Object| {
        let counts = json!({ "replicas": 2, "readyReplicas": ready, "currentReplicas": 2 });
        let set = object(stateful_set(&json!({}), &counts));
        status(&set, &[pod].into_iter().collect(), &Options::at(now())).unwrap()
    };
    let crashing = object(crashing());
    let failed = judge(1, &crashing);
    assert_eq!((failed.state, failed.message.as_str()), (State::Failed, "1 pods have failed"));
    assert_eq!(failed.reason, "1 of its pods has failed");
    assert_eq!(judge(2, &crashing).state, State::Ready);
    let mut foreign = crashing.clone();
    foreign.set_label("app", "other");
    assert_eq!(judge(1, &foreign).state, State::Waiting);
}

#[test]
fn daemon_set_that_no_controller_has_seen_waits() {
    let set = json!({ "apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": { "generation": 1 } });
    let message = "DaemonSet status.observedGeneration not found";
    assert_status(set, State::Waiting, message, "its controller has not seen it yet");
}

#[test]
fn job_needs_only_start_unless_jobs_are_awaited() {
    let job = object(json!({
        "apiVersion": "batch/v1", "kind": "Job", "spec": { "completions": 1 },
        "status": { "active": 1, "startTime": "2026-01-01T00:00:00Z" },
    }));
    let judge = |wait| status(&job, &Related::none(), &Options::at(now()).with_wait_for_jobs(wait)).unwrap();
    assert_eq!(judge(false).message, "Job in progress. success:0, active: 1, failed: 0");
    assert_eq!((judge(false).state, judge(true).state), (State::Ready, State::Waiting));
}

#[test]
fn hook_pod_must_succeed_even_when_it_is_going() {
    let mut done = pod(&json!({ "phase": "Succeeded" }));
    done["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
    assert_eq!(hook_status(&object(done)).message, "pod web-0 succeeded");
    assert_eq!(hook_status(&object(pod(&json!({ "phase": "Failed" })))).state, State::Failed);
    assert_eq!(hook_status(&object(crashing())).message, "Pod in progress");
    assert_eq!(hook_status(&object(json!({ "apiVersion": "v1", "kind": "Secret" }))).message, "Resource is current");
}

#[test]
fn pods_are_needed_for_stateful_sets_but_not_for_deployments() {
    let need = needs(&object(stateful_set(&json!({}), &json!({})))).unwrap();
    assert_eq!((need.gvk.kind.as_str(), need.selector.to_string().as_str()), ("Pod", "app=web"));
    assert_eq!(needs(&object(deployment(1, [1; 4], &rolled_out()))), None);
}
