//! Who owns which field: the entries of `metadata.managedFields`.

use helm_release_core::Gvk;
use serde_json::{Value, json};

use super::api::Served;
use super::fields::{FieldSet, compare};
use super::schema::Node;
use super::tree;

/// How many managers that update are told apart; older ones are merged.
const MOST_UPDATERS: usize = 10;

/// How a manager came to own fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Operation {
    Apply,
    Update,
}

impl Operation {
    fn as_str(self) -> &'static str {
        match self {
            Self::Apply => "Apply",
            Self::Update => "Update",
        }
    }
}

/// Who writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Author {
    pub(crate) manager: String,
    pub(crate) operation: Operation,
    pub(crate) api_version: String,
    pub(crate) subresource: Option<&'static str>,
}

impl Author {
    pub(crate) fn new(manager: &str, operation: Operation, gvk: &Gvk) -> Self {
        Self { manager: manager.to_owned(), operation, api_version: gvk.api_version(), subresource: None }
    }

    /// The same writer, on the `status` subresource.
    pub(crate) fn on_status(self) -> Self {
        Self { subresource: Some("status"), ..self }
    }
}

/// One manager and its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) manager: String,
    pub(crate) operation: Operation,
    pub(crate) api_version: String,
    pub(crate) subresource: String,
    time: Option<String>,
    pub(crate) fields: FieldSet,
}

impl Entry {
    fn new(author: &Author, fields: FieldSet, stamp: Option<&str>) -> Self {
        Self {
            manager: author.manager.clone(),
            operation: author.operation,
            api_version: author.api_version.clone(),
            subresource: author.subresource.unwrap_or_default().to_owned(),
            time: stamp.map(str::to_owned),
            fields,
        }
    }

    /// Whether the entry is the one of that writer; one that applies keeps its entry across versions.
    pub(crate) fn is_of(&self, author: &Author) -> bool {
        self.manager == author.manager
            && self.operation == author.operation
            && self.subresource == author.subresource.unwrap_or_default()
            && (self.operation == Operation::Apply || self.api_version == author.api_version)
    }

    /// The manager as conflicts name it.
    pub(crate) fn describe(&self) -> String {
        let subresource = match self.subresource.as_str() {
            "" => String::new(),
            subresource => format!(" with subresource {subresource:?}"),
        };
        match self.operation {
            Operation::Apply => format!("{:?}{subresource}", self.manager),
            Operation::Update => format!("{:?}{subresource} using {}", self.manager, self.api_version),
        }
    }

    fn read(value: &Value) -> Option<Self> {
        let operation = match tree::text(value, &["operation"]) {
            "Apply" => Operation::Apply,
            "Update" => Operation::Update,
            _ => return None,
        };
        Some(Self {
            manager: tree::text(value, &["manager"]).to_owned(),
            operation,
            api_version: tree::text(value, &["apiVersion"]).to_owned(),
            subresource: tree::text(value, &["subresource"]).to_owned(),
            time: value.get("time").and_then(Value::as_str).map(str::to_owned),
            fields: FieldSet::from_json(value.get("fieldsV1").unwrap_or(&Value::Null)),
        })
    }

    fn write(&self) -> Value {
        let mut value = json!({
            "manager": self.manager,
            "operation": self.operation.as_str(),
            "apiVersion": self.api_version,
            "fieldsType": "FieldsV1",
            "fieldsV1": self.fields.to_json(),
        });
        if let Some(time) = &self.time {
            tree::set(&mut value, &["time"], time.as_str());
        }
        if !self.subresource.is_empty() {
            tree::set(&mut value, &["subresource"], self.subresource.as_str());
        }
        value
    }
}

/// The entries of an object.
pub(crate) fn entries(object: &Value) -> Vec<Entry> {
    tree::items(object, &["metadata", "managedFields"]).iter().filter_map(Entry::read).collect()
}

/// Writes the entries into an object, in the server's order.
pub(crate) fn store(object: &mut Value, mut entries: Vec<Entry>) {
    entries.retain(|entry| !entry.fields.is_empty());
    entries.sort_by(|a, b| {
        let key = |entry: &Entry| {
            (entry.operation, entry.time.clone(), entry.manager.clone(), entry.api_version.clone(), entry.subresource.clone())
        };
        key(a).cmp(&key(b))
    });
    if entries.is_empty() {
        tree::remove(object, &["metadata", "managedFields"]);
    } else {
        let entries: Vec<Value> = entries.iter().map(Entry::write).collect();
        tree::set(object, &["metadata", "managedFields"], entries);
    }
}

/// The object without its entries, which are about it and not of it.
pub(crate) fn bare(object: &Value) -> Value {
    let mut bare = object.clone();
    tree::remove(&mut bare, &["metadata", "managedFields"]);
    bare
}

/// The object from which a created one differs: only what every object of the type has.
pub(crate) fn newborn(node: &Node, object: &Value) -> Value {
    fn constant(node: &Node) -> Value {
        match node.resolve() {
            Node::Struct(known) => {
                let below = |name: &String| known.fields.get(name).map(|field| (name.clone(), constant(field)));
                known.constant.iter().filter_map(below).collect()
            }
            Node::List(..) | Node::Map { .. } => Value::Null,
            _ => json!({}),
        }
    }
    let mut newborn = constant(node);
    for key in ["apiVersion", "kind"] {
        tree::set(&mut newborn, &[key], object.get(key).cloned().unwrap_or_default());
    }
    tree::mapping(&mut newborn, &["metadata"]);
    newborn
}

