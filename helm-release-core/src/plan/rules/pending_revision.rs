//! An operation that has begun and not ended.

use super::block_unless_compat;
use crate::plan::{Finding, FindingId, RollbackOptions, Rule, Step, Survey};

/// An operation that has begun and not ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct PendingRevision;

impl Rule for PendingRevision {
    fn look(&self, survey: &Survey, options: &RollbackOptions, _steps: &[Step]) -> Vec<Finding> {
        let current = survey.current();
        if !current.info.status.is_pending() {
            return Vec::new();
        }
        let since = current.info.last_deployed.as_str();
        let what = format!("revision {} is {} since {since}", current.revision(), current.info.status);
        let why = "another operation may be at work on the same objects, or may have died and left them half changed";
        let recover = format!(
            "when nobody works on it any more: recover finishes or undoes it (recover {} --dry-run shows how)",
            survey.name
        );
        let accept = format!("or roll back over it: --accept {}", FindingId::PENDING_REVISION);
        vec![
            Finding::new(FindingId::PENDING_REVISION, block_unless_compat(options), what, why)
                .way_out("wait until the other operation ends, and look with history")
                .way_out(recover)
                .way_out(accept),
        ]
    }
}

#[cfg(test)]
mod tests;
