//! What can become of a field, and what a rule looks at.

use serde_json::Value;

use crate::Object;
use crate::patch::Schemas;
use crate::ports::Propagation;

/// What becomes of one field that is to change.
///
/// ```
/// # use helm_release_core::Object;
/// # use helm_release_core::patch::Schemas;
/// use helm_release_core::reverse::{Around, Change, Fate, FieldFate, fates};
/// # use serde_json::json;
///
/// # let live = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"color": "red", "a": "b"}});
/// # let live = Object::new(live)?;
/// # let mut after = live.as_value().clone();
/// # after["data"]["color"] = json!("blue");
/// # let (schemas, around) = (Schemas::built_in(), Around::default());
/// # let change = Change { schemas, live: &live, after: &after, wanted: &after, around };
/// // `change` is of one entry of a ConfigMap; the others have no fate.
/// assert_eq!(fates(&change), [FieldFate { path: "data.color".to_owned(), fate: Fate::InPlace }]);
/// # Ok::<(), helm_release_core::object::NotAnObject>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldFate {
    /// Where, such as `spec.serviceName`.
    pub path: String,
    /// What becomes of it.
    pub fate: Fate,
}

/// What can become of a field that is to change.
///
/// ```
/// # use helm_release_core::Object;
/// # use helm_release_core::patch::Schemas;
/// use helm_release_core::reverse::Fate;
/// # use helm_release_core::reverse::{Around, Change, fates};
/// use serde_json::{Value, json};
///
/// # fn fate((api_version, kind): (&str, &str), before: Value, after: Value) -> Fate {
/// #     let whole = |fields: Value| {
/// #         let mut whole = json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": "web"}});
/// #         whole.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
/// #         whole
/// #     };
/// #     let (live, after) = (Object::new(whole(before)).unwrap(), whole(after));
/// #     let (schemas, around) = (Schemas::built_in(), Around::default());
/// #     let change = Change { schemas, live: &live, after: &after, wanted: &after, around };
/// #     fates(&change).remove(0).fate
/// # }
/// // `fate` tells what becomes of the one field in which two objects of a kind differ.
/// let config = ("v1", "ConfigMap");
/// assert_eq!(fate(config, json!({"data": {"a": "1"}}), json!({"data": {"a": "2"}})), Fate::InPlace);
/// let fixed = |a: &str| json!({"immutable": true, "data": {"a": a}});
/// assert!(matches!(fate(config, fixed("1"), fixed("2")), Fate::Recreate(_)));
/// let sized = |size: &str| json!({"spec": {"resources": {"requests": {"storage": size}}}, "status": {"phase": "Bound"}});
/// assert!(matches!(fate(("v1", "PersistentVolumeClaim"), sized("2Gi"), sized("1Gi")), Fate::CarriedOver { .. }));
/// let definition = ("apiextensions.k8s.io/v1", "CustomResourceDefinition");
/// let of = |group: &str| json!({"spec": {"group": group}});
/// assert!(matches!(fate(definition, of("a.example.org"), of("b.example.org")), Fate::Impossible { .. }));
/// // Of a custom resource whose definition is not at hand nothing can be told.
/// let of = |size: u32| json!({"spec": {"size": size}});
/// assert!(matches!(fate(("example.org/v1", "Widget"), of(1), of(2)), Fate::Unknown { .. }));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fate {
    /// The server changes it.
    InPlace,
    /// It keeps the live value, because the server refuses another one and nothing is gained by making the object anew.
    CarriedOver {
        /// The names that lead to it.
        at: Vec<String>,
        /// Why.
        why: String,
        /// Whether the target asks for another value by name.
        is_named: bool,
    },
    /// The server refuses the change; the object has to be deleted and made anew.
    Recreate(Recreation),
    /// The server refuses the change, and making the object anew is no way either.
    Impossible {
        /// Why.
        why: String,
    },
    /// It cannot be told from here.
    Unknown {
        /// Why.
        why: String,
    },
}

