//! Kubernetes' label selectors: what they match, and how a list request writes them.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Map, Value};

use crate::Object;

/// A `selector` field that Kubernetes would refuse.
///
/// ```
/// use helm_release_core::readiness::{InvalidSelector, Selector};
/// use serde_json::{Value, json};
///
/// let refused = |selector: Value| Selector::from_label_selector(Some(&selector)).unwrap_err();
/// assert_eq!(refused(json!({"matchLabels": ["app"]})), InvalidSelector::Field("matchLabels"));
/// assert_eq!(refused(json!({"matchLabels": {"app": "not good"}})), InvalidSelector::Label("not good".to_owned()));
/// let like = json!({"matchExpressions": [{"key": "app", "operator": "Like", "values": ["web"]}]});
/// assert_eq!(refused(like), InvalidSelector::Operator("Like".to_owned()));
/// let bare = json!({"matchExpressions": [{"key": "app", "operator": "In"}]});
/// assert_eq!(refused(bare).to_string(), "label selector operator In on key \"app\" has the wrong number of values");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidSelector {
    /// A field of the selector has the wrong type.
    #[error("label selector field {0} has the wrong type")]
    Field(&'static str),
    /// A key or value that no label can have.
    #[error("label selector holds {0:?}, which no label can have")]
    Label(String),
    /// An operator other than `In`, `NotIn`, `Exists` and `DoesNotExist`.
    #[error("label selector operator {0:?} is unknown")]
    Operator(String),
    /// `In` and `NotIn` need values, `Exists` and `DoesNotExist` must have none.
    #[error("label selector operator {operator} on key {key:?} has the wrong number of values")]
    Values {
        /// The label's key.
        key: String,
        /// The operator.
        operator: &'static str,
    },
}

/// Which objects belong to another one, by their labels.
///
/// An empty selector matches everything. `Display` writes the form that list requests take.
///
/// ```
/// use helm_release_core::readiness::Selector;
/// use serde_json::json;
///
/// let selector = json!({
///     "matchLabels": {"app": "shop"},
///     "matchExpressions": [
///         {"key": "zone", "operator": "In", "values": ["b", "a"]},
///         {"key": "canary", "operator": "DoesNotExist"},
///     ],
/// });
/// let selector = Selector::from_label_selector(Some(&selector))?;
/// assert_eq!(selector.to_string(), "app=shop,!canary,zone in (a,b)");
/// assert_eq!(Selector::default().to_string(), "");
/// # Ok::<(), helm_release_core::readiness::InvalidSelector>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selector {
    requirements: Vec<(String, Operator)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Operator {
    Equals(String),
    In(BTreeSet<String>),
    NotIn(BTreeSet<String>),
    Exists,
    DoesNotExist,
}

impl Selector {
    /// Reads a selector as a `ReplicationController` writes it: a mapping of labels. Null matches everything.
    ///
    /// # Errors
    /// [`InvalidSelector::Field`] when it is no mapping of texts, [`InvalidSelector::Label`] when no label can be like that.
    ///
    /// ```
    /// use helm_release_core::readiness::{InvalidSelector, Selector};
    /// use serde_json::json;
    ///
    /// let controller = json!({"spec": {"selector": {"app": "web", "tier": "front"}}});
    /// let selector = Selector::from_labels(controller.pointer("/spec/selector"))?;
    /// assert_eq!(selector.to_string(), "app=web,tier=front");
    /// assert_eq!(Selector::from_labels(controller.pointer("/spec/labels"))?, Selector::default());
    /// assert_eq!(Selector::from_labels(Some(&json!("app=web"))), Err(InvalidSelector::Field("selector")));
    /// # Ok::<(), InvalidSelector>(())
    /// ```
    pub fn from_labels(labels: Option<&Value>) -> Result<Self, InvalidSelector> {
        let requirements = match labels {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Object(map)) => equalities(map)?,
            Some(_) => return Err(InvalidSelector::Field("selector")),
        };
        Ok(Self { requirements })
    }

    /// Reads a selector with `matchLabels` and `matchExpressions`. Null matches everything.
    ///
    /// # Errors
    /// [`InvalidSelector`] as the variants say.
    ///
    /// ```
    /// use helm_release_core::readiness::Selector;
    /// use serde_json::json;
    ///
    /// let deployment = json!({"spec": {"selector": {
    ///     "matchLabels": {"app": "web"}, "matchExpressions": [{"key": "stage", "operator": "NotIn", "values": ["test"]}],
    /// }}});
    /// let selector = Selector::from_label_selector(deployment.pointer("/spec/selector"))?;
    /// assert_eq!(selector.to_string(), "app=web,stage notin (test)");
    /// # Ok::<(), helm_release_core::readiness::InvalidSelector>(())
    /// ```
    pub fn from_label_selector(selector: Option<&Value>) -> Result<Self, InvalidSelector> {
        let map = match selector {
            None | Some(Value::Null) => return Ok(Self::default()),
            Some(Value::Object(map)) => map,
            Some(_) => return Err(InvalidSelector::Field("selector")),
        };
        let mut requirements = match map.get("matchLabels") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Object(labels)) => equalities(labels)?,
            Some(_) => return Err(InvalidSelector::Field("matchLabels")),
        };
        match map.get("matchExpressions") {
            None | Some(Value::Null) => {}
            Some(Value::Array(expressions)) => {
                for expression in expressions {
                    requirements.push(requirement(expression)?);
                }
            }
            Some(_) => return Err(InvalidSelector::Field("matchExpressions")),
        }
        requirements.sort_by(|(left, _), (right, _)| left.cmp(right));
        Ok(Self { requirements })
    }

    /// Whether an object's labels satisfy every requirement.
    ///
    /// ```
    /// use helm_release_core::Object;
    /// use helm_release_core::readiness::Selector;
    /// use serde_json::{Value, json};
    ///
    /// let pod = |labels: Value| Object::new(json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"labels": labels}}));
    /// let selector = Selector::from_labels(Some(&json!({"app": "web"})))?;
    /// assert!(selector.matches(&pod(json!({"app": "web", "tier": "front"}))?));
    /// assert!(!selector.matches(&pod(json!({"tier": "front"}))?));
    /// assert!(Selector::default().matches(&pod(json!({}))?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn matches(&self, object: &Object) -> bool {
        self.requirements.iter().all(|(key, operator)| operator.holds(object.label(key)))
    }

    /// Whether labels of which only one is known may satisfy every requirement.
    pub(crate) fn may_match(&self, known: &str, value: &str) -> bool {
        let mut of_known = self.requirements.iter().filter(|(key, _)| key == known);
        of_known.all(|(_, operator)| operator.holds(Some(value)))
    }
}

