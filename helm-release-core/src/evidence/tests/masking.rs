//! What is never shown.

use serde_json::{Value, json};

use super::scripted::{Failed, Scripted, crash_loop, place, web_with};
use crate::evidence::{Concerned, Evidence};
use crate::patch::FieldChange;
use crate::plan::Action;

fn with_changes(kind: &str, changes: Vec<FieldChange>) -> Evidence {
    let mut failed = Failed::waiting();
    failed.objects = vec![Concerned::new(place(kind, "web"), Action::Patch).with_changes(changes)];
    failed.collect(&Scripted::holding(web_with(&crash_loop())))
}

fn change(path: &str, before: Value, after: Value) -> FieldChange {
    FieldChange::new(path, Some(before), Some(after))
}

fn shows_nothing(evidence: &Evidence) {
    for form in [evidence.to_text(), evidence.to_json().to_string(), evidence.summary_lines().join("\n")] {
        assert!(!form.contains("s3cret"), "{form}");
    }
}

#[test]
fn values_of_secrets_are_masked_and_secrets_are_never_read() {
    let evidence = with_changes("Secret", vec![change("data.password", json!("s3cret"), json!("s3cret-too"))]);
    shows_nothing(&evidence);
    assert!(evidence.to_text().contains("~ data.password: (masked #1, 6 bytes) -> (masked #2, 10 bytes)"));
    let mut failed = Failed::waiting();
    failed.objects = vec![Concerned::new(place("Secret", "web"), Action::Patch)];
    let cluster = Scripted::default();
    let _ = failed.collect(&cluster);
    assert!(!cluster.asked.lock().unwrap().iter().any(|asked| asked.contains("Secret")));
}

#[test]
fn values_of_environment_variables_are_masked_wherever_they_stand() {
    let containers = "spec.template.spec.containers";
    let entry = json!({"name": "TOKEN", "value": "s3cret"});
    let changes = vec![
        change(&format!("{containers}[name=web].env[name=TOKEN].value"), json!("s3cret"), json!("open")),
        change(&format!("{containers}[name=web].env[name=TOKEN]"), Value::Null, entry.clone()),
        change(&format!("{containers}[name=web].env"), json!([entry]), json!([])),
        change(containers, json!([{"name": "web", "env": [entry]}]), json!([])),
        change("spec", json!({"template": {"spec": {"initContainers": [{"env": [entry]}]}}}), Value::Null),
        change(
            "metadata.annotations[kubectl.kubernetes.io/last-applied-configuration]",
            json!("{\"env\":\"s3cret\"}"),
            json!(""),
        ),
        change("metadata.annotations", json!({"kubectl.kubernetes.io/last-applied-configuration": "s3cret"}), Value::Null),
    ];
    let evidence = with_changes("Deployment", changes);
    shows_nothing(&evidence);
    assert!(evidence.to_json().to_string().contains("TOKEN"), "names are shown");
}

#[test]
fn references_from_the_environment_are_not_values() {
    let path = "spec.template.spec.containers[name=web].env[name=TOKEN].valueFrom.secretKeyRef.name";
    let evidence = with_changes("Deployment", vec![change(path, json!("one"), json!("two"))]);
    assert!(evidence.to_text().contains(": one -> two"), "{}", evidence.to_text());
}

#[test]
fn the_environment_of_a_pod_is_never_collected() {
    shows_nothing(&Failed::waiting().collect(&Scripted::holding(web_with(&crash_loop()))));
}

#[test]
fn debug_shows_nothing_that_a_container_wrote() {
    let mut crash = crash_loop();
    crash["lastState"]["terminated"]["message"] = json!("s3cret");
    let cluster = Scripted::holding(web_with(&crash)).with_log("web-3-a", "main", "s3cret");
    let evidence = Failed::waiting().collect(&cluster);
    assert_eq!(evidence.pods[0].containers[0].log, ["s3cret"], "a log is shown as it is");
    assert!(!format!("{evidence:?}").contains("s3cret"));
}
