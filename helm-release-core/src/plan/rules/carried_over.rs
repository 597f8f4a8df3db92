//! Fields that keep their live value, because the server takes no other one.

use crate::plan::{Finding, FindingId, Mode, RollbackOptions, Rule, Severity, Step, Survey};
use crate::reverse::{Fate, FieldFate};

/// Fields that keep their live value, because the server takes no other one.
#[derive(Debug, Clone, Copy)]
pub(super) struct CarriedOver;

impl Rule for CarriedOver {
    fn look(&self, _survey: &Survey, options: &RollbackOptions, steps: &[Step]) -> Vec<Finding> {
        let found = steps.iter().filter_map(|step| Some((step.object()?, step)));
        let each = found.flat_map(|(object, step)| step.fates.iter().map(move |field| (object.clone(), field)));
        each.filter_map(|(object, field)| Some(finding(field, options.mode)?.about(object))).collect()
    }
}

fn finding(FieldFate { path, fate }: &FieldFate, mode: Mode) -> Option<Finding> {
    let Fate::CarriedOver { why, is_named, .. } = fate else { return None };
    if !is_named {
        let what = match mode {
            Mode::Safe => format!("{path} keeps its live value, which the target leaves open"),
            Mode::Compat => format!("the target leaves {path} open: the server keeps its live value, or refuses the change"),
        };
        return Some(Finding::new(FindingId::CARRIED_OVER, Severity::Note, what, why.clone()).at(path.clone()));
    }
    let what = match mode {
        Mode::Safe => format!("{path} keeps its live value, though the target names another one"),
        Mode::Compat => format!("{path} cannot be changed to what the target names, and the server will refuse the change"),
    };
    let finding = Finding::new(FindingId::CARRIED_OVER, Severity::Caution, what, why.clone()).at(path.clone());
    Some(finding.way_out("write the live value into the chart, so that the next upgrade agrees with it"))
}

#[cfg(test)]
mod tests;
