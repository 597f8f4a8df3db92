//! What a rollback does with fields that drifted, and rules for single ones.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::FieldPath;
use crate::ObjectId;
use crate::object::pattern;

/// What a rollback does with a field that drifted.
///
/// ```
/// use helm_release_core::drift::DriftChoice;
/// use helm_release_core::plan::RollbackOptions;
///
/// assert_eq!(RollbackOptions::default().drift, DriftChoice::Restore);
/// let options = RollbackOptions::default().with_drift("keep".parse()?);
/// assert_eq!(options.drift, DriftChoice::Keep);
/// # Ok::<(), helm_release_core::drift::InvalidDriftRule>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DriftChoice {
    /// It gets what the target has. What somebody added and no revision has stays where fields are patched, as with Helm;
    /// [`Writing::Replace`](crate::plan::Writing::Replace), which goes with client-side apply, takes it away.
    #[default]
    Restore,
    /// It stays as it is live.
    Keep,
    /// The rollback does not begin.
    Stop,
}

impl DriftChoice {
    /// The word for it.
    ///
    /// ```
    /// use helm_release_core::drift::DriftChoice;
    ///
    /// for choice in [DriftChoice::Restore, DriftChoice::Keep, DriftChoice::Stop] {
    ///     assert_eq!(choice.as_str().parse(), Ok(choice));
    /// }
    /// assert_eq!(DriftChoice::Stop.as_str(), "stop");
    /// ```
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Restore => "restore",
            Self::Keep => "keep",
            Self::Stop => "stop",
        }
    }
}

/// A text that is no choice or no rule.
///
/// ```
/// use helm_release_core::drift::{DriftRule, InvalidDriftRule};
///
/// let parse = |text: &str| text.parse::<DriftRule>();
/// assert_eq!(parse("Deployment/web:spec.replicas=maybe"), Err(InvalidDriftRule::Choice("maybe".to_owned())));
/// let error = parse("Deployment/web:spec.replicas").unwrap_err();
/// assert!(matches!(error, InvalidDriftRule::Form(_)));
/// assert!(error.to_string().ends_with("write OBJECT:FIELD=CHOICE, such as Deployment/web:spec.replicas=keep"));
/// // What could cover nothing is refused: it would look as if it did something.
/// assert_eq!(parse("apps/Deployment/web=stop"), Err(InvalidDriftRule::Object("apps/Deployment/web".to_owned())));
/// assert_eq!(parse("ConfigMap=stop"), Err(InvalidDriftRule::Object("ConfigMap".to_owned())));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidDriftRule {
    /// None of the three words.
    #[error("{0:?} is neither restore, keep nor stop")]
    Choice(String),
    /// Something is missing.
    #[error("{0:?} is no rule: write OBJECT:FIELD=CHOICE, such as Deployment/web:spec.replicas=keep")]
    Form(String),
    /// No object can be called so.
    #[error(
        "{0:?} names no object: write Kind/name or Kind/namespace/name without an API group, or * for every object; \
         Kind/* is every object of a kind, and */name whatever has that name"
    )]
    Object(String),
}

impl FromStr for DriftChoice {
    type Err = InvalidDriftRule;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let all = [Self::Restore, Self::Keep, Self::Stop];
        all.into_iter().find(|choice| choice.as_str() == text).ok_or_else(|| InvalidDriftRule::Choice(text.to_owned()))
    }
}

/// A choice for some fields of some objects: `Deployment/web:spec.replicas=keep`.
///
/// The object is `Kind/name`, `Kind/namespace/name` or as findings print it (`Deployment default/web`), the kind in capital or
/// small letters; the field is one as a plan shows it, and everything below it is meant too. Without `:FIELD` every field is
/// meant. `*` stands for any signs.
///
/// ```
/// use helm_release_core::ObjectId;
/// use helm_release_core::drift::{DriftChoice, DriftRule, FieldPath};
///
/// let rule: DriftRule = "Deployment/*:spec.template.spec.containers[name=web].*=keep".parse()?;
/// assert_eq!(rule.choice, DriftChoice::Keep);
/// let web = ObjectId {
///     group: "apps".to_owned(),
///     kind: "Deployment".to_owned(),
///     namespace: Some("shop".to_owned()),
///     name: "web".to_owned(),
/// };
/// assert!(!rule.covers(&web, &FieldPath::of_fields(&["spec", "replicas"])));
/// let rule: DriftRule = "Deployment/web:spec=keep".parse()?;
/// assert!(rule.covers(&web, &FieldPath::of_fields(&["spec", "replicas"])));
/// # Ok::<(), helm_release_core::drift::InvalidDriftRule>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DriftRule {
    /// Which objects.
    pub object: String,
    /// Which fields.
    pub path: String,
    /// What to do with them.
    pub choice: DriftChoice,
}

impl FromStr for DriftRule {
    type Err = InvalidDriftRule;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidDriftRule::Form(text.to_owned());
        // A field may hold `=` and `:` in brackets, the name of a role `:`.
        let (subject, choice) = text.rsplit_once('=').ok_or_else(invalid)?;
        let plain = subject.find('[').unwrap_or(subject.len());
        let (object, path) = match subject[..plain].rfind(':') {
            Some(at) => (&subject[..at], &subject[at + 1..]),
            None => (subject, "*"),
        };
        if object.is_empty() || path.is_empty() {
            return Err(invalid());
        }
        if !pattern::can_name(object) {
            return Err(InvalidDriftRule::Object(object.to_owned()));
        }
        Ok(Self { object: object.to_owned(), path: path.to_owned(), choice: choice.parse()? })
    }
}

impl fmt::Display for DriftRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}={}", self.object, self.path, self.choice.as_str())
    }
}

impl DriftRule {
    /// Whether it speaks of that field of that object.
    ///
    /// ```
    /// use helm_release_core::Object;
    /// use helm_release_core::drift::{DriftRule, FieldPath};
    /// use serde_json::json;
    ///
    /// let web = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}});
    /// let (web, image) = (Object::new(web)?.id(), FieldPath::of_fields(&["spec", "template", "spec"]));
    /// // An object may be named in three ways, and a rule without a field speaks of all of them.
    /// for rule in ["Deployment/web=stop", "Deployment/shop/web:spec=stop", "Deployment shop/web:spec.template=stop"] {
    ///     assert!(rule.parse::<DriftRule>()?.covers(&web, &image), "{rule}");
    /// }
    /// assert!(!"Deployment/shop/*:spec.replicas=stop".parse::<DriftRule>()?.covers(&web, &image));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn covers(&self, object: &ObjectId, path: &FieldPath) -> bool {
        let path = path.to_string();
        let ends = path.match_indices(['.', '[']).map(|(at, _)| at).chain([path.len()]);
        pattern::names(&self.object, object) && ends.into_iter().any(|end| pattern::fits(&self.path, &path[..end]))
    }
}

/// What is done with a field: as the last rule that covers it says, or else as `otherwise`.
#[must_use]
pub(crate) fn choose(rules: &[DriftRule], object: &ObjectId, path: &FieldPath, otherwise: DriftChoice) -> DriftChoice {
    rules.iter().rev().find(|rule| rule.covers(object, path)).map_or(otherwise, |rule| rule.choice)
}

#[cfg(test)]
mod tests;
