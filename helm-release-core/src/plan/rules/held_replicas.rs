//! Replicas that an autoscaler holds and that the rollback therefore leaves alone.

use crate::drift::DriftChoice;
use crate::plan::kept::decisions;
use crate::plan::{Finding, FindingId, RollbackOptions, Rule, Severity, Step, Survey};

/// Replicas that an autoscaler holds and that the rollback therefore leaves alone.
#[derive(Debug, Clone, Copy)]
pub(super) struct HeldReplicas;

impl Rule for HeldReplicas {
    fn look(&self, survey: &Survey, options: &RollbackOptions, steps: &[Step]) -> Vec<Finding> {
        let mut findings = Vec::new();
        if survey.autoscalers.found.is_empty() && survey.autoscalers.hidden.is_none() {
            return findings;
        }
        for at in steps.iter().filter_map(Step::location) {
            let Some(wanted) = survey.target().find(at).map(|placed| placed.object.unpack()) else { continue };
            for decision in decisions(survey, options, at) {
                let field = decision.field;
                let (Some(holder), Some(is)) = (&field.held_by, &field.is) else { continue };
                let Some(target) = field.path.get(wanted.as_value()).filter(|target| *target != is) else { continue };
                if decision.choice != DriftChoice::Keep {
                    continue;
                }
                let what = format!("{} stay {is}, the target has {target}: {holder} holds them", field.path);
                let why = "a rollback that sets them would take away what the load asks for, until the autoscaler looks again";
                let id = at.id();
                let rule = format!("--drift-rule '{}/{}:{}=restore' sets them all the same", id.kind, id.name, field.path);
                let finding = Finding::new(FindingId::HELD_REPLICAS, Severity::Note, what, why).about(id);
                findings.push(finding.at(field.path.to_string()).way_out(rule));
            }
        }
        findings
    }
}

#[cfg(test)]
mod tests;
