//! Live objects at the places of the target that belong to somebody else.

use super::block_unless_compat;
use crate::plan::tool::{self, Tool};
use crate::plan::{Action, Finding, FindingId, Owner, RollbackOptions, Rule, Severity, Step, Survey, owner_of};

/// Live objects at the places of the target that belong to somebody else.
#[derive(Debug, Clone, Copy)]
pub(super) struct ForeignOwner;

impl Rule for ForeignOwner {
    fn look(&self, survey: &Survey, options: &RollbackOptions, steps: &[Step]) -> Vec<Finding> {
        let mut findings = Vec::new();
        let whole = tool::keeping_all(survey);
        let why = "a rollback would overwrite it and label it as this release's, and its owner would fight back or lose it";
        for step in
            steps.iter().filter(|step| step.action.writes_object() || matches!(step.action, Action::Unchanged | Action::Keep))
        {
            let Some(location) = step.location() else { continue };
            let Some(live) = survey.seen(location).object() else { continue };
            let is_known = survey.baseline().any(|revision| revision.find(location).is_some());
            // What a tool that keeps the whole release does to it is said once, by `managed-elsewhere`.
            let tool = tool::keeping(survey, location).filter(|tool| whole.as_ref() != Some(tool));
            let tool = tool.filter(|tool| !matches!(tool, Tool::FluxHelmRelease(_)));
            let (what, is_tools) = match (owner_of(live, &survey.name, &survey.namespace), tool) {
                (Owner::Release(other), _) => (format!("it belongs to release {other}"), false),
                (Owner::Unclear(missing), None) if !is_known => (format!("it was not made by this release: {missing}"), false),
                (Owner::Ours | Owner::Unclear(_), Some(tool)) => (tool.to_string(), true),
                (Owner::Ours | Owner::Unclear(_), None) => continue,
            };
            let is_kept = step.action == Action::Keep;
            // What stays as it is takes nothing from a tool.
            let is_safe = is_kept || is_tools && step.action == Action::Unchanged;
            let severity = if is_safe { Severity::Caution } else { block_unless_compat(options) };
            let mut finding = Finding::new(FindingId::FOREIGN_OWNER, severity, what, why).about(location.id());
            if is_kept && is_tools {
                finding =
                    finding.way_out(format!("delete it all the same: --accept '{}={}'", FindingId::FOREIGN_OWNER, location.id()));
            }
            if !is_safe {
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