impl Fate {
    /// The fate in one word, as plans print it.
    ///
    /// ```
    /// use helm_release_core::reverse::Fate;
    ///
    /// assert_eq!(Fate::InPlace.as_str(), "in-place");
    /// let unknown = Fate::Unknown { why: "the rules of this kind are not known".to_owned() };
    /// assert_eq!(unknown.as_str(), "unknown");
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::InPlace => "in-place",
            Self::CarriedOver { .. } => "carried-over",
            Self::Recreate(_) => "recreate",
            Self::Impossible { .. } => "impossible",
            Self::Unknown { .. } => "unknown",
        }
    }
}

/// How an object is made anew, and what that costs.
///
/// ```
/// # use helm_release_core::Object;
/// # use helm_release_core::patch::Schemas;
/// use helm_release_core::ports::Propagation;
/// use helm_release_core::reverse::{Around, Change, Fate, Loss, fates};
/// # use serde_json::json;
///
/// # let live = json!({
/// #     "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"},
/// #     "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "fast"}, "status": {"phase": "Pending"},
/// # });
/// # let live = Object::new(live)?;
/// # let mut after = live.as_value().clone();
/// # after["spec"]["storageClassName"] = json!("slow");
/// # let (schemas, around) = (Schemas::built_in(), Around::default());
/// # let change = Change { schemas, live: &live, after: &after, wanted: &after, around };
/// // `change` gives a claim that still waits for its volume another storage class.
/// let Fate::Recreate(recreation) = fates(&change).remove(0).fate else { panic!("it is made anew") };
/// assert_eq!(recreation.why, "a claim is fixed when it is made; only a bound one grows");
/// assert_eq!(recreation.loses, Loss::Nothing(Some("it has no volume yet".to_owned())));
/// assert_eq!(recreation.propagation, Propagation::Background);
/// // It may get its volume at any moment: only the claim that was seen may be deleted.
/// assert!(recreation.holds_while);
/// # Ok::<(), helm_release_core::object::NotAnObject>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recreation {
    /// Why it must be.
    pub why: String,
    /// What is lost.
    pub loses: Loss,
    /// What happens to the objects that it owns.
    pub propagation: Propagation,
    /// Whether what is lost depends on a state that may change at any time, so that the deletion must be bound to it.
    pub holds_while: bool,
}

/// What is lost when an object is made anew. Later ones outweigh earlier ones.
///
/// ```
/// use helm_release_core::reverse::Loss;
///
/// let losses = [
///     Loss::Nothing(None),
///     Loss::Data("the claim's volume goes the way of its reclaim policy".to_owned()),
///     Loss::Work("its pods are stopped".to_owned()),
/// ];
/// assert!(matches!(losses.iter().max(), Some(Loss::Data(_))));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Loss {
    /// Nothing that anybody misses; what happens beside, if anything.
    Nothing(Option<String>),
    /// Work or reachability: what runs is stopped, or an address changes.
    Work(String),
    /// Data.
    Data(String),
}

/// What little around an object decides.
///
/// ```
/// # use helm_release_core::Object;
/// # use helm_release_core::patch::Schemas;
/// use helm_release_core::reverse::{Around, Change, Fate, fates};
/// # use serde_json::json;
///
/// # let live = json!({
/// #     "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}, "status": {"phase": "Bound"},
/// #     "spec": {"storageClassName": "fast", "resources": {"requests": {"storage": "1Gi"}}},
/// # });
/// # let live = Object::new(live)?;
/// # let mut after = live.as_value().clone();
/// # after["spec"]["resources"]["requests"]["storage"] = json!("2Gi");
/// // `after` is a claim that is to grow, and nobody has looked for its storage class.
/// let change = Change { schemas: Schemas::built_in(), live: &live, after: &after, wanted: &after, around: Around::default() };
/// let why = "its StorageClass, which says whether it may grow, is not known".to_owned();
/// assert_eq!(fates(&change)[0].fate, Fate::Unknown { why });
/// # Ok::<(), helm_release_core::object::NotAnObject>(())
/// ```
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct Around<'a> {
    /// The storage class of a claim.
    pub storage_class: Option<&'a Object>,
    /// The definition of a custom resource.
    pub definition: Option<&'a Object>,
    /// How many objects there are of the kind that a definition brings.
    pub instances: Option<usize>,
}

