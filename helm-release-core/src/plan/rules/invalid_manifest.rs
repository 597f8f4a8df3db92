//! Manifests that cannot be read.

use super::block_unless_compat;
use crate::plan::{Finding, FindingId, RollbackOptions, Rule, Severity, Step, Survey};

/// Manifests that cannot be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct InvalidManifest;

impl Rule for InvalidManifest {
    fn look(&self, survey: &Survey, options: &RollbackOptions, _steps: &[Step]) -> Vec<Finding> {
        let mut findings = Vec::new();
        let target = survey.target().revision();
        let revisions =
            std::iter::once(survey.target()).chain(survey.baseline().filter(|revision| revision.revision() != target));
        for revision in revisions {
            for problem in &revision.contents.unreadable {
                let is_target = revision.revision() == target;
                let severity = if is_target { Severity::Block } else { block_unless_compat(options) };
                let what = format!("the manifest of revision {} cannot be read: {problem}", revision.revision());
                let why = if is_target {
                    "its objects cannot be applied"
                } else {
                    "what it left in the cluster is not known, and would stay there"
                };
                let finding = Finding::new(FindingId::INVALID_MANIFEST, severity, what, why);
                findings.push(if is_target {
                    finding.way_out("choose another revision").impossible()
                } else {
                    finding.way_out(format!("go on without it: --accept {}", FindingId::INVALID_MANIFEST))
                });
            }
        }
        findings
    }
}

#[cfg(test)]
mod tests;
