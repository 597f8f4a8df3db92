//! Jobs that run once more because the target has them and the cluster has not.

use crate::plan::{Action, Finding, FindingId, RollbackOptions, Rule, Severity, Step, Survey};

/// Jobs that run once more: the target has them, and they are gone or made anew. A Job that removes itself when it has ended
/// (`ttlSecondsAfterFinished`) is the usual case.
#[derive(Debug, Clone, Copy)]
pub(super) struct JobAgain;

impl Rule for JobAgain {
    fn look(&self, _survey: &Survey, _options: &RollbackOptions, steps: &[Step]) -> Vec<Finding> {
        let made = steps.iter().filter(|step| matches!(step.action, Action::Create | Action::Recreate));
        let jobs = made.filter_map(Step::object).filter(|object| object.group == "batch" && object.kind == "Job");
        let found = jobs.map(|object| {
            let what = "it runs again, as it did when its revision was installed";
            let why = "what it does is done a second time";
            let finding = Finding::new(FindingId::JOB_AGAIN, Severity::Note, what, why).about(object);
            finding.way_out("make sure that running it twice does no harm")
        });
        found.collect()
    }
}

#[cfg(test)]
mod tests;
