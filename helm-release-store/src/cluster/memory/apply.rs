//! Server-side apply.

use std::sync::Arc;

use helm_release_core::Object;
use helm_release_core::ports::{ClusterErrorKind, Conflicts};
use serde_json::{Map, Value};

use super::fields::{FieldSet, field_key, fields_of, is_leaf, item_key};
use super::manage::{self, Entry, dispossess, record_apply};
use super::refusal::Refusal;
use super::schema::Node;
use super::state::State;
use super::tree;
use super::write::Call;

impl State {
    pub(crate) fn apply(&mut self, call: &Call<'_>, object: &Object, conflicts: Conflicts) -> Result<Arc<Value>, Refusal> {
        let Call { served, at, author, .. } = call;
        if author.manager.is_empty() {
            return Err(Refusal::bad_request("fieldManager: Required value: is required for apply patch"));
        }
        let config = call.read(object.as_value().clone())?;
        if tree::at(&config, &["metadata", "managedFields"]).is_some() {
            return Err(Refusal::bad_request("metadata.managedFields must be nil"));
        }
        let current = self.get(&at.id()).cloned();
        let live = match &current {
            Some(current) => manage::bare(current),
            None => manage::newborn(&served.node, &config),
        };
        let mut entries = current.as_deref().map(manage::entries).unwrap_or_default();
        if entries.is_empty()
            && let Some(current) = &current
        {
            entries.extend(before_first_apply(call, current, &live));
        }
        let mut owned = fields_of(&served.node, &config);
        manage::strip(&mut owned, served, None);
        let last = entries.iter().find(|entry| entry.is_of(author)).map(|entry| entry.fields.clone());
        let mine = record_apply(&mut entries, author, owned, None);
        let mut merged = merge(&served.node, &live, &config);
        if let Some(last) = last {
            let keep = entries.iter().fold(FieldSet::default(), |all, entry| all.union(&entry.fields));
            prune(&served.node, &mut merged, &last, &keep);
        }
        let (mut entries, touched) = dispossess(served, &live, &merged, entries, Some(mine), None);
        if conflicts == Conflicts::Refuse && !touched.conflicts.is_empty() {
            return Err(refused(&touched.conflicts));
        }
        // A manager that changes nothing becomes an owner without a new time.
        if merged != live {
            let fields = entries.get(mine).map(|entry| entry.fields.clone()).unwrap_or_default();
            record_apply(&mut entries, author, fields, Some(&self.stamp()));
        }
        manage::store(&mut merged, entries);
        if let Some(current) = current {
            return self.update(call, &current, merged);
        }
        tree::remove(&mut merged, &["metadata", "resourceVersion"]);
        self.create(call, merged)
    }
}

/// The owner of everything on an object that nobody is known to own.
fn before_first_apply(call: &Call<'_>, current: &Value, live: &Value) -> Vec<Entry> {
    let mut known = current.clone();
    let author = manage::Author::new("before-first-apply", manage::Operation::Update, &call.at.resource.gvk);
    let newborn = manage::newborn(&call.served.node, live);
    manage::record_update(call.served, &newborn, &mut known, &author, "");
    manage::entries(&known)
}

fn refused(conflicts: &[(String, Vec<String>)]) -> Refusal {
    let count: usize = conflicts.iter().map(|(_, paths)| paths.len()).sum();
    let message = match conflicts {
        [(manager, paths)] if count == 1 => {
            format!("Apply failed with 1 conflict: conflict with {manager}: {}", paths.join(""))
        }
        _ => {
            let mut conflicts = conflicts.to_vec();
            conflicts.sort();
            let of_manager = |(manager, paths): &(String, Vec<String>)| {
                let paths: Vec<String> = paths.iter().map(|path| format!("- {path}")).collect();
                format!("conflicts with {manager}:\n{}", paths.join("\n"))
            };
            let texts: Vec<String> = conflicts.iter().map(of_manager).collect();
            format!("Apply failed with {count} conflicts: {}", texts.join("\n"))
        }
    };
    Refusal::new(ClusterErrorKind::FieldManagers, message)
}

