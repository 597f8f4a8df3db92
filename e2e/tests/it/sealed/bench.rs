//! What these tests share: a release to seal a plan of, and files that somebody changed on purpose.

use std::fs;
use std::path::{Path, PathBuf};

use e2e::{Chart, Namespace, Tool, World};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::release::{config_map, deploy, web, without_a_write};

/// A Deployment, so that controllers write a status while a plan lies in its file.
fn deployment(replicas: u32) -> String {
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec: {{containers: [{{name: web, image: web}}]}}
"
    )
}

/// The value of the Secret in a revision; both are of the same length.
pub(crate) const PINS: [&str; 2] = ["pin-1234", "pin-5678"];

fn secret(pin: &str) -> String {
    format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: pin}}\nstringData: {{pin: {pin}}}\n")
}

/// A chart with an object of every fate: `web`, `pin` and the Deployment change, `same` stays.
pub(crate) fn chart(color: &str, replicas: u32, pin: &str) -> Chart {
    web(color)
        .template("same.yaml", &config_map("same", "grey"))
        .template("pin.yaml", &secret(pin))
        .template("deployment.yaml", &deployment(replicas))
}

/// Revision 1 is blue and has `old`, revision 2 is red and has `new`.
pub(crate) fn release<'a>(world: &'a World, prefix: &str, major: u8) -> Namespace<'a> {
    let ns = world.namespace(prefix);
    let blue = chart("blue", 1, PINS[0]).template("old.yaml", &config_map("old", "blue"));
    deploy(&ns, major, &[blue, chart("red", 2, PINS[1]).template("new.yaml", &config_map("new", "red"))]);
    ns
}

/// Seals the plan to return to revision 1.
pub(crate) fn seal(ns: &Namespace<'_>, args: &[&str]) -> PathBuf {
    let file = ns.home().join("web.plan");
    let _ = ns.plugin().args(["plan", "web", "1", "--out"]).arg(&file).args(args).ok();
    file
}

/// Prepares `apply` of a file.
pub(crate) fn apply(ns: &Namespace<'_>, file: &Path) -> Tool {
    ns.plugin().arg("apply").arg(file)
}

/// Demands that `apply` exits with 4, names what moved in these lines and in no others, and writes nothing.
pub(crate) fn refused(ns: &Namespace<'_>, tool: Tool, moved: &[&str]) {
    let said = without_a_write(ns, || tool.fails(4));
    let causes: Vec<String> =
        said.stderr.lines().filter_map(|line| line.strip_prefix("Cause: ")).map(|line| line.replace(ns.name(), "NS")).collect();
    assert_eq!(causes, moved, "{}", said.stderr);
    let first = "Error: release \"web\" is not rolled back, and nothing was changed: the sealed plan is stale\n";
    assert!(said.stderr.starts_with(first), "{}", said.stderr);
    assert!(
        said.stderr.ends_with("Hint: look at a new plan and seal that: helm rollback-safe plan web --out FILE\n"),
        "{}",
        said.stderr
    );
}

/// Changes a sealed plan as no program does, and seals it again.
pub(crate) fn forge(file: &Path, change: impl FnOnce(&mut Value)) {
    let mut json: Value = serde_json::from_str(&fs::read_to_string(file).expect("there is a file")).expect("it is JSON");
    change(&mut json);
    json.as_object_mut().expect("it is a mapping").remove("digest");
    // This program's mappings are in the order of their keys, as the digest wants them.
    let digest = Sha256::digest(json.to_string());
    json["digest"] = Value::from(format!("{digest:x}"));
    fs::write(file, json.to_string()).expect("the file can be written");
}
