use serde_json::json;

use super::*;
use crate::plan::tests::world::{World, definition, only, ours, place};

fn version(name: &str, properties: &Value) -> Value {
    let spec = json!({"type": "object", "properties": properties});
    json!({"name": name, "served": true, "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": spec}}}})
}

fn things(versions: &[Value]) -> Value {
    let mut things = definition("things.example.org");
    things["spec"]["versions"] = json!(versions);
    things
}

fn world(target: &Value, live: &Value) -> World {
    let world = World::default().revision("superseded", std::slice::from_ref(target));
    world.revision("deployed", std::slice::from_ref(live)).live(ours(live))
}

#[test]
fn a_stored_version_that_the_target_lacks_cannot_be_undone() {
    let target = things(&[version("v1", &json!({}))]);
    let mut live = things(&[version("v1", &json!({})), version("v2", &json!({}))]);
    live["status"] = json!({"storedVersions": ["v1", "v2"]});
    let finding = only(world(&target, &live).found_by(CrdChanges));
    assert_eq!(
        (finding.id.as_str(), finding.severity, finding.leads_to),
        ("crd-stored-version", Severity::Block, Verdict::FixForward)
    );
    assert_eq!(finding.what, "objects are stored in version v2, which the target does not have");
}

#[test]
fn objects_that_the_targets_schema_refuses_or_cuts_are_named() {
    let target = things(&[version("v1", &json!({"size": {"type": "integer"}}))]);
    let live = things(&[version("v1", &json!({"size": {"type": "string"}, "color": {"type": "string"}}))]);
    let thing = |spec: &Value| json!({"apiVersion": "example.org/v1", "kind": "Thing", "metadata": {"name": "a", "namespace": "shop"}, "spec": spec});
    let found = |spec: &Value| world(&target, &live).custom_resource(&place(&live).id(), thing(spec)).found_by(CrdChanges);
    let finding = only(found(&json!({"size": "big", "color": "red"})));
    assert_eq!((finding.id.as_str(), finding.severity, finding.leads_to), ("crd-misfit", Severity::Caution, Verdict::FixForward));
    let what = "the target's schema refuses what live objects hold (shop/a spec.size: a string, where integer is asked for), \
                and drops what live objects hold (shop/a spec.color)";
    assert_eq!(finding.what, what);
    assert_eq!(found(&json!({"size": 3})), []);
}
