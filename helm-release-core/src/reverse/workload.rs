//! `Deployment`s, `DaemonSet`s and `ReplicaSet`s: all but their selector can be changed (`pkg/apis/apps/validation`).

use serde_json::Value;

use super::alike::alike;
use super::fate::{Change, Fate, FieldFate, Loss, recreate};

pub(super) fn fates(change: &Change<'_>) -> Vec<FieldFate> {
    if selector_is_kept(change) {
        return Vec::new();
    }
    let idle = match change.live.kind() {
        "DaemonSet" => change.live_at(&["status", "desiredNumberScheduled"]).and_then(Value::as_i64) == Some(0),
        _ => change.live_at(&["spec", "replicas"]).and_then(Value::as_i64) == Some(0),
    };
    let loses = if idle {
        Loss::Nothing(None)
    } else {
        Loss::Work("its pods stop before the new ones start: nothing of it runs in between".to_owned())
    };
    let mut fate = recreate("spec.selector", "a selector is fixed when the object is made", loses);
    if let Fate::Recreate(recreation) = &mut fate.fate {
        recreation.holds_while = idle;
    }
    vec![fate]
}

/// Whether the selector stays as it is.
pub(super) fn selector_is_kept(change: &Change<'_>) -> bool {
    let path = ["spec", "selector"];
    alike("spec.selector", change.live_at(&path), change.after_at(&path), &[])
}
