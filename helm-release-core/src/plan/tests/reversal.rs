//! What is done about fields that cannot change back.

use serde_json::{Value, json};

use super::world::{World, config_map, managed, of_kind, ours, place};
use crate::Object;
use crate::plan::{Action, Plan, Step, Undo, Writing};
use crate::ports::{PatchBody, Preconditions, Propagation, Request};

fn between(old: &Value, new: &Value, live: Value) -> World {
    World::default().revision("superseded", std::slice::from_ref(old)).revision("deployed", std::slice::from_ref(new)).live(live)
}

fn only(plan: &Plan) -> &Step {
    plan.steps.iter().find(|step| step.location().is_some()).unwrap()
}

fn fixed(color: &str) -> Value {
    let mut map = config_map("fixed", color);
    map["immutable"] = json!(true);
    map
}

fn stateful_set(service: &str) -> Value {
    let mut set = of_kind("apps/v1", "StatefulSet", "db");
    set["spec"] = json!({
        "serviceName": service, "selector": {"matchLabels": {"app": "db"}},
        "template": {"metadata": {"labels": {"app": "db"}}, "spec": {"containers": [{"name": "db", "image": "db:1"}]}},
    });
    set
}

fn claim(size: &str, tier: &str) -> Value {
    let mut claim = of_kind("v1", "PersistentVolumeClaim", "db");
    claim["metadata"]["labels"] = json!({"tier": tier});
    claim["spec"] = json!({"volumeName": "pv", "resources": {"requests": {"storage": size}}});
    claim["status"] = json!({"phase": "Bound", "capacity": {"storage": size}});
    claim
}

#[test]
fn an_object_made_anew_is_deleted_by_its_uid_and_put_back_on_the_way_back() {
    let plan = between(&fixed("red"), &fixed("blue"), ours(&fixed("blue"))).plan();
    let step = only(&plan);
    assert_eq!(step.action, Action::Recreate);
    assert!(step.exchanges());
    assert!(step.reason.starts_with("data cannot be changed: it is deleted, and made anew"), "{}", step.reason);
    let [Request::Delete { propagation, preconditions, .. }, Request::Create { object, .. }] = &step.requests[..] else {
        panic!("{:?}", step.requests)
    };
    assert_eq!(*propagation, Propagation::Background);
    assert_eq!(*preconditions, Preconditions { uid: Some("uid-1".to_owned()), resource_version: None });
    assert_eq!(object.as_value()["data"], json!({"color": "red"}));
    assert_eq!(step.changes.iter().map(|change| change.path.as_str()).collect::<Vec<_>>(), ["data.color"]);
    let Some(Undo::PutBack { uid, object, .. }) = &step.undo else { panic!("{:?}", step.undo) };
    assert_eq!((uid.as_str(), &object.as_value()["data"]), ("uid-1", &json!({"color": "blue"})));
    assert_eq!(object.uid(), None);
}

#[test]
fn the_pods_of_a_stateful_set_and_the_number_that_others_chose_stay() {
    let mut live = ours(&stateful_set("b"));
    live["spec"]["replicas"] = json!(3);
    let plan = between(&stateful_set("a"), &stateful_set("b"), live).plan();
    let [Request::Delete { propagation, .. }, Request::Create { object, .. }] = &only(&plan).requests[..] else { panic!() };
    assert_eq!(*propagation, Propagation::Orphan);
    assert_eq!((&object.as_value()["spec"]["replicas"], &object.as_value()["spec"]["serviceName"]), (&json!(3), &json!("a")));
    assert_eq!(plan.blocking().count(), 0);
}

#[test]
fn by_server_side_apply_what_others_chose_gets_a_manager_of_its_own() {
    let mut live = managed(ours(&fixed("blue")), "Apply");
    live["metadata"]["labels"]["team"] = json!("shop");
    live["data"]["by-hand"] = json!("kept");
    let plan = between(&fixed("red"), &fixed("blue"), live).with_all("apply_method", "ssa").plan();
    let [Request::Delete { .. }, first, second, third] = &only(&plan).requests[..] else { panic!("{:?}", only(&plan).requests) };
    let body = |request: &Request| match request {
        Request::Apply { object, manager, .. } => (object.as_value().clone(), manager.clone()),
        other => panic!("{other:?}"),
    };
    let ((whole, helm), (kept, keeper), (wanted, again)) = (body(first), body(second), body(third));
    assert_eq!((helm.as_str(), keeper.as_str(), again.as_str()), ("helm", "helm-rollback-safe-kept", "helm"));
    assert_eq!(whole["data"], json!({"color": "red", "by-hand": "kept"}));
    assert_eq!((&kept["data"], &kept["metadata"]["labels"]), (&json!({"by-hand": "kept"}), &json!({"team": "shop"})));
    assert_eq!(kept.get("immutable"), None);
    assert_eq!((&wanted["data"], &wanted["metadata"]["labels"]["team"]), (&json!({"color": "red"}), &Value::Null));
}

