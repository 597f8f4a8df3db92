//! Which fields differ between two states of an object.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{FieldSet, field_key, is_leaf, item_key};
use crate::cluster::memory::schema::Node;

/// The fields that a change touches.
#[derive(Debug, Default)]
pub(crate) struct Comparison {
    pub(crate) added: FieldSet,
    pub(crate) modified: FieldSet,
    pub(crate) removed: FieldSet,
}

/// Compares two states of an object of one type.
pub(crate) fn compare(node: &Node, before: &Value, after: &Value) -> Comparison {
    let mut comparison = Comparison::default();
    comparison.walk(node, Some(before), Some(after), &mut Vec::new());
    comparison
}

impl Comparison {
    fn walk(&mut self, node: &Node, before: Option<&Value>, after: Option<&Value>, path: &mut Vec<String>) {
        // A null is there, but it has nothing inside.
        let (absent_before, absent_after) = (before.is_none(), after.is_none());
        let before = before.filter(|value| !value.is_null());
        let after = after.filter(|value| !value.is_null());
        let Some(either) = after.or(before) else { return };
        let emptiness = |value: Option<&Value>| match value {
            None => true,
            Some(Value::Object(map)) => map.is_empty(),
            Some(Value::Array(items)) => items.is_empty(),
            Some(_) => false,
        };
        // An empty list or mapping has no inside that could differ.
        if is_leaf(node, either) || (emptiness(before) && emptiness(after)) {
            if absent_before {
                self.added.insert(path);
            } else if absent_after {
                self.removed.insert(path);
            } else if before != after {
                self.modified.insert(path);
            }
            return;
        }
        match either {
            Value::Object(_) => self.walk_mapping(node, before, after, path),
            Value::Array(_) => self.walk_list(node, before, after, path),
            _ if before != after => self.modified.insert(path),
            _ => {}
        }
        if absent_before {
            self.added.insert(path);
        } else if absent_after {
            self.removed.insert(path);
        }
    }

    fn walk_mapping(&mut self, node: &Node, before: Option<&Value>, after: Option<&Value>, path: &mut Vec<String>) {
        let empty = Map::new();
        let before = before.and_then(Value::as_object).unwrap_or(&empty);
        let after = after.and_then(Value::as_object).unwrap_or(&empty);
        let only_before = before.keys().filter(|key| !after.contains_key(*key));
        for key in after.keys().chain(only_before) {
            path.push(field_key(key));
            self.walk(node.field(key).unwrap_or(&Node::Any), before.get(key), after.get(key), path);
            path.pop();
        }
    }

    fn walk_list(&mut self, node: &Node, before: Option<&Value>, after: Option<&Value>, path: &mut Vec<String>) {
        let keyed = |list: Option<&'_ Value>| -> BTreeMap<String, Value> {
            let items = list.and_then(Value::as_array).into_iter().flatten();
            items.filter_map(|item| Some((item_key(node.items(), item)?, item.clone()))).collect()
        };
        let (before, after) = (keyed(before), keyed(after));
        let only_before = before.keys().filter(|key| !after.contains_key(*key));
        for key in after.keys().chain(only_before) {
            path.push(key.clone());
            self.walk(node.item(), before.get(key), after.get(key), path);
            path.pop();
        }
    }
}
