//! Our reading of manifests beside Go's, on real documents and generated texts.

use std::path::{Path, PathBuf};
use std::process::Command;

use e2e::World;
use helm_release_core::HelmLine;
use helm_release_core::manifest::{read_objects, read_yaml, sort_for_install, sort_for_uninstall, split_documents, split_helm};
use serde_json::{Value, json};

use crate::dice::Dice;

pub(crate) const TESTS: &[crate::Test] = crate::tests![
    real_documents_are_read_as_go_reads_them,
    real_files_are_split_as_helm_splits_them,
    generated_texts_are_split_as_helm_splits_them,
    real_files_hold_the_objects_that_helm_builds,
    generated_manifests_hold_the_objects_that_helm_builds,
    kinds_are_put_in_helms_order,
];

/// At least so many documents must have been compared.
const DOCUMENTS: usize = 2_000;
/// At least so many objects must have been compared.
const OBJECTS: usize = 1_000;
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

/// How many manifests hold the same objects for both sides, and which do not; one that only one side refuses is told apart.
struct Built {
    equal: usize,
    objects: usize,
    refused_by_both: usize,
    refused_by_us: Vec<String>,
    refused_by_helm: Vec<String>,
}

fn build(world: &World, texts: &[String]) -> Built {
    let mut built = Built { equal: 0, objects: 0, refused_by_both: 0, refused_by_us: Vec::new(), refused_by_helm: Vec::new() };
    let answers = world.oracle().ask_all("split", texts.iter().map(|text| json!({ "text": text })));
    for (text, answer) in texts.iter().zip(answers) {
        let mut ours = Vec::new();
        let read = read_objects(text).each(|found| ours.push(found.object.into_value()));
        match (answer, read) {
            (Ok(theirs), Ok(())) => {
                let theirs = theirs.as_array().expect("a list").iter();
                let theirs: Vec<Value> =
                    theirs.map(|object| serde_json::from_str(object.as_str().expect("JSON as text")).expect("JSON")).collect();
                assert_eq!(theirs, ours, "built of:\n{text}");
                built.equal += 1;
                built.objects += ours.len();
            }
            (Err(_), Err(_)) => built.refused_by_both += 1,
            (Ok(_), Err(error)) => built.refused_by_us.push(format!("{error}: {text:?}")),
            (Err(error), Ok(())) => built.refused_by_helm.push(format!("{error}: {text:?}")),
        }
    }
    eprintln!(
        "{} manifests: {} equal with {} objects, {} refused by both, {} by us alone, {} by Helm alone",
        texts.len(),
        built.equal,
        built.objects,
        built.refused_by_both,
        built.refused_by_us.len(),
        built.refused_by_helm.len()
    );
    built
}

fn real_files_hold_the_objects_that_helm_builds(world: &World) {
    let built = build(world, &real_files());
    assert!(built.objects >= OBJECTS, "only {} objects could be compared", built.objects);
    let by_one = built.refused_by_us.iter().chain(&built.refused_by_helm);
    assert!(by_one.clone().count() <= MOST_REFUSED_BY_ONE, "{:#?}", by_one.collect::<Vec<_>>());
}

