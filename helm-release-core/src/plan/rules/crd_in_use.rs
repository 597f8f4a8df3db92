//! A definition of custom resources that the target lacks while objects of its kind exist.

use crate::plan::{Action, Finding, FindingId, RollbackOptions, Rule, Severity, Step, Survey, Verdict};

/// A definition of custom resources that the target lacks while objects of its kind exist.
#[derive(Debug, Clone, Copy)]
pub(super) struct CrdInUse;

impl Rule for CrdInUse {
    fn look(&self, survey: &Survey, _options: &RollbackOptions, steps: &[Step]) -> Vec<Finding> {
        let removed = steps.iter().filter(|step| matches!(step.action, Action::Delete | Action::Keep));
        let used = removed.filter_map(|step| {
            let location = step.location()?;
            let count = survey.instances.get(location).copied().filter(|count| *count > 0)?;
            let why = "deleting a definition deletes every object of its kind, in every namespace";
            let finding = |what| Finding::new(FindingId::CRD_IN_USE, Severity::Caution, what, why).about(location.id());
            let finding = if step.action == Action::Delete {
                finding(format!("{count} objects of its kind exist and are deleted with it")).leading_to(Verdict::FixForward)
            } else {
                finding(format!("the target does not have it, and {count} objects of its kind exist: it is kept"))
            };
            Some(finding.way_out("delete the objects of that kind first, then the definition by hand"))
        });
        used.collect()
    }
}

#[cfg(test)]
mod tests;
