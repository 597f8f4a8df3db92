//! The sentence for what a wait met.

use serde_json::json;

use super::scripted::{Failed, Scripted, crash_loop, deployment, pod, replica_set, warning, web_with};
use crate::evidence::CauseKind;

#[test]
fn a_crash_loop_is_told_with_its_exit_code_and_its_last_line() {
    let cluster = Scripted::holding(web_with(&crash_loop())).with_log("web-3-a", "main", "starting\npanic: no database\n\n");
    assert_eq!(
        Failed::waiting().cause(&cluster),
        "Deployment default/web: container \"main\" crashes again and again (exit code 1, 5 restarts, Pod web-3-a); \
         its last log line: panic: no database"
    );
}

#[test]
fn a_crash_loop_caught_while_it_runs_is_one_too() {
    let mut running = crash_loop();
    running["state"] = json!({"running": {"startedAt": "2026-05-01T12:04:50Z"}});
    let evidence = Failed::waiting().collect(&Scripted::holding(web_with(&running)));
    assert_eq!(evidence.cause().kind, CauseKind::Crash);
}

#[test]
fn a_container_that_used_too_much_memory_is_told_so() {
    let mut killed = crash_loop();
    killed["lastState"]["terminated"] = json!({"exitCode": 137, "reason": "OOMKilled"});
    let cause = Failed::waiting().cause(&Scripted::holding(web_with(&killed)));
    assert!(cause.contains("(exit code 137, it used more memory than its limit, 5 restarts, Pod web-3-a)"), "{cause}");
}

#[test]
fn a_termination_message_stands_in_for_a_log_that_cannot_be_read() {
    let mut crash = crash_loop();
    crash["lastState"]["terminated"]["message"] = json!("cannot open /etc/web.conf\n");
    let evidence = Failed::waiting().collect(&Scripted::holding(web_with(&crash)).forbidding("pods/log"));
    let cause = evidence.cause().sentence;
    assert!(cause.ends_with("; it left this message: cannot open /etc/web.conf"), "{cause}");
    assert!(evidence.unread[0].starts_with("log web-3-a/main: "), "{:?}", evidence.unread);
}

#[test]
fn an_image_that_cannot_be_pulled_is_told_with_what_the_registry_said() {
    let waiting = json!({"state": {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image \"web:1\""}}});
    let said = "Failed to pull image \"web:1\": rpc error: code = NotFound desc = web:1: not found";
    let mut objects = web_with(&waiting);
    objects.push(warning("Pod", "web-3-a", "Failed", said, 3));
    objects.push(warning("Pod", "web-3-a", "Failed", "Error: ImagePullBackOff", 4));
    let cluster = Scripted::holding(objects);
    assert_eq!(
        Failed::waiting().cause(&cluster),
        "Deployment default/web: image \"web:1\" of container \"main\" cannot be pulled (ImagePullBackOff, Pod web-3-a): \
         rpc error: code = NotFound desc = web:1: not found"
    );
    assert!(!cluster.asked.lock().unwrap().iter().any(|asked| asked.starts_with("log")), "it never ran, so it has no log");
}

#[test]
fn a_missing_secret_is_told() {
    let waiting = json!({"state": {"waiting": {"reason": "CreateContainerConfigError", "message": "secret \"db\" not found"}}});
    assert_eq!(
        Failed::waiting().cause(&Scripted::holding(web_with(&waiting))),
        "Deployment default/web: container \"main\" cannot be started (Pod web-3-a): secret \"db\" not found"
    );
}

#[test]
fn a_volume_that_cannot_be_mounted_is_told() {
    let mut objects = web_with(&json!({"state": {"waiting": {"reason": "ContainerCreating"}}}));
    objects[2]["status"]["phase"] = json!("Pending");
    objects.push(warning(
        "Pod",
        "web-3-a",
        "FailedMount",
        "MountVolume.SetUp failed for volume \"db\" : secret \"db\" not found",
        2,
    ));
    assert_eq!(
        Failed::waiting().cause(&Scripted::holding(objects)),
        "Deployment default/web: Pod web-3-a cannot start (FailedMount): MountVolume.SetUp failed for volume \"db\" : secret \"db\" not found"
    );
}

