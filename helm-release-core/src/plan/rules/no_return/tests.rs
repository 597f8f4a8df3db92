use serde_json::{Value, json};

use super::*;
use crate::plan::Severity;
use crate::plan::tests::world::{World, config_map, only};

fn marked(annotations: &Value) -> Value {
    let mut object = config_map("a", "red");
    object["metadata"]["annotations"] = annotations.clone();
    object
}

fn point() -> Value {
    marked(&json!({"rollback-safe/no-return": "orders-2: column price was dropped"}))
}

#[test]
fn a_point_between_blocks_and_the_nearest_revision_beyond_it_is_named() {
    let world = World::default().revision("superseded", &[config_map("a", "red")]);
    let world = world.revision("superseded", &[point()]).revision("deployed", &[point()]);
    let finding = only(world.clone().to(1).found_by(NoReturn));
    assert_eq!((finding.id.as_str(), finding.severity, finding.leads_to), ("no-return", Severity::Block, Verdict::FixForward));
    let what =
        "ConfigMap a of revision 3 marks a point of no return, orders-2: column price was dropped; revision 1 lies before it";
    assert_eq!(finding.what, what);
    assert_eq!(finding.ways_out[0], "return to revision 2, the nearest that lies beyond it");
    assert_eq!(world.to(2).found_by(NoReturn), []);
}

#[test]
fn with_a_reverse_migration_there_is_a_way_back() {
    let object = marked(&json!({"rollback-safe/no-return": "orders-2", "rollback-safe/reverse-migration": "run orders-2-down"}));
    let finding = only(World::default().revision("superseded", &[]).revision("deployed", &[object]).found_by(NoReturn));
    assert_eq!(finding.leads_to, Verdict::BackUpFirst);
    assert_eq!(finding.ways_out.last().unwrap(), "run the reverse migration first, then accept this: run orders-2-down");
}

#[test]
fn a_chart_can_say_it_too() {
    let chart = json!({"metadata": {"name": "web", "version": "2.0.0", "annotations": {"rollback-safe/no-return": "v2"}}});
    let world = World::default().revision("superseded", &[]).revision("deployed", &[]).with("chart", chart);
    assert!(only(world.found_by(NoReturn)).what.starts_with("the chart of revision 2 marks a point of no return, v2"));
}
