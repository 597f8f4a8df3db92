//! A Kubernetes object as an untyped value, and what identifies it.

mod packed;

pub use packed::PackedObject;

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Group, version and kind of an object, as its `apiVersion` and `kind` say.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Gvk {
    /// API group; empty for the core group.
    pub group: String,
    /// Version, such as `v1`.
    pub version: String,
    /// Kind, such as `Deployment`.
    pub kind: String,
}

impl Gvk {
    /// Takes `apiVersion` apart, at its last slash as Kubernetes does for one slash.
    #[must_use]
    pub fn new(api_version: &str, kind: &str) -> Self {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        Self { group: group.to_owned(), version: version.to_owned(), kind: kind.to_owned() }
    }

    /// The `apiVersion` text: `group/version`, or the version alone in the core group.
    #[must_use]
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }
}

impl fmt::Display for Gvk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.api_version(), self.kind)
    }
}

/// What Helm takes as "the same object": group, kind, namespace and name, but not the version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ObjectId {
    /// API group; empty for the core group.
    pub group: String,
    /// Kind, such as `Deployment`.
    pub kind: String,
    /// Namespace, absent for cluster-scoped objects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Name; empty when the object has only `generateName`.
    pub name: String,
}

/// `Deployment default/web`, `ClusterRole viewer`; a group that is not built in is written behind the kind.
impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind)?;
        if self.group.contains('.') && !self.group.ends_with(".k8s.io") {
            write!(f, ".{}", self.group)?;
        }
        match &self.namespace {
            Some(namespace) => write!(f, " {namespace}/{}", self.name),
            None => write!(f, " {}", self.name),
        }
    }
}

/// A value that is not a Kubernetes object.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotAnObject {
    /// A list, text or number where an object should be.
    #[error("not a mapping")]
    NotAMapping,
    /// `apiVersion` is missing or not text.
    #[error("apiVersion is missing or not a string")]
    ApiVersion,
    /// `kind` is missing or not text.
    #[error("kind is missing or not a string")]
    Kind,
    /// `metadata` is there but not a mapping.
    #[error("metadata is not a mapping")]
    Metadata,
}

/// A Kubernetes object: a JSON mapping with text `apiVersion` and `kind`.
///
/// `Debug` prints what identifies it and never what it holds.
///
/// ```
/// use helm_release_core::Object;
/// use serde_json::json;
///
/// let object = Object::new(json!({
///     "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}, "spec": {"replicas": 2},
/// }))?;
/// assert_eq!(object.gvk().group, "apps");
/// assert_eq!(object.id().to_string(), "Deployment shop/web");
/// assert_eq!(object.at(&["spec", "replicas"]), Some(&json!(2)));
/// # Ok::<(), helm_release_core::object::NotAnObject>(())
/// ```
#[derive(Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Object(Value);

impl Object {
    /// Wraps a value that is an object.
    ///
    /// # Errors
    /// [`NotAnObject`] when it has no `apiVersion` or `kind`, or its `metadata` is no mapping.
    pub fn new(value: Value) -> Result<Self, NotAnObject> {
        let map = value.as_object().ok_or(NotAnObject::NotAMapping)?;
        let filled = |key: &str| map.get(key).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
        if !filled("apiVersion") {
            return Err(NotAnObject::ApiVersion);
        }
        if !filled("kind") {
            return Err(NotAnObject::Kind);
        }
        match map.get("metadata") {
            None | Some(Value::Null | Value::Object(_)) => Ok(Self(value)),
            Some(_) => Err(NotAnObject::Metadata),
        }
    }

