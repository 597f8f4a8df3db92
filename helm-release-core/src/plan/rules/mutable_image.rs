//! Images whose name does not say which build runs.

use serde_json::Value;

use crate::Object;
use crate::plan::{Finding, FindingId, PodsFate, RollbackOptions, Rule, Severity, Step, Survey, impact};

/// Images of new pods whose name does not say which build runs: without a tag, or `latest`. The build that ran with the
/// target's revision may be another one by now.
#[derive(Debug, Clone, Copy)]
pub(super) struct MutableImage;

impl Rule for MutableImage {
    fn look(&self, survey: &Survey, _options: &RollbackOptions, steps: &[Step]) -> Vec<Finding> {
        let mut findings = Vec::new();
        for impact in
            impact(survey, steps).into_iter().filter(|impact| matches!(impact.pods, PodsFate::Replaced | PodsFate::Made))
        {
            let placed = survey.target().contents.placed.iter().find(|placed| placed.location.is_of(&impact.object));
            let Some(placed) = placed else { continue };
            let images = images(&placed.object.unpack());
            let mutable: Vec<&String> = images.iter().filter(|image| is_mutable(image)).collect();
            if let [first, rest @ ..] = mutable.as_slice() {
                let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
                let what = format!("image {first}{more} names no fixed build");
                let why = "the new pods may get another build than the one that ran with that revision";
                let finding = Finding::new(FindingId::MUTABLE_IMAGE, Severity::Note, what, why).about(impact.object);
                findings
                    .push(finding.way_out("look which build the registry has under that name").way_out("use tags or digests"));
            }
        }
        findings
    }
}

/// The images of a workload's pods, init containers first; none of other objects.
pub(super) fn images(object: &Object) -> Vec<String> {
    let path: &[&str] = if object.kind() == "Pod" { &["spec"] } else { &["spec", "template", "spec"] };
    let Some(spec) = object.at(path) else { return Vec::new() };
    let lists = ["initContainers", "containers"].into_iter().filter_map(|list| spec.get(list)?.as_array());
    lists.flatten().filter_map(|container| container.get("image").and_then(Value::as_str).map(str::to_owned)).collect()
}

fn is_mutable(image: &str) -> bool {
    if image.contains('@') {
        return false;
    }
    let name = image.rsplit('/').next().unwrap_or(image);
    name.split_once(':').is_none_or(|(_, tag)| tag == "latest")
}

#[cfg(test)]
mod tests;
