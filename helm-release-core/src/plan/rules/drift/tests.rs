use serde_json::{Value, json};

use super::Drift;
use crate::drift::DriftChoice;
use crate::plan::tests::world::{World, config_map, of_kind, only, ours};
use crate::plan::{Acceptance, Finding, FindingId, Severity};

/// The object with an entry of that manager for these fields of `data`.
fn by(manager: &str, mut object: Value, keys: &[&str]) -> Value {
    let fields: serde_json::Map<String, Value> = keys.iter().map(|key| (format!("f:{key}"), json!({}))).collect();
    object["metadata"]["managedFields"] = json!([{
        "manager": manager, "operation": "Update", "apiVersion": "v1", "time": "2026-11-27T08:00:00Z",
        "fieldsType": "FieldsV1", "fieldsV1": {"f:data": fields},
    }]);
    object
}

fn world(live: Value) -> World {
    World::default().revision("superseded", &[config_map("a", "blue")]).revision("deployed", &[config_map("a", "red")]).live(live)
}

fn edited() -> World {
    world(by("kubectl-edit", ours(&config_map("a", "edited")), &["color"]))
}

fn stopping(world: World) -> World {
    world.asked(|options| options.drift = DriftChoice::Stop)
}

#[test]
fn an_edit_that_is_overwritten_is_a_caution_with_who_when_and_what() {
    let finding = only(edited().found_by(Drift));
    assert_eq!(
        (finding.id, finding.severity, finding.path.as_deref()),
        (FindingId::DRIFT, Severity::Caution, Some("data.color"))
    );
    let what = "it is not as revision 2 applied it: data.color red -> edited (kubectl-edit, 2026-11-27T08:00:00Z)";
    assert_eq!(finding.what, what);
    assert!(finding.ways_out[0].contains("--drift-rule 'ConfigMap/a:data.color=keep'"), "{:?}", finding.ways_out);
}

#[test]
fn only_an_apply_asks_for_force() {
    let asks = |world: World| only(world.found_by(Drift)).ways_out.iter().any(|way| way.contains("--force-conflicts"));
    assert!(!asks(edited()));
    assert!(asks(edited().with_all("apply_method", "ssa")));
    assert!(!asks(edited().with_all("apply_method", "ssa").asked(|options| options.conflicts = crate::ports::Conflicts::Force)));
}

#[test]
fn what_the_rollback_leaves_alone_is_a_note() {
    let same_as_target = by("kubectl-edit", ours(&config_map("a", "blue")), &["color"]);
    let finding = only(world(same_as_target).found_by(Drift));
    assert_eq!((finding.severity, finding.ways_out.len()), (Severity::Note, 0));
    let mut added = ours(&config_map("a", "red"));
    added["data"]["new"] = json!("n");
    let finding = only(world(by("kubectl-edit", added, &["new"])).found_by(Drift));
    assert_eq!(finding.severity, Severity::Note);
    assert!(finding.what.ends_with("data.new added (kubectl-edit, 2026-11-27T08:00:00Z)"), "{}", finding.what);
    let kept = edited().asked(|options| options.drift = DriftChoice::Keep);
    assert_eq!(only(kept.found_by(Drift)).severity, Severity::Note);
}

#[test]
fn what_a_controller_wrote_is_a_note() {
    let live = by("kube-controller-manager", ours(&config_map("a", "edited")), &["color"]);
    assert_eq!(only(world(live).found_by(Drift)).severity, Severity::Note);
}

#[test]
fn what_nobody_else_touched_is_not_told() {
    assert_eq!(world(ours(&config_map("a", "red"))).found_by(Drift), []);
    assert_eq!(world(by("helm", ours(&config_map("a", "other")), &["color"])).found_by(Drift), []);
}

#[test]
fn what_a_failed_revision_wrote_is_no_drift() {
    let world = World::default()
        .revision("superseded", &[config_map("a", "blue")])
        .revision("deployed", &[config_map("a", "red")])
        .revision("failed", &[config_map("a", "green")])
        .to(1);
    assert_eq!(world.clone().live(ours(&config_map("a", "green"))).found_by(Drift), []);
    assert_eq!(world.clone().live(ours(&config_map("a", "red"))).found_by(Drift), []);
    assert_eq!(world.live(ours(&config_map("a", "black"))).found_by(Drift).len(), 1);
}

