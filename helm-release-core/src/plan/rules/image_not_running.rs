//! Images of the target that nothing of the release uses any more.

use std::collections::BTreeSet;

use super::mutable_image::images;
use crate::plan::{Finding, FindingId, PodsFate, RollbackOptions, Rule, Severity, Step, Survey, impact};

/// Images of new pods that no live workload of the release names: nodes may have dropped them since, and the registry too.
#[derive(Debug, Clone, Copy)]
pub(super) struct ImageNotRunning;

impl Rule for ImageNotRunning {
    fn look(&self, survey: &Survey, _options: &RollbackOptions, steps: &[Step]) -> Vec<Finding> {
        let live: BTreeSet<String> = survey.live.values().filter_map(|seen| seen.object()).flat_map(images).collect();
        let new = impact(survey, steps).into_iter().filter(|impact| matches!(impact.pods, PodsFate::Replaced | PodsFate::Made));
        let placed =
            new.filter_map(|impact| survey.target().contents.placed.iter().find(|placed| placed.location.is_of(&impact.object)));
        let wanted: BTreeSet<String> = placed.flat_map(|placed| images(&placed.object.unpack())).collect();
        let gone: Vec<&String> = wanted.difference(&live).collect();
        let [first, rest @ ..] = gone.as_slice() else { return Vec::new() };
        let (more, run) = if rest.is_empty() { (String::new(), "runs") } else { (format!(" and {} more", rest.len()), "run") };
        let what = format!("image {first}{more} {run} nowhere in the release now");
        let why = "a node that has dropped it pulls it anew, which fails when the registry has it no more";
        let finding = Finding::new(FindingId::IMAGE_NOT_RUNNING, Severity::Note, what, why);
        vec![finding.way_out("look whether the registry still has it")]
    }
}

#[cfg(test)]
mod tests;
