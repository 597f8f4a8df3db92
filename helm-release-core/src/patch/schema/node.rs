//! One place in a schema: how the value there is merged and owned.

use super::{Schemas, Shape};

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
    pub(super) schemas: &'a Schemas,
    pub(super) shape: &'a Shape,
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
    pub(in crate::patch) fn declared_field(self, name: &str) -> Option<Self> {
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
