//! The user's own checks that say no.

use crate::plan::rules::block_unless_compat;
use crate::plan::{Finding, FindingId, RollbackOptions, Rule, Step, Survey, Verdict};

/// The user's own checks (`--probe`) that say no.
#[derive(Debug, Clone, Copy)]
pub(super) struct ProbeFailed;

impl Rule for ProbeFailed {
    fn look(&self, survey: &Survey, options: &RollbackOptions, _steps: &[Step]) -> Vec<Finding> {
        let failed = survey.answers.probes.iter().filter_map(|probe| Some((probe, probe.failure.as_ref()?)));
        let found = failed.map(|(probe, why)| {
            let what = format!("the probe {:?} says no: {why}", probe.probe);
            let finding =
                Finding::new(FindingId::PROBE_FAILED, block_unless_compat(options), what, "it was asked to guard this rollback");
            finding.way_out("settle what the probe looks at, or choose another revision").leading_to(Verdict::FixForward)
        });
        found.collect()
    }
}

#[cfg(test)]
mod tests;
