//! `StatefulSet`s: the server changes a short list of fields, and their pods can outlive them (`ValidateStatefulSetUpdate`).

use serde_json::{Map, Value};

use super::alike::differences;
use super::defaults::STATEFUL_SET;
use super::fate::{Change, Fate, FieldFate, Loss, recreate};
use super::workload::selector_is_kept;
use crate::ports::Propagation;

/// What the server changes in place.
const FREE: [&str; 7] = [
    "replicas",
    "template",
    "updateStrategy",
    "minReadySeconds",
    "ordinals",
    "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy",
];

pub(super) fn fates(change: &Change<'_>) -> Vec<FieldFate> {
    let rest = |spec: Option<&Value>| {
        let spec = spec.and_then(Value::as_object).cloned().unwrap_or_default();
        Value::Object(spec.into_iter().filter(|(name, _)| !FREE.contains(&name.as_str())).collect::<Map<_, _>>())
    };
    let (live, after) = (rest(change.live_at(&["spec"])), rest(change.after_at(&["spec"])));
    let differ = differences("spec", Some(&live), Some(&after), STATEFUL_SET);
    let keeps_pods = selector_is_kept(change);
    let loses = if keeps_pods {
        let beside = "its pods go on running and the new one takes them over; claims that exist stay as they are";
        Loss::Nothing(Some(beside.to_owned()))
    } else if change.live_text(&["spec", "persistentVolumeClaimRetentionPolicy", "whenDeleted"]) == "Delete" {
        Loss::Data("its retention policy deletes the claims of its pods together with it".to_owned())
    } else {
        Loss::Work("its pods stop before the new ones start, because the new one would not know them".to_owned())
    };
    let why = "the server changes replicas, template, update strategy and a few more of a StatefulSet, and nothing else";
    let fate = |path: String| {
        let mut fate = recreate(path, why, loses.clone());
        if let (Fate::Recreate(recreation), true) = (&mut fate.fate, keeps_pods) {
            recreation.propagation = Propagation::Orphan;
        }
        fate
    };
    differ.into_iter().map(fate).collect()
}
