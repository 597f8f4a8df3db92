//! Hides the values of Secrets from everything that is shown, equal values visibly equal.
//!
//! ```
//! use helm_release_core::mask::Masker;
//! use serde_json::json;
//!
//! let mut masker = Masker::default();
//! let mut before = json!({"kind": "Secret", "stringData": {"user": "shop", "password": "correct-horse"}});
//! let mut after = json!({"kind": "Secret", "stringData": {"user": "shop", "password": "battery-staple"}});
//! masker.mask_object("Secret", &mut before);
//! masker.mask_object("Secret", &mut after);
//! assert_eq!(before["stringData"]["user"], after["stringData"]["user"]);
//! assert_ne!(before["stringData"]["password"], after["stringData"]["password"]);
//! assert!(!after.to_string().contains("battery-staple"));
//! ```

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// Replaces secret values by numbered marks: the same value gets the same mark for as long as the masker lives.
///
/// Marks say nothing of a value but its length, so nothing can be guessed from them. `Debug` prints how many there are.
///
/// ```
/// use helm_release_core::mask::Masker;
/// use serde_json::json;
///
/// let mut masker = Masker::default();
/// let mut secret = json!({"kind": "Secret", "data": {"old": "aHVudGVyMg==", "new": "aHVudGVyMg=="}});
/// masker.mask_object("Secret", &mut secret);
/// assert_eq!(secret["data"], json!({"old": "(masked #1, 12 bytes)", "new": "(masked #1, 12 bytes)"}));
/// ```
#[derive(Default)]
pub struct Masker {
    marks: BTreeMap<String, usize>,
}

impl std::fmt::Debug for Masker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Masker({} values)", self.marks.len())
    }
}

/// The annotation in which kubectl keeps a copy of the whole object, secret values included.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

impl Masker {
    /// The mark of a value, such as `(masked #1, 12 bytes)`.
    ///
    /// ```
    /// use helm_release_core::mask::Masker;
    ///
    /// let mut masker = Masker::default();
    /// assert_eq!(masker.mark("correct-horse"), "(masked #1, 13 bytes)");
    /// assert_eq!(masker.mark("battery-staple"), "(masked #2, 14 bytes)");
    /// assert_eq!(masker.mark("correct-horse"), "(masked #1, 13 bytes)");
    /// ```
    pub fn mark(&mut self, secret: &str) -> String {
        let next = self.marks.len() + 1;
        let number = *self.marks.entry(secret.to_owned()).or_insert(next);
        format!("(masked #{number}, {} bytes)", secret.len())
    }

    fn mark_value(&mut self, value: &mut Value) {
        match value {
            Value::Null => {}
            Value::String(text) => *text = self.mark(text),
            other => *other = Value::String(self.mark(&other.to_string())),
        }
    }

    fn mark_members(&mut self, holder: &mut Map<String, Value>, key: &str) {
        match holder.get_mut(key) {
            Some(Value::Object(members)) => {
                for (_, value) in members.iter_mut().filter(|(key, _)| !key.starts_with('$')) {
                    self.mark_value(value);
                }
            }
            Some(value) => self.mark_value(value),
            None => {}
        }
    }

    /// Masks an object, or a merge patch of one, when its kind is `Secret`; every other kind stays as it is.
    ///
    /// A mapping that lists objects in `items` has each of them masked.
    ///
    /// ```
    /// use helm_release_core::mask::Masker;
    /// use serde_json::json;
    ///
    /// let mut list = json!({"kind": "List", "items": [
    ///     {"kind": "Secret", "data": {"password": "aHVudGVyMg=="}},
    ///     {"kind": "ConfigMap", "data": {"motd": "welcome"}},
    /// ]});
    /// Masker::default().mask_object("List", &mut list);
    /// assert_eq!(list["items"][0]["data"]["password"], "(masked #1, 12 bytes)");
    /// assert_eq!(list["items"][1]["data"]["motd"], "welcome");
    /// ```
    pub fn mask_object(&mut self, kind: &str, value: &mut Value) {
        let Value::Object(map) = value else { return };
        if let Some(Value::Array(items)) = map.get_mut("items") {
            for item in items {
                let kind = item.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned();
                self.mask_object(&kind, item);
            }
        }
        if kind != "Secret" {
            return;
        }
        self.mark_members(map, "data");
        self.mark_members(map, "stringData");
        let annotations = map.get_mut("metadata").and_then(|metadata| metadata.get_mut("annotations"));
        if let Some(copy) = annotations.and_then(|annotations| annotations.get_mut(LAST_APPLIED)) {
            self.mark_value(copy);
        }
    }

    /// Masks the value of one field of a `Secret`, named by its path; other kinds and harmless fields stay as they are.
    ///
    /// ```
    /// use helm_release_core::mask::Masker;
    /// use serde_json::json;
    ///
    /// let masked = |kind: &str, path: &str| {
    ///     let mut value = json!("hunter2");
    ///     Masker::default().mask_field(kind, path, &mut value);
    ///     value
    /// };
    /// assert_eq!(masked("Secret", "stringData.password"), "(masked #1, 7 bytes)");
    /// assert_eq!(masked("Secret", "metadata.labels.team"), "hunter2");
    /// assert_eq!(masked("ConfigMap", "data.password"), "hunter2");
    /// ```
    pub fn mask_field(&mut self, kind: &str, path: &str, value: &mut Value) {
        if kind != "Secret" {
            return;
        }
        let first = path.split(['.', '[']).next().unwrap_or_default();
        if matches!(first, "data" | "stringData") {
            match value {
                Value::Object(members) => members.values_mut().for_each(|value| self.mark_value(value)),
                value => self.mark_value(value),
            }
        } else if path.contains("last-applied-configuration") {
            self.mark_value(value);
        } else if first == "metadata" {
            let mut wrapped = serde_json::json!({ "metadata": { "annotations": value.take() } });
            self.mask_object(kind, &mut wrapped);
            *value = wrapped["metadata"]["annotations"].take();
        }
    }
}

#[cfg(test)]
mod tests;