#[test]
fn a_failing_readiness_probe_is_told() {
    let mut objects = web_with(&json!({"state": {"running": {"startedAt": "2026-05-01T12:01:00Z"}}}));
    objects.push(warning("Pod", "web-3-a", "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503", 4));
    assert_eq!(
        Failed::waiting().cause(&Scripted::holding(objects)),
        "Deployment default/web: container \"main\" runs but never becomes ready (Pod web-3-a): \
         Readiness probe failed: HTTP probe failed with statuscode: 503"
    );
}

#[test]
fn without_an_event_the_readiness_probe_itself_is_told() {
    let mut objects = web_with(&json!({"state": {"running": {}}}));
    objects[2]["spec"]["containers"][0]["readinessProbe"] = json!({"httpGet": {"path": "/healthz", "port": "http"}});
    let cause = Failed::waiting().cause(&Scripted::holding(objects));
    assert!(cause.ends_with("its readiness probe (GET /healthz on port http) has not succeeded"), "{cause}");
}

#[test]
fn a_pod_that_no_node_takes_is_told() {
    let mut objects = web_with(&json!({}));
    let message = "0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available";
    objects[2]["status"] = json!({
        "phase": "Pending",
        "conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}],
    });
    assert_eq!(
        Failed::waiting().cause(&Scripted::holding(objects)),
        format!("Deployment default/web: no node takes Pod web-3-a: {message}")
    );
}

#[test]
fn a_quota_that_keeps_pods_from_being_made_is_told_and_read() {
    let mut stuck = deployment();
    let message = "pods \"web-3-x\" is forbidden: exceeded quota: small, requested: limits.cpu=500m,pods=1, \
                   used: limits.cpu=2,pods=4, limited: limits.cpu=2,pods=4";
    let failure = json!({"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": message});
    stuck["status"]["conditions"].as_array_mut().unwrap().push(failure);
    let quota = json!({
        "apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "small", "namespace": "default"},
        "status": {"hard": {"pods": "4", "limits.cpu": "2"}, "used": {"pods": "4", "limits.cpu": "2"}},
    });
    let evidence = Failed::waiting().collect(&Scripted::holding([stuck, replica_set(3), quota]));
    assert_eq!(
        evidence.cause().sentence,
        "Deployment default/web: quota \"small\" is exceeded: asked for 500m of limits.cpu, 2 of 2 are used; \
         asked for 1 of pods, 4 of 4 are used"
    );
    assert_eq!(evidence.quotas[0].used["pods"], "4");
}

#[test]
fn what_a_controller_was_told_is_found_in_events_too() {
    let stuck = json!({
        "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "db", "namespace": "default", "uid": "uid-db"},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "db"}}}, "status": {"replicas": 0},
    });
    let message =
        "create Pod db-0 in StatefulSet db failed error: admission webhook \"guard.example.org\" denied the request: no limits";
    let cluster = Scripted::holding([stuck, warning("StatefulSet", "db", "FailedCreate", message, 1)]);
    let mut failed = Failed::waiting();
    failed.objects[0].at = super::scripted::place("StatefulSet", "db");
    assert_eq!(
        failed.cause(&cluster),
        "StatefulSet default/db: the admission webhook \"guard.example.org\" denied it: no limits"
    );
}

#[test]
fn a_pod_of_the_template_before_is_not_blamed_while_one_of_the_present_template_is_in_trouble() {
    let pulling = json!({"state": {"waiting": {"reason": "ErrImagePull", "message": "nope"}}});
    let mut objects = web_with(&json!({"state": {"running": {}}}));
    objects.extend([replica_set(2), pod("web-2-a", "rs-2", &pulling)]);
    let evidence = Failed::waiting().collect(&Scripted::holding(objects));
    assert_eq!(evidence.cause().kind, CauseKind::NeverReady);
    let seen: Vec<_> = evidence.pods.iter().map(|pod| (pod.name.as_str(), pod.current)).collect();
    assert_eq!(seen, [("web-3-a", true), ("web-2-a", false)]);
}

#[test]
fn pods_of_others_with_the_same_labels_are_left_out() {
    let mut objects = web_with(&json!({"state": {"running": {}}}));
    objects.push(pod("stranger", "somebody", &crash_loop()));
    let evidence = Failed::waiting().collect(&Scripted::holding(objects));
    assert_eq!(evidence.pods.len(), 1);
}

