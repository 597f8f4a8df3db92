//! One thing that a plan rests on.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// What kind of thing a plan rests on. Causes come before what follows from them.
///
/// ```
/// use helm_release_core::seal::Bound;
/// # use helm_release_core::plan::RollbackOptions;
/// # use helm_release_core::seal::{Place, Seal};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let options = RollbackOptions::default();
/// # let survey = shop.survey(&options).await?;
/// # let plan = shop.plan(&options).await?;
/// # let place = Place { tool: "1.0.0".to_owned(), records: "memory".to_owned(), cluster: None };
/// # let seal = Seal::of(&survey, &plan, place, "a salt of its own", jiff::Timestamp::now());
/// let count = |what| seal.bindings.iter().filter(|binding| binding.what == what).count();
/// assert_eq!(count(Bound::Record), 3);
/// // Of the five live objects the plan changes one and deletes one.
/// assert_eq!(count(Bound::Object), 2);
/// // Nobody asked the server for rights before this plan was made.
/// assert_eq!(count(Bound::Right), 0);
/// // A record that moved explains a step that did.
/// assert!(Bound::Record < Bound::Step);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Bound {
    /// A record of the release.
    Record,
    /// A live object that the plan writes, or its absence.
    Object,
    /// A kind that the server serves.
    Kind,
    /// A right of the user's.
    Right,
    /// A rule, or the program that it is part of.
    Rule,
    /// What a rule found.
    Finding,
    /// A step of the plan and its requests.
    Step,
    /// What the plan comes to.
    Plan,
}

impl Bound {
    /// The kind in one word.
    ///
    /// ```
    /// use helm_release_core::seal::Bound;
    /// use serde_json::json;
    ///
    /// // The word is that of the file and of every line about what moved.
    /// for bound in [Bound::Record, Bound::Object, Bound::Kind, Bound::Right, Bound::Rule, Bound::Finding, Bound::Step] {
    ///     assert_eq!(json!(bound), bound.as_str());
    /// }
    /// assert_eq!(Bound::Object.as_str(), "object");
    /// ```
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::Object => "object",
            Self::Kind => "kind",
            Self::Right => "right",
            Self::Rule => "rule",
            Self::Finding => "finding",
            Self::Step => "step",
            Self::Plan => "plan",
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing that a plan rests on, and in which state it was.
///
/// ```
/// use helm_release_core::seal::Bound;
/// # use helm_release_core::plan::RollbackOptions;
/// # use helm_release_core::seal::{Place, Seal};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let options = RollbackOptions::default();
/// # let survey = shop.survey(&options).await?;
/// # let plan = shop.plan(&options).await?;
/// # let place = Place { tool: "1.0.0".to_owned(), records: "memory".to_owned(), cluster: None };
/// # let seal = Seal::of(&survey, &plan, place, "a salt of its own", jiff::Timestamp::now());
/// let deployment = seal.bindings.iter().find(|binding| binding.name == "Deployment default/shop").expect("the plan changes it");
/// assert_eq!((deployment.what, deployment.state.as_str()), (Bound::Object, "there"));
/// assert!(deployment.parts.contains_key("spec.replicas"));
/// // Its status may change.
/// assert!(!deployment.parts.keys().any(|part| part.starts_with("status")));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Binding {
    /// What kind of thing.
    pub what: Bound,
    /// Which one, for people.
    pub name: String,
    /// Its state in a few words.
    pub state: String,
    /// Parts of it that must stay the same: their names, and versions or digests of what they are.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parts: BTreeMap<String, String>,
}

impl Binding {
    pub(super) fn new(what: Bound, name: impl Into<String>, state: impl Into<String>) -> Self {
        Self { what, name: name.into(), state: state.into(), parts: BTreeMap::new() }
    }

    pub(super) fn part(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parts.insert(name.into(), value.into());
        self
    }
}
