//! Kinds that the server does not serve: their definition is missing, or their API was removed.

use crate::plan::{Finding, FindingId, RollbackOptions, Rule, Severity, Step, Survey, Verdict};

/// Kinds that the server does not serve: their definition is missing, or their API was removed.
#[derive(Debug, Clone, Copy)]
pub(super) struct UnknownKind;

impl Rule for UnknownKind {
    fn look(&self, survey: &Survey, _options: &RollbackOptions, _steps: &[Step]) -> Vec<Finding> {
        let mut findings = Vec::new();
        let target = survey.target();
        for unplaced in &target.contents.unplaced {
            let others: Vec<_> =
                survey.kinds.versions(&unplaced.gvk.group, &unplaced.gvk.kind).map(|other| other.gvk.api_version()).collect();
            let what = format!(
                "the server does not know {}, which revision {} has as {:?}",
                unplaced.gvk,
                target.revision(),
                unplaced.name
            );
            let what = match &unplaced.why {
                Some(why) => format!("{what}: {why}"),
                None => what,
            };
            let mut finding = Finding::new(FindingId::UNKNOWN_KIND, Severity::Block, what, "the object cannot be applied");
            if !others.is_empty() {
                finding = finding.way_out(format!("the server serves {}: repair the chart and upgrade", others.join(", ")));
            }
            findings.push(
                finding
                    .way_out("install the definition of that kind, when one is missing")
                    .impossible()
                    .leading_to(Verdict::FixForward),
            );
        }
        for revision in survey.baseline().filter(|revision| revision.revision() != target.revision()) {
            for unplaced in &revision.contents.unplaced {
                let what = format!(
                    "the server does not know {}, which revision {} has as {:?}",
                    unplaced.gvk,
                    revision.revision(),
                    unplaced.name
                );
                let why = "such an object can no longer exist under that version; if it lives on under another one, it stays";
                findings.push(Finding::new(FindingId::UNKNOWN_KIND, Severity::Caution, what, why));
            }
        }
        findings
    }
}

#[cfg(test)]
mod tests;
