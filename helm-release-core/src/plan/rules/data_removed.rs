//! Objects that go away together with data.

use serde_json::Value;

use crate::plan::{Action, Around, Finding, FindingId, RollbackOptions, Rule, Severity, Step, Survey, Verdict};
use crate::{Object, ObjectId};

/// Objects that go away together with data.
#[derive(Debug, Clone, Copy)]
pub(super) struct DataRemoved;

impl Rule for DataRemoved {
    fn look(&self, survey: &Survey, _options: &RollbackOptions, steps: &[Step]) -> Vec<Finding> {
        let around = &survey.answers.around;
        let removed = steps.iter().filter(|step| step.action == Action::Delete);
        removed.filter_map(|step| finding(step.object()?, survey.seen(step.location()?).object()?, around)).collect()
    }
}

fn finding(object: ObjectId, live: &Object, around: &Around) -> Option<Finding> {
    let finding =
        |severity, what: String, why: &str| Finding::new(FindingId::DATA_REMOVED, severity, what, why).about(object.clone());
    let lost = |what: String| {
        finding(Severity::Caution, what, "what it holds may be lost, and no rollback brings it back")
            .way_out("back its data up first")
            .way_out("annotate it with helm.sh/resource-policy=keep, and it stays")
            .leading_to(Verdict::BackUpFirst)
    };
    let because = "it is deleted because the target does not have it";
    match (object.group.as_str(), object.kind.as_str()) {
        ("", "PersistentVolumeClaim") => Some(lost(format!("{because}; {}", fate(live, around)))),
        ("", "PersistentVolume") => Some(lost(because.to_owned())),
        ("", "Namespace") => {
            let claims: Vec<_> = around.within("PersistentVolumeClaim", Some(&object.name)).collect();
            let inside = match claims.len() {
                0 => "everything in it goes with it".to_owned(),
                count => {
                    let names: Vec<&str> = claims.iter().map(|claim| claim.name()).collect();
                    format!("everything in it goes with it, {count} claims among them ({})", names.join(", "))
                }
            };
            Some(lost(format!("{because}; {inside}")))
        }
        ("apps", "StatefulSet") => {
            let goes = live.at(&["spec", "persistentVolumeClaimRetentionPolicy", "whenDeleted"]).and_then(Value::as_str);
            let claims = claims_of(live, around);
            let names = if claims.is_empty() { String::new() } else { format!(" ({})", claims.join(", ")) };
            if goes == Some("Delete") {
                return Some(lost(format!("{because}, and its claims go with it{names}")));
            }
            let what = format!("{because}; its claims stay{names}");
            Some(finding(Severity::Note, what, "the data is kept, and nothing uses it any more"))
        }
        _ => None,
    }
}

/// What becomes of the volume of a claim: its size, its reclaim policy.
fn fate(claim: &Object, around: &Around) -> String {
    let text = |object: &Object, path: &[&str]| object.at(path).and_then(Value::as_str).map(str::to_owned);
    let size = text(claim, &["status", "capacity", "storage"])
        .or_else(|| text(claim, &["spec", "resources", "requests", "storage"]))
        .map_or_else(String::new, |size| format!(" of {size}"));
    let Some(name) = text(claim, &["spec", "volumeName"]) else { return format!("no volume{size} is bound to it") };
    let volume = around.of_kind("PersistentVolume").find(|volume| volume.name() == name);
    let policy = volume.and_then(|volume| text(volume, &["spec", "persistentVolumeReclaimPolicy"]));
    match policy.as_deref() {
        Some("Retain") => format!("its volume {name}{size} is retained, and has to be bound again by hand"),
        Some(policy) => format!("its volume {name}{size} has reclaim policy {policy}: the data goes with it"),
        None => format!("its volume {name}{size} may go with it"),
    }
}

/// The claims that a StatefulSet's pods have, by the names that its controller gives them: `template-set-0`.
fn claims_of(set: &Object, around: &Around) -> Vec<String> {
    let templates = set.at(&["spec", "volumeClaimTemplates"]).and_then(Value::as_array);
    let prefixes: Vec<String> = templates
        .into_iter()
        .flatten()
        .filter_map(|template| template.pointer("/metadata/name")?.as_str())
        .map(|template| format!("{template}-{}-", set.name()))
        .collect();
    let is_of =
        |name: &str, prefix: &String| name.strip_prefix(prefix.as_str()).is_some_and(|ordinal| ordinal.parse::<u32>().is_ok());
    let claims = around.within("PersistentVolumeClaim", set.namespace());
    let claims = claims.filter(|claim| prefixes.iter().any(|prefix| is_of(claim.name(), prefix)));
    claims.map(|claim| claim.name().to_owned()).collect()
}

#[cfg(test)]
mod tests;
