//! Where a field lies in an object, and how `metadata.managedFields` names that place.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::patch::{entry_path, field_path};

/// One step down into an object.
///
/// ```
/// use helm_release_core::drift::{FieldPath, Segment};
/// use serde_json::json;
///
/// let web = Segment::Entry(vec![("name".to_owned(), json!("web"))]);
/// let containers = FieldPath::default().then(Segment::Field("containers".to_owned())).then(web);
/// assert_eq!(containers.to_string(), "containers[name=web]");
/// let finalizer = FieldPath::default().then(Segment::Field("finalizers".to_owned())).then(Segment::Item(json!("keep")));
/// assert_eq!(finalizer.to_string(), "finalizers[keep]");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// The field of a mapping.
    Field(String),
    /// The entry of a list that has these values under its keys.
    Entry(Vec<(String, Value)>),
    /// The text or number of a set.
    Item(Value),
}

/// The place of a field. `Display` writes it as changes of a plan do: `spec.template.spec.containers[name=web].image`.
///
/// ```
/// use helm_release_core::drift::{FieldPath, Segment};
/// use serde_json::json;
///
/// let image = FieldPath::of_fields(&["spec", "containers"])
///     .then(Segment::Entry(vec![("name".to_owned(), json!("web"))]))
///     .then(Segment::Field("image".to_owned()));
/// assert_eq!(image.to_string(), "spec.containers[name=web].image");
/// let pod = json!({"spec": {"containers": [{"name": "proxy", "image": "proxy:4"}, {"name": "web", "image": "web:1"}]}});
/// assert_eq!(image.get(&pod), Some(&json!("web:1")));
/// ```
#[derive(Clone, PartialEq, Eq, Default)]
pub struct FieldPath(Vec<Segment>);

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.iter().fold(String::new(), |text, segment| match segment {
            Segment::Field(name) => field_path(&text, name),
            Segment::Entry(keys) => {
                let entry: Value = keys.iter().cloned().collect::<Map<_, _>>().into();
                let names: Vec<&str> = keys.iter().map(|(key, _)| key.as_str()).collect();
                entry_path(&text, &entry, &names)
            }
            Segment::Item(value) => match value.as_str() {
                Some(item) => format!("{text}[{item}]"),
                None => format!("{text}[{value}]"),
            },
        });
        f.write_str(&text)
    }
}

impl fmt::Debug for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FieldPath({self})")
    }
}

impl Serialize for FieldPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Whether an entry of a list is the one with those keys. A key with a default, such as a port's protocol, may be missing in it.
fn is_entry(entry: &Value, keys: &[(String, Value)]) -> bool {
    let agrees = |(key, value): &(String, Value)| entry.get(key).is_none_or(|found| found == value);
    keys.iter().all(agrees) && keys.iter().any(|(key, _)| entry.get(key).is_some())
}

impl FieldPath {
    /// A place from mapping to mapping.
    ///
    /// ```
    /// use helm_release_core::drift::FieldPath;
    ///
    /// assert_eq!(FieldPath::of_fields(&["spec", "replicas"]).to_string(), "spec.replicas");
    /// // A name with a slash or a dot is no riddle: it stands in brackets.
    /// let label = FieldPath::of_fields(&["metadata", "labels", "example.com/team"]);
    /// assert_eq!(label.to_string(), "metadata.labels[example.com/team]");
    /// assert_eq!(FieldPath::of_fields(&[]), FieldPath::default());
    /// ```
    #[must_use]
    pub fn of_fields(names: &[&str]) -> Self {
        Self(names.iter().map(|name| Segment::Field((*name).to_owned())).collect())
    }

    /// The steps down, from the object itself.
    ///
    /// ```
    /// use helm_release_core::drift::{FieldPath, Segment};
    ///
    /// let path = FieldPath::of_fields(&["spec", "replicas"]);
    /// assert_eq!(path.segments().len(), 2);
    /// assert_eq!(path.segments()[0], Segment::Field("spec".to_owned()));
    /// ```
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// The place one step further down.
    ///
    /// ```
    /// use helm_release_core::drift::{FieldPath, Segment};
    /// use serde_json::json;
    ///
    /// let ports = FieldPath::of_fields(&["spec", "ports"]);
    /// let http = ports.then(Segment::Entry(vec![("port".to_owned(), json!(80)), ("protocol".to_owned(), json!("TCP"))]));
    /// assert_eq!(http.to_string(), "spec.ports[port=80,protocol=TCP]");
    /// // The place itself stays what it was.
    /// assert_eq!(ports.to_string(), "spec.ports");
    /// ```
    #[must_use]
    pub fn then(&self, segment: Segment) -> Self {
        let mut segments = self.0.clone();
        segments.push(segment);
        Self(segments)
    }

