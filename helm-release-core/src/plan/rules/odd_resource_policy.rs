//! Resource policies with a word that Helm overlooks on rollback.

use crate::manifest::{RemovalPolicy, removal_policy};
use crate::plan::{Action, Finding, FindingId, RollbackOptions, Rule, Severity, Step, Survey};

/// Resource policies with a word that Helm overlooks on rollback.
#[derive(Debug, Clone, Copy)]
pub(super) struct OddResourcePolicy;

impl Rule for OddResourcePolicy {
    fn look(&self, survey: &Survey, _options: &RollbackOptions, steps: &[Step]) -> Vec<Finding> {
        let gone = steps.iter().filter(|step| matches!(step.action, Action::Keep | Action::Delete));
        let odd = gone.filter_map(|step| {
            let location = step.location()?;
            let live = survey.seen(location).object()?;
            if removal_policy(live) != RemovalPolicy::RemoveDespiteIntent {
                return None;
            }
            let what = "its resource policy means keep, but is not spelled so";
            let (severity, why) = if step.action == Action::Delete {
                (Severity::Caution, "helm overlooks it on a rollback, and the object is deleted")
            } else {
                (Severity::Note, "helm rollback would delete it, this tool keeps it")
            };
            let finding = Finding::new(FindingId::ODD_RESOURCE_POLICY, severity, what, why).about(location.id());
            Some(finding.at("metadata.annotations[helm.sh/resource-policy]").way_out("write exactly keep"))
        });
        odd.collect()
    }
}

#[cfg(test)]
mod tests;
