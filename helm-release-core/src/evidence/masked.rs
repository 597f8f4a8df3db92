//! Keeps values of Secrets and of environment variables out of the changes that are shown.

use serde_json::Value;

use crate::diff;
use crate::mask::Masker;
use crate::patch::FieldChange;

/// The annotation in which kubectl keeps a copy of the whole object, environment included.
const LAST_APPLIED: &str = "last-applied-configuration";

/// The same changes of an object of that kind, with everything masked that is not for everybody's eyes.
pub(super) fn masked(kind: &str, changes: &[FieldChange], masker: &mut Masker) -> Vec<FieldChange> {
    let mut changes = changes.to_vec();
    for change in &mut changes {
        diff::mask(kind, change, masker);
        let is_environment = is_environment(&change.path);
        let is_copy = change.path.contains(LAST_APPLIED);
        for value in [&mut change.before, &mut change.after].into_iter().flatten() {
            if is_copy || is_environment && !value.is_array() && !value.is_object() {
                mask(value, masker);
            } else if is_environment {
                mask_entries(value, masker);
            }
            mask_within(value, masker);
        }
    }
    changes
}

/// Whether a path leads to the value of an environment variable, an entry or the list.
fn is_environment(path: &str) -> bool {
    let Some((_, rest)) = path.rsplit_once(".env") else { return false };
    rest.is_empty() || rest.starts_with('[') && (rest.ends_with(']') || rest.strip_suffix(".value").is_some())
}

fn mask(value: &mut Value, masker: &mut Masker) {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    *value = Value::String(masker.mark(&text));
}

/// Masks what the entries of a list of environment variables say, or one entry.
fn mask_entries(list: &mut Value, masker: &mut Masker) {
    match list {
        Value::Array(entries) => entries.iter_mut().for_each(|entry| mask_entries(entry, masker)),
        Value::Object(entry) => {
            if let Some(value) = entry.get_mut("value") {
                mask(value, masker);
            }
        }
        _ => {}
    }
}

/// Masks environments and kubectl's copies anywhere inside a value.
fn mask_within(value: &mut Value, masker: &mut Masker) {
    match value {
        Value::Array(entries) => entries.iter_mut().for_each(|entry| mask_within(entry, masker)),
        Value::Object(members) => {
            for (name, member) in members {
                if name.contains(LAST_APPLIED) {
                    mask(member, masker);
                } else {
                    if name == "env" {
                        mask_entries(member, masker);
                    }
                    mask_within(member, masker);
                }
            }
        }
        _ => {}
    }
}
