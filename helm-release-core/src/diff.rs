//! What differs between two revisions, or between a revision and the cluster.
//!
//! Objects are compared field by field, lists by their merge keys, never as text: Helm 3 and 4 write the same
//! manifest with different blank lines.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::manifest::{ManifestErrors, read_objects};
use crate::mask::Masker;
use crate::patch::{self, FieldChange, PatchError, Schemas, ThreeWay};
use crate::release::RecordError;
use crate::{Gvk, Object, ObjectId, PackedObject, Record};

/// Why two sides cannot be compared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DiffError {
    /// A record has not Helm's form.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// A manifest cannot be read.
    #[error("{what} cannot be read: {source}")]
    Manifest {
        /// Whose manifest.
        what: String,
        /// What is wrong with it.
        source: ManifestErrors,
    },
    /// An object cannot be compared with the live one.
    #[error("{object} cannot be compared: {source}")]
    Patch {
        /// Which object.
        object: ObjectId,
        /// What is wrong.
        source: Box<PatchError>,
    },
}

/// What became of an object from one side to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// Only the second side has it.
    Added,
    /// Only the first side has it.
    Removed,
    /// Both have it, with other fields.
    Changed,
}

/// An object that differs.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ObjectDiff {
    /// Which one.
    pub object: ObjectId,
    /// What became of it.
    pub fate: Fate,
    /// Fields that differ; for an added or removed object its top-level members.
    pub changes: Vec<FieldChange>,
}

/// Everything that differs between two sides.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Diff {
    /// Objects of the manifest.
    pub objects: Vec<ObjectDiff>,
    /// Hooks.
    pub hooks: Vec<ObjectDiff>,
    /// The user's values.
    pub values: Vec<FieldChange>,
    /// The notes.
    pub notes: Vec<FieldChange>,
}

/// Objects of one side, by what identifies them, in manifest order.
type Side = Vec<(ObjectId, PackedObject)>;

fn side(manifest: &str, what: &str) -> Result<Side, DiffError> {
    let mut side = Side::new();
    read_objects(manifest)
        .each(|read| side.push((read.object.id(), PackedObject::new(&read.object))))
        .map_err(|source| DiffError::Manifest { what: what.to_owned(), source })?;
    Ok(side)
}

fn hooks(record: &Record, what: &str) -> Result<Side, DiffError> {
    let mut objects = Side::new();
    for hook in record.hooks()? {
        objects.extend(side(&hook.manifest, &format!("hook {} of {what}", hook.name))?);
    }
    Ok(objects)
}

/// Compares two records: manifests, hooks, values and notes.
///
/// # Errors
/// [`DiffError`] when one of them cannot be read.
///
/// ```
/// use helm_release_core::diff::{Fate, between};
/// use helm_release_core::patch::Schemas;
/// use helm_release_core::Record;
///
/// let record = |color: &str| {
///     let manifest = format!("apiVersion: v1\\nkind: ConfigMap\\nmetadata: {{name: web}}\\ndata: {{color: {color}}}\\n");
///     Record::parse(format!(r#"{{"manifest":"{manifest}"}}"#).as_bytes()).unwrap()
/// };
/// let diff = between(Schemas::built_in(), &record("blue"), &record("red"))?;
/// assert_eq!(diff.objects[0].fate, Fate::Changed);
/// assert_eq!(diff.objects[0].changes[0].path, "data.color");
/// # Ok::<(), helm_release_core::diff::DiffError>(())
/// ```
pub fn between(schemas: &Schemas, first: &Record, second: &Record) -> Result<Diff, DiffError> {
    let (one, two) = (title(first)?, title(second)?);
    Ok(Diff {
        objects: compare(schemas, &side(&first.manifest()?, &one)?, &side(&second.manifest()?, &two)?),
        hooks: compare(schemas, &hooks(first, &one)?, &hooks(second, &two)?),
        values: values(first, second),
        notes: text_change("notes", &first.info()?.notes, &second.info()?.notes),
    })
}

fn title(record: &Record) -> Result<String, DiffError> {
    Ok(format!("the manifest of revision {}", record.version()?))
}

fn values(first: &Record, second: &Record) -> Vec<FieldChange> {
    let read = |record: &Record| -> Value {
        let text = record.config().unwrap_or("{}");
        serde_json::from_str(text).unwrap_or(Value::Null)
    };
    // Values have no kind: every list is compared as a whole.
    patch::changed_fields(&Schemas::default(), &Gvk::new("", ""), &read(first), &read(second))
}

fn text_change(path: &str, before: &str, after: &str) -> Vec<FieldChange> {
    if before == after {
        return Vec::new();
    }
    let text = |text: &str| (!text.is_empty()).then(|| Value::from(text));
    vec![FieldChange { path: path.to_owned(), before: text(before), after: text(after) }]
}

