//! A target that was never deployed, or was taken down.

use super::block_unless_compat;
use crate::history::Judgement;
use crate::plan::{Finding, FindingId, RollbackOptions, Rule, Step, Survey};

/// A target that was never deployed, or was taken down.
#[derive(Debug, Clone, Copy)]
pub(super) struct TargetNotGood;

impl Rule for TargetNotGood {
    fn look(&self, survey: &Survey, options: &RollbackOptions, _steps: &[Step]) -> Vec<Finding> {
        let Some(Judgement::Bad(reason)) = survey.history.judge(survey.target().revision()) else { return Vec::new() };
        let what = format!("revision {} never worked, or does not any more: {reason}", survey.target().revision());
        let why = "returning to it brings a broken state back";
        vec![
            Finding::new(FindingId::TARGET_NOT_GOOD, block_unless_compat(options), what, why)
                .way_out("leave the revision out, and the newest good one is chosen")
                .way_out(format!("return to it all the same: --accept {}", FindingId::TARGET_NOT_GOOD)),
        ]
    }
}

#[cfg(test)]
mod tests;
