//! Objects that must be read and may not be.

use crate::plan::{Finding, FindingId, RollbackOptions, Rule, Seen, Severity, Step, Survey};

/// Objects that must be read and may not be.
#[derive(Debug, Clone, Copy)]
pub(super) struct NoRight;

impl Rule for NoRight {
    fn look(&self, survey: &Survey, _options: &RollbackOptions, _steps: &[Step]) -> Vec<Finding> {
        let hidden = survey.live.iter().filter_map(|(location, seen)| match seen {
            Seen::Hidden(reason) => Some((location, reason)),
            Seen::Absent | Seen::Live(_) => None,
        });
        hidden
            .map(|(location, reason)| {
                let what = format!("it cannot be read: {reason}");
                let why = "without its live state neither a patch nor its owner is known";
                let (kind, group) = (&location.resource.plural, &location.resource.gvk.group);
                let right = if group.is_empty() { kind.clone() } else { format!("{kind}.{group}") };
                let place = location
                    .namespace
                    .as_ref()
                    .map_or("in the cluster".to_owned(), |namespace| format!("in namespace {namespace}"));
                Finding::new(FindingId::NO_RIGHT, Severity::Block, what, why)
                    .about(location.id())
                    .way_out(format!("get the rights get, create, patch and delete on {right} {place}"))
                    .impossible()
            })
            .collect()
    }
}

#[cfg(test)]
mod tests;
