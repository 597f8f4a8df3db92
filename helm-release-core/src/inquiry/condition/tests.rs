use serde_json::json;

use super::*;

fn judge(text: &str) -> Option<String> {
    let object = json!({
        "metadata": {"labels": {"app.kubernetes.io/name": "web"}},
        "spec": {"replicas": 3, "containers": [{"image": "web:1"}]},
    });
    text.parse::<Condition>().unwrap().judge(&object)
}

#[test]
fn fields_are_compared_as_text() {
    for holds in [
        "Deployment/web:spec.replicas=3",
        "Deployment/web:spec.containers[0].image=web:1",
        "Deployment/web:metadata.labels[\"app.kubernetes.io/name\"]=web",
        "Deployment/web:spec.replicas!=4",
        "Deployment/web:spec.paused!=true",
        "Deployment/web:.spec.containers",
    ] {
        assert_eq!(judge(holds), None, "{holds}");
    }
    assert_eq!(judge("Deployment/web:spec.replicas=4").unwrap(), "the field has another value");
    assert_eq!(judge("Deployment/web:spec.replicas!=3").unwrap(), "the field has that value");
    assert_eq!(judge("Deployment/web:spec.containers[1]").unwrap(), "the field is not there");
}

#[test]
fn what_is_no_condition_is_refused() {
    for text in [
        "",
        "psql -c 'select 1'",
        "deployment/web:spec",
        "Deployment/web",
        "Deployment/web:",
        "Deployment/:spec",
        "Deployment/web:spec..a",
    ] {
        assert!(text.parse::<Condition>().is_err(), "{text}");
    }
}
