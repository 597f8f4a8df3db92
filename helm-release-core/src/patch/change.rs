//! Which fields differ between two states of an object, for people to read.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Map, Value};

use super::{ListMerge, ListType, Node, Schemas};
use crate::Gvk;

/// A field that differs between two states of an object.
///
/// `Debug` prints the path and never the values.
///
/// ```
/// use helm_release_core::Gvk;
/// use helm_release_core::patch::{Schemas, changed_fields};
/// use serde_json::json;
///
/// let (before, after) = (json!({"data": {"motd": "welcome"}}), json!({"data": {"motd": "welcome", "beta": "on"}}));
/// let changes = changed_fields(Schemas::built_in(), &Gvk::new("v1", "ConfigMap"), &before, &after);
/// assert_eq!(changes.len(), 1);
/// assert_eq!(changes[0].path, "data.beta");
/// assert_eq!((&changes[0].before, &changes[0].after), (&None, &Some(json!("on"))));
/// assert_eq!(format!("{:?}", changes[0]), "FieldChange(data.beta added)");
/// ```
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct FieldChange {
    /// Where, such as `spec.template.spec.containers[name=web].image`.
    pub path: String,
    /// The value before; `None` when the field was not there.
    pub before: Option<Value>,
    /// The value afterwards; `None` when the field is gone.
    pub after: Option<Value>,
}

impl FieldChange {
    /// A field that had one value and has another.
    ///
    /// ```
    /// use helm_release_core::Gvk;
    /// use helm_release_core::patch::{FieldChange, Schemas, changed_fields};
    /// use serde_json::json;
    ///
    /// let (before, after) = (json!({"spec": {"replicas": 5}}), json!({"spec": {"replicas": 3}}));
    /// let changes = changed_fields(Schemas::built_in(), &Gvk::new("apps/v1", "Deployment"), &before, &after);
    /// assert_eq!(changes, [FieldChange::new("spec.replicas", Some(json!(5)), Some(json!(3)))]);
    /// ```
    #[must_use]
    pub fn new(path: impl Into<String>, before: Option<Value>, after: Option<Value>) -> Self {
        Self { path: path.into(), before, after }
    }
}

impl fmt::Debug for FieldChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match (&self.before, &self.after) {
            (None, _) => "added",
            (_, None) => "removed",
            _ => "changed",
        };
        write!(f, "FieldChange({} {what})", self.path)
    }
}

/// Compares two states of an object. Entries of lists are matched by their keys where the schema knows such keys; when
/// entries only changed places, the list is reported with the keys in both orders.
///
/// What the server keeps for itself is left out: `status`, and in `metadata` the `managedFields`, `resourceVersion` and
/// `generation`. A null is the same as no field.
///
/// ```
/// use helm_release_core::Gvk;
/// use helm_release_core::patch::{Schemas, changed_fields};
/// use serde_json::json;
///
/// let deployment = |image: &str| json!({"spec": {"template": {"spec": {"containers": [{"name": "web", "image": image}]}}}});
/// let gvk = Gvk::new("apps/v1", "Deployment");
/// let changes = changed_fields(Schemas::built_in(), &gvk, &deployment("web:1"), &deployment("web:2"));
/// assert_eq!(changes[0].path, "spec.template.spec.containers[name=web].image");
/// ```
#[must_use]
pub fn changed_fields(schemas: &Schemas, gvk: &Gvk, before: &Value, after: &Value) -> Vec<FieldChange> {
    let mut changes = Changes::default();
    changes.compare("", Some(before), Some(after), schemas.find(gvk));
    changes.0
}

const SERVER_OWNED: [&str; 4] = ["status", "metadata.managedFields", "metadata.resourceVersion", "metadata.generation"];

#[derive(Default)]
struct Changes(Vec<FieldChange>);

impl Changes {
    fn push(&mut self, path: &str, before: Option<&Value>, after: Option<&Value>) {
        self.0.push(FieldChange { path: path.to_owned(), before: before.cloned(), after: after.cloned() });
    }

    fn compare(&mut self, path: &str, before: Option<&Value>, after: Option<&Value>, node: Option<Node<'_>>) {
        let before = before.filter(|value| !value.is_null());
        let after = after.filter(|value| !value.is_null());
        match (before, after) {
            (None, None) => {}
            (Some(before), Some(after)) if before == after => {}
            (Some(Value::Object(before)), Some(Value::Object(after))) => self.compare_mappings(path, before, after, node),
            (Some(Value::Array(old)), Some(Value::Array(new))) => self.compare_lists(path, old, new, node),
            (before, after) => self.push(path, before, after),
        }
    }

