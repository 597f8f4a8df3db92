//! Volumes: where the data lies is fixed (`ValidatePersistentVolumeUpdate`).

use serde_json::{Map, Value};

use super::alike::{alike, differences};
use super::fate::{Change, Fate, FieldFate, Loss, impossible, recreate};

/// Everything in a volume's `spec` that is not its source.
const NO_SOURCE: [&str; 9] = [
    "capacity",
    "accessModes",
    "claimRef",
    "persistentVolumeReclaimPolicy",
    "storageClassName",
    "mountOptions",
    "volumeMode",
    "nodeAffinity",
    "volumeAttributesClassName",
];

pub(super) fn fates(change: &Change<'_>) -> Vec<FieldFate> {
    let mut paths = source(change);
    let mode = ["spec", "volumeMode"];
    if !alike("spec.volumeMode", change.live_at(&mode), change.after_at(&mode), &[("spec.volumeMode", "\"Filesystem\"")]) {
        paths.push("spec.volumeMode".to_owned());
    }
    let affinity = ["spec", "nodeAffinity"];
    if change.live_at(&affinity).is_some()
        && !alike("spec.nodeAffinity", change.live_at(&affinity), change.after_at(&affinity), &[])
    {
        paths.push("spec.nodeAffinity".to_owned());
    }
    let mut fates: Vec<FieldFate> = paths.into_iter().map(|path| anew(path, change)).collect();
    let attributes = ["spec", "volumeAttributesClassName"];
    if change.live_at(&attributes).is_some() && change.after_at(&attributes).is_none() {
        fates.push(change.carried_over(&attributes, "a volume that has an attributes class keeps one"));
    }
    fates
}

fn source(change: &Change<'_>) -> Vec<String> {
    let source = |spec: Option<&Value>| {
        let spec: Map<String, Value> = spec.and_then(Value::as_object).cloned().unwrap_or_default();
        spec.into_iter().filter(|(name, _)| !NO_SOURCE.contains(&name.as_str())).collect::<Map<_, _>>()
    };
    let live = source(change.live_at(&["spec"]));
    let mut after = source(change.after_at(&["spec"]));
    let secret = "controllerExpandSecretRef";
    let has_none = live.get("csi").is_some_and(|csi| csi.get(secret).is_none());
    if let (true, Some(csi)) = (has_none, after.get_mut("csi").and_then(Value::as_object_mut)) {
        csi.remove(secret);
    }
    let defaults: &[(&str, &str)] = &[("hostPath.type", "\"\"")];
    differences("spec", Some(&Value::Object(live)), Some(&Value::Object(after)), defaults)
}

fn anew(path: String, change: &Change<'_>) -> FieldFate {
    let why = "where a volume's data lies is fixed when it is made";
    if ["Bound", "Released"].contains(&change.live_text(&["status", "phase"])) || change.live_at(&["spec", "claimRef"]).is_some()
    {
        return impossible(path, format!("{why}, and a claim holds it: it cannot be made anew"));
    }
    let deletes = change.live_text(&["spec", "persistentVolumeReclaimPolicy"]) == "Delete";
    let loses = if deletes { Loss::Data("its reclaim policy deletes what it holds".to_owned()) } else { Loss::Nothing(None) };
    let mut fate = recreate(path, why, loses);
    if let Fate::Recreate(recreation) = &mut fate.fate {
        recreation.holds_while = true;
    }
    fate
}