/// The members of an object that appears or goes away as a whole.
fn members(object: Object) -> impl Iterator<Item = (String, Value)> {
    let map = match object.into_value() {
        Value::Object(map) => map,
        _ => Map::new(),
    };
    map.into_iter().filter(|(key, _)| !matches!(key.as_str(), "apiVersion" | "kind" | "status"))
}

fn index(side: &Side) -> BTreeMap<&ObjectId, &PackedObject> {
    side.iter().map(|(id, object)| (id, object)).collect()
}

fn compare(schemas: &Schemas, first: &Side, second: &Side) -> Vec<ObjectDiff> {
    let (before, after) = (index(first), index(second));
    let mut diffs = Vec::new();
    for (id, object) in first {
        let diff = |fate, changes| ObjectDiff { object: id.clone(), fate, changes };
        match after.get(id) {
            None => {
                let changes =
                    members(object.unpack()).map(|(path, value)| FieldChange { path, before: Some(value), after: None });
                diffs.push(diff(Fate::Removed, changes.collect()));
            }
            Some(other) => {
                let (object, other) = (object.unpack(), other.unpack());
                let changes = patch::changed_fields(schemas, &other.gvk(), object.as_value(), other.as_value());
                if !changes.is_empty() {
                    diffs.push(diff(Fate::Changed, changes));
                }
            }
        }
    }
    for (id, object) in second.iter().filter(|(id, _)| !before.contains_key(id)) {
        let changes = members(object.unpack()).map(|(path, value)| FieldChange { path, before: None, after: Some(value) });
        diffs.push(ObjectDiff { object: id.clone(), fate: Fate::Added, changes: changes.collect() });
    }
    diffs
}

/// Compares an object as a revision has it with the live one: the fields that applying the revision would change, from the
/// revision's value to the live one. Fields that only the live object has are not the revision's business.
///
/// # Errors
/// [`DiffError::Patch`] when the two have not the same shape.
pub fn with_live(schemas: &Schemas, wanted: &Object, live: Option<&Object>) -> Result<Option<ObjectDiff>, DiffError> {
    let object = wanted.id();
    let Some(live) = live else {
        let changes = members(wanted.clone()).map(|(path, value)| FieldChange { path, before: Some(value), after: None });
        return Ok(Some(ObjectDiff { object, fate: Fate::Removed, changes: changes.collect() }));
    };
    let gvk = wanted.gvk();
    let failed = |source| DiffError::Patch { object: wanted.id(), source: Box::new(source) };
    let input = ThreeWay { gvk: &gvk, originals: &[wanted.as_value()], target: wanted.as_value(), live: live.as_value() };
    let Some(body) = patch::three_way(schemas, input).map_err(failed)? else { return Ok(None) };
    let applied = patch::apply(schemas, &gvk, live.as_value(), &body).map_err(failed)?;
    let changes = patch::changed_fields(schemas, &gvk, &applied, live.as_value());
    Ok((!changes.is_empty()).then_some(ObjectDiff { object, fate: Fate::Changed, changes }))
}

impl Diff {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty() && self.hooks.is_empty() && self.values.is_empty() && self.notes.is_empty()
    }

    /// The same with every secret value masked, equal values by equal marks.
    #[must_use]
    pub fn masked(mut self, masker: &mut Masker) -> Self {
        for diff in self.objects.iter_mut().chain(&mut self.hooks) {
            for change in &mut diff.changes {
                mask(&diff.object.kind, change, masker);
            }
        }
        self
    }

    /// The difference as JSON: `objects` and `hooks` (object, fate, changes), `values` and `notes` (path, before, after).
    #[must_use]
    pub fn to_json(&self) -> Value {
        let objects = |diffs: &[ObjectDiff]| -> Value {
            let each =
                |diff: &ObjectDiff| json!({ "object": diff.object, "fate": diff.fate, "changes": changes_json(&diff.changes) });
            diffs.iter().map(each).collect()
        };
        json!({
            "objects": objects(&self.objects),
            "hooks": objects(&self.hooks),
            "values": changes_json(&self.values),
            "notes": changes_json(&self.notes),
        })
    }
}

/// Masks both sides of a change of a field of an object of that kind.
pub fn mask(kind: &str, change: &mut FieldChange, masker: &mut Masker) {
    for value in [&mut change.before, &mut change.after].into_iter().flatten() {
        masker.mask_field(kind, &change.path, value);
    }
}

/// Changes as JSON: `path`, and `before` and `after` where there is something.
#[must_use]
pub fn changes_json(changes: &[FieldChange]) -> Value {
    let each = |change: &FieldChange| {
        let mut json = Map::from_iter([("path".to_owned(), json!(change.path))]);
        json.extend(change.before.clone().map(|before| ("before".to_owned(), before)));
        json.extend(change.after.clone().map(|after| ("after".to_owned(), after)));
        Value::Object(json)
    };
    changes.iter().map(each).collect()
}

#[cfg(test)]
mod tests;
