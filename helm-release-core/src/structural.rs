//! Checks custom resources against the schema of their definition (`apiextensions.k8s.io/v1`, structural schemas).
//!
//! CEL rules and most formats are not looked at: what passes here may still be refused by the server.
//!
//! ```
//! use helm_release_core::structural::check;
//! use serde_json::json;
//!
//! let definition = json!({"spec": {"versions": [{"name": "v1", "schema": {"openAPIV3Schema": {
//!     "type": "object", "properties": {"spec": {"type": "object", "required": ["color"], "properties": {
//!         "color": {"type": "string", "enum": ["red", "blue"]},
//!     }}},
//! }}}]}});
//! let schema = &definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
//! let widget = |spec| json!({"apiVersion": "example.org/v1", "kind": "Widget", "metadata": {"name": "a"}, "spec": spec});
//! assert!(check(schema, &widget(json!({"color": "blue"}))).is_empty());
//! // What an older revision of a release wrote may be refused since the definition changed.
//! assert_eq!(check(schema, &widget(json!({"color": "green"}))).len(), 1);
//! assert_eq!(check(schema, &widget(json!({}))).len(), 1);
//! ```

use std::net::IpAddr;

use regex::Regex;
use serde_json::{Map, Value};

/// What is wrong with a field under a schema.
///
/// ```
/// use helm_release_core::structural::{Complaint, check};
/// use serde_json::json;
///
/// let size = json!({"type": "integer", "maximum": 9});
/// let schema = json!({"type": "object", "properties": {"spec": {"type": "object", "properties": {"size": size}}}});
/// let complaints = check(&schema, &json!({"spec": {"size": 12, "color": "red"}}));
/// let (size, color) = ("spec.size".to_owned(), "spec.color".to_owned());
/// assert!(complaints.contains(&Complaint::Refused { path: size, why: "12 is above maximum 9".to_owned() }));
/// assert!(complaints.contains(&Complaint::Dropped { path: color }));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Complaint {
    /// The server would refuse a write of the object.
    Refused {
        /// The field.
        path: String,
        /// Why.
        why: String,
    },
    /// The server would drop the field at the next write of the object.
    Dropped {
        /// The field.
        path: String,
    },
}

impl Complaint {
    /// The field that it is about.
    ///
    /// ```
    /// use helm_release_core::structural::{Complaint, check};
    /// use serde_json::json;
    ///
    /// let port = json!({"type": "object", "properties": {"port": {"type": "integer"}}});
    /// let schema = json!({"type": "object", "properties": {"ports": {"type": "array", "items": port}}});
    /// let complaints = check(&schema, &json!({"ports": [{"port": 80}, {"port": "http"}]}));
    /// let paths: Vec<&str> = complaints.iter().map(Complaint::path).collect();
    /// assert_eq!(paths, ["ports[1].port"]);
    /// ```
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::Refused { path, .. } | Self::Dropped { path } => path,
        }
    }
}

/// How many complaints of one object are collected.
const MOST: usize = 20;

