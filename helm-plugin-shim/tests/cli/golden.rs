//! The reading commands beside what real Helm 4 printed, byte for byte.

use std::fs;

use serde_json::Value;

use super::{golden_directory, on_memory};

/// Where ours prints something else on purpose: the case, words of the command line, and why.
const DIFFERENT: &[(&str, &[&str], &str)] = &[
    ("fleet", &["list", "--all"], "Helm 4 has dropped the flag that Helm 3 has"),
    ("fleet", &["get", "all", "--template"], "Go templates are refused"),
    ("odd", &["get", "all", "chartless"], "Helm panics"),
    ("odd", &["get", "all", "headless"], "Helm panics"),
    ("odd", &["get", "values", "chartless", "--all"], "Helm panics"),
    ("odd", &["get", "values", "headless", "--all"], "Helm panics"),
];

fn is_different(case: &str, arguments: &[&str]) -> bool {
    DIFFERENT.iter().any(|(of, words, _)| *of == case && words.iter().all(|word| arguments.contains(word)))
}

#[test]
fn reading_commands_print_what_helm_4_prints() {
    let directory = golden_directory();
    let index = fs::read_to_string(directory.join("index.json")).unwrap();
    let index: Vec<Value> = serde_json::from_str(&index).unwrap();
    let mut wrong = Vec::new();
    let mut compared = 0;
    for entry in &index {
        let case = entry["case"].as_str().unwrap();
        let arguments: Vec<&str> = entry["arguments"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
        if is_different(case, &arguments) {
            continue;
        }
        compared += 1;
        let helm = &entry["helm4"];
        let expected = fs::read(directory.join(helm["stdout"].as_str().unwrap())).unwrap();
        let ours = on_memory(&format!("{case}.yaml"), &arguments).output().unwrap();
        let same_outcome = ours.status.success() == (helm["exit"] == 0);
        if ours.stdout != expected || !same_outcome {
            let shown = String::from_utf8_lossy(&ours.stdout).into_owned();
            let stderr = String::from_utf8_lossy(&ours.stderr).into_owned();
            wrong.push(format!(
                "{case} {arguments:?}\n--- Helm\n{}\n--- ours\n{shown}{stderr}",
                String::from_utf8_lossy(&expected)
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {compared} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(compared > 150, "only {compared} commands were compared");
}