impl<'a> Around<'a> {
    /// Adds the storage class of a claim.
    ///
    /// ```
    /// use helm_release_core::Object;
    /// # use helm_release_core::patch::Schemas;
    /// use helm_release_core::reverse::{Around, Change, fates};
    /// use serde_json::json;
    ///
    /// # let live = json!({
    /// #     "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}, "status": {"phase": "Bound"},
    /// #     "spec": {"storageClassName": "fast", "resources": {"requests": {"storage": "1Gi"}}},
    /// # });
    /// # let live = Object::new(live)?;
    /// # let mut after = live.as_value().clone();
    /// # after["spec"]["resources"]["requests"]["storage"] = json!("2Gi");
    /// # let (schemas, around) = (Schemas::built_in(), Around::default());
    /// # let change = Change { schemas, live: &live, after: &after, wanted: &after, around };
    /// // `change` lets a claim grow.
    /// for (grows, fate) in [(true, "in-place"), (false, "carried-over")] {
    ///     let class = json!({"metadata": {"name": "fast"}, "provisioner": "disk.example.com", "allowVolumeExpansion": grows});
    ///     # let mut class = class;
    ///     # (class["apiVersion"], class["kind"]) = (json!("storage.k8s.io/v1"), json!("StorageClass"));
    ///     let class = Object::new(class)?;
    ///     let change = Change { around: Around::default().with_storage_class(Some(&class)), ..change };
    ///     assert_eq!(fates(&change)[0].fate.as_str(), fate);
    /// }
    /// # Ok::<(), helm_release_core::object::NotAnObject>(())
    /// ```
    #[must_use]
    pub fn with_storage_class(self, storage_class: Option<&'a Object>) -> Self {
        Self { storage_class, ..self }
    }

    /// Adds the definition of a custom resource.
    ///
    /// ```
    /// use helm_release_core::Object;
    /// # use helm_release_core::patch::Schemas;
    /// use helm_release_core::reverse::{Around, Change, fates};
    /// use serde_json::json;
    ///
    /// # let live = json!({"apiVersion": "example.org/v1", "kind": "Widget", "metadata": {"name": "a"}, "spec": {"zone": "a"}});
    /// # let live = Object::new(live)?;
    /// # let mut after = live.as_value().clone();
    /// # after["spec"]["zone"] = json!("b");
    /// # let (schemas, around) = (Schemas::built_in(), Around::default());
    /// # let change = Change { schemas, live: &live, after: &after, wanted: &after, around };
    /// // `change` is of `spec.zone` of a custom resource.
    /// assert_eq!(fates(&change)[0].fate.as_str(), "unknown");
    /// let zone = json!({"type": "string", "x-kubernetes-validations": [{"rule": "self == oldSelf"}]});
    /// let schema = json!({"openAPIV3Schema": {"properties": {"spec": {"properties": {"zone": zone}}}}});
    /// let definition = Object::new(json!({
    ///     "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
    ///     "metadata": {"name": "widgets.example.org"}, "spec": {"versions": [{"name": "v1", "schema": schema}]},
    /// }))?;
    /// let change = Change { around: change.around.with_definition(Some(&definition)), ..change };
    /// assert_eq!(fates(&change)[0].fate.as_str(), "recreate");
    /// # Ok::<(), helm_release_core::object::NotAnObject>(())
    /// ```
    #[must_use]
    pub fn with_definition(self, definition: Option<&'a Object>) -> Self {
        Self { definition, ..self }
    }

    /// Adds how many objects there are of the kind that a definition brings.
    ///
    /// ```
    /// # use helm_release_core::Object;
    /// # use helm_release_core::patch::Schemas;
    /// use helm_release_core::reverse::{Around, Change, fates};
    /// # use serde_json::json;
    ///
    /// # let live = json!({
    /// #     "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
    /// #     "metadata": {"name": "widgets.example.org"}, "spec": {"scope": "Cluster"},
    /// #     "status": {"conditions": [{"type": "Established", "status": "True"}]},
    /// # });
    /// # let live = Object::new(live)?;
    /// # let mut after = live.as_value().clone();
    /// # after["spec"]["scope"] = json!("Namespaced");
    /// # let (schemas, around) = (Schemas::built_in(), Around::default());
    /// # let change = Change { schemas, live: &live, after: &after, wanted: &after, around };
    /// // `change` is of the scope of a definition. Where it is deleted, its objects are deleted too.
    /// for (instances, fate) in [(None, "impossible"), (Some(2), "impossible"), (Some(0), "recreate")] {
    ///     let change = Change { around: Around::default().with_instances(instances), ..change };
    ///     assert_eq!(fates(&change)[0].fate.as_str(), fate);
    /// }
    /// # Ok::<(), helm_release_core::object::NotAnObject>(())
    /// ```
    #[must_use]
    pub fn with_instances(self, instances: Option<usize>) -> Self {
        Self { instances, ..self }
    }
}