/// Everything that is wrong with an object under a schema (`openAPIV3Schema` of a version).
///
/// ```
/// use helm_release_core::structural::{Complaint, check};
/// use serde_json::json;
///
/// let schema = json!({"type": "object", "properties": {"spec": {"type": "object", "properties": {"size": {"type": "integer"}}}}});
/// let object = json!({"apiVersion": "example.org/v1", "kind": "Thing", "metadata": {"name": "a"}, "spec": {"size": "big"}});
/// let complaints = check(&schema, &object);
/// let why = "a string, where integer is asked for".to_owned();
/// assert_eq!(complaints, [Complaint::Refused { path: "spec.size".to_owned(), why }]);
/// ```
#[must_use]
pub fn check(schema: &Value, object: &Value) -> Vec<Complaint> {
    let mut found = Vec::new();
    let Some(members) = object.as_object() else { return found };
    // What every object has is checked by the server itself.
    let own: Map<String, Value> = members
        .iter()
        .filter(|(key, _)| !["apiVersion", "kind", "metadata"].contains(&key.as_str()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    look(schema, &Value::Object(own), &Path(String::new()), false, &mut found);
    found.truncate(MOST);
    found
}

struct Path(String);

impl Path {
    fn member(&self, key: &str) -> Self {
        Self(if self.0.is_empty() { key.to_owned() } else { format!("{}.{key}", self.0) })
    }

    fn entry(&self, index: usize) -> Self {
        Self(format!("{}[{index}]", self.0))
    }
}

fn is_set(schema: &Value, flag: &str) -> bool {
    schema.get(flag) == Some(&Value::Bool(true))
}

fn look(schema: &Value, value: &Value, path: &Path, keeps: bool, found: &mut Vec<Complaint>) {
    if found.len() >= MOST {
        return;
    }
    let mut refuse = |why: String| found.push(Complaint::Refused { path: path.0.clone(), why });
    if value.is_null() {
        if !is_set(schema, "nullable") && schema.get("type").is_some() && !path.0.is_empty() {
            refuse("null, which is not allowed".to_owned());
        }
        return;
    }
    if let Some(kind) = mismatch(schema, value) {
        refuse(format!("{}, where {kind} is asked for", name_of(value)));
        return;
    }
    if let Some(allowed) = schema.get("enum").and_then(Value::as_array)
        && !allowed.contains(value)
    {
        let texts: Vec<String> = allowed.iter().map(Value::to_string).collect();
        refuse(format!("{value} is none of {}", texts.join(", ")));
    }
    for why in bounds(schema, value) {
        refuse(why);
    }
    if let Some(why) = value.as_str().and_then(|text| misspelt(schema, text)) {
        refuse(why);
    }
    combined(schema, value, path, found);
    match value {
        Value::Object(members) => look_at_members(schema, members, path, keeps, found),
        Value::Array(entries) => {
            if let Some(items) = schema.get("items") {
                for (index, entry) in entries.iter().enumerate() {
                    look(items, entry, &path.entry(index), keeps, found);
                }
            }
        }
        _ => {}
    }
}

fn look_at_members(schema: &Value, members: &Map<String, Value>, path: &Path, keeps: bool, found: &mut Vec<Complaint>) {
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    for missing in required.filter(|key| !members.contains_key(*key)) {
        let why = "missing, and required".to_owned();
        found.push(Complaint::Refused { path: path.member(missing).0, why });
    }
    let keeps = keeps || is_set(schema, "x-kubernetes-preserve-unknown-fields");
    let properties = schema.get("properties").and_then(Value::as_object);
    let additional = schema.get("additionalProperties");
    let is_embedded = is_set(schema, "x-kubernetes-embedded-resource");
    for (key, value) in members {
        let known = properties.and_then(|properties| properties.get(key));
        let own = is_embedded && ["apiVersion", "kind", "metadata"].contains(&key.as_str());
        match (known, additional) {
            (Some(schema), _) | (None, Some(schema @ Value::Object(_))) => look(schema, value, &path.member(key), false, found),
            (None, Some(Value::Bool(true))) => {}
            (None, _) if keeps || own => {}
            (None, _) => found.push(Complaint::Dropped { path: path.member(key).0 }),
        }
    }
}

/// The type that is asked for, when the value has another.
fn mismatch(schema: &Value, value: &Value) -> Option<String> {
    if is_set(schema, "x-kubernetes-int-or-string") {
        let fits = value.is_i64() || value.is_u64() || value.is_string();
        return (!fits).then(|| "integer or string".to_owned());
    }
    let kind = schema.get("type")?.as_str()?;
    let fits = match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "number" => value.is_number(),
        _ => true,
    };
    (!fits).then(|| kind.to_owned())
}

fn name_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn bounds(schema: &Value, value: &Value) -> Vec<String> {
    let mut broken = Vec::new();
    let size = match value {
        Value::String(text) => Some(("Length", text.chars().count())),
        Value::Array(entries) => Some(("Items", entries.len())),
        Value::Object(members) => Some(("Properties", members.len())),
        _ => None,
    };
    if let Some((what, size)) = size {
        let bound = |side: &str| schema.get(format!("{side}{what}")).and_then(Value::as_u64);
        let size = u64::try_from(size).unwrap_or(u64::MAX);
        if let Some(least) = bound("min").filter(|least| size < *least) {
            broken.push(format!("{size} is below min{what} {least}"));
        }
        if let Some(most) = bound("max").filter(|most| size > *most) {
            broken.push(format!("{size} is above max{what} {most}"));
        }
    }
    if let Some(number) = value.as_f64() {
        let bound = |side: &str| schema.get(side).and_then(Value::as_f64);
        if let Some(least) = bound("minimum")
            && (number < least || is_set(schema, "exclusiveMinimum") && number <= least)
        {
            broken.push(format!("{value} is below minimum {least}"));
        }
        if let Some(most) = bound("maximum")
            && (number > most || is_set(schema, "exclusiveMaximum") && number >= most)
        {
            broken.push(format!("{value} is above maximum {most}"));
        }
        if let Some(step) = bound("multipleOf").filter(|step| *step > 0.0)
            && (number / step).fract() != 0.0
        {
            broken.push(format!("{value} is no multiple of {step}"));
        }
    }
    broken
}

/// What a text does not look like and should. A pattern that cannot be read, and a format that is not known, ask for nothing.
fn misspelt(schema: &Value, text: &str) -> Option<String> {
    let asked = |key: &str| schema.get(key).and_then(Value::as_str);
    // Go's expressions and these are both RE2's, found anywhere in the text.
    if let Some(pattern) = asked("pattern")
        && Regex::new(pattern).is_ok_and(|pattern| !pattern.is_match(text))
    {
        return Some(format!("not as pattern {pattern} asks for"));
    }
    let fits = match asked("format")? {
        "ipv4" => text.parse::<IpAddr>().is_ok() && text.contains('.'),
        "ipv6" => text.parse::<IpAddr>().is_ok() && text.contains(':'),
        "date" => text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok(),
        _ => true,
    };
    (!fits).then(|| format!("no {}", asked("format").unwrap_or_default()))
}

/// `allOf`, `anyOf`, `oneOf`, `not`: they say what is valid, never what is kept.
fn combined(schema: &Value, value: &Value, path: &Path, found: &mut Vec<Complaint>) {
    let is_valid = |schema: &Value| {
        let mut inner = Vec::new();
        look(schema, value, &Path("value".to_owned()), true, &mut inner);
        !inner.iter().any(|complaint| matches!(complaint, Complaint::Refused { .. }))
    };
    let schemas = |key: &str| schema.get(key).and_then(Value::as_array).filter(|list| !list.is_empty());
    let mut refuse = |why: &str| found.push(Complaint::Refused { path: path.0.clone(), why: why.to_owned() });
    if schemas("allOf").is_some_and(|all| !all.iter().all(is_valid)) {
        refuse("not everything that allOf asks for");
    }
    if schemas("anyOf").is_some_and(|any| !any.iter().any(is_valid)) {
        refuse("nothing that anyOf asks for");
    }
    if schemas("oneOf").is_some_and(|one| one.iter().filter(|schema| is_valid(schema)).count() != 1) {
        refuse("not exactly one that oneOf asks for");
    }
    if schema.get("not").is_some_and(is_valid) {
        refuse("what `not` rules out");
    }
}

#[cfg(test)]
mod tests;
