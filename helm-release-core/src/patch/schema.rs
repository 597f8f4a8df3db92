//! What the server knows of a kind's fields: which lists are merged, by which key, and which are taken whole.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Serialize};

use crate::Gvk;

mod openapi;

pub use openapi::OpenApiError;

/// What is known of the fields of many kinds.
///
/// Serialises to the compact table that this crate carries for the built-in kinds.
///
/// ```
/// use helm_release_core::Gvk;
/// use helm_release_core::patch::Schemas;
///
/// let deployment = Gvk::new("apps/v1", "Deployment");
/// assert!(Schemas::default().find(&deployment).is_none());
///
/// // The table of one kind, kept as text and read again.
/// let mut schemas = Schemas::built_in().clone();
/// schemas.retain(|gvk| *gvk == deployment);
/// let kept = serde_json::to_string(&schemas)?;
/// assert_eq!(serde_json::from_str::<Schemas>(&kept)?, schemas);
/// assert!(schemas.find(&deployment).is_some());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Schemas {
    /// `apps/v1 Deployment` to the name of its type.
    kinds: BTreeMap<String, Kind>,
    types: BTreeMap<String, Shape>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Kind {
    /// Name in the table of types.
    #[serde(rename = "t")]
    type_name: String,
    /// Whether the server takes strategic merge patches: it does for kinds that are compiled into it, not for custom resources.
    #[serde(rename = "s", default, skip_serializing_if = "is_false")]
    strategic: bool,
}

/// A field or a type. Fields that can only hold text, a number or a boolean are not kept.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Shape {
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    type_name: Option<String>,
    #[serde(rename = "f", default, skip_serializing_if = "BTreeMap::is_empty")]
    fields: BTreeMap<String, Self>,
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    items: Option<Box<Self>>,
    /// What a free mapping, such as labels, holds under each key.
    #[serde(rename = "v", default, skip_serializing_if = "Option::is_none")]
    values: Option<Box<Self>>,
    /// `x-kubernetes-patch-strategy`.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    patch_strategy: Option<String>,
    /// `x-kubernetes-patch-merge-key`.
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    merge_key: Option<String>,
    /// `x-kubernetes-list-type`.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    list_type: Option<String>,
    /// `x-kubernetes-list-map-keys`.
    #[serde(rename = "lk", default, skip_serializing_if = "Vec::is_empty")]
    list_keys: Vec<String>,
    /// `x-kubernetes-map-type` is `atomic`.
    #[serde(rename = "a", default, skip_serializing_if = "is_false")]
    atomic_map: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// What a strategic merge patch does with a list.
///
/// ```
/// use helm_release_core::Gvk;
/// use helm_release_core::patch::{ListMerge, Schemas};
///
/// let schemas = Schemas::built_in();
/// let spec = schemas.find(&Gvk::new("v1", "Service")).and_then(|service| service.field("spec")).unwrap();
/// let merge = |field| spec.field(field).unwrap().list_merge();
/// assert_eq!(merge("ports"), ListMerge::Merge { key: Some("port") });
/// assert_eq!(merge("externalIPs"), ListMerge::Replace);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListMerge<'a> {
    /// The patch's list takes the place of the old one.
    Replace,
    /// Entries are merged: mappings that agree in the value of `key`, or texts and numbers that are equal.
    Merge {
        /// The merge key; `None` for lists of text and numbers.
        key: Option<&'a str>,
    },
}

/// What a server-side apply takes a list for.
///
/// ```
/// use helm_release_core::Gvk;
/// use helm_release_core::patch::{ListType, Schemas};
///
/// let service = Schemas::built_in().find(&Gvk::new("v1", "Service")).unwrap();
/// let ports = service.field("spec").and_then(|spec| spec.field("ports")).unwrap();
/// // Two ports of one number are two entries when their protocols differ.
/// assert_eq!(ports.list_type(), ListType::Map(&["port".to_owned(), "protocol".to_owned()]));
/// let finalizers = service.field("metadata").and_then(|metadata| metadata.field("finalizers")).unwrap();
/// assert_eq!(finalizers.list_type(), ListType::Set);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListType<'a> {
    /// One value, owned as a whole.
    Atomic,
    /// Each text or number has its own owner.
    Set,
    /// Each entry has its own owner, and is told from the others by the values of these keys.
    Map(&'a [String]),
}

