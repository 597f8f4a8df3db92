//! `prune` on releases of real Helm, which goes on with what is left.

use e2e::World;
use serde_json::Value;

use super::{SECRETS, label, object};
use crate::release::{config_map, deploy, helm_goes_on, helms, history, statuses, upgrade, web, without_a_write};

pub(crate) const TESTS: &[crate::Test] =
    super::for_both_lines![what_is_needed_or_pinned_stays, helm_returns_to_what_was_spared, a_pin_survives_what_helm_writes];

fn numbers(ns: &e2e::Namespace<'_>, major: u8) -> Vec<u64> {
    history(ns, major).iter().filter_map(|row| row["revision"].as_u64()).collect()
}

fn what_is_needed_or_pinned_stays<const MAJOR: u8>(world: &World) {
    let ns = world.namespace("prune");
    let colors = ["red", "green", "blue", "pink", "gray"];
    deploy(&ns, MAJOR, &colors.map(web));
    let _ = upgrade(&ns, MAJOR, &web("bad").template("bad.yaml", &config_map("Bad_Name", "x"))).fails(1);
    deploy(&ns, MAJOR, &[web("gold")]);
    label(&ns, 1, "rollback-safe/pinned", "the-first");
    let said = without_a_write(&ns, || ns.plugin().args(["prune", "web", "--keep", "2", "--keep-good", "1", "--dry-run"]).ok());
    assert!(said.contains("revision 6 would go: "), "{said}");
    let json = ns.plugin().args(["prune", "web", "--keep", "2", "--keep-good", "1", "-o", "json"]).ok();
    let json: Value = serde_json::from_str(&json).unwrap();
    let removed: Vec<u64> = json["removed"].as_array().unwrap().iter().filter_map(|fate| fate["revision"].as_u64()).collect();
    assert_eq!(removed, [2, 3, 4, 6]);
    assert_eq!(json["unmet"], serde_json::json!(["3 revisions stay, not 2"]));
    assert_eq!(numbers(&ns, MAJOR), [1, 5, 7]);
    helm_goes_on(&ns, MAJOR);
}

fn helm_returns_to_what_was_spared<const MAJOR: u8>(world: &World) {
    let ns = world.namespace("prune-back");
    deploy(&ns, MAJOR, &["red", "green", "blue", "pink"].map(web));
    let _ = ns.plugin().args(["prune", "web", "--keep", "1"]).ok();
    assert_eq!(numbers(&ns, MAJOR), [1, 2, 3, 4], "three good ones stay");
    let _ = ns.plugin().args(["prune", "web", "--keep", "1", "--keep-good", "1"]).ok();
    assert_eq!(numbers(&ns, MAJOR), [3, 4]);
    let _ = helms(&ns, MAJOR, &["3"]).ok();
    assert_eq!(crate::release::color(&ns), "blue");
    helm_goes_on(&ns, MAJOR);
}

fn a_pin_survives_what_helm_writes<const MAJOR: u8>(world: &World) {
    let ns = world.namespace("prune-pin");
    deploy(&ns, MAJOR, &[web("red"), web("green")]);
    label(&ns, 2, "rollback-safe/pinned", "yes");
    // The upgrade supersedes the pinned revision, and hands its labels on: so is Helm's way.
    deploy(&ns, MAJOR, &[web("blue")]);
    let is_pinned = |revision| !ns.live(SECRETS, &object(revision))["metadata"]["labels"]["rollback-safe/pinned"].is_null();
    assert!(is_pinned(2) && is_pinned(3), "as docs/prune.md says");
    // A rollback of this tool does not hand a pin on.
    let _ = ns.plugin().args(["web", "2", "--history-max", "2"]).ok();
    assert!(is_pinned(2) && is_pinned(3) && !is_pinned(4));
    assert_eq!(statuses(&ns, MAJOR).last().map(String::as_str), Some("deployed"));
    helm_goes_on(&ns, MAJOR);
}
