//! Live objects at the places of the target that belong to somebody else.

use super::block_unless_compat;
use crate::plan::{Action, Finding, FindingId, Owner, RollbackOptions, Rule, Severity, Step, Survey, owner_of};

/// Live objects at the places of the target that belong to somebody else.
#[derive(Debug, Clone, Copy)]
pub(super) struct ForeignOwner;

impl Rule for ForeignOwner {
    fn look(&self, survey: &Survey, options: &RollbackOptions, steps: &[Step]) -> Vec<Finding> {
        let mut findings = Vec::new();
        let why = "a rollback would overwrite it and label it as this release's, and its owner would fight back or lose it";
        for step in
            steps.iter().filter(|step| step.action.writes_object() || matches!(step.action, Action::Unchanged | Action::Keep))
        {
            let Some(location) = step.location() else { continue };
            let Some(live) = survey.seen(location).object() else { continue };
            let is_known = survey.baseline().any(|revision| revision.find(location).is_some());
            let what = match owner_of(live, &survey.name, &survey.namespace) {
                Owner::Ours => continue,
                Owner::Release(other) => format!("it belongs to release {other}"),
                Owner::Unclear(_) if is_known => continue,
                Owner::Unclear(missing) => format!("it was not made by this release: {missing}"),
            };
            let is_kept = step.action == Action::Keep;
            let severity = if is_kept { Severity::Caution } else { block_unless_compat(options) };
            let mut finding = Finding::new(FindingId::FOREIGN_OWNER, severity, what, why).about(location.id());
            if !is_kept {
                // The name of an object holds a space.
                let accept = format!("let this release take it over: --accept '{}={}'", FindingId::FOREIGN_OWNER, location.id());
                finding = finding.way_out("rename or remove one of the two objects").way_out(accept);
            }
            findings.push(finding);
        }
        findings
    }
}

#[cfg(test)]
mod tests;
