//! Files that are no sealed plan, and plans for another place.

use std::fs;

use e2e::World;
use serde_json::json;

use super::bench::{apply, forge, release, seal};
use crate::release::{color, without_a_write};

pub(crate) const TESTS: &[crate::Test] = crate::tests![a_file_for_elsewhere_is_refused_and_the_place_is_named];

fn a_file_for_elsewhere_is_refused_and_the_place_is_named(world: &World) {
    let ns = release(world, "place", 4);
    let file = seal(&ns, &[]);
    let said = without_a_write(&ns, || apply(&ns, &file).args(["-n", "kube-public"]).fails(2));
    let expected = format!(
        "Error: the plan is for release \"web\" in namespace \"{0}\", not in \"kube-public\"\nHint: say so with --namespace {0}\n",
        ns.name()
    );
    assert_eq!(said.stderr, expected);

    let said = without_a_write(&ns, || apply(&ns, &file).env("HELM_DRIVER", "configmap").fails(2));
    assert!(
        said.stderr.starts_with("Error: the plan is for records in Secrets, and those in ConfigMaps are meant here\n"),
        "{}",
        said.stderr
    );

    forge(&file, |json| json["cluster"] = json!("11111111-2222-3333-4444-555555555555"));
    let said = without_a_write(&ns, || apply(&ns, &file).fails(2));
    assert!(said.stderr.starts_with("Error: the plan was sealed on another cluster than "), "{}", said.stderr);
    assert!(said.stderr.contains("11111111-2222-3333-4444-555555555555 there\n"), "{}", said.stderr);

    let text = fs::read_to_string(&file).expect("there is a file").replace("\"historyMax\":10", "\"historyMax\":1");
    fs::write(&file, text).expect("the file can be written");
    let said = without_a_write(&ns, || apply(&ns, &file).fails(2));
    assert!(said.stderr.contains("\nCause: it was changed after it was sealed\n"), "{}", said.stderr);
    assert_eq!(color(&ns), "red");
}
