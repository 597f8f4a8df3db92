use super::*;
use serde_json::{Value, json};

use crate::plan::Action;
use crate::plan::tests::world::{World, of_kind, only, ours};

fn service(address: Option<&str>) -> Value {
    let mut service = of_kind("v1", "Service", "web");
    service["spec"] = json!({"ports": [{"port": 80}]});
    if let Some(address) = address {
        service["spec"]["clusterIP"] = json!(address);
    }
    service
}

fn live() -> Value {
    let mut live = ours(&service(Some("10.0.0.7")));
    live["spec"]["clusterIPs"] = json!(["10.0.0.7"]);
    live
}

#[test]
fn an_address_that_the_target_names_and_cannot_have_is_worth_a_look() {
    let world = World::default()
        .revision("superseded", &[service(Some("10.0.0.9"))])
        .revision("deployed", &[service(Some("10.0.0.7"))])
        .live(live());
    let finding = only(world.found_by(CarriedOver));
    assert_eq!((finding.severity, finding.path.as_deref()), (Severity::Caution, Some("spec.clusterIP")));
    assert!(finding.what.contains("though the target names another one"), "{}", finding.what);
    assert_eq!(world.plan().steps.iter().filter(|step| step.action == Action::Patch).count(), 0, "nothing else differs");
    let finding = only(world.compat().found_by(CarriedOver));
    assert_eq!(finding.severity, Severity::Caution);
    assert!(finding.what.contains("the server will refuse the change"), "{}", finding.what);
}

#[test]
fn an_address_that_the_target_leaves_open_is_only_noted() {
    let world =
        World::default().revision("superseded", &[service(None)]).revision("deployed", &[service(Some("10.0.0.7"))]).live(live());
    let finding = only(world.found_by(CarriedOver));
    assert_eq!(finding.severity, Severity::Note);
    assert!(!finding.blocks());
    let finding = only(world.compat().found_by(CarriedOver));
    assert!(finding.what.ends_with("or refuses the change"), "{}", finding.what);
}

#[test]
fn a_change_in_place_carries_nothing_over() {
    let mut other = service(None);
    other["spec"]["ports"][0]["port"] = json!(81);
    let world = World::default().revision("superseded", &[other]).revision("deployed", &[service(None)]).live(live());
    assert_eq!(world.found_by(CarriedOver), []);
}
