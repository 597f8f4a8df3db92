//! Hooks that failed.

use serde_json::{Value, json};

use super::scripted::{Failed, Scripted, place, pod, warning};
use crate::evidence::{CauseKind, FailedHook};
use crate::run::{FailedPhase, RunError};

fn failed(reason: &str) -> Failed {
    let mut failed = Failed::waiting();
    failed.phase = FailedPhase::PreHooks;
    failed.error = RunError::Hook { event: "pre-rollback".to_owned(), hook: "Job migrate".to_owned(), reason: reason.to_owned() };
    failed.hook = Some(FailedHook::new("pre-rollback", "Job migrate", reason, vec![place("Job", "migrate")]));
    failed
}

fn job() -> Value {
    json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "migrate", "namespace": "default", "uid": "job-1"},
        "spec": {"selector": {"matchLabels": {"batch.kubernetes.io/controller-uid": "job-1"}}},
        "status": {"failed": 1, "conditions": [
            {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "Job has reached the specified backoff limit"},
        ]},
    })
}

fn job_pod(exit_code: i64) -> Value {
    let ended = json!({"state": {"terminated": {"exitCode": exit_code, "reason": "Error"}}});
    let mut pod = pod("migrate-x", "job-1", &ended);
    pod["metadata"]["labels"] = json!({"batch.kubernetes.io/controller-uid": "job-1", "job-name": "migrate"});
    pod["metadata"]["ownerReferences"] = json!([{"kind": "Job", "name": "migrate", "uid": "job-1"}]);
    pod["status"]["phase"] = json!("Failed");
    pod
}

#[test]
fn a_failing_hook_is_told_with_its_exit_code_and_its_last_line() {
    let cluster = Scripted::holding([job(), job_pod(3)]).with_log("migrate-x", "main", "migrating\ntable users is locked\n");
    assert_eq!(
        failed("Job has reached the specified backoff limit").cause(&cluster),
        "The pre-rollback hook Job migrate failed: container \"main\" ended with an error (exit code 3, Pod migrate-x); \
         its last log line: table users is locked"
    );
}

#[test]
fn the_pods_of_a_hook_that_was_cleaned_up_are_still_found() {
    let cluster = Scripted::holding([job_pod(3)]);
    let evidence = failed("it failed").collect(&cluster);
    assert_eq!(evidence.pods[0].name, "migrate-x");
    assert_eq!(evidence.cause().kind, CauseKind::Crash);
}

#[test]
fn a_hook_of_which_nothing_is_left_is_told_with_what_the_run_knows() {
    let cluster = Scripted::holding([warning("Pod", "migrate-x", "BackOff", "Back-off restarting failed container", 1)]);
    let evidence = failed("Job has reached the specified backoff limit").collect(&cluster);
    assert_eq!(evidence.events.len(), 1, "the events of its pods are found by their name");
    assert_eq!(
        evidence.cause().sentence,
        "The pre-rollback hook Job migrate failed: Job has reached the specified backoff limit"
    );
}

#[test]
fn a_hook_that_may_not_be_made_is_told_with_the_missing_right() {
    let said = "apply Job default/migrate: jobs.batch is forbidden: User \"ci\" cannot create resource \"jobs\" in API group \"batch\" \
                in the namespace \"default\"";
    let cause = failed(said).collect(&Scripted::default()).cause();
    assert_eq!(cause.kind, CauseKind::Right);
    assert_eq!(
        cause.sentence,
        "The pre-rollback hook Job migrate failed: user \"ci\" has no right to create jobs.batch in namespace default"
    );
}

#[test]
fn a_hook_that_may_have_no_pods_is_told_with_the_quota() {
    let message =
        "Error creating: pods \"migrate-y\" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2";
    let mut waiting = job();
    waiting["status"] = json!({});
    let cluster = Scripted::holding([waiting, warning("Job", "migrate", "FailedCreate", message, 1)]);
    let cause = failed("not finished after 60 s").cause(&cluster);
    assert_eq!(cause, "The pre-rollback hook Job migrate failed: quota \"q\" is exceeded: asked for 1 of pods, 2 of 2 are used");
}
