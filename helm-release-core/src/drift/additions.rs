//! What others put into mappings and lists that a revision fills too.

use serde_json::Value;

use super::managers::{Managers, writes_releases};
use super::{Drifted, FieldPath, Segment};
use crate::Object;

/// What a restart leaves in a pod template: a moment, not a setting.
const RESTARTED: &str = "kubectl.kubernetes.io/restartedAt";

/// Fields that somebody who is no controller added, each with the one who did.
///
/// An object's own labels and annotations are open to all and not looked at; neither is what the maker of an object
/// gave it before a release took it over.
pub(super) fn additions(applied: &Value, live: &Object) -> Vec<Drifted> {
    let managers = Managers::of(live);
    let mut found: Vec<Drifted> = Vec::new();
    let created = live.at(&["metadata", "creationTimestamp"]).and_then(Value::as_str);
    let wrote_then = |time: Option<&str>| time.is_some() && time == created;
    let made_by_release =
        managers.entries().any(|entry| writes_releases(&entry.who.manager) && wrote_then(entry.who.time.as_deref()));
    for entry in managers.entries() {
        let is_maker = !made_by_release && entry.who.operation == "Update" && wrote_then(entry.who.time.as_deref());
        let is_others = entry.who.subresource.is_none() && !writes_releases(&entry.who.manager);
        if !is_others || is_maker || managers.is_controller(&entry.who.manager) {
            continue;
        }
        let mut paths = Vec::new();
        let places = Places { applied, live: live.as_value() };
        places.added(&FieldPath::default(), entry.fields, &mut paths);
        for path in paths {
            if let Some(other) = found.iter_mut().find(|other| other.path == path) {
                other.by.push(entry.who.clone());
            } else {
                let is = path.get(live.as_value()).cloned();
                found.push(Drifted::new(path, None, is, vec![entry.who.clone()]));
            }
        }
    }
    found
}

struct Places<'a> {
    applied: &'a Value,
    live: &'a Value,
}

impl Places<'_> {
    /// Goes down a tree of owned fields to the first places that the revision does not have.
    fn added(&self, path: &FieldPath, tree: &Value, found: &mut Vec<FieldPath>) {
        for (name, below) in tree.as_object().into_iter().flatten() {
            let Some(segment) = Segment::of_name(name) else { continue };
            let is_root = path.segments().is_empty();
            let field = match &segment {
                Segment::Field(field) => field.as_str(),
                Segment::Entry(_) | Segment::Item(_) => "",
            };
            if is_root && matches!(field, "metadata" | "status") || field == RESTARTED || field == "caBundle" {
                continue;
            }
            let path = path.then(segment);
            let Some(live) = path.get(self.live) else { continue };
            match path.get(self.applied).filter(|applied| !applied.is_null()) {
                None if is_mapping(&path, live) && has_parts(below) => self.added(&path, below, found),
                None => found.push(path),
                Some(_) => self.added(&path, below, found),
            }
        }
    }
}

fn has_parts(tree: &Value) -> bool {
    tree.as_object().is_some_and(|tree| !tree.is_empty())
}

/// Whether what was added is a mapping, whose fields are told one by one; an entry of a list is told as a whole.
fn is_mapping(path: &FieldPath, live: &Value) -> bool {
    live.is_object() && matches!(path.segments().last(), Some(Segment::Field(_)))
}

#[cfg(test)]
mod tests;
