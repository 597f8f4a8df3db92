//! What a live object has in place of what a revision applied.

use serde_json::{Map, Value};

use super::managers::Managers;
use super::same::{Form, has_all, is_empty};
use super::{Drifted, FieldPath, Manager, Segment};
use crate::patch::{ListType, MapType, Node, Schemas};
use crate::{Gvk, Object};

/// Members of `metadata` that are the server's, or name the object.
const SERVER_METADATA: [&str; 10] = [
    "name",
    "namespace",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "managedFields",
    "selfLink",
];

/// A certificate that a controller fills in wherever a webhook, an `APIService` or a definition has room for one.
const INJECTED: &str = "caBundle";

/// Which differences count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Count {
    /// Those that somebody other than Helm made.
    Others,
    /// All, whoever wrote the live value.
    All,
}

/// Compares what a revision applied with a live object, field by field of the former.
pub(super) fn compare(schemas: &Schemas, gvk: &Gvk, applied: &Value, live: &Object, count: Count) -> Vec<Drifted> {
    let mut walk = Walk { managers: Managers::of(live), drifted: Vec::new(), count };
    let (node, form) = (schemas.find(gvk), form_of(gvk));
    let (Some(wanted), Some(found)) = (applied.as_object(), live.as_value().as_object()) else { return Vec::new() };
    for (name, wanted) in wanted.iter().filter(|(name, _)| !matches!(name.as_str(), "apiVersion" | "kind" | "status")) {
        let path = FieldPath::default().field(name);
        let node = node.and_then(|node| node.field(name));
        match (name.as_str(), wanted, found.get(name)) {
            ("metadata", Value::Object(wanted), Some(Value::Object(found))) => {
                let own = wanted.iter().filter(|(name, _)| !SERVER_METADATA.contains(&name.as_str()));
                let own: Map<String, Value> = own.map(|(name, value)| (name.clone(), value.clone())).collect();
                walk.mapping(&path, &own, found, node, Form::Literal);
            }
            ("data", wanted, found) => walk.value(&path, wanted, found, node, form),
            (_, wanted, found) => walk.value(&path, wanted, found, node, Form::Field),
        }
    }
    walk.drifted
}

/// In which form the values of `data` are.
fn form_of(gvk: &Gvk) -> Form {
    match (gvk.group.as_str(), gvk.kind.as_str()) {
        ("", "Secret") => Form::Base64,
        ("", "ConfigMap") => Form::Literal,
        _ => Form::Field,
    }
}

struct Walk<'a> {
    managers: Managers<'a>,
    drifted: Vec<Drifted>,
    count: Count,
}

impl Walk<'_> {
    fn value(&mut self, path: &FieldPath, wanted: &Value, live: Option<&Value>, node: Option<Node<'_>>, form: Form) {
        let live = live.filter(|live| !live.is_null());
        let is_whole = node.is_some_and(|node| node.map_type() == MapType::Atomic);
        match (wanted, live) {
            (Value::Null, _) => {}
            (wanted, None) => self.missing(path, wanted),
            (Value::Object(wanted), Some(Value::Object(live))) if !is_whole => self.mapping(path, wanted, live, node, form),
            (Value::Array(list), Some(Value::Array(found))) => self.list(path, (list, found), node, form),
            (wanted, Some(live)) => self.whole(path, wanted, live, form),
        }
    }

    fn mapping(
        &mut self,
        path: &FieldPath,
        wanted: &Map<String, Value>,
        live: &Map<String, Value>,
        node: Option<Node<'_>>,
        form: Form,
    ) {
        for (name, wanted) in wanted.iter().filter(|(name, _)| *name != INJECTED) {
            let below = node.and_then(|node| node.field(name));
            self.value(&path.field(name), wanted, live.get(name), below, form.below(name));
        }
    }

    fn list(&mut self, path: &FieldPath, (wanted, live): (&[Value], &[Value]), node: Option<Node<'_>>, form: Form) {
        let matched = match node.map(Node::list_type) {
            Some(ListType::Map(keys)) => matched(wanted, live, keys),
            Some(ListType::Set) => {
                for item in wanted.iter().filter(|item| !live.contains(item)) {
                    self.missing(&path.then(Segment::Item(item.clone())), item);
                }
                return;
            }
            _ => None,
        };
        let Some(matched) = matched else {
            // Such a list is one value, owned as a whole.
            self.whole(path, &Value::Array(wanted.to_vec()), &Value::Array(live.to_vec()), form);
            return;
        };
        for Matched { keys, wanted, live } in matched {
            self.value(&path.then(Segment::Entry(keys)), wanted, live, node.and_then(Node::items), form);
        }
    }

    /// A value that is owned as a whole: a text, a number, an atomic list or mapping.
    fn whole(&mut self, path: &FieldPath, wanted: &Value, live: &Value, form: Form) {
        let has_more = |owners: &[&Manager]| {
            let is_foreign = !owners.is_empty() && !owners.iter().any(|owner| super::writes_releases(&owner.manager));
            is_foreign && !has_all(form, live, wanted)
        };
        let owners = self.managers.owners(path);
        if has_all(form, wanted, live) && !has_more(&owners) {
            return;
        }
        if self.count == Count::Others && owners.iter().any(|owner| super::writes_releases(&owner.manager)) {
            // As long as Helm owns the field nobody else changed it: the server or an admission webhook wrote it so.
            return;
        }
        if is_empty(wanted) && owners.iter().all(|owner| self.managers.is_controller(&owner.manager)) {
            // An empty value is room for what a controller fills in, such as the rules of an aggregated role.
            return;
        }
        let by = owners.into_iter().cloned().collect();
        self.drifted.push(Drifted::new(path.clone(), Some(wanted.clone()), Some(live.clone()), by));
    }

    /// A field that is gone has no owner any more, so nobody knows who took it.
    fn missing(&mut self, path: &FieldPath, wanted: &Value) {
        let was_left_out = match self.managers.applied() {
            // An apply owns what it sent, kept or not, until somebody else takes the field away.
            Some(applied) => path.is_in(applied),
            None => is_empty(wanted),
        };
        if !was_left_out {
            self.drifted.push(Drifted::new(path.clone(), Some(wanted.clone()), None, Vec::new()));
        }
    }
}

/// An entry of a list that is told from the others by keys.
struct Matched<'a> {
    keys: Vec<(String, Value)>,
    wanted: &'a Value,
    live: Option<&'a Value>,
}

/// Finds the live entry of each wanted one; `None` when keys do not tell them apart. Of wanted entries with one key the last counts.
fn matched<'a>(wanted: &'a [Value], live: &'a [Value], keys: &[String]) -> Option<Vec<Matched<'a>>> {
    let mut all: Vec<Matched<'a>> = Vec::new();
    for entry in wanted {
        if !entry.is_object() || keys.iter().all(|key| entry.get(key).is_none()) {
            return None;
        }
        let mut fitting =
            live.iter().filter(|live| keys.iter().all(|key| entry.get(key).is_none_or(|value| live.get(key) == Some(value))));
        let found = fitting.next();
        if fitting.next().is_some() {
            return None;
        }
        // The live entry has keys that the wanted one leaves to their defaults.
        let source = found.unwrap_or(entry);
        let keys = keys.iter().filter_map(|key| Some((key.clone(), source.get(key)?.clone()))).collect();
        all.retain(|other| other.keys != keys);
        all.push(Matched { keys, wanted: entry, live: found });
    }
    Some(all)
}

#[cfg(test)]
mod tests;
