//! Sets of fields, as `metadata.managedFields` writes them down.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::schema::{Items, Node};

mod compare;

pub(crate) use compare::compare;

/// A set of paths into an object. Keys are written as in `FieldsV1`: `f:name`, `k:{"name":"web"}`, `v:"text"`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FieldSet {
    /// The path that ends here is in the set.
    pub(crate) member: bool,
    pub(crate) below: BTreeMap<String, Self>,
}

impl FieldSet {
    pub(crate) fn is_empty(&self) -> bool {
        !self.member && self.below.values().all(Self::is_empty)
    }

    pub(crate) fn insert(&mut self, path: &[String]) {
        match path.split_first() {
            None => self.member = true,
            Some((key, rest)) => self.below.entry(key.clone()).or_default().insert(rest),
        }
    }

    pub(crate) fn union(mut self, other: &Self) -> Self {
        self.member |= other.member;
        for (key, theirs) in &other.below {
            let ours = self.below.remove(key).unwrap_or_default();
            self.below.insert(key.clone(), ours.union(theirs));
        }
        self
    }

    pub(crate) fn difference(&self, other: &Self) -> Self {
        let empty = Self::default();
        let rest = |(key, ours): (&String, &Self)| {
            let rest = ours.difference(other.below.get(key).unwrap_or(&empty));
            (!rest.is_empty()).then(|| (key.clone(), rest))
        };
        Self { member: self.member && !other.member, below: self.below.iter().filter_map(rest).collect() }
    }

    pub(crate) fn intersection(&self, other: &Self) -> Self {
        let shared = |(key, ours): (&String, &Self)| {
            let shared = ours.intersection(other.below.get(key)?);
            (!shared.is_empty()).then(|| (key.clone(), shared))
        };
        Self { member: self.member && other.member, below: self.below.iter().filter_map(shared).collect() }
    }

    /// Takes out everything at and below a path.
    pub(crate) fn without(&mut self, path: &[&str]) {
        match path {
            [] => *self = Self::default(),
            [key] => {
                self.below.remove(*key);
            }
            [key, rest @ ..] => {
                if let Some(below) = self.below.get_mut(*key) {
                    below.without(rest);
                    if below.is_empty() {
                        self.below.remove(*key);
                    }
                }
            }
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        let mut map = Map::new();
        if self.member && !self.below.is_empty() {
            map.insert(".".to_owned(), Value::Object(Map::new()));
        }
        map.extend(self.below.iter().map(|(key, below)| (key.clone(), below.to_json())));
        Value::Object(map)
    }

    pub(crate) fn from_json(value: &Value) -> Self {
        let mut set = Self::below_from_json(value);
        set.member = false;
        set
    }

    fn below_from_json(value: &Value) -> Self {
        let map = value.as_object();
        let keys = map.into_iter().flatten().filter(|(key, _)| *key != ".");
        let below: BTreeMap<_, _> = keys.map(|(key, below)| (key.clone(), Self::below_from_json(below))).collect();
        let member = below.is_empty() || map.is_some_and(|map| map.contains_key("."));
        Self { member, below }
    }

    /// Every path of the set in the server's notation, such as `.spec.containers[name="web"].image`.
    pub(crate) fn paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        self.collect("", &mut paths);
        paths
    }

    fn collect(&self, path: &str, paths: &mut Vec<String>) {
        if self.member {
            paths.push(path.to_owned());
        }
        for (key, below) in &self.below {
            below.collect(&format!("{path}{}", display(key)), paths);
        }
    }
}

fn display(key: &str) -> String {
    if let Some(name) = key.strip_prefix("f:") {
        return format!(".{name}");
    }
    let Some(Ok(Value::Object(keys))) = key.strip_prefix("k:").map(serde_json::from_str) else {
        return format!("[={}]", key.strip_prefix("v:").unwrap_or(key));
    };
    let pairs: Vec<String> = keys.iter().map(|(key, value)| format!("{key}={value}")).collect();
    format!("[{}]", pairs.join(","))
}

/// How a mapping's member is written in a set.
pub(crate) fn field_key(name: &str) -> String {
    format!("f:{name}")
}

/// How a list's item is written in a set; `None` when the list is owned as a whole.
pub(crate) fn item_key(items: &Items, item: &Value) -> Option<String> {
    match items {
        Items::Atomic => None,
        Items::Set => Some(format!("v:{item}")),
        Items::Keyed(keys) => {
            let value = |key: &String| match item.get(key) {
                Some(value) if !value.is_null() => Some((key.clone(), value.clone())),
                // The protocol of a port is the one key of a list that may be left out.
                _ if key == "protocol" => Some((key.clone(), Value::from("TCP"))),
                _ => None,
            };
            let keys: Map<String, Value> = keys.iter().filter_map(value).collect();
            Some(format!("k:{}", Value::Object(keys)))
        }
    }
}

/// Whether the value is owned as a whole; a value of unknown type is, unless it is a mapping.
pub(crate) fn is_leaf(node: &Node, value: &Value) -> bool {
    match node.resolve() {
        Node::Any => !value.is_object(),
        _ => node.is_atomic(),
    }
}

/// The fields that somebody owns who applies this value.
pub(crate) fn fields_of(node: &Node, value: &Value) -> FieldSet {
    let mut set = FieldSet::default();
    if is_leaf(node, value) {
        set.member = true;
        return set;
    }
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let field = node.field(key).unwrap_or(&Node::Any);
                let mut below = fields_of(field, value);
                let empty = value.is_null() || value.as_object().is_some_and(Map::is_empty);
                below.member |= empty || !node.declares(key);
                if !below.is_empty() {
                    set.below.insert(field_key(key), below);
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                if let Some(key) = item_key(node.items(), item) {
                    let mut below = fields_of(node.item(), item);
                    below.member = true;
                    set.below.insert(key, below);
                }
            }
        }
        _ => set.member = true,
    }
    set
}
