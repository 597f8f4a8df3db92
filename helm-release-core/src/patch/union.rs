//! What any of several revisions of an object had.

use serde_json::Value;

use super::{ListMerge, Node, Schemas};
use crate::Gvk;

/// Merges several revisions of an object into one that has every field that any of them has. Lists that a strategic
/// merge patch merges are merged entry by entry; of everything else the last revision's value is taken.
///
/// ```
/// use helm_release_core::Gvk;
/// use helm_release_core::patch::{Schemas, union};
/// use serde_json::json;
///
/// let revisions = [json!({"data": {"a": "1"}}), json!({"data": {"a": "2", "b": "3"}}), json!({"data": {"c": "4"}})];
/// let revisions: Vec<_> = revisions.iter().collect();
/// let all = union(Schemas::built_in(), &Gvk::new("v1", "ConfigMap"), &revisions);
/// assert_eq!(all, json!({"data": {"a": "2", "b": "3", "c": "4"}}));
/// ```
#[must_use]
pub fn union(schemas: &Schemas, gvk: &Gvk, revisions: &[&Value]) -> Value {
    // A custom resource's lists are replaced by its patches, so its revisions' lists are not merged either.
    let node = schemas.find(gvk).filter(|_| schemas.takes_strategic_merge(gvk));
    let mut all = Value::Null;
    for revision in revisions {
        add(&mut all, revision, node);
    }
    all
}

fn add(all: &mut Value, revision: &Value, node: Option<Node<'_>>) {
    match (all, revision) {
        (_, Value::Null) => {}
        (Value::Object(all), Value::Object(revision)) => {
            for (key, value) in revision {
                let field = node.and_then(|node| node.field(key));
                match all.get_mut(key) {
                    Some(there) => add(there, value, field),
                    None => {
                        all.insert(key.clone(), value.clone());
                    }
                }
            }
        }
        (Value::Array(all), Value::Array(revision)) => match node.map(Node::list_merge) {
            Some(ListMerge::Merge { key: Some(key) }) => add_entries(all, revision, node, key),
            Some(ListMerge::Merge { key: None }) => {
                for value in revision {
                    if !all.contains(value) {
                        all.push(value.clone());
                    }
                }
            }
            _ => revision.clone_into(all),
        },
        (all, revision) => revision.clone_into(all),
    }
}

fn add_entries(all: &mut Vec<Value>, revision: &[Value], node: Option<Node<'_>>, key: &str) {
    for entry in revision {
        let there = entry.get(key).and_then(|value| all.iter_mut().find(|other| other.get(key) == Some(value)));
        match there {
            Some(there) => add(there, entry, node.and_then(Node::items)),
            None => all.push(entry.clone()),
        }
    }
}

#[cfg(test)]
mod tests;
