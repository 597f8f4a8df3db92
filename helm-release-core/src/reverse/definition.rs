//! Definitions of custom resources: names, scope and versions that were stored (`ValidateCustomResourceDefinitionUpdate`).

use serde_json::Value;

use super::fate::{Change, Fate, FieldFate, Loss, impossible, recreate};

pub(super) fn fates(change: &Change<'_>) -> Vec<FieldFate> {
    let mut fates = Vec::new();
    for path in [["spec", "group"].as_slice(), &["spec", "names", "plural"]] {
        if change.live_at(path) != change.after_at(path) {
            let why = "the definition's own name is made of it";
            fates.push(impossible(path.join("."), why));
        }
    }
    if is_established(change) {
        for path in [["spec", "scope"].as_slice(), &["spec", "names", "kind"]] {
            if change.live_at(path) != change.after_at(path) {
                fates.push(anew(path.join("."), "objects are stored by it", change));
            }
        }
    }
    let lost = lost_versions(change);
    if !lost.is_empty() {
        let why = format!("objects may be stored as {}; the version must be served until they are migrated", lost.join(", "));
        fates.push(anew("spec.versions".to_owned(), &why, change));
    }
    fates
}

fn is_established(change: &Change<'_>) -> bool {
    let conditions = change.live_at(&["status", "conditions"]).and_then(Value::as_array);
    conditions.into_iter().flatten().any(|condition| {
        let is = |key: &str, text: &str| condition.get(key).and_then(Value::as_str) == Some(text);
        is("type", "Established") && is("status", "True")
    })
}

/// Versions in which objects may be stored and that the definition would not have any more.
fn lost_versions(change: &Change<'_>) -> Vec<String> {
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let stored = list(change.live_at(&["status", "storedVersions"]));
    let kept = list(change.after_at(&["spec", "versions"]));
    let is_kept = |version: &str| kept.iter().any(|kept| kept.get("name").and_then(Value::as_str) == Some(version));
    stored.iter().filter_map(Value::as_str).filter(|version| !is_kept(version)).map(str::to_owned).collect()
}

fn anew(path: String, why: &str, change: &Change<'_>) -> FieldFate {
    match change.around.instances {
        Some(0) => {
            let mut fate = recreate(path, why, Loss::Nothing(Some("there is no object of its kind".to_owned())));
            if let Fate::Recreate(recreation) = &mut fate.fate {
                recreation.holds_while = true;
            }
            fate
        }
        Some(count) => {
            impossible(path, format!("{why}, and making the definition anew would delete {count} objects of its kind"))
        }
        None => impossible(path, format!("{why}, and how many objects of its kind would be deleted with it is not known")),
    }
}