#[test]
fn one_finding_tells_all_fields_of_an_object_the_first_three_by_name() {
    let map = |value: &str| {
        let data: serde_json::Map<String, Value> = (0..5).map(|number| (format!("k{number}"), json!(value))).collect();
        let mut map = config_map("a", "red");
        map["data"] = data.into();
        map
    };
    let world = World::default().revision("superseded", &[map("1")]).revision("deployed", &[map("2")]).live(ours(&map("3")));
    let finding = only(world.found_by(Drift));
    assert!(finding.what.contains("data.k2 2 -> 3") && !finding.what.contains("data.k3"), "{}", finding.what);
    assert!(finding.what.ends_with(", and 2 more"), "{}", finding.what);
}

#[test]
fn to_stop_blocks_what_would_be_overwritten_and_can_be_accepted() {
    let finding = only(stopping(edited()).found_by(Drift));
    assert_eq!(finding.severity, Severity::Block);
    let accepting = stopping(edited()).asked(|options| options.accept.push(Acceptance::parse("drift=ConfigMap/a")));
    assert!(accepting.plan().blocking().next().is_none());
    assert_eq!(stopping(world(ours(&config_map("a", "red")))).found_by(Drift), []);
    let ruled = edited().asked(|options| options.drift_rules.push("ConfigMap/*:data=stop".parse().unwrap()));
    assert_eq!(only(ruled.found_by(Drift)).severity, Severity::Block);
}

#[test]
fn an_object_that_somebody_deleted_is_a_note_and_stops_when_asked_to() {
    let world =
        || World::default().revision("superseded", &[config_map("a", "blue")]).revision("deployed", &[config_map("a", "red")]);
    assert_eq!(only(world().found_by(Drift)).severity, Severity::Note);
    assert_eq!(only(stopping(world()).found_by(Drift)).severity, Severity::Block);
    let only_target = World::default().revision("superseded", &[config_map("a", "blue")]).revision("deployed", &[]);
    assert_eq!(only_target.found_by(Drift), [], "the current revision never had it");
}

#[test]
fn that_an_uninstalled_release_has_no_objects_is_nobodys_deed() {
    for status in ["uninstalled", "uninstalling"] {
        let world =
            World::default().revision("superseded", &[config_map("a", "blue")]).revision(status, &[config_map("a", "red")]);
        assert_eq!(stopping(world.to(1)).found_by(Drift), [], "{status}");
    }
}

#[test]
fn an_object_that_the_rollback_deletes_is_a_note() {
    let world = World::default().revision("superseded", &[]).revision("deployed", &[config_map("a", "red")]).live(by(
        "kubectl-edit",
        ours(&config_map("a", "edited")),
        &["color"],
    ));
    assert_eq!(only(world.found_by(Drift)).severity, Severity::Note);
}

#[test]
fn compat_keeps_and_stops_nothing_and_cautions_all_the_same() {
    let severities = |choice: DriftChoice| {
        let world = edited().compat().asked(|options| options.drift = choice);
        world.found_by(Drift).iter().map(|finding: &Finding| finding.severity).collect::<Vec<_>>()
    };
    for choice in [DriftChoice::Restore, DriftChoice::Keep, DriftChoice::Stop] {
        assert_eq!(severities(choice), [Severity::Caution], "{choice:?}");
    }
}

#[test]
fn values_of_secrets_are_the_matter_of_another_rule_and_never_told() {
    let secret = |label: &str, key: &str| {
        let mut secret = of_kind("v1", "Secret", "s");
        secret["metadata"]["labels"] = json!({"l": label});
        secret["data"] = json!({"key": key});
        secret
    };
    let world = |live: Value| {
        let revisions = [secret("1", "b25l"), secret("2", "dHdv")];
        World::default().revision("superseded", &revisions[..1]).revision("deployed", &revisions[1..]).live(ours(&live))
    };
    assert_eq!(world(secret("2", "b3RoZXI=")).found_by(Drift), []);
    let finding = only(world(secret("3", "b3RoZXI=")).found_by(Drift));
    assert!(finding.what.contains("metadata.labels.l changed"), "{}", finding.what);
}