#[test]
fn the_pods_of_a_workload_that_is_fine_are_not_asked_for() {
    let mut fine = deployment();
    fine["status"] =
        json!({"observedGeneration": 3, "replicas": 1, "updatedReplicas": 1, "readyReplicas": 1, "availableReplicas": 1});
    let cluster = Scripted::holding([fine]);
    let evidence = Failed::waiting().collect(&cluster);
    assert!(!cluster.asked.lock().unwrap().contains(&"list pods".to_owned()));
    assert_eq!(
        evidence.cause().sentence,
        "Not ready in time: Deployment/default/web: Available: 0/1; neither pods nor events say why"
    );
}

#[test]
fn warnings_from_before_the_run_explain_nothing() {
    let mut objects = web_with(&json!({"state": {"running": {}}}));
    let mut old = warning("Pod", "web-3-a", "Unhealthy", "Readiness probe failed: old", 0);
    old["lastTimestamp"] = json!("2026-05-01T11:59:59Z");
    objects.push(old);
    let evidence = Failed::waiting().collect(&Scripted::holding(objects));
    assert!(evidence.events.is_empty(), "{:?}", evidence.events);
}

#[test]
fn events_of_the_newer_api_group_are_read_too() {
    let mut objects = web_with(&json!({"state": {"running": {}}}));
    objects.push(json!({
        "apiVersion": "v1", "kind": "Event", "metadata": {"name": "e", "namespace": "default"},
        "type": "Warning", "reason": "Unhealthy", "note": "Readiness probe failed: 503", "eventTime": "2026-05-01T12:01:00.123456Z",
        "regarding": {"apiVersion": "v1", "kind": "Pod", "namespace": "default", "name": "web-3-a"},
        "series": {"count": 7, "lastObservedTime": "2026-05-01T12:03:00.000000Z"}, "reportingController": "kubelet",
    }));
    let evidence = Failed::waiting().collect(&Scripted::holding(objects));
    let [event] = evidence.events.as_slice() else { panic!("{:?}", evidence.events) };
    assert_eq!((event.count, event.source.as_str(), event.message.as_str()), (7, "kubelet", "Readiness probe failed: 503"));
    assert_eq!(event.at.unwrap().to_string(), "2026-05-01T12:03:00Z");
}

#[test]
fn a_refused_write_is_explained_by_what_the_server_said_and_not_by_pods() {
    let cluster = Scripted::holding(web_with(&crash_loop()));
    let said = "Deployment.apps \"web\" is invalid: spec.selector: Invalid value: {\"matchLabels\":{\"app\":\"web: x\"}}: field is immutable";
    let failed = Failed::writing(crate::ports::ClusterErrorKind::Invalid, said);
    assert_eq!(
        failed.cause(&cluster),
        "Cannot patch Deployment default/web: the API server does not let spec.selector be changed on an object that exists"
    );
}

#[test]
fn an_object_that_finalizers_hold_is_told_with_them() {
    let mut going = deployment();
    going["metadata"]["deletionTimestamp"] = json!("2026-05-01T12:00:10Z");
    going["metadata"]["finalizers"] = json!(["example.org/cleanup"]);
    let mut failed = Failed::waiting();
    failed.phase = crate::run::FailedPhase::Apply;
    failed.objects[0].action = crate::plan::Action::Recreate;
    failed.error = crate::run::RunError::StillThere { object: failed.objects[0].at.id(), seconds: 300 };
    assert_eq!(
        failed.cause(&Scripted::holding([going])),
        "Deployment default/web: it was told to go and is held by its finalizers: example.org/cleanup"
    );
}

#[test]
fn of_several_errors_the_first_is_explained() {
    let mut failed = Failed::writing(crate::ports::ClusterErrorKind::Invalid, "admission webhook \"a\" denied the request: no");
    failed.error = crate::run::RunError::Several { first: Box::new(failed.error), more: 2 };
    let evidence = failed.collect(&Scripted::default());
    assert_eq!(evidence.cause().sentence, "Cannot patch Deployment default/web: the admission webhook \"a\" denied it: no");
    assert!(evidence.error.text.ends_with("(and 2 more)"), "{}", evidence.error.text);
}

