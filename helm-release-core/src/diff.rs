//! What differs between two revisions, or between a revision and the cluster.
//!
//! Objects are compared field by field, lists by their merge keys, never as text: Helm 3 and 4 write the same
//! manifest with different blank lines.
//!
//! ```
//! use helm_release_core::diff::between;
//! use helm_release_core::mask::Masker;
//! use helm_release_core::patch::Schemas;
//!
//! # examples::run(async {
//! # let shop = examples::Shop::open().await?;
//! let (deployed, failed) = (shop.record(2).await?, shop.record(3).await?);
//! let diff = between(Schemas::built_in(), &deployed, &failed)?.masked(&mut Masker::default());
//!
//! let objects: Vec<String> = diff.objects.iter().map(|object| object.object.to_string()).collect();
//! assert_eq!(objects, ["Deployment shop", "ConfigMap shop-feature"]);
//! let fields: Vec<&str> = diff.objects[0].changes.iter().map(|change| change.path.as_str()).collect();
//! assert!(fields.contains(&"spec.template.spec.containers[name=web].image"));
//! # Ok(()) });
//! ```

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::manifest::{ManifestErrors, read_objects};
use crate::mask::Masker;
use crate::patch::{self, FieldChange, PatchError, Schemas, ThreeWay};
use crate::release::RecordError;
use crate::{Gvk, Object, ObjectId, PackedObject, Record};

