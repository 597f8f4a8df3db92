//! What values are made of: which fields there are, and who owns lists and mappings.
//!
//! A client that patches needs to know how lists merge, which is what the core's own table holds; a server must also know
//! every field there is, to refuse or drop the others and to say who owns which.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use serde_json::Value;

/// The type of a value.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    /// Text, number or boolean.
    Scalar(Scalar),
    /// Anything.
    Any,
    List(Items, Arc<Self>),
    Map {
        atomic: bool,
        values: Arc<Self>,
    },
    Struct(Arc<Struct>),
    /// A type of the built-in table; types refer to themselves there.
    Named {
        atomic: bool,
        name: &'static str,
    },
}

/// What a scalar is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scalar {
    Text,
    Integer,
    Number,
    Boolean,
}

/// How the items of a list are told apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Items {
    /// Not at all: the list is one value.
    Atomic,
    /// By their value.
    Set,
    /// By these fields.
    Keyed(Vec<String>),
}

/// A mapping whose fields are known.
#[derive(Debug, Clone, Default)]
pub(crate) struct Struct {
    pub(crate) fields: BTreeMap<String, Node>,
    /// Fields that every object has, if only as an empty mapping or null.
    pub(crate) constant: Vec<String>,
    pub(crate) atomic: bool,
    /// Whether fields that are not listed are kept (`x-kubernetes-preserve-unknown-fields`).
    pub(crate) open: bool,
}

const TYPES: &str = include_str!("api/types.txt");

fn types() -> &'static BTreeMap<&'static str, Node> {
    static TABLE: OnceLock<BTreeMap<&'static str, Node>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let lines = TYPES.lines().filter(|line| !line.starts_with('#'));
        lines.filter_map(|line| line.split_once(' ').map(|(name, rest)| (name, parse_type(rest)))).collect()
    })
}

fn parse_type(rest: &'static str) -> Node {
    if let Some(alias) = rest.strip_prefix("= ") {
        return parse_node(alias);
    }
    let (atomic, rest) = rest.strip_prefix("! ").map_or((false, rest), |rest| (true, rest));
    let mut known = Struct { atomic, ..Struct::default() };
    for (name, node) in rest.split(' ').filter_map(|field| field.split_once(':')) {
        let node = node.strip_prefix('+').map_or(node, |node| {
            known.constant.push(name.to_owned());
            node
        });
        known.fields.insert(name.to_owned(), parse_node(node));
    }
    Node::Struct(Arc::new(known))
}

fn parse_node(text: &'static str) -> Node {
    let (atomic, text) = text.strip_prefix('!').map_or((false, text), |rest| (true, rest));
    if let Some(name) = text.strip_prefix('@') {
        return Node::Named { atomic, name };
    }
    if let Some(values) = text.strip_prefix("{}") {
        return Node::Map { atomic, values: Arc::new(parse_node(values)) };
    }
    if let Some((keys, item)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        let items = match keys {
            "" => Items::Atomic,
            "=" => Items::Set,
            keys => Items::Keyed(keys.split(',').map(str::to_owned).collect()),
        };
        return Node::List(items, Arc::new(parse_node(item)));
    }
    match text {
        "s" => Node::Scalar(Scalar::Text),
        "i" => Node::Scalar(Scalar::Integer),
        "n" => Node::Scalar(Scalar::Number),
        "b" => Node::Scalar(Scalar::Boolean),
        _ => Node::Any,
    }
}

impl Node {
    /// The built-in type of that name, anything when there is none.
    pub(crate) fn named(name: &str) -> Self {
        types().get(name).cloned().unwrap_or(Self::Any)
    }

    /// Follows a name to what it stands for.
    pub(crate) fn resolve(&self) -> &Self {
        match self {
            Self::Named { name, .. } => types().get(name).map_or(&Self::Any, Self::resolve),
            other => other,
        }
    }

    /// Whether the value has one owner as a whole.
    pub(crate) fn is_atomic(&self) -> bool {
        match self {
            Self::Named { atomic: true, .. }
            | Self::Map { atomic: true, .. }
            | Self::List(Items::Atomic, _)
            | Self::Scalar(_) => true,
            Self::Named { .. } => self.resolve().is_atomic(),
            Self::Struct(fields) => fields.atomic,
            Self::Map { .. } | Self::List(..) | Self::Any => false,
        }
    }