    fn text(&self, key: &str) -> &str {
        self.0.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    fn metadata_text(&self, key: &str) -> Option<&str> {
        self.metadata()?.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// Group, version and kind.
    #[must_use]
    pub fn gvk(&self) -> Gvk {
        Gvk::new(self.api_version(), self.kind())
    }

    /// The `apiVersion` text.
    #[must_use]
    pub fn api_version(&self) -> &str {
        self.text("apiVersion")
    }

    /// The `kind` text.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.text("kind")
    }

    /// The `metadata` mapping.
    #[must_use]
    pub fn metadata(&self) -> Option<&Map<String, Value>> {
        self.0.get("metadata").and_then(Value::as_object)
    }

    /// `metadata`, made when it is absent.
    pub fn metadata_mut(&mut self) -> &mut Map<String, Value> {
        mapping_at(&mut self.0, "metadata")
    }

    /// `metadata.name`; empty when absent.
    #[must_use]
    pub fn name(&self) -> &str {
        self.metadata_text("name").unwrap_or_default()
    }

    /// `metadata.namespace`, when there is one.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        self.metadata_text("namespace")
    }

    /// `metadata.uid`, which only live objects have.
    #[must_use]
    pub fn uid(&self) -> Option<&str> {
        self.metadata_text("uid")
    }

    /// `metadata.resourceVersion`, which only live objects have.
    #[must_use]
    pub fn resource_version(&self) -> Option<&str> {
        self.metadata_text("resourceVersion")
    }

    /// `metadata.generation`, which the server counts up with each change of the specification.
    #[must_use]
    pub fn generation(&self) -> Option<i64> {
        self.metadata()?.get("generation")?.as_i64()
    }

    /// Whether the object has been told to go (`metadata.deletionTimestamp`).
    #[must_use]
    pub fn is_terminating(&self) -> bool {
        self.metadata_text("deletionTimestamp").is_some()
    }

    /// The annotation of that key, when it is text.
    #[must_use]
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.metadata()?.get("annotations")?.get(key)?.as_str()
    }

    /// The label of that key, when it is text.
    #[must_use]
    pub fn label(&self, key: &str) -> Option<&str> {
        self.metadata()?.get("labels")?.get(key)?.as_str()
    }

    /// What identifies the object, its namespace as written.
    #[must_use]
    pub fn id(&self) -> ObjectId {
        let Gvk { group, kind, .. } = self.gvk();
        ObjectId { group, kind, namespace: self.namespace().map(str::to_owned), name: self.name().to_owned() }
    }

    /// The value at a path of mapping keys.
    #[must_use]
    pub fn at(&self, path: &[&str]) -> Option<&Value> {
        path.iter().try_fold(&self.0, |value, key| value.get(key))
    }

    /// The whole value.
    #[must_use]
    pub fn as_value(&self) -> &Value {
        &self.0
    }

    /// Sets a label.
    pub fn set_label(&mut self, key: &str, text: &str) {
        let labels = mapping_in(self.metadata_mut(), "labels");
        labels.insert(key.to_owned(), Value::from(text));
    }

    /// Sets an annotation.
    pub fn set_annotation(&mut self, key: &str, text: &str) {
        let annotations = mapping_in(self.metadata_mut(), "annotations");
        annotations.insert(key.to_owned(), Value::from(text));
    }

    /// Sets `metadata.namespace`.
    pub fn set_namespace(&mut self, namespace: &str) {
        self.metadata_mut().insert("namespace".to_owned(), Value::from(namespace));
    }

    /// The whole value, taken out.
    #[must_use]
    pub fn into_value(self) -> Value {
        self.0
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Object({} {}/{})", self.gvk(), self.namespace().unwrap_or_default(), self.name())
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Value::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

fn mapping_at<'a>(value: &'a mut Value, key: &str) -> &'a mut Map<String, Value> {
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    match value {
        Value::Object(map) => mapping_in(map, key),
        _ => unreachable!("made an object above"),
    }
}

fn mapping_in<'a>(map: &'a mut Map<String, Value>, key: &str) -> &'a mut Map<String, Value> {
    let entry = map.entry(key).or_insert_with(|| Value::Object(Map::new()));
    if !entry.is_object() {
        *entry = Value::Object(Map::new());
    }
    match entry {
        Value::Object(map) => map,
        _ => unreachable!("made an object above"),
    }
}
