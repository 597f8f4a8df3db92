//! A target that is what runs already.

use crate::plan::{Action, Finding, FindingId, RollbackOptions, Rule, Severity, Step, Survey, Verdict};

/// A target that is what runs already.
#[derive(Debug, Clone, Copy)]
pub(super) struct NothingToChange;

impl Rule for NothingToChange {
    fn look(&self, survey: &Survey, _options: &RollbackOptions, steps: &[Step]) -> Vec<Finding> {
        let writes = steps.iter().any(|step| step.action.writes_object() || step.action == Action::CreateRecord);
        if writes {
            return Vec::new();
        }
        let what = format!("revision {} is what runs already", survey.target().revision());
        let why = "nothing is run and nothing is written";
        vec![Finding::new(FindingId::NOTHING_TO_CHANGE, Severity::Note, what, why).leading_to(Verdict::NothingToDo)]
    }
}

#[cfg(test)]
mod tests;
