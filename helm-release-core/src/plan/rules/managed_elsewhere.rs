//! A release that another tool keeps as a whole and will bring to its own state again.

use crate::plan::tool::keeping_all;
use crate::plan::{Finding, FindingId, RollbackOptions, Rule, Severity, Step, Survey};

/// A release that another tool keeps as a whole and will bring to its own state again.
#[derive(Debug, Clone, Copy)]
pub(super) struct ManagedElsewhere;

impl Rule for ManagedElsewhere {
    fn look(&self, survey: &Survey, _options: &RollbackOptions, _steps: &[Step]) -> Vec<Finding> {
        let Some(tool) = keeping_all(survey) else { return Vec::new() };
        let why = "it will undo the rollback as soon as it looks at the release again";
        let finding = Finding::new(FindingId::MANAGED_ELSEWHERE, Severity::Caution, format!("the whole release: {tool}"), why);
        let finding = tool.suspending().into_iter().fold(finding, Finding::way_out);
        vec![finding.way_out("go back in the source that it follows, which is the lasting way")]
    }
}

#[cfg(test)]
mod tests;
