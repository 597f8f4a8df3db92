//! What the server answered before the plan was made: rights, dry runs, and what stands around the release.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Need;
use crate::ports::{ClusterErrorKind, Permission};
use crate::{Object, ObjectId};

/// What the server said to the dry run of a write.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum DryRunAnswer {
    /// It would take it, and this would come of it; nothing for a deletion of which it says no more.
    Accepted(Option<Box<Object>>),
    /// It would refuse it.
    Refused {
        /// How.
        kind: ClusterErrorKind,
        /// Its words.
        message: String,
    },
    /// It cannot tell, and why.
    Open(String),
}

/// Objects that nobody asked to change and that have a say: quotas, limits, budgets, admission, claims, volumes.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Around {
    /// All of them.
    pub objects: Vec<Object>,
    /// Kinds that could not be listed, and why.
    pub hidden: Vec<(String, String)>,
}

impl Around {
    /// The objects of one kind.
    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Object> {
        self.objects.iter().filter(move |object| object.kind() == kind)
    }

    /// The objects of one kind in a namespace.
    pub fn within<'a>(&'a self, kind: &'a str, namespace: Option<&'a str>) -> impl Iterator<Item = &'a Object> {
        self.of_kind(kind).filter(move |object| object.namespace() == namespace)
    }
}

/// Everything that was asked beforehand. Empty when nobody asked.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Answers {
    /// What the run needs, and for each right of it whether it is given.
    pub needs: Vec<(Need, Vec<Permission>)>,
    /// What came of the dry run of each write that was asked about.
    pub dry_runs: BTreeMap<ObjectId, DryRunAnswer>,
    /// What is live at the places of the hooks that will run.
    pub hook_places: BTreeMap<ObjectId, Object>,
    /// The live objects of the kinds whose definitions change, by the definition.
    pub custom_resources: BTreeMap<ObjectId, Vec<Object>>,
    /// The live definitions of those in the folder `crds/` of the target's chart, by name; `None` where there is none.
    pub definitions: BTreeMap<String, Option<Object>>,
    /// What the user's own checks said.
    pub probes: Vec<ProbeAnswer>,
    /// What stands around the release.
    pub around: Around,
    /// How much was asked.
    pub asked: Asked,
}

impl Answers {
    /// Adds what the user's own checks said.
    #[must_use]
    pub fn with_probes(self, probes: Vec<ProbeAnswer>) -> Self {
        Self { probes, ..self }
    }
}

/// What one of the user's own checks said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeAnswer {
    /// The check, as the user wrote it.
    pub probe: String,
    /// Why it says no; `None` when it says yes.
    pub failure: Option<String>,
}

/// How many questions were asked beforehand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Asked {
    /// Whether a right is given; many are answered by one request.
    pub rights: usize,
    /// Lists of what stands around.
    pub lists: usize,
    /// Dry runs of writes.
    pub dry_runs: usize,
}

impl Asked {
    /// Whether anything was.
    #[must_use]
    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }
}
