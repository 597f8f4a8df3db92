//! Claims of volumes: they only grow, and only when bound (`ValidatePersistentVolumeClaimUpdate`, admission `PersistentVolumeClaimResize`).

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::alike::differences;
use super::defaults::CLAIM;
use super::fate::{Change, Fate, FieldFate, Loss, recreate, unknown};
use super::quantity::Quantity;

const SIZE: [&str; 4] = ["spec", "resources", "requests", "storage"];
const ATTRIBUTES: [&str; 2] = ["spec", "volumeAttributesClassName"];
/// What controllers and defaults put in, and nobody takes out again.
const FILLED_IN: [&str; 5] = ["storageClassName", "volumeName", "volumeMode", "dataSource", "dataSourceRef"];

pub(super) fn fates(change: &Change<'_>) -> Vec<FieldFate> {
    let is_bound = change.live_text(&["status", "phase"]) == "Bound";
    let mut fates = Vec::new();
    if is_bound {
        fates.extend(size(change));
        fates.extend(attributes(change));
    }
    for path in fixed(change, is_bound) {
        let field = path.strip_prefix("spec.").unwrap_or_default();
        if FILLED_IN.contains(&field) && change.after_at(&["spec", field]).is_none() {
            fates.push(change.carried_over(&["spec", field], "it was filled in when the claim was made"));
        } else {
            fates.push(anew(path, change));
        }
    }
    fates
}

fn fixed(change: &Change<'_>, is_bound: bool) -> Vec<String> {
    let rest = |spec: Option<&Value>| {
        let mut spec: Map<String, Value> = spec.and_then(Value::as_object).cloned().unwrap_or_default();
        if is_bound {
            spec.remove("volumeAttributesClassName");
            let requests = spec.get_mut("resources").and_then(|resources| resources.get_mut("requests"));
            if let Some(requests) = requests.and_then(Value::as_object_mut) {
                requests.remove("storage");
            }
        }
        Value::Object(spec)
    };
    let (live, after) = (rest(change.live_at(&["spec"])), rest(change.after_at(&["spec"])));
    let mut differ = differences("spec", Some(&live), Some(&after), CLAIM);
    let gets = |field: &str| change.live_at(&["spec", field]).is_none() && change.after_at(&["spec", field]).is_some();
    // A claim without a class takes one, and a claim without a volume takes one, once.
    differ.retain(|path| !(path == "spec.storageClassName" && gets("storageClassName")));
    differ.retain(|path| !(path == "spec.volumeName" && gets("volumeName")));
    differ
}

fn anew(path: String, change: &Change<'_>) -> FieldFate {
    let why = "a claim is fixed when it is made; only a bound one grows";
    let has_volume = change.live_at(&["spec", "volumeName"]).is_some() || change.live_text(&["status", "phase"]) != "Pending";
    let loses = if has_volume {
        Loss::Data("the claim's volume goes the way of its reclaim policy, and the new claim gets another one".to_owned())
    } else {
        Loss::Nothing(Some("it has no volume yet".to_owned()))
    };
    let mut fate = recreate(path, why, loses);
    if let Fate::Recreate(recreation) = &mut fate.fate {
        recreation.holds_while = !has_volume;
    }
    fate
}

fn size(change: &Change<'_>) -> Vec<FieldFate> {
    let (Some(live), Some(after)) = (change.live_at(&SIZE), change.after_at(&SIZE)) else { return Vec::new() };
    match Quantity::compare(after, live) {
        Some(Ordering::Equal) => Vec::new(),
        Some(Ordering::Greater) => growth(change),
        Some(Ordering::Less) => {
            // After an expansion that failed a claim may go back to anything above what its volume has.
            let has = change.live_at(&["status", "capacity", "storage"]);
            let is_above = has.is_some_and(|has| Quantity::compare(after, has) == Some(Ordering::Greater));
            if is_above {
                return Vec::new();
            }
            vec![change.carried_over(&SIZE, "a claim never shrinks: the larger size stays")]
        }
        None => vec![unknown(SIZE.join("."), "the size cannot be read")],
    }
}

fn growth(change: &Change<'_>) -> Vec<FieldFate> {
    match (change.around.storage_class, change.live_text(&["spec", "storageClassName"])) {
        (_, "") => vec![change.carried_over(&SIZE, "only a claim with a StorageClass grows: the live size stays")],
        (None, _) => vec![unknown(SIZE.join("."), "its StorageClass, which says whether it may grow, is not known")],
        (Some(class), _) if class.at(&["allowVolumeExpansion"]) == Some(&Value::Bool(true)) => Vec::new(),
        (Some(_), _) => vec![change.carried_over(&SIZE, "its StorageClass does not let claims grow: the live size stays")],
    }
}

fn attributes(change: &Change<'_>) -> Vec<FieldFate> {
    let in_force = change.live_at(&["status", "currentVolumeAttributesClassName"]).is_some();
    if in_force && change.live_at(&ATTRIBUTES).is_some() && change.after_text(&ATTRIBUTES).is_empty() {
        return vec![change.carried_over(&ATTRIBUTES, "a volume that has an attributes class keeps one")];
    }
    Vec::new()
}
