//! Definitions in a chart's folder `crds/`, which Helm installs once and never touches again.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::Value;

use crate::manifest::read_objects;
use crate::plan::{Finding, FindingId, RevisionContent, RollbackOptions, Rule, Severity, Step, Survey};
use crate::{Object, Record};

/// Definitions in the folder `crds/` of the target's chart that differ from what is installed, or are not installed: neither
/// Helm nor this tool changes them in a rollback.
#[derive(Debug, Clone, Copy)]
pub(super) struct CrdFiles;

impl Rule for CrdFiles {
    fn look(&self, survey: &Survey, _options: &RollbackOptions, _steps: &[Step]) -> Vec<Finding> {
        let mut findings = Vec::new();
        for file in crd_files(survey.target()) {
            let what = match survey.answers.definitions.get(file.name()) {
                None => continue,
                Some(None) => "the target's chart brings it in its folder crds/, and it is not installed".to_owned(),
                Some(Some(live)) => match missing_versions(&file, live) {
                    versions if versions.is_empty() => continue,
                    versions => format!(
                        "the target's chart brings version {} of it in its folder crds/, which is not installed",
                        versions.join(", ")
                    ),
                },
            };
            let why = "a rollback leaves the folder crds/ alone, as Helm does: programs of the target may miss the definition";
            let finding = Finding::new(FindingId::CRD_FILE_DIFFERS, Severity::Caution, what, why).about(file.id());
            findings.push(finding.way_out("apply the files of the folder crds/ by kubectl first"));
        }
        findings
    }
}

/// The definitions in the folder `crds/` of a revision's chart; what cannot be read is left out.
pub(crate) fn crd_files(revision: &RevisionContent) -> Vec<Object> {
    let texts = files(&revision.record).unwrap_or_default();
    let mut definitions = Vec::new();
    for text in &texts {
        let read = read_objects(text).each(|found| definitions.push(found.object));
        drop(read);
    }
    definitions.retain(|object| object.kind() == "CustomResourceDefinition");
    definitions
}

fn files(record: &Record) -> Option<Vec<String>> {
    #[derive(Deserialize)]
    struct Chart {
        files: Option<Vec<File>>,
    }
    #[derive(Deserialize)]
    struct File {
        name: String,
        data: Option<String>,
    }
    let raw = record.raw("chart")?;
    if !raw.contains("\"crds/") {
        return None;
    }
    let chart: Chart = serde_json::from_str(raw).ok()?;
    let files = chart.files.unwrap_or_default().into_iter().filter(|file| file.name.starts_with("crds/"));
    let texts = files.filter_map(|file| String::from_utf8(BASE64_STANDARD.decode(file.data?).ok()?).ok());
    Some(texts.collect())
}

/// The versions of the one that the other does not serve.
fn missing_versions(file: &Object, live: &Object) -> Vec<String> {
    let served = |definition: &Object| -> Vec<String> {
        let versions = definition.at(&["spec", "versions"]).and_then(Value::as_array).into_iter().flatten();
        let served = versions.filter(|version| version.get("served") != Some(&Value::Bool(false)));
        served.filter_map(|version| Some(version.get("name")?.as_str()?.to_owned())).collect()
    };
    let there = served(live);
    served(file).into_iter().filter(|version| !there.contains(version)).collect()
}

#[cfg(test)]
mod tests;
