//! Records between the current revision and the last deployed one that cannot be decoded.

use super::block_unless_compat;
use crate::plan::{Finding, FindingId, RollbackOptions, Rule, Step, Survey};

/// Records between the current revision and the last deployed one that cannot be decoded.
#[derive(Debug, Clone, Copy)]
pub(super) struct UndecodableRecord;

impl Rule for UndecodableRecord {
    fn look(&self, survey: &Survey, options: &RollbackOptions, _steps: &[Step]) -> Vec<Finding> {
        let why = "what that revision left in the cluster is not known, and would stay there";
        let unreadable = survey.unreadable.iter();
        unreadable
            .map(|(revision, reason)| {
                let what = format!("the record of revision {revision} cannot be decoded: {reason}");
                Finding::new(FindingId::UNDECODABLE_RECORD, block_unless_compat(options), what, why)
                    .way_out(format!("go on without it: --accept {}", FindingId::UNDECODABLE_RECORD))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests;