/// What a server-side apply takes a mapping for.
///
/// ```
/// use helm_release_core::Gvk;
/// use helm_release_core::patch::{MapType, Schemas};
///
/// let service = Schemas::built_in().find(&Gvk::new("v1", "Service")).unwrap();
/// let spec = service.field("spec").unwrap();
/// assert_eq!(spec.map_type(), MapType::Granular);
/// assert_eq!(spec.field("selector").unwrap().map_type(), MapType::Atomic);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MapType {
    /// Each field has its own owner.
    Granular,
    /// One value, owned as a whole.
    Atomic,
}

const BUILT_IN: &str = include_str!("schema/built_in.json");

/// Read when it is first needed.
static TABLE: LazyLock<Arc<Schemas>> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the table is part of this crate and a test reads it")]
    serde_json::from_str(BUILT_IN).map(Arc::new).expect("the built-in table is well-formed")
});

impl Schemas {
    /// The table for Kubernetes' built-in kinds that comes with this crate: those of Kubernetes 1.36 and those
    /// older ones that Helm 3.22 and 4.3 still know.
    ///
    /// ```
    /// use helm_release_core::Gvk;
    /// use helm_release_core::patch::Schemas;
    ///
    /// let is_known = |api_version, kind| Schemas::built_in().find(&Gvk::new(api_version, kind)).is_some();
    /// assert!(is_known("batch/v1", "CronJob"));
    /// assert!(is_known("batch/v1beta1", "CronJob"), "older servers serve it");
    /// assert!(!is_known("example.com/v1", "Widget"));
    /// ```
    #[must_use]
    pub fn built_in() -> &'static Self {
        &TABLE
    }

    /// The same table for those who hold on to it, without a copy of its own.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use helm_release_core::Gvk;
    /// use helm_release_core::patch::Schemas;
    /// # use serde_json::json;
    ///
    /// # let properties = json!({"parts": {"type": "array", "items": {"type": "object"}}});
    /// # let kinds = json!([{"group": "example.com", "version": "v1", "kind": "Widget"}]);
    /// # let widget = json!({"type": "object", "x-kubernetes-group-version-kind": kinds, "properties": properties});
    /// # let document = json!({"openapi": "3.0.0", "components": {"schemas": {"com.example.v1.Widget": widget}}});
    /// let mut schemas = Schemas::built_in_shared();
    /// assert!(std::ptr::eq(&*schemas, Schemas::built_in()));
    /// // Only those who add a kind get a copy. `document` is what a server says of its Widgets.
    /// Arc::make_mut(&mut schemas).add_openapi_v3(&document)?;
    /// let widget = Gvk::new("example.com/v1", "Widget");
    /// assert!(schemas.find(&widget).is_some() && Schemas::built_in().find(&widget).is_none());
    /// # Ok::<(), helm_release_core::patch::OpenApiError>(())
    /// ```
    #[must_use]
    pub fn built_in_shared() -> Arc<Self> {
        Arc::clone(&TABLE)
    }

    /// The kind of exactly that group, version and name.
    ///
    /// ```
    /// use helm_release_core::Gvk;
    /// use helm_release_core::patch::Schemas;
    ///
    /// let schemas = Schemas::built_in();
    /// let deployment = schemas.find(&Gvk::new("apps/v1", "Deployment")).expect("it is built in");
    /// assert!(deployment.field("spec").is_some());
    /// assert!(schemas.find(&Gvk::new("apps/v2", "Deployment")).is_none());
    /// ```
    #[must_use]
    pub fn find(&self, gvk: &Gvk) -> Option<Node<'_>> {
        let kind = self.kinds.get(&gvk.to_string())?;
        self.types.get(&kind.type_name).map(|shape| Node { schemas: self, shape })
    }

    /// Whether the server takes strategic merge patches for a kind. It takes none for custom resources.
    ///
    /// ```
    /// use helm_release_core::Gvk;
    /// use helm_release_core::patch::Schemas;
    ///
    /// let takes = |api_version, kind| Schemas::built_in().takes_strategic_merge(&Gvk::new(api_version, kind));
    /// assert!(takes("v1", "Service"));
    /// assert!(!takes("example.com/v1", "Widget"));
    /// ```
    #[must_use]
    pub fn takes_strategic_merge(&self, gvk: &Gvk) -> bool {
        self.kinds.get(&gvk.to_string()).is_some_and(|kind| kind.strategic)
    }

    /// Adds every kind of a server's `/openapi/v3/…` document; what was known of them before is replaced.
    ///
    /// # Errors
    /// [`OpenApiError`] when the value is no such document.
    ///
    /// ```
    /// use helm_release_core::Gvk;
    /// use helm_release_core::patch::{ListType, Schemas};
    /// use serde_json::json;
    ///
    /// let document = json!({"openapi": "3.0.0", "components": {"schemas": {"com.example.v1.Widget": {
    ///     "type": "object",
    ///     "x-kubernetes-group-version-kind": [{"group": "example.com", "version": "v1", "kind": "Widget"}],
    ///     "properties": {"parts": {
    ///         "type": "array", "items": {"type": "object"},
    ///         "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["id"],
    ///     }},
    /// }}}});
    /// let mut schemas = Schemas::built_in().clone();
    /// schemas.add_openapi_v3(&document)?;
    /// let parts = schemas.find(&Gvk::new("example.com/v1", "Widget")).and_then(|widget| widget.field("parts"));
    /// assert_eq!(parts.map(|parts| parts.list_type()), Some(ListType::Map(&["id".to_owned()])));
    /// # Ok::<(), helm_release_core::patch::OpenApiError>(())
    /// ```
    pub fn add_openapi_v3(&mut self, document: &serde_json::Value) -> Result<(), OpenApiError> {
        openapi::add(self, document)
    }

    /// Adds what another table knows and this one does not: kinds, types and fields of types.
    ///
    /// ```
    /// use helm_release_core::Gvk;
    /// use helm_release_core::patch::Schemas;
    /// # use serde_json::json;
    ///
    /// # let document = json!({"openapi": "3.0.0", "components": {"schemas": {"com.example.v1.Widget": {
    /// #     "type": "object", "properties": {"parts": {"type": "array", "items": {"type": "object"}}},
    /// #     "x-kubernetes-group-version-kind": [{"group": "example.com", "version": "v1", "kind": "Widget"}],
    /// # }}}});
    /// let (widget, pod) = (Gvk::new("example.com/v1", "Widget"), Gvk::new("v1", "Pod"));
    /// let mut schemas = Schemas::default();
    /// // The document that a server has of the group `example.com`.
    /// schemas.add_openapi_v3(&document)?;
    /// assert!(schemas.find(&widget).is_some() && schemas.find(&pod).is_none());
    /// schemas.complete_with(Schemas::built_in());
    /// assert!(schemas.find(&widget).is_some() && schemas.find(&pod).is_some());
    /// # Ok::<(), helm_release_core::patch::OpenApiError>(())
    /// ```
    pub fn complete_with(&mut self, other: &Self) {
        for (name, kind) in &other.kinds {
            self.kinds.entry(name.clone()).or_insert_with(|| kind.clone());
        }
        for (name, shape) in &other.types {
            let known = self.types.entry(name.clone()).or_insert_with(|| shape.clone());
            for (field, shape) in &shape.fields {
                known.fields.entry(field.clone()).or_insert_with(|| shape.clone());
            }
        }
    }

    /// Drops the kinds that `keep` refuses, the types that only they used, and types of which nothing is known.
    ///
    /// ```
    /// use helm_release_core::Gvk;
    /// use helm_release_core::patch::Schemas;
    ///
    /// let mut schemas = Schemas::built_in().clone();
    /// schemas.retain(|gvk| gvk.group == "apps");
    /// assert!(schemas.find(&Gvk::new("v1", "Pod")).is_none());
    /// // What a kind that stays is made of stays too.
    /// let deployment = schemas.find(&Gvk::new("apps/v1", "Deployment")).unwrap();
    /// let template = deployment.field("spec").and_then(|spec| spec.field("template")).unwrap();
    /// assert!(template.field("spec").and_then(|spec| spec.field("containers")).is_some());
    /// ```
    pub fn retain(&mut self, keep: impl Fn(&Gvk) -> bool) {
        self.kinds.retain(|name, _| name.split_once(' ').is_some_and(|(api_version, kind)| keep(&Gvk::new(api_version, kind))));
        let mut used = BTreeMap::new();
        let mut waiting: Vec<String> = self.kinds.values().map(|kind| kind.type_name.clone()).collect();
        while let Some(name) = waiting.pop() {
            if let Some(shape) = self.types.remove(&name) {
                shape.mentions(&mut waiting);
                // A type of which nothing is known says as much as one that is missing.
                if shape != Shape::default() {
                    used.insert(name, shape);
                }
            }
        }
        self.types = used;
    }
}