    fn compare_mappings(&mut self, path: &str, before: &Map<String, Value>, after: &Map<String, Value>, node: Option<Node<'_>>) {
        let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for name in names {
            let path = field_path(path, name);
            if !SERVER_OWNED.contains(&path.as_str()) {
                let field = node.and_then(|node| node.field(name));
                self.compare(&path, before.get(name), after.get(name), field);
            }
        }
    }

    fn compare_lists(&mut self, path: &str, before: &[Value], after: &[Value], node: Option<Node<'_>>) {
        let items = node.and_then(Node::items);
        if let Some(keys) = node.and_then(|node| keys_of(node, before, after)) {
            self.compare_keyed(path, before, after, &keys, items);
        } else if node.is_some_and(is_set) && before.iter().chain(after).all(|value| !value.is_array() && !value.is_object()) {
            self.compare_sets(path, before, after);
        } else if before.len() == after.len() {
            for (index, (old, new)) in before.iter().zip(after).enumerate() {
                self.compare(&format!("{path}[{index}]"), Some(old), Some(new), items);
            }
        } else {
            self.0.push(FieldChange {
                path: path.to_owned(),
                before: Some(Value::Array(before.to_vec())),
                after: Some(Value::Array(after.to_vec())),
            });
        }
    }

    fn compare_keyed(&mut self, path: &str, before: &[Value], after: &[Value], keys: &[&str], items: Option<Node<'_>>) {
        let count = self.0.len();
        for old in before {
            let new = after.iter().find(|new| same_entry(old, new, keys));
            self.compare(&entry_path(path, old, keys), Some(old), new, items);
        }
        for new in after.iter().filter(|new| !before.iter().any(|old| same_entry(old, new, keys))) {
            self.compare(&entry_path(path, new, keys), None, Some(new), items);
        }
        if self.0.len() == count {
            let orders = [before, after].map(|list| list.iter().map(|entry| only(entry, keys)).collect::<Vec<_>>());
            let [before, after] = orders.map(Value::Array);
            self.push(path, Some(&before), Some(&after));
        }
    }

    fn compare_sets(&mut self, path: &str, before: &[Value], after: &[Value]) {
        let count = self.0.len();
        for gone in before.iter().filter(|value| !after.contains(value)) {
            self.push(&format!("{path}[{}]", text(gone)), Some(gone), None);
        }
        for added in after.iter().filter(|value| !before.contains(value)) {
            self.push(&format!("{path}[{}]", text(added)), None, Some(added));
        }
        if self.0.len() == count {
            self.0.push(FieldChange {
                path: path.to_owned(),
                before: Some(Value::Array(before.to_vec())),
                after: Some(Value::Array(after.to_vec())),
            });
        }
    }
}

/// `parent.name`, or `parent[name]` for names that hold more than letters, digits, `-` and `_`.
pub(crate) fn field_path(parent: &str, name: &str) -> String {
    let plain = !name.is_empty() && name.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '-' || sign == '_');
    match (plain, parent.is_empty()) {
        (true, true) => name.to_owned(),
        (true, false) => format!("{parent}.{name}"),
        (false, _) => format!("{parent}[{name}]"),
    }
}

/// `list[name=web]`.
pub(crate) fn entry_path(list: &str, entry: &Value, keys: &[&str]) -> String {
    let keys: Vec<String> = keys.iter().map(|key| format!("{key}={}", entry.get(key).map(text).unwrap_or_default())).collect();
    format!("{list}[{}]", keys.join(","))
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn only(entry: &Value, keys: &[&str]) -> Value {
    keys.iter().map(|key| ((*key).to_owned(), entry.get(key).cloned().unwrap_or_default())).collect()
}

fn same_entry(left: &Value, right: &Value, keys: &[&str]) -> bool {
    keys.iter().all(|key| left.get(key) == right.get(key))
}

fn is_set(node: Node<'_>) -> bool {
    node.list_type() == ListType::Set || node.list_merge() == ListMerge::Merge { key: None }
}

/// The fields that tell the entries of both lists apart, each of them there in every entry.
fn keys_of<'a>(node: Node<'a>, before: &[Value], after: &[Value]) -> Option<Vec<&'a str>> {
    let by_type = match node.list_type() {
        ListType::Map(keys) => keys.iter().map(String::as_str).collect(),
        _ => Vec::new(),
    };
    let by_merge = match node.list_merge() {
        ListMerge::Merge { key } => key.into_iter().collect(),
        ListMerge::Replace => Vec::new(),
    };
    let telling = |keys: &[&str], list: &[Value]| {
        let mut seen = BTreeSet::new();
        list.iter().all(|entry| {
            let scalar = |key: &&str| entry.get(key).is_some_and(|value| !value.is_object() && !value.is_array());
            keys.iter().all(scalar) && seen.insert(entry_path("", entry, keys))
        })
    };
    [by_type, by_merge].into_iter().find(|keys| !keys.is_empty() && telling(keys, before) && telling(keys, after))
}

#[cfg(test)]
mod tests;