/// Why two sides cannot be compared.
///
/// ```
/// use helm_release_core::Record;
/// use helm_release_core::diff::{DiffError, between};
/// use helm_release_core::patch::Schemas;
///
/// let good = Record::parse(br#"{"version": 1, "manifest": ""}"#)?;
/// let broken = Record::parse(br#"{"version": 2, "manifest": "kind: [ConfigMap"}"#)?;
/// let error = between(Schemas::built_in(), &good, &broken).expect_err("it is no YAML");
/// assert!(matches!(error, DiffError::Manifest { .. }));
/// assert!(error.to_string().starts_with("the manifest of revision 2 cannot be read: "));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
///
/// ```
/// use helm_release_core::diff::{Fate, between};
/// use helm_release_core::patch::Schemas;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let (older, newer) = (shop.record(2).await?, shop.record(3).await?);
/// let there = between(Schemas::built_in(), &older, &newer)?;
/// assert_eq!([there.objects[0].fate, there.objects[1].fate], [Fate::Changed, Fate::Added]);
/// // The other way round the new object is one that goes.
/// let back = between(Schemas::built_in(), &newer, &older)?;
/// assert_eq!([back.objects[0].fate, back.objects[1].fate], [Fate::Changed, Fate::Removed]);
/// # Ok(()) });
/// ```
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
///
/// ```
/// use helm_release_core::diff::between;
/// use helm_release_core::patch::Schemas;
/// use serde_json::json;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let diff = between(Schemas::built_in(), &shop.record(1).await?, &shop.record(2).await?)?;
/// let config = &diff.objects[0];
/// assert_eq!(config.object.to_string(), "ConfigMap shop-config");
/// assert_eq!(config.changes[0].path, "data.motd");
/// assert_eq!(config.changes[0].before, Some(json!("welcome")));
/// assert_eq!(config.changes[0].after, Some(json!("welcome back")));
/// # Ok(()) });
/// ```
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
///
/// ```
/// use helm_release_core::diff::between;
/// use helm_release_core::patch::Schemas;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let diff = between(Schemas::built_in(), &shop.record(2).await?, &shop.record(3).await?)?;
/// assert_eq!(diff.objects.len(), 2);
/// // The values are those that the user gave, not those of the chart.
/// assert_eq!(diff.values[0].path, "replicas");
/// // Both revisions have the same hook, and neither has notes.
/// assert!(diff.hooks.is_empty() && diff.notes.is_empty());
/// # Ok(()) });
/// ```
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
///
/// ```
/// use helm_release_core::Object;
/// use helm_release_core::diff::with_live;
/// use helm_release_core::patch::Schemas;
/// use serde_json::json;
///
/// let object = |data| Object::new(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web"}, "data": data}));
/// let wanted = object(json!({"color": "blue"}))?;
/// let live = object(json!({"color": "red", "size": "XL"}))?;
///
/// let found = with_live(Schemas::built_in(), &wanted, Some(&live))?.expect("the color differs");
/// assert_eq!(found.changes.len(), 1);
/// assert_eq!(found.changes[0].path, "data.color");
/// assert_eq!(found.changes[0].after, Some(json!("red")));
/// assert!(with_live(Schemas::built_in(), &wanted, Some(&wanted))?.is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    ///
    /// ```
    /// use helm_release_core::diff::between;
    /// use helm_release_core::patch::Schemas;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let deployed = shop.record(2).await?;
    /// assert!(between(Schemas::built_in(), &deployed, &deployed)?.is_empty());
    /// assert!(!between(Schemas::built_in(), &deployed, &shop.record(3).await?)?.is_empty());
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty() && self.hooks.is_empty() && self.values.is_empty() && self.notes.is_empty()
    }

    /// The same with every secret value masked, equal values by equal marks.
    ///
    /// ```
    /// use helm_release_core::Record;
    /// use helm_release_core::diff::between;
    /// use helm_release_core::mask::Masker;
    /// use helm_release_core::patch::Schemas;
    ///
    /// let record = |password: &str| {
    ///     let data = format!("{{password: {password}}}");
    ///     let manifest = format!("{{apiVersion: v1, kind: Secret, metadata: {{name: db}}, stringData: {data}}}");
    ///     Record::parse(format!(r#"{{"manifest": "{manifest}"}}"#).as_bytes())
    /// };
    /// let diff = between(Schemas::built_in(), &record("hunter2")?, &record("correct-horse")?)?.masked(&mut Masker::default());
    /// assert_eq!(diff.objects[0].changes[0].before.as_ref().unwrap(), "(masked #1, 7 bytes)");
    /// assert_eq!(diff.objects[0].changes[0].after.as_ref().unwrap(), "(masked #2, 13 bytes)");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn masked(mut self, masker: &mut Masker) -> Self {
        for diff in self.objects.iter_mut().chain(&mut self.hooks) {
            for change in &mut diff.changes {
                mask(&diff.object.kind, change, masker);
            }
        }
        self
    }

    /// The difference as JSON, with the values that it holds: mask it first ([`Diff::masked`]) where Secrets may be in it.
    ///
    /// Members: `objects` and `hooks` (object, fate, changes), `values` and `notes` (path, before, after).
    ///
    /// ```
    /// use helm_release_core::diff::between;
    /// use helm_release_core::patch::Schemas;
    /// use serde_json::json;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let json = between(Schemas::built_in(), &shop.record(2).await?, &shop.record(3).await?)?.to_json();
    /// assert_eq!(json["objects"][1]["fate"], "added");
    /// assert_eq!(json["objects"][1]["object"], json!({"group": "", "kind": "ConfigMap", "name": "shop-feature"}));
    /// assert_eq!(json["values"], json!([{"path": "replicas", "before": 3, "after": 5}]));
    /// # Ok(()) });
    /// ```
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
///
/// ```
/// use helm_release_core::diff::mask;
/// use helm_release_core::mask::Masker;
/// use helm_release_core::patch::FieldChange;
/// use serde_json::json;
///
/// let change = FieldChange::new("data.key", Some(json!("aHVudGVyMg==")), None);
/// let mut of_secret = change.clone();
/// mask("Secret", &mut of_secret, &mut Masker::default());
/// assert_eq!(of_secret.before, Some(json!("(masked #1, 12 bytes)")));
///
/// let mut of_config = change.clone();
/// mask("ConfigMap", &mut of_config, &mut Masker::default());
/// assert_eq!(of_config, change);
/// ```
pub fn mask(kind: &str, change: &mut FieldChange, masker: &mut Masker) {
    for value in [&mut change.before, &mut change.after].into_iter().flatten() {
        masker.mask_field(kind, &change.path, value);
    }
}

/// Changes as JSON: `path`, and `before` and `after` where there is something.
///
/// ```
/// use helm_release_core::diff::changes_json;
/// use helm_release_core::patch::FieldChange;
/// use serde_json::json;
///
/// let changes = [
///     FieldChange::new("spec.replicas", Some(json!(3)), Some(json!(5))),
///     FieldChange::new("spec.paused", None, Some(json!(true))),
/// ];
/// let expected = json!([{"path": "spec.replicas", "before": 3, "after": 5}, {"path": "spec.paused", "after": true}]);
/// assert_eq!(changes_json(&changes), expected);
/// ```
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
