use super::*;

mod captured;

#[test]
fn helm_error_has_helms_own_words() {
    let readiness = Readiness::waiting("Ready: 1/2", "1 of 2 replicas are ready");
    assert_eq!(
        readiness.helm_error("Deployment", "prod", "web"),
        "resource Deployment/prod/web not ready. status: InProgress, message: Ready: 1/2"
    );
    assert_eq!(
        Readiness::not_found().helm_error("Pod", "prod", "hook"),
        "resource Pod/prod/hook not ready. status: NotFound, message: Resource not found"
    );
}

#[test]
fn people_read_the_state_and_the_reason() {
    assert_eq!(Readiness::failed("Progress deadline exceeded", "too slow").to_string(), "failed: too slow");
    assert!(!Readiness::unknown("too slow").is_ready());
}
