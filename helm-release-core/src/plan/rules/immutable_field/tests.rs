use super::*;
use serde_json::{Value, json};

use crate::plan::Acceptance;
use crate::plan::tests::world::{World, config_map, definition, of_kind, only, ours};

fn deployment(app: &str, replicas: u32) -> Value {
    let mut deployment = of_kind("apps/v1", "Deployment", "web");
    deployment["spec"] = json!({
        "replicas": replicas, "selector": {"matchLabels": {"app": app}},
        "template": {"metadata": {"labels": {"app": app}}, "spec": {"containers": [{"name": "web", "image": "web:1"}]}},
    });
    deployment
}

fn between(old: &Value, new: &Value) -> World {
    World::default()
        .revision("superseded", std::slice::from_ref(old))
        .revision("deployed", std::slice::from_ref(new))
        .live(ours(new))
}

#[test]
fn what_stops_pods_blocks_until_it_is_accepted() {
    let world = between(&deployment("a", 2), &deployment("b", 2));
    let finding = only(world.found_by(ImmutableField));
    assert_eq!((finding.severity, finding.path.as_deref()), (Severity::Block, Some("spec.selector")));
    assert_eq!(finding.leads_to, Verdict::RollBack);
    assert!(finding.ways_out.iter().any(|way| way.ends_with("--accept 'immutable-field=Deployment default/web'")), "{finding:?}");
    assert_eq!(world.plan().blocking().count(), 1);
    let accepted = world.asked(|options| options.accept.push(Acceptance::parse("immutable-field=Deployment default/web")));
    assert_eq!(accepted.plan().blocking().count(), 0);
}

#[test]
fn what_loses_nothing_is_only_worth_a_look() {
    let finding = only(between(&deployment("a", 0), &deployment("b", 0)).found_by(ImmutableField));
    assert_eq!((finding.severity, finding.leads_to), (Severity::Caution, Verdict::RollBack));
    let (mut old, mut new) = (config_map("c", "red"), config_map("c", "blue"));
    old["immutable"] = json!(true);
    new["immutable"] = json!(true);
    let finding = only(between(&old, &new).found_by(ImmutableField));
    assert_eq!((finding.severity, finding.path.as_deref()), (Severity::Caution, Some("data")));
    assert!(finding.what.contains("pods that read it"), "{}", finding.what);
}

#[test]
fn what_loses_data_asks_for_a_backup_first() {
    let claim = |class: &str| {
        let mut claim = of_kind("v1", "PersistentVolumeClaim", "db");
        claim["spec"] = json!({"storageClassName": class, "volumeName": "pv-1"});
        claim["status"] = json!({"phase": "Bound"});
        claim
    };
    let world = between(&claim("slow"), &claim("fast"));
    let finding = only(world.found_by(ImmutableField));
    assert_eq!((finding.severity, finding.leads_to), (Severity::Block, Verdict::BackUpFirst));
    assert_eq!(finding.ways_out[0], "back its data up first");
}

#[test]
fn what_cannot_be_made_anew_cannot_be_accepted() {
    let scoped = |scope: &str| {
        let mut definition = definition("things.example.org");
        definition["spec"]["scope"] = json!(scope);
        definition["status"] = json!({"conditions": [{"type": "Established", "status": "True"}]});
        definition
    };
    let world = between(&scoped("Cluster"), &scoped("Namespaced")).instances(scoped("Namespaced"), 2);
    let world = world.asked(|options| options.accept.push(Acceptance::parse("immutable-field")));
    let finding = only(world.found_by(ImmutableField));
    assert_eq!((finding.acceptable, finding.leads_to), (false, Verdict::FixForward));
    assert!(finding.blocks());
    let empty = between(&scoped("Cluster"), &scoped("Namespaced")).instances(scoped("Namespaced"), 0);
    assert_eq!(only(empty.found_by(ImmutableField)).severity, Severity::Caution);
}

#[test]
fn in_compat_mode_it_is_foretold_and_goes_ahead() {
    let finding = only(between(&deployment("a", 2), &deployment("b", 2)).compat().found_by(ImmutableField));
    assert_eq!(finding.severity, Severity::Caution);
    assert!(finding.what.ends_with("the server will refuse the change"), "{}", finding.what);
}

#[test]
fn a_change_in_place_is_no_finding() {
    assert_eq!(between(&deployment("a", 2), &deployment("a", 3)).found_by(ImmutableField), []);
}

#[test]
fn many_fields_are_counted() {
    let paths = |count: usize| (0..count).map(|number| format!("f{number}")).collect::<Vec<_>>();
    assert_eq!(listed(&paths(1)), "f0");
    assert_eq!(listed(&paths(2)), "f0 and f1");
    assert_eq!(listed(&paths(3)), "f0, f1 and f2");
    assert_eq!(listed(&paths(5)), "f0, f1, f2 and 2 more");
}
