//! Definitions of custom resources that go back to a form that live objects do not fit.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::Object;
use crate::plan::rules::block_unless_compat;
use crate::plan::{Action, Finding, FindingId, RollbackOptions, Rule, Severity, Step, Survey, Verdict};
use crate::structural::{Complaint, check};

/// Definitions of custom resources that go back to a form that live objects do not fit: a version in which objects are stored
/// is missing, or the schema refuses or drops what objects hold.
#[derive(Debug, Clone, Copy)]
pub(super) struct CrdChanges;

const DEFINITION: &str = "CustomResourceDefinition";

impl Rule for CrdChanges {
    fn look(&self, survey: &Survey, options: &RollbackOptions, steps: &[Step]) -> Vec<Finding> {
        let mut findings = Vec::new();
        let changed = steps.iter().filter(|step| matches!(step.action, Action::Patch | Action::Replace));
        for step in changed {
            let Some(at) = step.location().filter(|at| at.resource.gvk.kind == DEFINITION) else { continue };
            let (Some(live), Some(target)) = (survey.seen(at).object(), survey.target().find(at)) else { continue };
            let target = target.object.unpack();
            findings.extend(stored_versions(live, &target, options).map(|finding| finding.about(at.id())));
            let objects = survey.answers.custom_resources.get(&at.id()).map(Vec::as_slice).unwrap_or_default();
            findings.extend(misfits(&target, objects).map(|finding| finding.about(at.id())));
        }
        findings
    }
}

fn versions(definition: &Object) -> impl Iterator<Item = &Value> {
    definition.at(&["spec", "versions"]).and_then(Value::as_array).into_iter().flatten()
}

fn name_of(version: &Value) -> &str {
    version.get("name").and_then(Value::as_str).unwrap_or_default()
}

/// Versions in which objects lie in the storage, and that the target does not have: the server refuses that.
fn stored_versions(live: &Object, target: &Object, options: &RollbackOptions) -> Option<Finding> {
    let stored = live.at(&["status", "storedVersions"]).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let missing: Vec<&str> = stored.filter(|stored| !versions(target).any(|version| name_of(version) == *stored)).collect();
    if missing.is_empty() {
        return None;
    }
    let what = format!("objects are stored in version {}, which the target does not have", missing.join(", "));
    let why = "the server refuses a definition without a version in which objects are stored";
    let finding =
        Finding::new(FindingId::CRD_STORED_VERSION, block_unless_compat(options), what, why).at("status.storedVersions");
    let finding = finding.way_out("repair the release by a new upgrade that keeps that version");
    Some(finding.way_out("migrate the stored objects to an older version first").leading_to(Verdict::FixForward))
}

/// Objects that the target's schema refuses, or of which it drops fields.
fn misfits(target: &Object, objects: &[Object]) -> Option<Finding> {
    let schemas: BTreeMap<&str, &Value> =
        versions(target).filter_map(|version| Some((name_of(version), version.pointer("/schema/openAPIV3Schema")?))).collect();
    let mut refused = Vec::new();
    let mut dropped = Vec::new();
    for object in objects {
        let gvk = object.gvk();
        // An object in a version that is gone is shown in another one, which no schema here tells.
        let Some(schema) = schemas.get(gvk.version.as_str()) else { continue };
        for complaint in check(schema, object.as_value()) {
            let place =
                object.namespace().map_or_else(|| object.name().to_owned(), |namespace| format!("{namespace}/{}", object.name()));
            match complaint {
                Complaint::Refused { path, why } => refused.push(format!("{place} {path}: {why}")),
                Complaint::Dropped { path } => dropped.push(format!("{place} {path}")),
            }
        }
    }
    let first = |list: &[String]| {
        let more = list.len().saturating_sub(3);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        format!("{}{more}", list.iter().take(3).cloned().collect::<Vec<_>>().join("; "))
    };
    let mut texts = Vec::new();
    if !refused.is_empty() {
        texts.push(format!("refuses what live objects hold ({})", first(&refused)));
    }
    if !dropped.is_empty() {
        texts.push(format!("drops what live objects hold ({})", first(&dropped)));
    }
    if texts.is_empty() {
        return None;
    }
    let what = format!("the target's schema {}", texts.join(", and "));
    let why = "those objects stay as they are until somebody writes them; then the write fails, or the fields are gone";
    let finding = Finding::new(FindingId::CRD_MISFIT, Severity::Caution, what, why).at("spec.versions");
    let finding = finding.way_out("save and change those objects first").way_out("repair the release by a new upgrade");
    Some(finding.leading_to(Verdict::FixForward))
}

#[cfg(test)]
mod tests;
