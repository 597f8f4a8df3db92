//! ConfigMaps and Secrets: those that call themselves immutable, and the type of a Secret.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::alike::alike;
use super::fate::{Change, FieldFate, Loss, recreate};

pub(super) fn fates(change: &Change<'_>) -> Vec<FieldFate> {
    let mut fates = Vec::new();
    let is_secret = change.live.kind() == "Secret";
    let opaque: &[(&str, &str)] = &[("type", "\"Opaque\"")];
    if is_secret && !alike("type", change.live_at(&["type"]), change.after_at(&["type"]), opaque) {
        let loses = Loss::Nothing(None);
        fates.push(recreate("type", "the type of a Secret is fixed when it is made", loses));
    }
    if change.live_at(&["immutable"]) != Some(&Value::Bool(true)) {
        return fates;
    }
    let beside = "pods that read it when they started keep the old content until they are started anew";
    let refused = |path: &str| recreate(path, "it says of itself that it is immutable", Loss::Nothing(Some(beside.to_owned())));
    if change.after_at(&["immutable"]) != Some(&Value::Bool(true)) {
        fates.push(refused("immutable"));
    }
    for field in ["data", "binaryData"] {
        let live = change.live_at(&[field]).cloned().unwrap_or_default();
        let mut after = change.after_at(&[field]).cloned().unwrap_or_default();
        if is_secret && field == "data" {
            fold(&mut after, change.after_at(&["stringData"]));
        }
        if !alike(field, Some(&live), Some(&after), &[]) {
            fates.push(refused(field));
        }
    }
    fates
}

/// What a Secret says as text is data like any other.
fn fold(data: &mut Value, texts: Option<&Value>) {
    let Some(texts) = texts.and_then(Value::as_object) else { return };
    if data.is_null() {
        *data = Value::Object(Map::new());
    }
    let Some(data) = data.as_object_mut() else { return };
    for (key, text) in texts {
        if let Some(text) = text.as_str() {
            data.insert(key.clone(), Value::from(STANDARD.encode(text)));
        }
    }
}
