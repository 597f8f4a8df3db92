use super::*;
use serde_json::json;

use crate::plan::tests::world::{World, config_map, of_kind, only, ours};

fn removed(api_version: &str, kind: &str) -> World {
    let object = of_kind(api_version, kind, "db");
    World::default().revision("superseded", &[]).revision("deployed", std::slice::from_ref(&object)).live(ours(&object))
}

#[test]
fn everything_that_holds_data_is_worth_a_backup() {
    let kinds = [("v1", "PersistentVolumeClaim"), ("v1", "Namespace"), ("apps/v1", "StatefulSet")];
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