    pub(super) fn field(&self, name: &str) -> Self {
        self.then(Segment::Field(name.to_owned()))
    }

    /// Whether one of both is the other, or lies below it.
    ///
    /// ```
    /// use helm_release_core::drift::FieldPath;
    ///
    /// let template = FieldPath::of_fields(&["spec", "template"]);
    /// let labels = FieldPath::of_fields(&["spec", "template", "metadata", "labels"]);
    /// assert!(template.overlaps(&labels) && labels.overlaps(&template));
    /// assert!(!template.overlaps(&FieldPath::of_fields(&["spec", "replicas"])));
    /// ```
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let count = self.0.len().min(other.0.len());
        self.0[..count] == other.0[..count]
    }

    /// Whether it is, lies below or lies above the field that a change of a plan names.
    ///
    /// ```
    /// use helm_release_core::drift::FieldPath;
    ///
    /// let template = FieldPath::of_fields(&["spec", "template"]);
    /// assert!(template.overlaps_text("spec.template.spec.containers[name=web].image"));
    /// assert!(template.overlaps_text("spec"));
    /// // It goes by whole names.
    /// assert!(!template.overlaps_text("spec.templates"));
    /// ```
    #[must_use]
    pub fn overlaps_text(&self, path: &str) -> bool {
        let own = self.to_string();
        let (short, long) = if own.len() <= path.len() { (own.as_str(), path) } else { (path, own.as_str()) };
        long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    }

    /// The value at the place.
    ///
    /// ```
    /// use helm_release_core::drift::{FieldPath, Segment};
    /// use serde_json::json;
    ///
    /// let finalizers = FieldPath::of_fields(&["metadata", "finalizers"]);
    /// let object = json!({"metadata": {"finalizers": ["a", "b"]}});
    /// assert_eq!(finalizers.get(&object), Some(&json!(["a", "b"])));
    /// assert_eq!(finalizers.then(Segment::Item(json!("b"))).get(&object), Some(&json!("b")));
    /// assert_eq!(finalizers.then(Segment::Item(json!("c"))).get(&object), None);
    /// ```
    #[must_use]
    pub fn get<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        self.0.iter().try_fold(value, |value, segment| match segment {
            Segment::Field(name) => value.get(name),
            Segment::Entry(keys) => value.as_array()?.iter().find(|entry| is_entry(entry, keys)),
            Segment::Item(item) => value.as_array()?.iter().find(|entry| *entry == item),
        })
    }

    /// Whether every entry of a list on the way to the place is there, so that a value can be put there.
    ///
    /// ```
    /// use helm_release_core::drift::{FieldPath, Segment};
    /// use serde_json::json;
    ///
    /// let web = Segment::Entry(vec![("name".to_owned(), json!("web"))]);
    /// let image = FieldPath::of_fields(&["containers"]).then(web).then(Segment::Field("image".to_owned()));
    /// assert!(image.is_reachable(&json!({"containers": [{"name": "web"}]})));
    /// // A container that is nothing but an image would be none.
    /// assert!(!image.is_reachable(&json!({"containers": [{"name": "proxy"}]})));
    /// assert!(FieldPath::of_fields(&["data", "color"]).is_reachable(&json!({})));
    /// ```
    #[must_use]
    pub fn is_reachable(&self, value: &Value) -> bool {
        let above = self.0.iter().enumerate().take(self.0.len().saturating_sub(1));
        let mut entries = above.filter(|(_, segment)| !matches!(segment, Segment::Field(_)));
        entries.all(|(at, _)| Self(self.0[..=at].to_vec()).get(value).is_some())
    }

    /// Puts a value there; what is missing on the way is made.
    ///
    /// ```
    /// use helm_release_core::drift::{FieldPath, Segment};
    /// use serde_json::json;
    ///
    /// let web = Segment::Entry(vec![("name".to_owned(), json!("web"))]);
    /// let image = FieldPath::of_fields(&["containers"]).then(web).then(Segment::Field("image".to_owned()));
    /// let mut spec = json!({"containers": [{"name": "proxy", "image": "proxy:4"}]});
    /// image.set(&mut spec, json!("web:2"));
    /// assert_eq!(spec, json!({"containers": [{"name": "proxy", "image": "proxy:4"}, {"name": "web", "image": "web:2"}]}));
    /// ```
    pub fn set(&self, value: &mut Value, to: Value) {
        let mut place = value;
        for segment in &self.0 {
            place = match segment {
                Segment::Field(name) => {
                    if !place.is_object() {
                        *place = Value::Object(Map::new());
                    }
                    place.as_object_mut().map_or_else(|| unreachable!("made above"), |map| map.entry(name).or_insert(Value::Null))
                }
                Segment::Entry(keys) => {
                    entry_of(place, |entry| is_entry(entry, keys), || keys.iter().cloned().collect::<Map<_, _>>().into())
                }
                Segment::Item(item) => entry_of(place, |entry| entry == item, || item.clone()),
            };
        }
        *place = to;
    }

    /// Takes out what is there.
    ///
    /// ```
    /// use helm_release_core::drift::FieldPath;
    /// use serde_json::json;
    ///
    /// let mut object = json!({"data": {"color": "blue", "size": "XL"}});
    /// FieldPath::of_fields(&["data", "size"]).remove(&mut object);
    /// assert_eq!(object, json!({"data": {"color": "blue"}}));
    /// // What is not there is no trouble.
    /// FieldPath::of_fields(&["spec", "replicas"]).remove(&mut object);
    /// assert_eq!(object, json!({"data": {"color": "blue"}}));
    /// ```
    pub fn remove(&self, value: &mut Value) {
        let Some((last, above)) = self.0.split_last() else { return };
        let mut place = value;
        for segment in above {
            let below = match segment {
                Segment::Field(name) => place.get_mut(name),
                Segment::Entry(keys) => place.as_array_mut().and_then(|list| list.iter_mut().find(|entry| is_entry(entry, keys))),
                Segment::Item(item) => place.as_array_mut().and_then(|list| list.iter_mut().find(|entry| *entry == item)),
            };
            let Some(below) = below else { return };
            place = below;
        }
        match (last, place) {
            (Segment::Field(name), Value::Object(map)) => {
                map.remove(name);
            }
            (Segment::Entry(keys), Value::Array(entries)) => entries.retain(|entry| !is_entry(entry, keys)),
            (Segment::Item(item), Value::Array(entries)) => entries.retain(|entry| entry != item),
            _ => {}
        }
    }

    /// Whether a tree of `fieldsV1` holds the place or something below it.
    ///
    /// A leaf does not stand for what is below it: it may be a mapping of which nothing but itself is owned any more. Places
    /// in a list or mapping that is owned whole are never asked about, only the whole.
    ///
    /// ```
    /// use helm_release_core::drift::FieldPath;
    /// use serde_json::json;
    ///
    /// // `fieldsV1` of an entry of `metadata.managedFields`
    /// let owned = json!({"f:spec": {"f:replicas": {}, "f:template": {"f:metadata": {}}}});
    /// assert!(FieldPath::of_fields(&["spec", "replicas"]).is_in(&owned));
    /// assert!(FieldPath::of_fields(&["spec", "template"]).is_in(&owned));
    /// assert!(!FieldPath::of_fields(&["spec", "paused"]).is_in(&owned));
    /// ```
    #[must_use]
    pub fn is_in(&self, tree: &Value) -> bool {
        let is_filled = tree.as_object().is_some_and(|tree| !tree.is_empty());
        is_filled && is_in(tree, &self.0)
    }
}

