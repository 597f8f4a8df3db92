use serde_json::json;

use super::*;
use crate::plan::tests::world::{World, only, ours};

fn set(image: &str, keeps: bool) -> Value {
    let mut set = json!({
        "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "db"},
        "spec": {"template": {"spec": {"containers": [{"name": "db", "image": image}]}}},
    });
    if keeps {
        set["spec"]["volumeClaimTemplates"] = json!([{"metadata": {"name": "data"}}]);
    }
    set
}

fn world(target: &Value, live: &Value) -> World {
    let world = World::default().revision("superseded", std::slice::from_ref(target));
    world.revision("deployed", std::slice::from_ref(live)).live(ours(live))
}

#[test]
fn a_program_with_claims_that_changes_its_image_is_worth_a_backup() {
    let finding = only(world(&set("db:1", true), &set("db:2", true)).found_by(DataTouched));
    assert_eq!((finding.id.as_str(), finding.severity), ("data-touched", Severity::Caution));
    assert_eq!(finding.leads_to, Verdict::BackUpFirst);
    assert_eq!(finding.what, "it keeps data in claim data and changes its image: db: db:2 -> db:1");
}

#[test]
fn one_that_keeps_nothing_or_keeps_its_image_is_not() {
    assert_eq!(world(&set("db:1", false), &set("db:2", false)).found_by(DataTouched), []);
    let mut scaled = set("db:1", true);
    scaled["spec"]["replicas"] = json!(3);
    assert_eq!(world(&set("db:1", true), &scaled).found_by(DataTouched), []);
}
