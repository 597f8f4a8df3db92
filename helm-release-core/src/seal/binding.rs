//! One thing that a plan rests on.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// What kind of thing a plan rests on. Causes come before what follows from them.
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
