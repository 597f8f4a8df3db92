//! Workloads of which too few pods are left on the way.

use crate::plan::{Finding, FindingId, Impact, PodsFate, RollbackOptions, Rule, Severity, Step, Survey, impact};

/// Workloads of which no pod is left for a while, or fewer than a disruption budget asks for. A rollout asks no budget.
#[derive(Debug, Clone, Copy)]
pub(super) struct Downtime;

impl Rule for Downtime {
    fn look(&self, survey: &Survey, _options: &RollbackOptions, steps: &[Step]) -> Vec<Finding> {
        let replaced = impact(survey, steps).into_iter().filter(|impact| impact.pods == PodsFate::Replaced);
        replaced.filter_map(finding).collect()
    }
}

fn finding(impact: Impact) -> Option<Finding> {
    let (after, missing) = (impact.after.filter(|after| *after > 0)?, impact.unavailable?);
    let all = missing >= after;
    let what = match impact.below_budgets.as_slice() {
        [] if !all => return None,
        [] if after == 1 => "its only pod is stopped before the new one runs".to_owned(),
        [] => format!("all of its {after} pods are stopped before new ones run"),
        budgets => {
            format!("{missing} of its {after} pods may be missing at once, more than budget {} allows", budgets.join(", "))
        }
    };
    let finding = Finding::new(FindingId::DOWNTIME, Severity::Caution, what, "whoever uses it meets fewer pods, or none");
    Some(finding.about(impact.object).way_out("roll back at a quiet hour, or raise its number of pods first"))
}

#[cfg(test)]
mod tests;
