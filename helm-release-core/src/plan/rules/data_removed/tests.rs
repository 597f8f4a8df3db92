use serde_json::{Value, json};

use super::*;
use crate::plan::tests::world::{World, config_map, of_kind, only, ours};

fn removed(api_version: &str, kind: &str) -> World {
    let object = of_kind(api_version, kind, "db");
    World::default().revision("superseded", &[]).revision("deployed", std::slice::from_ref(&object)).live(ours(&object))
}

#[test]
fn everything_that_holds_data_is_worth_a_backup() {
    let kinds = [("v1", "PersistentVolumeClaim"), ("v1", "Namespace")];
    for (api_version, kind) in kinds {
        for world in [removed(api_version, kind), removed(api_version, kind).compat()] {
            let finding = only(world.found_by(DataRemoved));
            assert_eq!((finding.id.as_str(), finding.severity), ("data-removed", Severity::Caution), "{kind}");
            assert_eq!(finding.leads_to, Verdict::BackUpFirst, "{kind}");
            assert_eq!(finding.object.unwrap().kind, kind);
        }
    }
}

#[test]
fn other_kinds_hold_no_data() {
    let object = config_map("db", "red");
    let world = World::default().revision("superseded", &[]).revision("deployed", std::slice::from_ref(&object));
    assert_eq!(world.live(ours(&object)).found_by(DataRemoved), []);
}

#[test]
fn what_is_kept_loses_nothing() {
    let claim = of_kind("v1", "PersistentVolumeClaim", "db");
    let mut live = ours(&claim);
    live["metadata"]["annotations"]["helm.sh/resource-policy"] = json!("keep");
    let world = World::default().revision("superseded", &[]).revision("deployed", &[claim]).live(live);
    assert_eq!(world.found_by(DataRemoved), []);
}

#[test]
fn what_becomes_of_a_claims_volume_is_told() {
    let volume = |policy: &str| {
        json!({
            "apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "pv-1"},
            "spec": {"persistentVolumeReclaimPolicy": policy},
        })
    };
    let mut claim = of_kind("v1", "PersistentVolumeClaim", "db");
    claim["spec"] = json!({"volumeName": "pv-1", "resources": {"requests": {"storage": "10Gi"}}});
    let world =
        World::default().revision("superseded", &[]).revision("deployed", std::slice::from_ref(&claim)).live(ours(&claim));
    let what = |policy: &str| only(world.clone().around(volume(policy)).found_by(DataRemoved)).what;
    assert!(
        what("Delete").ends_with("its volume pv-1 of 10Gi has reclaim policy Delete: the data goes with it"),
        "{}",
        what("Delete")
    );
    assert!(what("Retain").ends_with("its volume pv-1 of 10Gi is retained, and has to be bound again by hand"));
}

#[test]
fn the_claims_of_a_stateful_set_stay_unless_it_says_otherwise() {
    let mut set = of_kind("apps/v1", "StatefulSet", "db");
    set["spec"] = json!({"volumeClaimTemplates": [{"metadata": {"name": "data"}}]});
    let mut claim = of_kind("v1", "PersistentVolumeClaim", "data-db-0");
    claim["metadata"]["namespace"] = json!("default");
    let found = |set: &Value| {
        let world = World::default().revision("superseded", &[]).revision("deployed", std::slice::from_ref(set)).live(ours(set));
        only(world.around(claim.clone()).found_by(DataRemoved))
    };
    let kept = found(&set);
    assert_eq!((kept.severity, kept.leads_to), (Severity::Note, Verdict::RollBack));
    assert!(kept.what.ends_with("its claims stay (data-db-0)"), "{}", kept.what);
    set["spec"]["persistentVolumeClaimRetentionPolicy"] = json!({"whenDeleted": "Delete"});
    let lost = found(&set);
    assert_eq!((lost.severity, lost.leads_to), (Severity::Caution, Verdict::BackUpFirst));
}
