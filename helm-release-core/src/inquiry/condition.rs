//! A condition over a live object, such as `ConfigMap/state:data.schema=5`.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;

use super::newest_of_any_group;
use crate::Namespace;
use crate::ports::{Cluster, ClusterErrorKind, Kinds};

/// What a live object must say: `KIND/NAME:PATH=VALUE`, `KIND/NAME:PATH!=VALUE`, or `KIND/NAME:PATH` for a field that is there.
///
/// The path is one of fields, `spec.template.spec.containers[0].image`; a field whose name has a dot is written in brackets,
/// `metadata.labels["app.kubernetes.io/name"]`.
///
/// ```
/// use helm_release_core::inquiry::Condition;
///
/// let condition: Condition = "ConfigMap/state:data.schema=5".parse().unwrap();
/// assert_eq!(condition.to_string(), "ConfigMap/state:data.schema=5");
/// assert!("make sure".parse::<Condition>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    text: String,
    kind: String,
    name: String,
    path: Vec<Part>,
    test: Test,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Member(String),
    Entry(usize),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    Is(String),
    IsNot(String),
    Exists,
}

/// A text that is no condition.
///
/// ```
/// use helm_release_core::inquiry::Condition;
///
/// // A kind begins with a capital letter.
/// let error = "configmap/state:data.schema=5".parse::<Condition>().unwrap_err();
/// assert_eq!(error.to_string(), "\"configmap/state:data.schema=5\" is no condition: write KIND/NAME:PATH=VALUE");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no condition: write KIND/NAME:PATH=VALUE")]
pub struct NotACondition(String);

impl FromStr for Condition {
    type Err = NotACondition;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        read(text).ok_or_else(|| NotACondition(text.to_owned()))
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn read(text: &str) -> Option<Condition> {
    let (object, rest) = text.split_once(':')?;
    let (kind, name) = object.split_once('/')?;
    let is_kind =
        kind.starts_with(|letter: char| letter.is_ascii_uppercase()) && kind.chars().all(|letter| letter.is_ascii_alphanumeric());
    let is_name = !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-.:".contains(letter));
    let (field, ask) = match (rest.split_once("!="), rest.split_once('=')) {
        (Some((path, value)), _) => (path, Test::IsNot(value.to_owned())),
        (None, Some((path, value))) => (path, Test::Is(value.to_owned())),
        (None, None) => (rest, Test::Exists),
    };
    let path = parts(field)?;
    (is_kind && is_name).then(|| Condition {
        text: text.to_owned(),
        kind: kind.to_owned(),
        name: name.to_owned(),
        path,
        test: ask,
    })
}

fn parts(path: &str) -> Option<Vec<Part>> {
    let mut found = Vec::new();
    let mut rest = path.strip_prefix('.').unwrap_or(path);
    while !rest.is_empty() {
        if let Some(bracket) = rest.strip_prefix('[') {
            let (inside, after) = bracket.split_once(']')?;
            let quoted = inside.strip_prefix(['"', '\'']).and_then(|inside| inside.strip_suffix(['"', '\'']));
            found.push(match quoted {
                Some(name) => Part::Member(name.to_owned()),
                None => Part::Entry(inside.parse().ok()?),
            });
            rest = after.strip_prefix('.').unwrap_or(after);
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            if name.is_empty() {
                return None;
            }
            found.push(Part::Member(name.to_owned()));
            rest = after.strip_prefix('.').unwrap_or(after);
        }
    }
    (!found.is_empty()).then_some(found)
}

impl Condition {
    /// Why it does not hold; `None` when it does.
    ///
    /// ```
    /// use helm_release_core::inquiry::Condition;
    /// use helm_release_core::ports::Cluster as _;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let kinds = shop.cluster.kinds(false).await?;
    /// for (condition, failure) in [
    ///     ("ConfigMap/shop-config:data.motd=welcome back", None),
    ///     ("ConfigMap/shop-config:data.motd!=welcome back", Some("the field has that value")),
    ///     ("ConfigMap/shop-config:data.color", Some("the field is not there")),
    ///     ("ConfigMap/state:data.schema=5", Some("there is no ConfigMap state")),
    /// ] {
    ///     let condition: Condition = condition.parse()?;
    ///     assert_eq!(condition.failure(&shop.cluster, &kinds, &shop.namespace).await.as_deref(), failure);
    /// }
    /// # Ok(()) });
    /// ```
    pub async fn failure(&self, cluster: &dyn Cluster, kinds: &Kinds, namespace: &Namespace) -> Option<String> {
        let Some(resource) = newest_of_any_group(kinds, &self.kind) else {
            return Some(format!("the server knows no kind {}", self.kind));
        };
        let object = match cluster.get(&resource.at(namespace.as_str(), &self.name)).await {
            Ok(object) => object,
            Err(error) if error.kind == ClusterErrorKind::NotFound => {
                return Some(format!("there is no {} {}", self.kind, self.name));
            }
            Err(error) => return Some(error.to_string()),
        };
        self.judge(object.as_value())
    }

    fn judge(&self, object: &Value) -> Option<String> {
        let found = self.path.iter().try_fold(object, |value, part| match part {
            Part::Member(name) => value.get(name),
            Part::Entry(index) => value.get(index),
        });
        let text = found.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        match (&self.test, text) {
            (Test::Exists, Some(_)) => None,
            (Test::Is(wanted), Some(found)) if *wanted == found => None,
            (Test::IsNot(unwanted), found) if found.as_ref() != Some(unwanted) => None,
            // The value may be a Secret's.
            (Test::Is(_) | Test::Exists, None) => Some("the field is not there".to_owned()),
            (Test::Is(_), Some(_)) => Some("the field has another value".to_owned()),
            (Test::IsNot(_), _) => Some("the field has that value".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests;