fn entry_of(place: &mut Value, fits: impl Fn(&Value) -> bool, make: impl FnOnce() -> Value) -> &mut Value {
    if !place.is_array() {
        *place = Value::Array(Vec::new());
    }
    let Value::Array(list) = place else { unreachable!("made above") };
    let at = list.iter().position(fits).unwrap_or_else(|| {
        list.push(make());
        list.len() - 1
    });
    &mut list[at]
}

fn is_in(tree: &Value, path: &[Segment]) -> bool {
    let Some((segment, rest)) = path.split_first() else { return true };
    tree.as_object().into_iter().flatten().any(|(name, below)| segment.is_named(name) && is_in(below, rest))
}

impl Segment {
    /// Whether `fieldsV1` calls the step by that name.
    fn is_named(&self, name: &str) -> bool {
        match self {
            Self::Field(field) => name.strip_prefix("f:") == Some(field),
            Self::Entry(keys) => {
                let named = name.strip_prefix("k:").and_then(|keys| serde_json::from_str::<Value>(keys).ok());
                named.is_some_and(|named| is_entry(&named, keys))
            }
            Self::Item(item) => {
                let named = name.strip_prefix("v:").and_then(|value| serde_json::from_str::<Value>(value).ok());
                named.as_ref() == Some(item)
            }
        }
    }

    /// Reads a name of `fieldsV1`; `None` for `.` and for places that are counted.
    pub(super) fn of_name(name: &str) -> Option<Self> {
        let (kind, rest) = name.split_once(':')?;
        match kind {
            "f" => Some(Self::Field(rest.to_owned())),
            "k" => {
                let keys: Map<String, Value> = serde_json::from_str(rest).ok()?;
                Some(Self::Entry(keys.into_iter().collect()))
            }
            "v" => serde_json::from_str(rest).ok().map(Self::Item),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