/// The live value with what is applied laid over it.
fn merge(node: &Node, live: &Value, config: &Value) -> Value {
    if is_leaf(node, config) {
        return config.clone();
    }
    match (live, config) {
        (Value::Object(live), Value::Object(config)) => {
            let mut merged = live.clone();
            for (key, value) in config {
                let field = node.field(key).unwrap_or(&Node::Any);
                let value = live.get(key).map_or_else(|| value.clone(), |live| merge(field, live, value));
                merged.insert(key.clone(), value);
            }
            Value::Object(merged)
        }
        (Value::Array(live), Value::Array(config)) => merge_lists(node, live, config),
        (_, config) => config.clone(),
    }
}

/// Items only of the live list keep their place before the applied item that they stood before.
fn merge_lists(node: &Node, live: &[Value], config: &[Value]) -> Value {
    let key = |item: &Value| item_key(node.items(), item);
    let applied: Vec<Option<String>> = config.iter().map(key).collect();
    let present: Vec<Option<String>> = live.iter().map(key).collect();
    let mut merged = Vec::new();
    let mut rest = live.iter().zip(&present).peekable();
    for (item, key) in config.iter().zip(&applied) {
        while let Some((kept, _)) = rest.next_if(|(_, key)| !applied.contains(key)) {
            merged.push(kept.clone());
        }
        rest.next_if(|(_, next)| *next == key);
        let same = present.iter().position(|other| other == key).and_then(|index| live.get(index));
        merged.push(same.map_or_else(|| item.clone(), |live| merge(node.item(), live, item)));
    }
    merged.extend(rest.filter(|(_, key)| !applied.contains(key)).map(|(kept, _)| kept.clone()));
    Value::Array(merged)
}

/// Takes out what the manager owned before and nobody owns any more.
fn prune(node: &Node, value: &mut Value, last: &FieldSet, keep: &FieldSet) {
    if is_leaf(node, value) {
        return;
    }
    let empty = FieldSet::default();
    match value {
        Value::Object(map) => {
            let keys: Vec<String> = map.keys().cloned().collect();
            for name in keys {
                let key = field_key(&name);
                let Some(last) = last.below.get(&key) else { continue };
                let keep = keep.below.get(&key).unwrap_or(&empty);
                let declared = node.declares(&name);
                let held = |set: &FieldSet| set.member || (declared && !set.is_empty());
                let field = node.field(&name).cloned().unwrap_or(Node::Any);
                if held(last) && !held(keep) {
                    map.remove(&name);
                } else if let Some(below) = map.get_mut(&name) {
                    prune_below(&field, below, last, keep);
                    if below.is_null() {
                        map.remove(&name);
                    }
                }
            }
        }
        Value::Array(items) => {
            let item_node = node.item();
            let all = std::mem::take(items);
            for mut item in all {
                let key = item_key(node.items(), &item).unwrap_or_default();
                let Some(last) = last.below.get(&key) else {
                    items.push(item);
                    continue;
                };
                let keep = keep.below.get(&key).unwrap_or(&empty);
                if last.member && !keep.member {
                    continue;
                }
                prune_below(item_node, &mut item, last, keep);
                items.push(item);
            }
        }
        _ => {}
    }
}

/// Prunes inside a value; a mapping or list that loses everything becomes null.
fn prune_below(node: &Node, value: &mut Value, last: &FieldSet, keep: &FieldSet) {
    let is_empty = |value: &Value| match value {
        Value::Object(map) => Map::is_empty(map),
        Value::Array(items) => items.is_empty(),
        _ => false,
    };
    let was_empty = is_empty(value);
    prune(node, value, last, keep);
    if !was_empty && is_empty(value) {
        *value = Value::Null;
    }
}