#[test]
fn what_only_the_release_had_put_there_is_not_kept() {
    let mut new = fixed("blue");
    new["data"]["more"] = json!("of revision 2");
    let plan = between(&fixed("red"), &new, ours(&new)).plan();
    let [_, Request::Create { object, .. }] = &only(&plan).requests[..] else { panic!() };
    assert_eq!(object.as_value()["data"], json!({"color": "red"}));
}

#[test]
fn a_deletion_that_is_harmless_only_now_is_bound_to_the_version_that_was_seen() {
    let claim = |mode: &str| {
        let mut claim = of_kind("v1", "PersistentVolumeClaim", "db");
        claim["spec"] = json!({"accessModes": [mode]});
        claim["status"] = json!({"phase": "Pending"});
        claim
    };
    let plan = between(&claim("a"), &claim("b"), ours(&claim("b"))).plan();
    let Request::Delete { preconditions, .. } = &only(&plan).requests[0] else { panic!() };
    assert_eq!(preconditions.resource_version.as_deref(), Some("101"));
}

#[test]
fn a_claim_sends_its_live_size_with_everything_else() {
    let (old, new) = (claim("1Gi", "old"), claim("2Gi", "new"));
    let plan = between(&old, &new, ours(&new)).plan();
    let step = only(&plan);
    let [Request::Patch { patch: PatchBody::Strategic(patch), .. }] = &step.requests[..] else { panic!("{:?}", step.requests) };
    assert_eq!(patch["metadata"]["labels"], json!({"tier": "old"}));
    assert_eq!(patch.pointer("/spec/resources"), None);
    assert_eq!(step.fates.iter().map(|field| field.fate.as_str()).collect::<Vec<_>>(), ["carried-over"]);
    let plan = between(&old, &new, managed(ours(&new), "Apply")).with_all("apply_method", "ssa").plan();
    let [Request::Apply { object, .. }] = &only(&plan).requests[..] else { panic!() };
    assert_eq!(object.as_value()["spec"]["resources"]["requests"]["storage"], "2Gi");
    let plan = between(&old, &new, ours(&new)).asked(|options| options.writing = Writing::Replace).plan();
    let [Request::Replace { object, .. }] = &only(&plan).requests[..] else { panic!() };
    assert_eq!(object.as_value()["spec"]["resources"]["requests"]["storage"], "2Gi");
}

#[test]
fn a_strategy_takes_along_what_the_server_filled_in_beside_it() {
    let deployment = |strategy: &Value| {
        let mut deployment = of_kind("apps/v1", "StatefulSet", "web");
        deployment["spec"] = json!({ "updateStrategy": strategy });
        deployment
    };
    let (old, new) = (deployment(&json!({"type": "OnDelete"})), deployment(&json!({"type": "RollingUpdate"})));
    let mut live = ours(&new);
    live["spec"]["updateStrategy"]["rollingUpdate"] = json!({"partition": 0});
    let cleared = json!({"spec": {"updateStrategy": {"type": "OnDelete", "rollingUpdate": null}}});
    let plan = between(&old, &new, live.clone()).plan();
    let [Request::Patch { patch, .. }] = &only(&plan).requests[..] else { panic!() };
    assert_eq!(patch.value(), &cleared);
    let plan = between(&old, &new, managed(live.clone(), "Apply")).with_all("apply_method", "ssa").plan();
    let [Request::Patch { patch, .. }, Request::Apply { .. }] = &only(&plan).requests[..] else { panic!() };
    assert_eq!(patch.value(), &cleared);
    let plan = between(&old, &new, live).compat().plan();
    let [Request::Patch { patch, .. }] = &only(&plan).requests[..] else { panic!() };
    assert_eq!(patch.value(), &json!({"spec": {"updateStrategy": {"type": "OnDelete"}}}), "as Helm sends it");
}

#[test]
fn in_compat_mode_the_change_is_sent_as_helm_sends_it() {
    let plan = between(&fixed("red"), &fixed("blue"), ours(&fixed("blue"))).compat().plan();
    let step = only(&plan);
    assert_eq!(step.action, Action::Patch);
    let [Request::Patch { patch, .. }] = &step.requests[..] else { panic!() };
    assert_eq!(patch.value()["data"], json!({"color": "red"}));
    assert_eq!(step.fates.len(), 1);
}

#[test]
fn a_rollback_that_was_cut_off_makes_anew_what_it_had_deleted_with_all_that_was_in_it() {
    let mut old = ours(&stateful_set("b"));
    old["spec"]["replicas"] = json!(3);
    let world = World::default().revision("superseded", &[stateful_set("a")]).revision("deployed", &[stateful_set("b")]);
    let mut gone = world.clone();
    let place = place(&stateful_set("a"));
    gone.surroundings.exchanged.insert(place, ("uid-1".to_owned(), Object::new(old).unwrap()));
    for (world, replicas) in [(gone, json!(3)), (world, Value::Null)] {
        let plan = world.plan();
        let step = only(&plan);
        let [Request::Create { object, .. }] = &step.requests[..] else { panic!("{:?}", step.requests) };
        assert_eq!((step.action, &object.as_value()["spec"]["replicas"]), (Action::Create, &replicas));
        assert_eq!(object.as_value()["spec"]["serviceName"], "a");
    }
}
