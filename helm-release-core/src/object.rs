//! A Kubernetes object as an untyped value, and what identifies it.
//!
//! ```
//! use helm_release_core::Object;
//! use serde_json::json;
//!
//! let mut object = Object::new(json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "motd" } }))?;
//! object.set_namespace("shop");
//! object.set_label("team", "checkout");
//! assert_eq!(object.id().to_string(), "ConfigMap shop/motd");
//! let metadata = json!({ "name": "motd", "namespace": "shop", "labels": { "team": "checkout" } });
//! assert_eq!(object.into_value(), json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata }));
//! # Ok::<(), helm_release_core::object::NotAnObject>(())
//! ```

mod id;
mod packed;
pub(crate) mod pattern;

pub use id::{Gvk, ObjectId};
pub use packed::PackedObject;

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A value that is not a Kubernetes object.
///
/// ```
/// use helm_release_core::Object;
/// use helm_release_core::object::NotAnObject;
/// use serde_json::json;
///
/// let refusal = |value| Object::new(value).unwrap_err();
/// assert_eq!(refusal(json!(["v1", "Secret"])), NotAnObject::NotAMapping);
/// assert_eq!(refusal(json!({ "apiVersion": 1, "kind": "Secret" })), NotAnObject::ApiVersion);
/// assert_eq!(refusal(json!({ "apiVersion": "v1" })), NotAnObject::Kind);
/// assert_eq!(refusal(json!({ "apiVersion": "v1", "kind": "Secret", "metadata": "db" })), NotAnObject::Metadata);
/// ```
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
    ///
    /// ```
    /// use helm_release_core::Object;
    /// use helm_release_core::manifest::read_yaml;
    ///
    /// let object = Object::new(read_yaml("{apiVersion: v1, kind: Secret, metadata: {name: db}}")?)?;
    /// assert_eq!(object.name(), "db");
    /// let error = Object::new(read_yaml("{kind: Secret, metadata: {name: db}}")?).unwrap_err();
    /// assert_eq!(error.to_string(), "apiVersion is missing or not a string");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
    ///
    /// ```
    /// use helm_release_core::{Gvk, Object};
    /// use serde_json::json;
    ///
    /// let scaler = Object::new(json!({ "apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject" }))?;
    /// assert_eq!(scaler.gvk(), Gvk::new("keda.sh/v1alpha1", "ScaledObject"));
    /// # Ok::<(), helm_release_core::object::NotAnObject>(())
    /// ```
    #[must_use]
    pub fn gvk(&self) -> Gvk {
        Gvk::new(self.api_version(), self.kind())
    }

    /// The `apiVersion` text.
    ///
    /// ```
    /// use helm_release_core::Object;
    /// use serde_json::json;
    ///
    /// let role = Object::new(json!({ "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role" }))?;
    /// assert_eq!(role.api_version(), "rbac.authorization.k8s.io/v1");
    /// # Ok::<(), helm_release_core::object::NotAnObject>(())
    /// ```
    #[must_use]
    pub fn api_version(&self) -> &str {
        self.text("apiVersion")
    }

    /// The `kind` text.
    ///
    /// ```
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let objects = shop.cluster.objects();
    /// let services: Vec<_> = objects.iter().filter(|object| object.kind() == "Service").collect();
    /// assert_eq!((services.len(), services[0].name()), (1, "shop"));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn kind(&self) -> &str {
        self.text("kind")
    }

    /// The `metadata` mapping.
    ///
    /// ```
    /// use helm_release_core::Object;
    /// use serde_json::json;
    ///
    /// let metadata = json!({ "generateName": "web-", "finalizers": [] });
    /// let pod = Object::new(json!({ "apiVersion": "v1", "kind": "Pod", "metadata": metadata }))?;
    /// let keys: Vec<&String> = pod.metadata().into_iter().flat_map(|metadata| metadata.keys()).collect();
    /// assert_eq!(keys, ["finalizers", "generateName"]);
    /// let bare = Object::new(json!({ "apiVersion": "v1", "kind": "List" }))?;
    /// assert_eq!(bare.metadata(), None);
    /// # Ok::<(), helm_release_core::object::NotAnObject>(())
    /// ```
    #[must_use]
    pub fn metadata(&self) -> Option<&Map<String, Value>> {
        self.0.get("metadata").and_then(Value::as_object)
    }

    /// `metadata`, made when it is absent.
    ///
    /// ```
    /// use helm_release_core::Object;
    /// use serde_json::json;
    ///
    /// let metadata = json!({ "name": "web", "managedFields": [] });
    /// let mut pod = Object::new(json!({ "apiVersion": "v1", "kind": "Pod", "metadata": metadata }))?;
    /// pod.metadata_mut().remove("managedFields");
    /// assert_eq!(pod.at(&["metadata"]), Some(&json!({ "name": "web" })));
    /// # Ok::<(), helm_release_core::object::NotAnObject>(())
    /// ```
    pub fn metadata_mut(&mut self) -> &mut Map<String, Value> {
        mapping_at(&mut self.0, "metadata")
    }

    /// `metadata.name`; empty when absent.
    ///
    /// ```
    /// use helm_release_core::Object;
    /// use serde_json::json;
    ///
    /// let job = |metadata| Object::new(json!({ "apiVersion": "batch/v1", "kind": "Job", "metadata": metadata }));
    /// assert_eq!(job(json!({ "name": "migrate" }))?.name(), "migrate");
    /// assert_eq!(job(json!({ "generateName": "migrate-" }))?.name(), "", "the server will choose one");
    /// # Ok::<(), helm_release_core::object::NotAnObject>(())
    /// ```
    #[must_use]
    pub fn name(&self) -> &str {
        self.metadata_text("name").unwrap_or_default()
    }

    /// `metadata.namespace`, when there is one.
    ///
    /// ```
    /// use helm_release_core::Object;
    /// use serde_json::json;
    ///
    /// let claim = |metadata| Object::new(json!({ "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata }));
    /// assert_eq!(claim(json!({ "name": "orders", "namespace": "shop" }))?.namespace(), Some("shop"));
    /// // An object of a chart usually names none and goes to the namespace of its release.
    /// assert_eq!(claim(json!({ "name": "orders" }))?.namespace().unwrap_or("default"), "default");
    /// # Ok::<(), helm_release_core::object::NotAnObject>(())
    /// ```
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        self.metadata_text("namespace")
    }

    /// `metadata.uid`, which only live objects have.
    ///
    /// ```
    /// use helm_release_core::Object;
    /// use helm_release_store::cluster::MemoryCluster;
    /// use serde_json::json;
    ///
    /// let stored = Object::new(json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "motd" } }))?;
    /// assert_eq!(stored.uid(), None);
    /// let live = MemoryCluster::new().insert(&stored, "default", "kubectl")?;
    /// assert!(live.uid().is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn uid(&self) -> Option<&str> {
        self.metadata_text("uid")
    }

    /// `metadata.resourceVersion`, which only live objects have.
    ///
    /// ```
    /// use helm_release_core::Object;
    /// use helm_release_store::cluster::MemoryCluster;
    /// use serde_json::json;
    ///
    /// let cluster = MemoryCluster::new();
    /// let read = Object::new(json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "motd" } }))?;
    /// let live = cluster.insert(&read, "default", "kubectl")?;
    /// let again = cluster.objects().into_iter().find(|object| object.id() == live.id()).unwrap();
    /// assert!(live.resource_version().is_some());
    /// assert_eq!(again.resource_version(), live.resource_version(), "nobody wrote between");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn resource_version(&self) -> Option<&str> {
        self.metadata_text("resourceVersion")
    }

    /// `metadata.generation`, which the server counts up with each change of the specification.
    ///
    /// ```
    /// use helm_release_core::Object;
    /// use serde_json::json;
    ///
    /// let web = Object::new(json!({
    ///     "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "web", "generation": 3 },
    ///     "status": { "observedGeneration": 2 },
    /// }))?;
    /// let observed = web.at(&["status", "observedGeneration"]).and_then(|seen| seen.as_i64());
    /// assert!(observed < web.generation(), "its controller has not seen the last change yet");
    /// # Ok::<(), helm_release_core::object::NotAnObject>(())
    /// ```
    #[must_use]
    pub fn generation(&self) -> Option<i64> {
        self.metadata()?.get("generation")?.as_i64()
    }

    /// Whether the object has been told to go (`metadata.deletionTimestamp`).
    ///
    /// ```
    /// use helm_release_core::Object;
    /// use serde_json::json;
    ///
    /// let mut claim = Object::new(json!({ "apiVersion": "v1", "kind": "PersistentVolumeClaim" }))?;
    /// assert!(!claim.is_terminating());
    /// claim.metadata_mut().insert("deletionTimestamp".to_owned(), json!("2026-11-25T08:00:00Z"));
    /// assert!(claim.is_terminating());
    /// # Ok::<(), helm_release_core::object::NotAnObject>(())
    /// ```
    #[must_use]
    pub fn is_terminating(&self) -> bool {
        self.metadata_text("deletionTimestamp").is_some()
    }

    /// The annotation of that key, when it is text.
    ///
    /// ```
    /// use helm_release_core::Object;
    /// use serde_json::json;
    ///
    /// let annotations = json!({ "meta.helm.sh/release-name": "web", "example.com/count": 3 });
    /// let object = Object::new(json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "annotations": annotations } }))?;
    /// assert_eq!(object.annotation("meta.helm.sh/release-name"), Some("web"));
    /// assert_eq!(object.annotation("example.com/count"), None, "a number is no annotation");
    /// # Ok::<(), helm_release_core::object::NotAnObject>(())
    /// ```
    #[must_use]
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.metadata()?.get("annotations")?.get(key)?.as_str()
    }

    /// The label of that key, when it is text.
    ///
    /// ```
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let objects = shop.cluster.objects();
    /// let managed = objects.iter().filter(|object| object.label("app.kubernetes.io/managed-by") == Some("Helm"));
    /// let kinds: Vec<&str> = managed.map(|object| object.kind()).collect();
    /// assert_eq!(kinds, ["ConfigMap", "ConfigMap", "Secret", "Service", "Deployment"]);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn label(&self, key: &str) -> Option<&str> {
        self.metadata()?.get("labels")?.get(key)?.as_str()
    }

    /// What identifies the object, its namespace as written.
    ///
    /// ```
    /// use helm_release_core::Object;
    /// use serde_json::json;
    ///
    /// let object = |version: &str, kind: &str, metadata| {
    ///     Object::new(json!({ "apiVersion": version, "kind": kind, "metadata": metadata }))
    /// };
    /// let monitor = object("monitoring.coreos.com/v1", "ServiceMonitor", json!({ "name": "web", "namespace": "shop" }))?;
    /// assert_eq!(monitor.id().to_string(), "ServiceMonitor.monitoring.coreos.com shop/web");
    /// let role = object("rbac.authorization.k8s.io/v1", "ClusterRole", json!({ "name": "viewer" }))?;
    /// assert_eq!((role.id().to_string().as_str(), role.id().namespace), ("ClusterRole viewer", None));
    /// # Ok::<(), helm_release_core::object::NotAnObject>(())
    /// ```
    #[must_use]
    pub fn id(&self) -> ObjectId {
        let Gvk { group, kind, .. } = self.gvk();
        ObjectId { group, kind, namespace: self.namespace().map(str::to_owned), name: self.name().to_owned() }
    }

    /// The value at a path of mapping keys.
    ///
    /// ```
    /// use helm_release_core::Object;
    /// use serde_json::json;
    ///
    /// let template = json!({ "spec": { "hostNetwork": true } });
    /// let web = Object::new(json!({ "apiVersion": "apps/v1", "kind": "Deployment", "spec": { "template": template } }))?;
    /// assert_eq!(web.at(&["spec", "template", "spec", "hostNetwork"]), Some(&json!(true)));
    /// assert_eq!(web.at(&["spec", "strategy", "type"]), None);
    /// # Ok::<(), helm_release_core::object::NotAnObject>(())
    /// ```
    #[must_use]
    pub fn at(&self, path: &[&str]) -> Option<&Value> {
        path.iter().try_fold(&self.0, |value, key| value.get(key))
    }

    /// The whole value.
    ///
    /// ```
    /// use helm_release_core::Object;
    /// use serde_json::json;
    ///
    /// let ports = json!([{ "port": 80 }, { "port": 443 }]);
    /// let service = Object::new(json!({ "apiVersion": "v1", "kind": "Service", "spec": { "ports": ports } }))?;
    /// assert_eq!(service.as_value().pointer("/spec/ports/1/port"), Some(&json!(443)));
    /// # Ok::<(), helm_release_core::object::NotAnObject>(())
    /// ```
    #[must_use]
    pub fn as_value(&self) -> &Value {
        &self.0
    }

    /// Sets a label.
    ///
    /// ```
    /// use helm_release_core::Object;
    /// use serde_json::json;
    ///
    /// // `metadata` and `labels` are made where there are none.
    /// let mut object = Object::new(json!({ "apiVersion": "v1", "kind": "Secret" }))?;
    /// object.set_label("app.kubernetes.io/managed-by", "Helm");
    /// assert_eq!(object.label("app.kubernetes.io/managed-by"), Some("Helm"));
    /// # Ok::<(), helm_release_core::object::NotAnObject>(())
    /// ```
    pub fn set_label(&mut self, key: &str, text: &str) {
        let labels = mapping_in(self.metadata_mut(), "labels");
        labels.insert(key.to_owned(), Value::from(text));
    }

    /// Sets an annotation.
    ///
    /// ```
    /// use helm_release_core::Object;
    /// use serde_json::json;
    ///
    /// let metadata = json!({ "annotations": { "team": "shop", "meta.helm.sh/release-name": "old" } });
    /// let mut object = Object::new(json!({ "apiVersion": "v1", "kind": "Secret", "metadata": metadata }))?;
    /// object.set_annotation("meta.helm.sh/release-name", "web");
    /// assert_eq!(object.annotation("meta.helm.sh/release-name"), Some("web"));
    /// assert_eq!(object.annotation("team"), Some("shop"));
    /// # Ok::<(), helm_release_core::object::NotAnObject>(())
    /// ```
    pub fn set_annotation(&mut self, key: &str, text: &str) {
        let annotations = mapping_in(self.metadata_mut(), "annotations");
        annotations.insert(key.to_owned(), Value::from(text));
    }

    /// Sets `metadata.namespace`.
    ///
    /// ```
    /// use helm_release_core::Object;
    /// use serde_json::json;
    ///
    /// let metadata = json!({ "name": "orders" });
    /// let mut claim = Object::new(json!({ "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata }))?;
    /// claim.set_namespace("shop");
    /// assert_eq!(claim.id().to_string(), "PersistentVolumeClaim shop/orders");
    /// # Ok::<(), helm_release_core::object::NotAnObject>(())
    /// ```
    pub fn set_namespace(&mut self, namespace: &str) {
        self.metadata_mut().insert("namespace".to_owned(), Value::from(namespace));
    }

    /// The whole value, taken out.
    ///
    /// ```
    /// use helm_release_core::Object;
    /// use serde_json::json;
    ///
    /// let object = Object::new(json!({ "apiVersion": "v1", "kind": "ConfigMap", "data": { "motd": "welcome" } }))?;
    /// let mut value = object.into_value();
    /// assert_eq!(value["data"].take(), json!({ "motd": "welcome" }));
    /// # Ok::<(), helm_release_core::object::NotAnObject>(())
    /// ```
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
