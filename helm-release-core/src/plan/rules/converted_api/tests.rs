use serde_json::json;

use super::*;
use crate::plan::tests::world::{World, only, ours};
use crate::plan::{Action, RemovedApis};

#[test]
fn a_removed_version_is_written_as_its_successor_and_told() {
    let mut old = json!({
        "apiVersion": "extensions/v1beta1", "kind": "Deployment", "metadata": {"name": "shop"},
        "spec": {"template": {"metadata": {"labels": {"app": "shop"}}}},
    });
    let mut live = old.clone();
    live["apiVersion"] = json!("apps/v1");
    live["spec"]["selector"] = json!({"matchLabels": {"app": "shop"}});
    old["spec"]["replicas"] = json!(3);
    let world =
        World::default().revision("superseded", &[old]).revision("deployed", std::slice::from_ref(&live)).live(ours(&live));
    let world = world.removed_apis(RemovedApis::Convert);
    let finding = only(world.clone().found_by(ConvertedApi));
    assert_eq!((finding.id.as_str(), finding.severity), ("converted-api", Severity::Caution));
    let what = "the target has it as extensions/v1beta1, which Kubernetes 1.16 removed; it is written as apps/v1";
    assert_eq!(finding.what, what);
    let plan = world.plan();
    assert_eq!(plan.steps_of(Action::Patch).count(), 1, "the same object, whatever the version");
    assert_eq!(plan.blocking().count(), 0);
    assert_eq!(world.removed_apis(RemovedApis::Leave).plan().blocking().count(), 1);
}