#[test]
fn a_record_that_may_not_be_written_is_explained() {
    let mut failed = Failed::waiting();
    failed.phase = crate::run::FailedPhase::Start;
    failed.error = crate::run::RunError::Storage(crate::ports::StorageError::Forbidden {
        action: "create secrets in namespace \"default\"".to_owned(),
        message:
            "secrets is forbidden: User \"ci\" cannot create resource \"secrets\" in API group \"\" in the namespace \"default\""
                .to_owned(),
    });
    assert_eq!(
        failed.cause(&Scripted::holding(web_with(&crash_loop()))),
        "The rollback failed before anything was written: user \"ci\" has no right to create secrets in namespace default"
    );
}

#[test]
fn what_lies_below_a_storages_error_is_told() {
    let mut failed = Failed::waiting();
    failed.phase = crate::run::FailedPhase::Records;
    failed.error = crate::run::RunError::Storage(crate::ports::StorageError::Other {
        action: "update the record".to_owned(),
        source: "connection reset".into(),
    });
    assert_eq!(
        failed.cause(&Scripted::default()),
        "The rollback failed while the records were brought up to date: cannot update the record: connection reset"
    );
}

#[test]
fn a_write_without_an_answer_is_told_as_such() {
    let failed = Failed::writing(crate::ports::ClusterErrorKind::Ambiguous, "connection to https://10.0.0.1 lost: broken pipe");
    assert_eq!(
        failed.cause(&Scripted::default()),
        "Cannot patch Deployment default/web: no answer came, so it is not known whether it was done: connection to https://10.0.0.1 \
         lost: broken pipe"
    );
}

#[test]
fn a_container_that_the_node_stops_for_a_probe_is_told_with_the_probe() {
    let mut killed = crash_loop();
    killed["lastState"]["terminated"] = json!({"exitCode": 137, "reason": "Error"});
    let mut objects = web_with(&killed);
    objects.push(warning("Pod", "web-3-a", "Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 500", 3));
    assert_eq!(
        Failed::waiting().cause(&Scripted::holding(objects)),
        "Deployment default/web: container \"main\" is stopped by the node again and again: Liveness probe failed: HTTP probe failed \
         with statuscode: 500 (exit code 137, it was killed, 5 restarts, Pod web-3-a)"
    );
}

#[test]
fn a_container_that_ends_without_an_error_is_told_so() {
    let mut ended = crash_loop();
    ended["lastState"]["terminated"] = json!({"exitCode": 0, "reason": "Completed"});
    assert_eq!(
        Failed::waiting().cause(&Scripted::holding(web_with(&ended))),
        "Deployment default/web: container \"main\" ends again and again, without an error, though it should keep running (exit code 0, \
         5 restarts, Pod web-3-a)"
    );
}

#[test]
fn an_init_container_that_does_not_end_is_told_with_its_last_line() {
    let mut objects = web_with(&json!({"state": {"waiting": {"reason": "PodInitializing"}}}));
    objects[2]["spec"]["initContainers"] = json!([{"name": "wait-for-db", "image": "wait:1"}]);
    objects[2]["status"]["initContainerStatuses"] =
        json!([{"name": "wait-for-db", "ready": false, "restartCount": 0, "state": {"running": {}}}]);
    let cluster = Scripted::holding(objects).with_log("web-3-a", "wait-for-db", "db:5432 refused");
    assert_eq!(
        Failed::waiting().cause(&cluster),
        "Deployment default/web: init container \"wait-for-db\" does not end, so the others wait (Pod web-3-a); its last log line: \
         db:5432 refused"
    );
}

#[test]
fn where_there_are_no_pods_the_last_warning_about_what_was_waited_for_is_told() {
    let mut failed = Failed::waiting();
    let line = |kind: &str| format!("resource {kind}/default/web not ready. status: InProgress, message: {kind} is on its way");
    failed.error = crate::run::RunError::NotReady { lines: vec![line("ConfigMap"), line("Job")] };
    failed.objects[0].at = super::scripted::place("Job", "web");
    let cluster = Scripted::holding([warning("Job", "web", "Odd", "something is odd.", 1)]);
    assert_eq!(
        failed.cause(&cluster),
        "Not ready in time: Job/default/web: Job is on its way (and 1 further object not ready); the last warning about it: Odd: something is odd"
    );
}