impl Shape {
    fn mentions(&self, into: &mut Vec<String>) {
        into.extend(self.type_name.clone());
        for below in self.fields.values().chain(self.items.as_deref()).chain(self.values.as_deref()) {
            below.mentions(into);
        }
    }
}

/// A kind, a field or a list's entry in a table of schemas.
///
/// ```
/// use helm_release_core::Gvk;
/// use helm_release_core::patch::{ListMerge, Node, Schemas};
///
/// let deployment = Schemas::built_in().find(&Gvk::new("apps/v1", "Deployment"));
/// let path = ["spec", "template", "spec", "tolerations"];
/// let tolerations = path.into_iter().fold(deployment, |node, name| node.and_then(|node: Node<'_>| node.field(name)));
/// assert_eq!(tolerations.map(Node::list_merge), Some(ListMerge::Replace));
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Node<'a> {
    schemas: &'a Schemas,
    shape: &'a Shape,
}

impl<'a> Node<'a> {
    /// The type that stands behind the field. A circle of names, which no server sends, ends at its last member.
    fn body(self) -> &'a Shape {
        let mut shape = self.shape;
        for _ in 0..8 {
            match shape.type_name.as_ref().and_then(|name| self.schemas.types.get(name)) {
                Some(next) => shape = next,
                None => break,
            }
        }
        shape
    }

    fn at(self, shape: &'a Shape) -> Self {
        Self { schemas: self.schemas, shape }
    }

    /// What is known of a field that holds a mapping or a list. A free mapping, such as labels, knows every field.
    ///
    /// ```
    /// use helm_release_core::Gvk;
    /// use helm_release_core::patch::Schemas;
    ///
    /// let deployment = Schemas::built_in().find(&Gvk::new("apps/v1", "Deployment")).unwrap();
    /// let spec = deployment.field("spec").unwrap();
    /// assert!(spec.field("selector").is_some());
    /// assert!(spec.field("replicas").is_none(), "a number is neither a mapping nor a list");
    /// let labels = deployment.field("metadata").and_then(|metadata| metadata.field("labels")).unwrap();
    /// assert!(labels.field("team").is_some());
    /// ```
    #[must_use]
    pub fn field(self, name: &str) -> Option<Self> {
        let body = self.body();
        body.fields.get(name).or(body.values.as_deref()).map(|shape| self.at(shape))
    }

    /// The field as the server's own decoder finds it: it disregards upper and lower case when nothing matches exactly.
    pub(super) fn declared_field(self, name: &str) -> Option<Self> {
        let fields = &self.body().fields;
        fields
            .get(name)
            .or_else(|| fields.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, shape)| shape))
            .map(|shape| self.at(shape))
    }

    /// What is known of the entries of a list that holds mappings or lists.
    ///
    /// ```
    /// use helm_release_core::Gvk;
    /// use helm_release_core::patch::{ListMerge, Schemas};
    ///
    /// let pod = Schemas::built_in().find(&Gvk::new("v1", "Pod")).unwrap();
    /// let containers = pod.field("spec").and_then(|spec| spec.field("containers")).unwrap();
    /// let ports = containers.items().and_then(|container| container.field("ports")).unwrap();
    /// assert_eq!(ports.list_merge(), ListMerge::Merge { key: Some("containerPort") });
    /// assert!(containers.items().and_then(|container| container.field("command")?.items()).is_none(), "a command holds texts");
    /// ```
    #[must_use]
    pub fn items(self) -> Option<Self> {
        self.body().items.as_deref().map(|shape| self.at(shape))
    }

    /// Whether the fields are free, as those of labels are, and not declared one by one.
    ///
    /// ```
    /// use helm_release_core::Gvk;
    /// use helm_release_core::patch::Schemas;
    ///
    /// let pod = Schemas::built_in().find(&Gvk::new("v1", "Pod")).unwrap();
    /// let metadata = pod.field("metadata").unwrap();
    /// assert!(metadata.field("labels").unwrap().is_free_mapping());
    /// assert!(!metadata.is_free_mapping());
    /// ```
    #[must_use]
    pub fn is_free_mapping(self) -> bool {
        let body = self.body();
        body.fields.is_empty() && body.values.is_some()
    }

    fn strategies(self) -> impl Iterator<Item = &'a str> {
        self.shape.patch_strategy.as_deref().unwrap_or_default().split(',')
    }

    /// What a strategic merge patch does with the list.
    ///
    /// ```
    /// use helm_release_core::Gvk;
    /// use helm_release_core::patch::{ListMerge, Schemas};
    ///
    /// let pod = Schemas::built_in().find(&Gvk::new("v1", "Pod")).unwrap();
    /// let containers = pod.field("spec").and_then(|spec| spec.field("containers")).unwrap();
    /// assert_eq!(containers.list_merge(), ListMerge::Merge { key: Some("name") });
    /// let finalizers = pod.field("metadata").and_then(|metadata| metadata.field("finalizers")).unwrap();
    /// assert_eq!(finalizers.list_merge(), ListMerge::Merge { key: None });
    /// ```
    #[must_use]
    pub fn list_merge(self) -> ListMerge<'a> {
        if self.strategies().any(|strategy| strategy == "merge") {
            ListMerge::Merge { key: self.shape.merge_key.as_deref() }
        } else {
            ListMerge::Replace
        }
    }

    /// Whether a strategic merge patch replaces the mapping as a whole.
    ///
    /// ```
    /// use helm_release_core::Gvk;
    /// use helm_release_core::patch::Schemas;
    ///
    /// let selector = |api_version, kind| {
    ///     let spec = Schemas::built_in().find(&Gvk::new(api_version, kind)).and_then(|node| node.field("spec"));
    ///     spec.and_then(|spec| spec.field("selector")).unwrap()
    /// };
    /// assert!(selector("policy/v1", "PodDisruptionBudget").is_replaced());
    /// assert!(!selector("apps/v1", "Deployment").is_replaced());
    /// ```
    #[must_use]
    pub fn is_replaced(self) -> bool {
        self.strategies().any(|strategy| strategy == "replace")
    }

    /// Whether a strategic merge patch says which fields of the mapping (of each entry of the list) stay,
    /// because they exclude each other as a volume's sources do.
    ///
    /// ```
    /// use helm_release_core::Gvk;
    /// use helm_release_core::patch::Schemas;
    ///
    /// let deployment = Schemas::built_in().find(&Gvk::new("apps/v1", "Deployment")).unwrap();
    /// let spec = deployment.field("spec").unwrap();
    /// assert!(spec.field("strategy").unwrap().retain_keys(), "`rollingUpdate` goes when the type is `Recreate`");
    /// assert!(!spec.field("template").unwrap().retain_keys());
    /// ```
    #[must_use]
    pub fn retain_keys(self) -> bool {
        self.strategies().any(|strategy| strategy == "retainKeys")
    }

    /// What a server-side apply takes the list for.
    ///
    /// ```
    /// use helm_release_core::Gvk;
    /// use helm_release_core::patch::{ListType, Schemas};
    ///
    /// let pod = Schemas::built_in().find(&Gvk::new("v1", "Pod")).and_then(|pod| pod.field("spec")).unwrap();
    /// let list_type = |field| pod.field(field).unwrap().list_type();
    /// assert_eq!(list_type("containers"), ListType::Map(&["name".to_owned()]));
    /// assert_eq!(list_type("tolerations"), ListType::Atomic);
    /// ```
    #[must_use]
    pub fn list_type(self) -> ListType<'a> {
        let shape = if self.shape.list_type.is_some() { self.shape } else { self.body() };
        match shape.list_type.as_deref() {
            Some("set") => ListType::Set,
            Some("map") => ListType::Map(&shape.list_keys),
            _ => ListType::Atomic,
        }
    }

    /// What a server-side apply takes the mapping for.
    ///
    /// ```
    /// use helm_release_core::Gvk;
    /// use helm_release_core::patch::{MapType, Schemas};
    ///
    /// let deployment = Schemas::built_in().find(&Gvk::new("apps/v1", "Deployment")).unwrap();
    /// let spec = deployment.field("spec").unwrap();
    /// assert_eq!(spec.field("selector").unwrap().map_type(), MapType::Atomic);
    /// assert_eq!(spec.field("template").unwrap().map_type(), MapType::Granular);
    /// ```
    #[must_use]
    pub fn map_type(self) -> MapType {
        if self.shape.atomic_map || self.body().atomic_map { MapType::Atomic } else { MapType::Granular }
    }
}

#[cfg(test)]
mod tests;