    /// The type of a field, `None` when there is no such field.
    pub(crate) fn field(&self, name: &str) -> Option<&Self> {
        match self.resolve() {
            Self::Struct(known) => known.fields.get(name).or(known.open.then_some(&Self::Any)),
            Self::Map { values, .. } => Some(values),
            Self::Any => Some(&Self::Any),
            Self::Scalar(_) | Self::List(..) | Self::Named { .. } => None,
        }
    }

    /// Whether the field is one of a known set, and not a key that a user chose.
    pub(crate) fn declares(&self, name: &str) -> bool {
        matches!(self.resolve(), Self::Struct(known) if known.fields.contains_key(name))
    }

    /// Brings a value into the form that it has after going through the server's own types: the empty mappings that
    /// every object has are there, other empty lists and mappings are not.
    pub(crate) fn complete(&self, value: &mut Value) {
        match (self.resolve(), value) {
            (Self::Struct(known), Value::Object(map)) => {
                map.retain(|name, value| !known.fields.get(name).is_some_and(|field| field.is_void(value)));
                for name in &known.constant {
                    let empty = match known.fields.get(name).map(Self::resolve) {
                        Some(Self::Struct(_)) => Value::Object(serde_json::Map::new()),
                        _ => Value::Null,
                    };
                    map.entry(name.clone()).or_insert(empty);
                }
                for (name, value) in map {
                    if let Some(field) = known.fields.get(name) {
                        field.complete(value);
                    }
                }
            }
            (Self::List(_, item), Value::Array(items)) => items.iter_mut().for_each(|value| item.complete(value)),
            _ => {}
        }
    }

    /// Whether the value is a list or a mapping with keys of the user's choice, and empty.
    fn is_void(&self, value: &Value) -> bool {
        match (self.resolve(), value) {
            (Self::List(..), Value::Array(items)) => items.is_empty(),
            (Self::Map { .. }, Value::Object(map)) => map.is_empty(),
            _ => false,
        }
    }

    /// The type of a list's items.
    pub(crate) fn item(&self) -> &Self {
        match self.resolve() {
            Self::List(_, item) => item,
            _ => &Self::Any,
        }
    }

    /// How a list's items are told apart.
    pub(crate) fn items(&self) -> &Items {
        match self.resolve() {
            Self::List(items, _) => items,
            _ => &Items::Atomic,
        }
    }

    /// The type of a custom resource, from its `openAPIV3Schema`.
    pub(crate) fn custom(schema: &Value) -> Self {
        let mut fields = match Self::from_schema(schema) {
            Self::Struct(known) => known.as_ref().clone(),
            _ => Struct { open: true, ..Struct::default() },
        };
        for (name, node) in [("apiVersion", Self::Scalar(Scalar::Text)), ("kind", Self::Scalar(Scalar::Text))] {
            fields.fields.insert(name.to_owned(), node);
        }
        fields.fields.insert("metadata".to_owned(), Self::named("apis.meta.v1.ObjectMeta"));
        Self::Struct(Arc::new(fields))
    }

    fn from_schema(schema: &Value) -> Self {
        let text = |key: &str| schema.get(key).and_then(Value::as_str).unwrap_or_default();
        let open = schema.get("x-kubernetes-preserve-unknown-fields") == Some(&Value::Bool(true));
        let atomic = text("x-kubernetes-map-type") == "atomic";
        match text("type") {
            "object" => match (schema.get("properties").and_then(Value::as_object), schema.get("additionalProperties")) {
                (Some(properties), _) => {
                    let fields = properties.iter().map(|(name, schema)| (name.clone(), Self::from_schema(schema))).collect();
                    Self::Struct(Arc::new(Struct { fields, atomic, open, ..Struct::default() }))
                }
                (None, Some(values)) => Self::Map { atomic, values: Arc::new(Self::from_schema(values)) },
                (None, None) => Self::Struct(Arc::new(Struct { atomic, open, ..Struct::default() })),
            },
            "array" => {
                let item = Arc::new(schema.get("items").map_or(Self::Any, Self::from_schema));
                let keys = schema.get("x-kubernetes-list-map-keys").and_then(Value::as_array);
                let items = match (text("x-kubernetes-list-type"), keys) {
                    ("set", _) => Items::Set,
                    ("map", Some(keys)) => Items::Keyed(keys.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
                    _ => Items::Atomic,
                };
                Self::List(items, item)
            }
            "string" => Self::Scalar(Scalar::Text),
            "integer" => Self::Scalar(Scalar::Integer),
            "number" => Self::Scalar(Scalar::Number),
            "boolean" => Self::Scalar(Scalar::Boolean),
            _ => Self::Any,
        }
    }
}
