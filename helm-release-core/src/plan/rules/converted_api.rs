//! Objects of the target in a version that Kubernetes has removed.

use crate::api;
use crate::plan::{Finding, FindingId, Placed, RollbackOptions, Rule, Severity, Step, Survey};

/// Objects and hooks of the target in a version that Kubernetes has removed: they are written in the one that took its place,
/// the record keeps the original.
#[derive(Debug, Clone, Copy)]
pub(super) struct ConvertedApi;

impl Rule for ConvertedApi {
    fn look(&self, survey: &Survey, _options: &RollbackOptions, _steps: &[Step]) -> Vec<Finding> {
        let target = survey.target();
        let hooks = target.hooks.iter().flat_map(|hook| &hook.contents.placed);
        target.contents.placed.iter().chain(hooks).filter_map(finding).collect()
    }
}

fn finding(placed: &Placed) -> Option<Finding> {
    let old = placed.converted_from.as_ref()?;
    let since = api::removed(old).map_or_else(String::new, |row| format!(", which Kubernetes {} removed", row.removed_in));
    let new = placed.location.resource.gvk.api_version();
    let what = format!("the target has it as {}{since}; it is written as {new}", old.api_version());
    let why = "the record keeps the original: the next helm upgrade reads it and stops at that version";
    let finding = Finding::new(FindingId::CONVERTED_API, Severity::Caution, what, why).about(placed.location.id());
    Some(finding.way_out("repair the chart, and map the record before the next helm upgrade: helm mapkubeapis RELEASE"))
}

#[cfg(test)]
mod tests;
