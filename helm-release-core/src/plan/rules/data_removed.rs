//! Objects that go away together with data.

use crate::plan::{Action, Finding, FindingId, RollbackOptions, Rule, Severity, Step, Survey, Verdict};

/// Objects that go away together with data.
#[derive(Debug, Clone, Copy)]
pub(super) struct DataRemoved;

impl Rule for DataRemoved {
    fn look(&self, _survey: &Survey, _options: &RollbackOptions, steps: &[Step]) -> Vec<Finding> {
        let holds_data = |group: &str, kind: &str| {
            matches!((group, kind), ("", "PersistentVolumeClaim" | "PersistentVolume" | "Namespace") | ("apps", "StatefulSet"))
        };
        let removed = steps.iter().filter(|step| step.action == Action::Delete).filter_map(Step::object);
        removed
            .filter(|object| holds_data(&object.group, &object.kind))
            .map(|object| {
                let what = "it is deleted because the target does not have it";
                let why = "what it holds may be lost, and no rollback brings it back";
                Finding::new(FindingId::DATA_REMOVED, Severity::Caution, what, why)
                    .about(object)
                    .way_out("back its data up first")
                    .way_out("annotate it with helm.sh/resource-policy=keep, and it stays")
                    .leading_to(Verdict::BackUpFirst)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests;
