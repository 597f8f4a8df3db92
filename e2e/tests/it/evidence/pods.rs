//! Pods that keep a rollback from becoming ready.

use e2e::{Namespace, World};
use helm_release_core::evidence::Evidence;

use super::{deployment, failed_waiting, first_line};
use crate::release::deploy;

pub(crate) const TESTS: &[crate::Test] = crate::tests![
    a_crash_loop_is_named_with_its_exit_code,
    a_container_that_is_never_ready_is_named,
    an_image_that_cannot_be_pulled_is_named,
    a_pod_that_no_node_takes_is_named_with_the_schedulers_words,
];

/// Rolls back from a Deployment that is fine to one of that story.
fn failed_as<'a>(world: &'a World, story: &str, container: &str) -> (Namespace<'a>, Evidence) {
    let ns = world.namespace("evidence");
    deploy(&ns, 4, &[deployment(story, "web:1", 1, container), deployment("", "web:2", 1, "")]);
    let _ = ns.until("apps/v1/deployments", "web", |live| live.is_some_and(|live| live["status"]["availableReplicas"] == 1));
    let evidence = failed_waiting(&ns);
    (ns, evidence)
}

/// The name of the pod that runs an image.
fn pod_of(ns: &Namespace<'_>, image: &str) -> String {
    let pods = ns.list("v1/pods");
    let pod = pods.iter().find(|pod| pod["spec"]["containers"][0]["image"] == image).expect("the rollback made a pod");
    pod["metadata"]["name"].as_str().unwrap_or_default().to_owned()
}

fn a_crash_loop_is_named_with_its_exit_code(world: &World) {
    let (ns, evidence) = failed_as(world, "crash", "");
    let pod = pod_of(&ns, "web:1");
    let cause =
        format!("Deployment {}/web: container \"main\" crashes again and again (exit code 1, 5 restarts, Pod {pod})", ns.name());
    assert_eq!(first_line(&evidence), cause);
    // There is no kubelet to ask for logs.
    let log = format!("read logs of Pod {}/{pod}: ", ns.name());
    assert!(evidence.unread.iter().any(|line| line.starts_with(&log)), "{:?}", evidence.unread);
    assert_eq!(evidence.unread.len(), 1, "{:?}", evidence.unread);
    // Only collecting asks for events; it only reads, and little.
    let requests = ns.requests();
    let first = requests.iter().position(|request| request.uri.contains("/events")).expect("events were read");
    let collecting: Vec<_> = requests[first..].iter().take_while(|request| !request.is_write()).collect();
    assert!((4..=10).contains(&collecting.len()), "{collecting:#?}");
    let reasons: Vec<_> = evidence.events.iter().map(|event| event.reason.as_str()).collect();
    assert!(reasons.contains(&"ScalingReplicaSet") && reasons.contains(&"Scheduled"), "{reasons:?}");
    assert_eq!(evidence.summary_lines()[0], cause);
    assert!(evidence.to_text().contains("~ spec.template.spec.containers[name=main].image: web:2 -> web:1"));
    assert!(evidence.timeline.iter().any(|moment| moment.what.contains("Deployment") && moment.what.ends_with(": done")));
}

fn a_container_that_is_never_ready_is_named(world: &World) {
    let (ns, evidence) = failed_as(world, "never-ready", "readinessProbe: {httpGet: {path: /healthz, port: 8080}}");
    assert_eq!(
        first_line(&evidence),
        format!(
            "Deployment {}/web: container \"main\" runs but never becomes ready (Pod {}): its readiness probe (GET /healthz on port 8080) has \
             not succeeded",
            ns.name(),
            pod_of(&ns, "web:1")
        )
    );
}

fn an_image_that_cannot_be_pulled_is_named(world: &World) {
    let (ns, evidence) = failed_as(world, "pull", "");
    assert_eq!(
        first_line(&evidence),
        format!(
            "Deployment {}/web: image \"web:1\" of container \"main\" cannot be pulled (ImagePullBackOff, Pod {}): Back-off pulling image web:1",
            ns.name(),
            pod_of(&ns, "web:1")
        )
    );
    assert!(evidence.unread.is_empty(), "what never ran has no log to ask for: {:?}", evidence.unread);
}

fn a_pod_that_no_node_takes_is_named_with_the_schedulers_words(world: &World) {
    let (ns, evidence) = failed_as(world, "", "resources: {requests: {cpu: 5000}}");
    let cause = format!(
        "Deployment {}/web: no node takes Pod {}: 0/1 nodes are available: 1 Insufficient cpu",
        ns.name(),
        pod_of(&ns, "web:1")
    );
    assert!(first_line(&evidence).starts_with(&cause), "{}", first_line(&evidence));
    assert!(evidence.events.iter().any(|event| event.reason == "FailedScheduling"), "{:?}", evidence.events);
}
