//! Programs that keep data and change their image.

use serde_json::Value;

use crate::Object;
use crate::plan::{Action, Finding, FindingId, RollbackOptions, Rule, Severity, Step, Survey, Verdict};

/// Programs that keep data and change their image: an older one may not read what a newer one has written.
#[derive(Debug, Clone, Copy)]
pub(super) struct DataTouched;

impl Rule for DataTouched {
    fn look(&self, survey: &Survey, _options: &RollbackOptions, steps: &[Step]) -> Vec<Finding> {
        let changed = steps.iter().filter(|step| matches!(step.action, Action::Patch | Action::Replace | Action::Recreate));
        changed
            .filter_map(|step| {
                let at = step.location()?;
                let (live, wanted) = (survey.seen(at).object()?, survey.target().find(at)?.object.unpack());
                let claims = claims(live);
                let images = changed_images(live, &wanted);
                (!claims.is_empty() && !images.is_empty()).then(|| {
                    let what = format!("it keeps data in {} and changes its image: {}", claims.join(", "), images.join(", "));
                    let why = "an older program may not read what a newer one has written, and may spoil it";
                    Finding::new(FindingId::DATA_TOUCHED, Severity::Caution, what, why)
                        .about(at.id())
                        .at("spec.template.spec.containers")
                        .way_out("back its data up first")
                        .leading_to(Verdict::BackUpFirst)
                })
            })
            .collect()
    }
}

/// Where a workload keeps data: its claims, by the names that its template gives them.
fn claims(workload: &Object) -> Vec<String> {
    let text = |value: &Value, path: &str| value.pointer(path).and_then(Value::as_str).map(str::to_owned);
    let templates = workload.at(&["spec", "volumeClaimTemplates"]).and_then(Value::as_array).into_iter().flatten();
    let templates = templates.filter_map(|template| text(template, "/metadata/name"));
    let volumes = workload.at(&["spec", "template", "spec", "volumes"]).and_then(Value::as_array).into_iter().flatten();
    let volumes = volumes.filter_map(|volume| text(volume, "/persistentVolumeClaim/claimName"));
    let described = |name: String| format!("claim {name}");
    templates.map(described).chain(volumes.map(described)).collect()
}

/// The containers whose image differs, `name: before -> after`.
fn changed_images(live: &Object, wanted: &Object) -> Vec<String> {
    let image_of =
        |object: &Object, name: &str| containers(object).find(|(found, _)| *found == name).map(|(_, image)| image.to_owned());
    let changed = containers(wanted).filter_map(|(name, image)| {
        let before = image_of(live, name)?;
        (before != image).then(|| format!("{name}: {before} -> {image}"))
    });
    changed.collect()
}

fn containers(object: &Object) -> impl Iterator<Item = (&str, &str)> {
    let containers = object.at(&["spec", "template", "spec", "containers"]).and_then(Value::as_array);
    containers.into_iter().flatten().filter_map(|container| {
        Some((container.get("name")?.as_str()?, container.get("image").and_then(Value::as_str).unwrap_or_default()))
    })
}

#[cfg(test)]
mod tests;
