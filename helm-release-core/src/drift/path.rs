//! Where a field lies in an object, and how `metadata.managedFields` names that place.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::patch::{entry_path, field_path};

/// One step down into an object.
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
    #[must_use]
    pub fn of_fields(names: &[&str]) -> Self {
        Self(names.iter().map(|name| Segment::Field((*name).to_owned())).collect())
    }

    /// The steps down, from the object itself.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// The place one step further down.
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
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let count = self.0.len().min(other.0.len());
        self.0[..count] == other.0[..count]
    }

    /// Whether it is, lies below or lies above the field that a change of a plan names.
    #[must_use]
    pub fn overlaps_text(&self, path: &str) -> bool {
        let own = self.to_string();
        let (short, long) = if own.len() <= path.len() { (own.as_str(), path) } else { (path, own.as_str()) };
        long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    }

    /// The value at the place.
    #[must_use]
    pub fn get<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        self.0.iter().try_fold(value, |value, segment| match segment {
            Segment::Field(name) => value.get(name),
            Segment::Entry(keys) => value.as_array()?.iter().find(|entry| is_entry(entry, keys)),
            Segment::Item(item) => value.as_array()?.iter().find(|entry| *entry == item),
        })
    }

    /// Whether every entry of a list on the way to the place is there, so that a value can be put there.
    #[must_use]
    pub fn is_reachable(&self, value: &Value) -> bool {
        let above = self.0.iter().enumerate().take(self.0.len().saturating_sub(1));
        let mut entries = above.filter(|(_, segment)| !matches!(segment, Segment::Field(_)));
        entries.all(|(at, _)| Self(self.0[..=at].to_vec()).get(value).is_some())
    }

    /// Puts a value there; what is missing on the way is made.
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
