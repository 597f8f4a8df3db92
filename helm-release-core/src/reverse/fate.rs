//! What can become of a field, and what a rule looks at.

use serde_json::Value;

use crate::Object;
use crate::patch::Schemas;
use crate::ports::Propagation;

/// What becomes of one field that is to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldFate {
    /// Where, such as `spec.serviceName`.
    pub path: String,
    /// What becomes of it.
    pub fate: Fate,
}

/// What can become of a field that is to change.
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
    #[must_use]
    pub fn with_storage_class(self, storage_class: Option<&'a Object>) -> Self {
        Self { storage_class, ..self }
    }

    /// Adds the definition of a custom resource.
    #[must_use]
    pub fn with_definition(self, definition: Option<&'a Object>) -> Self {
        Self { definition, ..self }
    }

    /// Adds how many objects there are of the kind that a definition brings.
    #[must_use]
    pub fn with_instances(self, instances: Option<usize>) -> Self {
        Self { instances, ..self }
    }
}

/// A change of a live object that is only thought of.
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
