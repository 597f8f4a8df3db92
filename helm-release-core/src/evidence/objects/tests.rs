//! Which conditions are bad.

use serde_json::json;

use super::bad_conditions;
use crate::Object;

fn is_bad(kind: &str, status: &str) -> bool {
    let object = json!({
        "apiVersion": "v1", "kind": "Thing", "status": {"conditions": [{"type": kind, "status": status}]},
    });
    !bad_conditions(&Object::new(object).unwrap()).is_empty()
}

#[test]
fn what_should_hold_is_bad_when_it_does_not() {
    for kind in ["Available", "Progressing", "Ready", "PodScheduled", "Established", "AbleToScale", "Complete", "Synced"] {
        assert!(!is_bad(kind, "True"), "{kind}");
        assert!(is_bad(kind, "False"), "{kind}");
        assert!(is_bad(kind, "Unknown"), "{kind}");
    }
}

#[test]
fn what_should_not_hold_is_bad_when_it_does() {
    for kind in ["ReplicaFailure", "Failed", "FailureTarget", "MemoryPressure", "Stalled", "Degraded", "Suspended"] {
        assert!(is_bad(kind, "True"), "{kind}");
        assert!(!is_bad(kind, "False"), "{kind}");
        assert!(is_bad(kind, "Unknown"), "{kind}");
    }
}

#[test]
fn what_says_neither_is_never_bad() {
    assert!(!is_bad("ScalingLimited", "True") && !is_bad("ScalingLimited", "False"));
}