fn generated_manifests_hold_the_objects_that_helm_builds(world: &World) {
    let mut dice = Dice::new();
    let separators =
        ["---\n", "--- \n", "---\n---\n", "---\n# Source: c/templates/a.yaml\n", "--- # note\n", "\n---\n\n", "---\r\n"];
    let documents = [
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {text: \"---\"}\n",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  namespace: shop\nspec: {replicas: 3}\n",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n  text: |\n    ---\n    a\n",
        "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"json\"}}\n",
        "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: one}}\n- {apiVersion: v1, kind: Pod, metadata: {name: two}}\n",
        "apiVersion: v1\nkind: PodList\nitems:\n- metadata: {name: typed}\n",
        "apiVersion: v1\nkind: List\nitems: []\n",
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: List\n  items:\n  - {apiVersion: v1, kind: Pod, metadata: {name: inner}}\n- {apiVersion: v1, kind: Pod, metadata: {name: outer}}\n",
        "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: List, items: []}\n",
        "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: p}, items: null}\n",
        "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: x/v1, kind: Widget, metadata: {name: w}, items: {a: 1}}\n",
        "apiVersion: x/v1\nkind: Widget\nmetadata: {name: w}\nitems: [{apiVersion: v1, kind: Pod, metadata: {name: of-a-widget}}]\n",
        "# nothing but a comment\n",
        "null\n",
        "{}\n",
        "\n",
        "apiVersion: v1\nmetadata: {name: no-kind}\n",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: 7}\n",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p, labels: {a: true}}\n",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p, annotations: null}\n",
        "apiVersion: v1\nkind: List\nitems: 3\n",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: big}\nspec: {n: 12345678901234567, f: 1.5, e: 1e3, o: 0644}\n",
        "just text\n",
        "- a\n- list\n",
    ];
    let texts: Vec<String> = (0..6_000)
        .map(|_| {
            let pieces = (0..=dice.below(4)).map(|_| [dice.pick(&separators), dice.pick(&documents)].concat());
            pieces.collect::<Vec<_>>().concat()
        })
        .collect();
    let built = build(world, &texts);
    assert!(built.equal >= 1_000, "only {} manifests could be compared", built.equal);
    assert_eq!(built.refused_by_helm, Vec::<String>::new());
    assert_eq!(built.refused_by_us, Vec::<String>::new());
    // Here it is the server's list of kinds that refuses, which Go is not given.
    let without_version = build(world, &["kind: Pod\nmetadata: {name: a}\n".to_owned()]);
    assert_eq!(without_version.refused_by_us.len(), 1, "it is no object");
}

/// Every kind that either line of Helm knows (`kind_sorter.go`), and some that neither does.
const KINDS: [&str; 43] = [
    "PriorityClass",
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
    "Widget",
    "Apple",
    "Zebra",
    "secret",
    "Endpoints",
];

fn kinds_are_put_in_helms_order(world: &World) {
    let mut dice = Dice::new();
    let mut sets: Vec<Vec<&str>> = (0..400).map(|_| (0..=dice.below(12)).map(|_| dice.pick(&KINDS)).collect()).collect();
    // Both ways round, so that no two kinds are in order by chance.
    sets.push(KINDS.to_vec());
    sets.push(KINDS.iter().rev().copied().collect());
    for (line, helm) in [(HelmLine::V3, 3), (HelmLine::V4, 4)] {
        for order in ["install", "uninstall"] {
            let questions = sets.iter().map(|set| {
                let documents: Vec<String> = set
                    .iter()
                    .enumerate()
                    .map(|(at, kind)| format!("apiVersion: x/v1\nkind: {kind}\nmetadata: {{name: n{at}}}\n"))
                    .collect();
                json!({ "helm": helm, "order": order, "files": { "c/templates/a.yaml": documents.join("---\n") } })
            });
            let answers = world.oracle().ask_all("sort-manifests", questions);
            for (set, answer) in sets.iter().zip(answers) {
                let answer = answer.expect("every document has a kind");
                let texts = answer["manifests"].as_array().expect("a list of manifests").iter();
                let theirs: Vec<String> = texts.map(|manifest| name_in(&manifest.to_string())).collect();
                let mut ours: Vec<(usize, &str)> = set.iter().copied().enumerate().collect();
                match order {
                    "install" => sort_for_install(&mut ours, line, |(_, kind)| *kind),
                    _ => sort_for_uninstall(&mut ours, line, |(_, kind)| *kind),
                }
                let ours: Vec<String> = ours.iter().map(|(at, _)| format!("n{at}")).collect();
                assert_eq!(theirs, ours, "helm {helm}, {order}: {set:?}");
            }
        }
    }
}

/// The name in a manifest that this module wrote.
fn name_in(manifest: &str) -> String {
    let at = manifest.find("{name: ").expect("a name") + "{name: ".len();
    manifest[at..].chars().take_while(char::is_ascii_alphanumeric).collect()
}
