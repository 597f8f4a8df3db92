//! Fields of `metadata` that nobody changes (`ValidateObjectMetaUpdate`).

use serde_json::Value;

use super::fate::{Change, FieldFate, impossible};

/// New finalizers on an object that is on its way out are the only thing in `metadata` that the server refuses; names and
/// namespaces are those of another object.
pub(super) fn fates(change: &Change<'_>) -> Vec<FieldFate> {
    if !change.live.is_terminating() {
        return Vec::new();
    }
    let path = ["metadata", "finalizers"];
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let (live, after) = (list(change.live_at(&path)), list(change.after_at(&path)));
    if after.iter().all(|finalizer| live.contains(finalizer)) {
        return Vec::new();
    }
    vec![impossible("metadata.finalizers", "an object that is being deleted takes no new finalizer")]
}
