//! Resource policies with a word that Helm overlooks on rollback.

use crate::manifest::{RemovalPolicy, removal_policy};
use crate::plan::{Action, Finding, FindingId, RollbackOptions, Rule, Severity, Step, Survey};

/// Resource policies with a word that Helm overlooks on rollback.
#[derive(Debug, Clone, Copy)]
pub(super) struct OddResourcePolicy;

impl Rule for OddResourcePolicy {
    fn look(&self, survey: &Survey, _options: &RollbackOptions, steps: &[Step]) -> Vec<Finding> {
        let gone = steps.iter().filter(|step| matches!(step.action, Action::Keep | Action::Delete)).filter_map(Step::location);
        let odd = gone.filter(|location| {
            survey.seen(location).object().is_some_and(|live| removal_policy(live) == RemovalPolicy::RemoveDespiteIntent)
        });
        odd.map(|location| {
            let what = "its resource policy means keep, but is not spelled so";
            let why = "helm rollback would delete it, this tool keeps it";
            Finding::new(FindingId::ODD_RESOURCE_POLICY, Severity::Note, what, why)
                .about(location.id())
                .at("metadata.annotations[helm.sh/resource-policy]")
                .way_out("write exactly keep")
        })
        .collect()
    }
}