/// Leaves out what nobody owns: what the server writes, and what this kind of write cannot change.
pub(crate) fn strip(fields: &mut FieldSet, served: &Served, subresource: Option<&str>) {
    for key in ["f:apiVersion", "f:kind"] {
        fields.without(&[key]);
    }
    let kept_by_server = [
        "name",
        "namespace",
        "creationTimestamp",
        "selfLink",
        "uid",
        "generation",
        "managedFields",
        "resourceVersion",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
    ];
    for key in kept_by_server {
        fields.without(&["f:metadata", &format!("f:{key}")]);
    }
    if let Some(metadata) = fields.below.get_mut("f:metadata") {
        metadata.member = false;
        if metadata.is_empty() {
            fields.below.remove("f:metadata");
        }
    }
    match subresource {
        Some(_) => fields.without(&["f:spec"]),
        None if served.status_apart => fields.without(&["f:status"]),
        None => {}
    }
}

/// Takes fields that a change touches away from everybody else; returns the entries and what was taken from whom.
pub(crate) fn dispossess(
    served: &Served,
    before: &Value,
    after: &Value,
    mut entries: Vec<Entry>,
    keeper: Option<usize>,
    subresource: Option<&str>,
) -> (Vec<Entry>, Touched) {
    let change = compare(&served.node, before, after);
    let mut touched = Touched { taken: change.modified.union(&change.added), removed: change.removed, conflicts: Vec::new() };
    strip(&mut touched.taken, served, subresource);
    strip(&mut touched.removed, served, subresource);
    for (index, entry) in entries.iter_mut().enumerate() {
        if Some(index) == keeper {
            continue;
        }
        let disputed = entry.fields.intersection(&touched.taken);
        if !disputed.is_empty() {
            touched.conflicts.push((entry.describe(), disputed.paths()));
        }
        entry.fields = entry.fields.difference(&disputed).difference(&touched.removed);
    }
    (entries, touched)
}

/// What a change does to owned fields.
#[derive(Debug)]
pub(crate) struct Touched {
    pub(crate) taken: FieldSet,
    pub(crate) removed: FieldSet,
    /// Managers whose fields got other values, with these fields.
    pub(crate) conflicts: Vec<(String, Vec<String>)>,
}

/// Writes down who owns what after a create, replace or patch.
pub(crate) fn record_update(served: &Served, before: &Value, after: &mut Value, author: &Author, stamp: &str) {
    let proposed = tree::at(after, &["metadata", "managedFields"]);
    // An empty list, or one with an empty entry, asks to forget all owners.
    let forget = author.subresource.is_none() && proposed.is_some_and(|list| list == &json!([]) || list == &json!([{}]));
    let mut known = if author.subresource.is_some() { Vec::new() } else { entries(after) };
    if known.is_empty() {
        known = entries(before);
    }
    let is_new = tree::at(before, &["metadata", "uid"]).is_none();
    if forget || (known.is_empty() && !is_new) {
        tree::remove(after, &["metadata", "managedFields"]);
        return;
    }
    let bare_after = bare(after);
    let (mut known, touched) = dispossess(served, &bare(before), &bare_after, known, None, author.subresource);
    if !touched.taken.is_empty() {
        match known.iter_mut().find(|entry| entry.is_of(author)) {
            Some(entry) => {
                entry.fields = std::mem::take(&mut entry.fields).union(&touched.taken);
                entry.time = Some(stamp.to_owned());
            }
            None => known.push(Entry::new(author, touched.taken, Some(stamp))),
        }
    }
    cap(&mut known);
    store(after, known);
}

/// Puts the entry of a writer that applies in place of its earlier one.
pub(crate) fn record_apply(entries: &mut Vec<Entry>, author: &Author, fields: FieldSet, stamp: Option<&str>) -> usize {
    if let Some(index) = entries.iter().position(|entry| entry.is_of(author)) {
        let entry = &mut entries[index];
        entry.api_version.clone_from(&author.api_version);
        entry.fields = fields;
        if let Some(stamp) = stamp {
            entry.time = Some(stamp.to_owned());
        }
        return index;
    }
    entries.push(Entry::new(author, fields, stamp));
    entries.len() - 1
}

/// Merges the oldest updaters when there are too many to tell apart.
fn cap(entries: &mut Vec<Entry>) {
    let updaters = |entries: &[Entry]| entries.iter().filter(|entry| entry.operation == Operation::Update).count();
    entries.sort_by(|a, b| (&a.time, &a.manager).cmp(&(&b.time, &b.manager)));
    while updaters(entries) > MOST_UPDATERS {
        let Some(first) = entries.iter().position(|entry| entry.operation == Operation::Update) else { return };
        let oldest = entries.remove(first);
        let next = entries.iter_mut().find(|e| e.operation == Operation::Update && e.api_version == oldest.api_version);
        let Some(next) = next else { return };
        next.fields = std::mem::take(&mut next.fields).union(&oldest.fields);
        "ancient-changes".clone_into(&mut next.manager);
        next.subresource.clear();
    }
}
