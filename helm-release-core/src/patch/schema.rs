//! What the server knows of a kind's fields: which lists are merged, by which key, and which are taken whole.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Serialize};

use crate::Gvk;

mod node;
mod openapi;

pub use node::{ListMerge, ListType, MapType, Node};
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

#[cfg(test)]
mod tests;
