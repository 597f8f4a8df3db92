//! Objects that stand twice in the target manifest.

use std::collections::BTreeSet;

use crate::ObjectId;
use crate::plan::{Finding, FindingId, RollbackOptions, Rule, Severity, Step, Survey};

/// Objects that stand twice in the target manifest.
#[derive(Debug, Clone, Copy)]
pub(super) struct DuplicateObject;

impl Rule for DuplicateObject {
    fn look(&self, survey: &Survey, _options: &RollbackOptions, _steps: &[Step]) -> Vec<Finding> {
        let mut seen = BTreeSet::new();
        let placed = survey.target().contents.placed.iter();
        let twice: BTreeSet<ObjectId> = placed.map(|placed| placed.location.id()).filter(|id| !seen.insert(id.clone())).collect();
        twice
            .into_iter()
            .map(|object| {
                let what = "the target's manifest holds it more than once; the last one is applied";
                let why = "helm applies each in turn, so fields of the earlier ones can stay behind";
                Finding::new(FindingId::DUPLICATE_OBJECT, Severity::Caution, what, why).about(object)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests;