impl Operator {
    fn holds(&self, label: Option<&str>) -> bool {
        match self {
            Self::Equals(value) => label == Some(value),
            Self::In(values) => label.is_some_and(|label| values.contains(label)),
            Self::NotIn(values) => label.is_none_or(|label| !values.contains(label)),
            Self::Exists => label.is_some(),
            Self::DoesNotExist => label.is_none(),
        }
    }
}

fn equalities(labels: &Map<String, Value>) -> Result<Vec<(String, Operator)>, InvalidSelector> {
    let equality = |(key, value): (&String, &Value)| {
        let value = text(Some(value), "matchLabels")?;
        check(key, [value.as_str()])?;
        Ok((key.clone(), Operator::Equals(value)))
    };
    labels.iter().map(equality).collect()
}

fn requirement(expression: &Value) -> Result<(String, Operator), InvalidSelector> {
    let Value::Object(map) = expression else { return Err(InvalidSelector::Field("matchExpressions")) };
    let (key, operator) = (text(map.get("key"), "key")?, text(map.get("operator"), "operator")?);
    let values = match map.get("values") {
        None | Some(Value::Null) => BTreeSet::new(),
        Some(Value::Array(values)) => {
            values.iter().map(|value| text(Some(value), "values")).collect::<Result<BTreeSet<_>, _>>()?
        }
        Some(_) => return Err(InvalidSelector::Field("values")),
    };
    check(&key, values.iter().map(String::as_str))?;
    let wrong_count = |operator: &'static str| InvalidSelector::Values { key: key.clone(), operator };
    let operator = match operator.as_str() {
        "In" if values.is_empty() => return Err(wrong_count("In")),
        "In" => Operator::In(values),
        "NotIn" if values.is_empty() => return Err(wrong_count("NotIn")),
        "NotIn" => Operator::NotIn(values),
        "Exists" if values.is_empty() => Operator::Exists,
        "Exists" => return Err(wrong_count("Exists")),
        "DoesNotExist" if values.is_empty() => Operator::DoesNotExist,
        "DoesNotExist" => return Err(wrong_count("DoesNotExist")),
        _ => return Err(InvalidSelector::Operator(operator)),
    };
    Ok((key, operator))
}

/// A text; null and absence stand for the empty one.
fn text(value: Option<&Value>, field: &'static str) -> Result<String, InvalidSelector> {
    match value {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(InvalidSelector::Field(field)),
    }
}

/// Refuses a key or value that no label can have.
fn check<'a>(key: &str, values: impl IntoIterator<Item = &'a str>) -> Result<(), InvalidSelector> {
    let (prefix, name) = key.split_once('/').map_or((None, key), |(prefix, name)| (Some(prefix), name));
    if !is_label_text(name) || prefix.is_some_and(|prefix| !is_subdomain(prefix)) {
        return Err(InvalidSelector::Label(key.to_owned()));
    }
    match values.into_iter().find(|value| !value.is_empty() && !is_label_text(value)) {
        Some(value) => Err(InvalidSelector::Label(value.to_owned())),
        None => Ok(()),
    }
}

/// At most 63 letters, digits, `-`, `_` and `.`, a letter or digit at both ends.
fn is_label_text(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let ends = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    bytes.len() <= 63 && ends(bytes.first()) && ends(bytes.last()) && bytes.iter().copied().all(inner)
}

/// A DNS name of at most 253 characters, in lower case.
fn is_subdomain(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_part = |part: &str| !part.is_empty() && !part.starts_with('-') && !part.ends_with('-') && part.bytes().all(inner);
    text.len() <= 253 && text.split('.').all(is_part)
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (key, operator)) in self.requirements.iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            let list = |values: &BTreeSet<String>| values.iter().map(String::as_str).collect::<Vec<_>>().join(",");
            match operator {
                Operator::Equals(value) => write!(f, "{key}={value}")?,
                Operator::In(values) => write!(f, "{key} in ({})", list(values))?,
                Operator::NotIn(values) => write!(f, "{key} notin ({})", list(values))?,
                Operator::Exists => f.write_str(key)?,
                Operator::DoesNotExist => write!(f, "!{key}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
