//! A record that the storage would refuse.

use crate::codec::{self, MAX_PAYLOAD};
use crate::plan::{Finding, FindingId, RollbackOptions, Rule, Severity, Step, Survey, apply_method};
use crate::release::NewRevision;

/// A record that the storage would refuse.
#[derive(Debug, Clone, Copy)]
pub(super) struct RecordTooLarge;

impl Rule for RecordTooLarge {
    fn look(&self, survey: &Survey, options: &RollbackOptions, _steps: &[Step]) -> Vec<Finding> {
        let target = survey.target();
        // A rollback changes a few dozen bytes of the target's record, so only one near the limit is worth encoding.
        if target.payload_bytes < MAX_PAYLOAD / 10 * 9 {
            return Vec::new();
        }
        let new = NewRevision {
            current: &survey.current().record,
            revision: survey.new_revision(),
            to: target.revision(),
            began: &target.info.last_deployed,
            description: options.description.as_deref().unwrap_or("Rollback to 1000"),
            apply_method: apply_method(options, target),
            line: survey.current().record.line(),
        };
        let Ok(record) = target.record.rolled_back(&new) else { return Vec::new() };
        let size = codec::encode(&record).0.len();
        if size <= MAX_PAYLOAD {
            return Vec::new();
        }
        let what = format!("the new record would take {size} bytes, the storage takes at most {MAX_PAYLOAD}");
        let why = "the server refuses the record, and without it nothing can be done";
        vec![
            Finding::new(FindingId::RECORD_TOO_LARGE, Severity::Block, what, why)
                .way_out("choose a revision of a smaller chart; files of a chart can be left out by .helmignore")
                .impossible(),
        ]
    }
}

#[cfg(test)]
mod tests;
