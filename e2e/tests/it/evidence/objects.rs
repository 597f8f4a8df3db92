//! Objects that the server refuses to write, and hooks.

use e2e::{Namespace, World};
use helm_release_core::evidence::Evidence;
use helm_release_core::plan::{Mode, RollbackOptions};

use super::{deployment, failed, failed_at_once, first_line};
use crate::release::{allow_viewer, deploy, hook, web};

pub(crate) const TESTS: &[crate::Test] = crate::tests![
    a_missing_right_is_named_with_who_and_where,
    a_field_that_cannot_change_is_named,
    a_field_of_another_manager_is_named_with_the_manager,
    a_failing_hook_is_named_with_its_exit_code,
    a_failing_job_hook_is_named_with_its_exit_code,
];

fn a_missing_right_is_named_with_who_and_where(world: &World) {
    let ns = world.namespace("evidence");
    deploy(&ns, 4, &[web("blue"), web("red")]);
    allow_viewer(&ns, &[("", &["secrets"], &["get", "list", "create", "update"]), ("", &["configmaps"], &["get"])]);
    let evidence = failed(&ns, "viewer", &RollbackOptions::default());
    let (user, place) = (ns.viewer(), ns.name());
    assert_eq!(
        first_line(&evidence),
        format!("Cannot apply ConfigMap {place}/web: user \"{user}\" has no right to patch configmaps in namespace {place}")
    );
    // Whoever may not list events is told so, and has the rest.
    let listing = format!("list Event in {place}: ");
    assert!(evidence.unread.iter().any(|line| line.starts_with(&listing)), "{:?}", evidence.unread);
}

/// A release whose Deployment somebody made anew with another selector, and the first line about its rollback.
fn first_line_with_another_selector(world: &World, major: u8) -> (String, String) {
    let ns = world.namespace("evidence");
    deploy(&ns, major, &[deployment("", "web:1", 1, ""), deployment("", "web:2", 1, "")]);
    let mut live = ns.live("apps/v1/deployments", "web");
    ns.delete("apps/v1/deployments", "web");
    let _ = ns.until("apps/v1/deployments", "web", |live| live.is_none());
    for field in ["resourceVersion", "uid", "managedFields", "creationTimestamp", "generation"] {
        live["metadata"].as_object_mut().expect("it has metadata").remove(field);
    }
    live["spec"]["selector"]["matchLabels"]["app"] = "other".into();
    live["spec"]["template"]["metadata"]["labels"]["app"] = "other".into();
    let _ = ns.create("apps/v1/deployments", &live);
    // As Helm does it: otherwise the plan knows that the selector cannot be changed.
    let options = RollbackOptions::default().with_mode(Mode::Compat);
    (ns.name().to_owned(), first_line(&failed(&ns, "test", &options)))
}

fn a_field_that_cannot_change_is_named(world: &World) {
    // Helm 3 applies client-side, so no other manager is in the way.
    let (place, line) = first_line_with_another_selector(world, 3);
    assert_eq!(
        line,
        format!(
            "Cannot patch Deployment {place}/web: the API server does not let spec.selector be changed on an object that exists"
        )
    );
}

fn a_field_of_another_manager_is_named_with_the_manager(world: &World) {
    let (place, line) = first_line_with_another_selector(world, 4);
    assert_eq!(
        line,
        format!(
            "Cannot apply Deployment {place}/web: .spec.selector, .spec.template.metadata.labels.app, \
             .spec.template.spec.containers[name=\"main\"].image belong to field manager \"unknown\""
        )
    );
}

fn failed_by_hook(world: &World, hook: &str) -> (String, Evidence) {
    let ns: Namespace<'_> = world.namespace("evidence");
    deploy(&ns, 4, &[web("blue").template("hook.yaml", hook), web("red")]);
    let evidence = failed_at_once(&ns);
    let pods = ns.list("v1/pods");
    let name = pods.first().and_then(|pod| pod["metadata"]["name"].as_str()).unwrap_or_default();
    (name.to_owned(), evidence)
}

fn a_failing_hook_is_named_with_its_exit_code(world: &World) {
    let (pod, evidence) = failed_by_hook(world, &hook("migrate", "pre-rollback", "fail", ""));
    assert_eq!(pod, "migrate");
    assert_eq!(
        first_line(&evidence),
        "The pre-rollback hook Pod migrate failed: container \"hook\" ended with an error (exit code 1, Pod migrate)"
    );
}

fn a_failing_job_hook_is_named_with_its_exit_code(world: &World) {
    let job = "apiVersion: batch/v1
kind: Job
metadata:
  name: migrate
  annotations: {helm.sh/hook: post-rollback}
spec:
  backoffLimit: 0
  template:
    metadata: {labels: {test/kubelet: fail}}
    spec: {restartPolicy: Never, containers: [{name: hook, image: hook}]}
";
    let (pod, evidence) = failed_by_hook(world, job);
    assert!(pod.starts_with("migrate-"), "{pod}");
    assert_eq!(
        first_line(&evidence),
        format!("The post-rollback hook Job migrate failed: container \"hook\" ended with an error (exit code 1, Pod {pod})")
    );
}