/// A change of a live object that is only thought of.
///
/// ```
/// use helm_release_core::Object;
/// use helm_release_core::patch::Schemas;
/// use helm_release_core::reverse::{Around, Change, Fate, fates};
/// use serde_json::json;
///
/// let live = Object::new(json!({
///     "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"},
///     "spec": {"volumeName": "pv-1", "resources": {"requests": {"storage": "2Gi"}}}, "status": {"phase": "Bound"},
/// }))?;
/// // The target names the size. Of the volume, which the server filled in, it says nothing.
/// let mut after = live.as_value().clone();
/// after["spec"] = json!({"resources": {"requests": {"storage": "1Gi"}}});
/// let wanted = json!({"spec": {"resources": {"requests": {"storage": "1Gi"}}}});
/// let change = Change { schemas: Schemas::built_in(), live: &live, after: &after, wanted: &wanted, around: Around::default() };
/// let is_named = |path: &str| {
///     let fates = fates(&change);
///     fates.iter().any(|field| field.path == path && matches!(field.fate, Fate::CarriedOver { is_named: true, .. }))
/// };
/// assert!(is_named("spec.resources.requests.storage"));
/// assert!(!is_named("spec.volumeName"));
/// # Ok::<(), helm_release_core::object::NotAnObject>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    /// How lists are merged.
    pub schemas: &'a Schemas,
    /// The object as it is.
    pub live: &'a Object,
    /// What the change would make of it, as far as that can be told from here.
    pub after: &'a Value,
    /// What the target says of the object: tells values that it asks for from those that it leaves to the server.
    pub wanted: &'a Value,
    /// What else decides.
    pub around: Around<'a>,
}

impl Change<'_> {
    /// The live value.
    pub(super) fn live_at(&self, path: &[&str]) -> Option<&Value> {
        at(self.live.as_value(), path)
    }

    /// The value after the change.
    pub(super) fn after_at(&self, path: &[&str]) -> Option<&Value> {
        at(self.after, path)
    }

    /// Whether the target names the field.
    pub(super) fn names(&self, path: &[&str]) -> bool {
        at(self.wanted, path).is_some()
    }

    /// The live text, empty when there is none.
    pub(super) fn live_text(&self, path: &[&str]) -> &str {
        self.live_at(path).and_then(Value::as_str).unwrap_or_default()
    }

    /// The text after the change, empty when there is none.
    pub(super) fn after_text(&self, path: &[&str]) -> &str {
        self.after_at(path).and_then(Value::as_str).unwrap_or_default()
    }

    /// A field that keeps its live value.
    pub(super) fn carried_over(&self, path: &[&str], why: impl Into<String>) -> FieldFate {
        let at = path.iter().map(|name| (*name).to_owned()).collect();
        let fate = Fate::CarriedOver { at, why: why.into(), is_named: self.names(path) };
        FieldFate { path: path.join("."), fate }
    }
}

fn at<'v>(value: &'v Value, path: &[&str]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, name| value.get(name)).filter(|value| !value.is_null())
}

/// A field for which an object is made anew.
pub(super) fn recreate(path: impl Into<String>, why: impl Into<String>, loses: Loss) -> FieldFate {
    let (why, propagation) = (why.into(), Propagation::Background);
    FieldFate { path: path.into(), fate: Fate::Recreate(Recreation { why, loses, propagation, holds_while: false }) }
}

/// A field that cannot be changed at all.
pub(super) fn impossible(path: impl Into<String>, why: impl Into<String>) -> FieldFate {
    FieldFate { path: path.into(), fate: Fate::Impossible { why: why.into() } }
}

/// A field of which nothing can be told.
pub(super) fn unknown(path: impl Into<String>, why: impl Into<String>) -> FieldFate {
    FieldFate { path: path.into(), fate: Fate::Unknown { why: why.into() } }
}
