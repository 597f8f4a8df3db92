//! Our reading of manifests beside Go's, on real documents and generated texts.

use std::path::{Path, PathBuf};
use std::process::Command;

use e2e::World;
use helm_release_core::HelmLine;
use helm_release_core::manifest::{read_yaml, sort_for_install, split_documents, split_helm};
use serde_json::{Value, json};

use crate::dice::Dice;

pub(crate) const TESTS: &[crate::Test] = crate::tests![
    real_documents_are_read_as_go_reads_them,
    real_files_are_split_as_helm_splits_them,
    generated_texts_are_split_as_helm_splits_them,
    kinds_are_put_in_helms_order,
];

/// At least so many documents must have been compared.
const DOCUMENTS: usize = 2_000;
/// More files than this are not looked at.
const FILES: usize = 4_000;
/// Larger files hold definitions by the dozen and say nothing new.
const LARGEST: u64 = 200_000;
/// The two scanners do not accept quite the same texts; where only one does, nothing is read wrongly.
const MOST_REFUSED_BY_ONE: usize = 20;

/// YAML files of the Go modules that the control plane was built from, in a fixed order.
fn real_files() -> Vec<String> {
    let output = Command::new("go").args(["env", "GOMODCACHE"]).output().expect("Go is installed");
    let root = PathBuf::from(String::from_utf8(output.stdout).expect("a path").trim());
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.sort();
    files.truncate(FILES);
    files.iter().filter_map(|path| std::fs::read_to_string(path).ok()).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        match entry.metadata() {
            Ok(meta) if meta.is_dir() => collect(&path, files),
            Ok(meta) if meta.len() <= LARGEST && path.extension().is_some_and(|end| end == "yaml" || end == "yml") => {
                files.push(path);
            }
            _ => {}
        }
    }
}

fn real_documents_are_read_as_go_reads_them(world: &World) {
    let files = real_files();
    let documents: Vec<String> = files
        .iter()
        .filter_map(|text| split_documents(text).ok())
        .flatten()
        .filter(|chunk| !chunk.is_json)
        .map(|chunk| chunk.text.into_owned())
        .collect();
    let answers = world.oracle().ask_all("yaml", documents.iter().map(|text| json!({ "text": text })));
    let (mut equal, mut refused_by_both, mut refused_by_one) = (0, 0, 0);
    let mut different = Vec::new();
    for (text, answer) in documents.iter().zip(answers) {
        match (answer, read_yaml(text)) {
            (Ok(theirs), Ok(ours)) => {
                let theirs: Value = serde_json::from_str(theirs.as_str().expect("JSON as text")).expect("JSON");
                if theirs == ours { equal += 1 } else { different.push(text) }
            }
            (Err(_), Err(_)) => refused_by_both += 1,
            _ => refused_by_one += 1,
        }
    }
    eprintln!(
        "{} documents of {} files: {equal} equal, {refused_by_both} refused by both, {refused_by_one} by one, {} different",
        documents.len(),
        files.len(),
        different.len()
    );
    assert!(different.is_empty(), "read differently: {}", different.first().map_or("", |text| text.as_str()));
    assert!(equal >= DOCUMENTS, "only {equal} documents could be compared");
    assert!(refused_by_one <= MOST_REFUSED_BY_ONE, "{refused_by_one} documents are refused by one side only");
}

const LINES: [(HelmLine, &str); 2] = [(HelmLine::V3, "split-helm3"), (HelmLine::V4, "split-helm4")];

fn assert_split_alike(world: &World, texts: &[String]) {
    for (line, verb) in LINES {
        let answers = world.oracle().ask_all(verb, texts.iter().map(|text| json!({ "text": text })));
        for (text, answer) in texts.iter().zip(answers) {
            let theirs = answer.expect("the splitter takes every text");
            assert_eq!(theirs, json!(split_helm(text, line)), "{verb} of {text:?}");
        }
    }
}

fn real_files_are_split_as_helm_splits_them(world: &World) {
    assert_split_alike(world, &real_files());
}

fn generated_texts_are_split_as_helm_splits_them(world: &World) {
    let mut dice = Dice::new();
    let pieces = [
        "---",
        "--- ",
        "---\t",
        "--- # x",
        "---a: 1",
        "a: 1",
        "  b: 2",
        "",
        " ",
        "# only a comment",
        "\t",
        "|",
        "text: |",
        "  ---",
        "...",
        "\r",
    ];
    let texts: Vec<String> = (0..5_000)
        .map(|_| {
            let lines: Vec<&str> = (0..dice.below(9)).map(|_| dice.pick(&pieces)).collect();
            lines.join("\n")
        })
        .collect();
    assert_split_alike(world, &texts);
}

fn kinds_are_put_in_helms_order(world: &World) {
    let mut dice = Dice::new();
    let kinds = [
        "Deployment",
        "Secret",
        "ConfigMap",
        "Service",
        "Namespace",
        "CustomResourceDefinition",
        "Job",
        "CronJob",
        "Ingress",
        "Widget",
        "Apple",
        "PodDisruptionBudget",
        "ServiceAccount",
        "ClusterRole",
        "RoleBinding",
        "MutatingWebhookConfiguration",
        "ValidatingWebhookConfiguration",
        "StatefulSet",
        "Pod",
        "PersistentVolumeClaim",
        "APIService",
        "IngressClass",
        "LimitRange",
    ];
    for (line, helm) in [(HelmLine::V3, 3), (HelmLine::V4, 4)] {
        let sets: Vec<Vec<&str>> = (0..400).map(|_| (0..=dice.below(8)).map(|_| dice.pick(&kinds)).collect()).collect();
        let questions = sets.iter().map(|set| {
            let documents: Vec<String> = set
                .iter()
                .enumerate()
                .map(|(at, kind)| format!("apiVersion: x/v1\nkind: {kind}\nmetadata: {{name: n{at}}}\n"))
                .collect();
            json!({ "helm": helm, "files": { "c/templates/a.yaml": documents.join("---\n") } })
        });
        let answers = world.oracle().ask_all("sort-manifests", questions);
        for (set, answer) in sets.iter().zip(answers) {
            let answer = answer.expect("every document has a kind");
            let texts = answer["manifests"].as_array().expect("a list of manifests").iter();
            let theirs: Vec<String> = texts.map(|manifest| name_in(&manifest.to_string())).collect();
            let mut ours: Vec<(usize, &str)> = set.iter().copied().enumerate().collect();
            sort_for_install(&mut ours, line, |(_, kind)| *kind);
            let ours: Vec<String> = ours.iter().map(|(at, _)| format!("n{at}")).collect();
            assert_eq!(theirs, ours, "helm {helm}: {set:?}");
        }
    }
}

/// The name in a manifest that this module wrote.
fn name_in(manifest: &str) -> String {
    let at = manifest.find("{name: ").expect("a name") + "{name: ".len();
    manifest[at..].chars().take_while(char::is_ascii_alphanumeric).collect()
}
