use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{HelmPatch, ThreeWay, helm_patch, three_way};
use crate::Gvk;
use crate::patch::{PatchError, PatchProblem, Schemas, apply};
use crate::ports::PatchBody;

fn deployment() -> Gvk {
    Gvk::new("apps/v1", "Deployment")
}

fn widget() -> Gvk {
    Gvk::new("example.com/v1", "Widget")
}

fn containers(list: impl Into<Value>) -> Value {
    json!({"spec": {"template": {"spec": {"containers": list.into()}}}})
}

fn ours(gvk: &Gvk, originals: &[&Value], target: &Value, live: &Value) -> Option<PatchBody> {
    three_way(Schemas::built_in(), ThreeWay { gvk, originals, target, live }).unwrap()
}

#[test]
fn a_container_that_only_a_failed_revision_had_is_deleted() {
    let (first, failed) = (containers(json!([{"name": "web"}])), containers(json!([{"name": "web"}, {"name": "debug"}])));
    let latest = containers(json!([{"name": "web", "image": "3"}]));
    let live = containers(json!([{"name": "web", "image": "3"}, {"name": "debug"}, {"name": "injected"}]));
    let patch = ours(&deployment(), &[&first, &failed, &latest], &first, &live).unwrap();
    let after = apply(Schemas::built_in(), &deployment(), &live, &patch).unwrap();
    assert_eq!(after, containers(json!([{"name": "web"}, {"name": "injected"}])));
}

#[test]
fn a_custom_resource_edited_by_hand_is_restored_but_not_by_helm() {
    let manifest = json!({"spec": {"size": 1}});
    let live = json!({"spec": {"size": 7, "extra": true}});
    assert_eq!(ours(&widget(), &[&manifest], &manifest, &live), Some(PatchBody::Merge(json!({"spec": {"size": 1}}))));
    let inputs = HelmPatch { gvk: &widget(), original: &manifest, target: &manifest, live: &live };
    assert_eq!(helm_patch(inputs), Ok(None));
}

#[test]
fn nothing_is_sent_when_only_the_order_directive_would_be() {
    let manifest = json!({"metadata": {"finalizers": ["b", "a"]}});
    assert_eq!(ours(&deployment(), &[&manifest], &manifest, &manifest), None);
    let inputs = HelmPatch { gvk: &deployment(), original: &manifest, target: &manifest, live: &manifest };
    let expected = json!({"metadata": {"$setElementOrder/finalizers": ["b", "a"]}});
    assert_eq!(helm_patch(inputs), Ok(Some(PatchBody::Strategic(expected))));
}

#[test]
fn a_fraction_that_is_whole_equals_the_whole_number() {
    let (target, live) = (json!({"spec": {"replicas": 2.0}}), json!({"spec": {"replicas": 2}}));
    assert_eq!(ours(&deployment(), &[&target], &target, &live), None);
}

#[test]
fn helm_fails_at_a_changed_mapping_that_the_kind_does_not_have() {
    let before = json!({"spec": {"bogus": {"a": 1}}});
    let after = json!({"spec": {"bogus": {"a": 2}}});
    let inputs = HelmPatch { gvk: &deployment(), original: &before, target: &after, live: &json!({}) };
    let error = helm_patch(inputs).unwrap_err();
    assert_eq!(error, PatchError::Field { path: "spec.bogus".to_owned(), problem: PatchProblem::UnknownField });
    assert!(
        three_way(Schemas::built_in(), ThreeWay { gvk: &deployment(), originals: &[&before], target: &after, live: &before })
            .is_ok()
    );
}

#[test]
fn big_numbers_of_custom_resources_keep_their_digits_as_in_helm_4() {
    let (before, after) = (json!({}), json!({"spec": {"big": 9_007_199_254_740_993_i64}}));
    let inputs = HelmPatch { gvk: &widget(), original: &before, target: &after, live: &json!({}) };
    let expected = json!({"spec": {"big": 9_007_199_254_740_993_i64}});
    assert_eq!(helm_patch(inputs), Ok(Some(PatchBody::Merge(expected))));
}

#[test]
fn an_api_service_is_strategic_for_the_server_and_not_for_helm() {
    let gvk = Gvk::new("apiregistration.k8s.io/v1", "APIService");
    let (before, after) = (json!({"spec": {"group": "a"}}), json!({"spec": {"group": "b"}}));
    assert!(Schemas::built_in().takes_strategic_merge(&gvk));
    let inputs = HelmPatch { gvk: &gvk, original: &before, target: &after, live: &before };
    assert_eq!(helm_patch(inputs), Ok(Some(PatchBody::Merge(after.clone()))));
}

#[test]
fn debug_prints_no_value() {
    let secret = json!({"data": {"password": "hunter2"}});
    let gvk = Gvk::new("v1", "Secret");
    let inputs = ThreeWay { gvk: &gvk, originals: &[&secret], target: &secret, live: &secret };
    assert_eq!(format!("{inputs:?}"), "ThreeWay(v1 Secret, 1 originals)");
}

/// Anything that JSON can say.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-z$/]{0,4}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(any_name(), inner, 0..4).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Names that mean something to a strategic merge of a Deployment, or to any.
fn any_name() -> impl Strategy<Value = String> {
    const NAMES: [&str; 16] = [
        "metadata",
        "spec",
        "template",
        "containers",
        "name",
        "ports",
        "containerPort",
        "env",
        "volumes",
        "finalizers",
        "$patch",
        "$retainKeys",
        "$setElementOrder/containers",
        "$setElementOrder/finalizers",
        "$deleteFromPrimitiveList/finalizers",
        "labels",
    ];
    prop_oneof![prop::sample::select(&NAMES[..]).prop_map(str::to_owned), "[a-z]{1,3}"]
}

/// Objects of texts and mappings below fields that no schema knows, where the laws hold without exception.
fn any_fields() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof!["[ab]".prop_map(Value::from), (0..3_i64).prop_map(Value::from)];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop::collection::btree_map("[a-d]", inner, 1..4).prop_map(|map| Value::Object(map.into_iter().collect()))
    })
    .prop_map(|spec| json!({ "spec": spec }))
}

/// Checks that `after` has what `target` has, lacks what only `original` had, and keeps what only `live` had.
fn check(original: Option<&Value>, target: &Map<String, Value>, live: &Map<String, Value>, after: &Map<String, Value>) {
    let original = original.and_then(Value::as_object);
    for (key, wanted) in target {
        match (wanted, live.get(key)) {
            (Value::Object(wanted), Some(Value::Object(live))) => {
                let below = original.and_then(|original| original.get(key));
                check(below, wanted, live, after[key].as_object().unwrap());
            }
            _ => assert_eq!(after.get(key), Some(wanted)),
        }
    }
    for key in live.keys().filter(|key| !target.contains_key(*key)) {
        let deleted = original.is_some_and(|original| original.contains_key(key));
        assert_eq!(after.get(key), if deleted { None } else { live.get(key) });
    }
    assert!(after.keys().all(|key| target.contains_key(key) || live.contains_key(key)));
}

fn entries(names: &[u8], value: u8) -> Value {
    names.iter().map(|name| json!({"name": format!("c{name}"), "image": value})).collect()
}

proptest! {
    #[test]
    fn a_patch_sets_the_target_deletes_what_is_gone_and_keeps_the_rest(
        original in any_fields(), target in any_fields(), live in any_fields(), strategic in any::<bool>(),
    ) {
        let gvk = if strategic { deployment() } else { widget() };
        let patch = ours(&gvk, &[&original], &target, &live);
        let after = patch.map_or_else(|| live.clone(), |patch| apply(Schemas::built_in(), &gvk, &live, &patch).unwrap());
        check(Some(&original), target.as_object().unwrap(), live.as_object().unwrap(), after.as_object().unwrap());
        prop_assert_eq!(ours(&gvk, &[&original], &target, &after), None);
    }

    #[test]
    fn containers_come_and_go_by_name(
        original in prop::collection::btree_set(0..6_u8, 0..6), target in prop::collection::btree_set(0..6_u8, 1..6),
        live in prop::collection::btree_set(0..6_u8, 0..6),
    ) {
        let names = |set: &std::collections::BTreeSet<u8>| set.iter().copied().collect::<Vec<_>>();
        let before = containers(entries(&names(&original), 0));
        let wanted = containers(entries(&names(&target), 1));
        let now = containers(entries(&names(&live), 2));
        let patch = ours(&deployment(), &[&before], &wanted, &now);
        let after = patch.map_or_else(|| now.clone(), |patch| apply(Schemas::built_in(), &deployment(), &now, &patch).unwrap());
        let expected: Vec<(String, u8)> = (0..6_u8)
            .filter(|name| target.contains(name) || (live.contains(name) && !original.contains(name)))
            .map(|name| (format!("c{name}"), if target.contains(&name) { 1 } else { 2 }))
            .collect();
        let list = after.pointer("/spec/template/spec/containers").and_then(Value::as_array).unwrap();
        let mut got: Vec<(String, u8)> = list
            .iter()
            .map(|entry| (entry["name"].as_str().unwrap().to_owned(), u8::try_from(entry["image"].as_u64().unwrap()).unwrap()))
            .collect();
        got.sort();
        prop_assert_eq!(got, expected);
    }

    #[test]
    fn no_value_makes_a_patch_panic(original in any_value(), target in any_value(), live in any_value()) {
        for gvk in [deployment(), widget()] {
            if let Ok(Some(patch)) = three_way(Schemas::built_in(), ThreeWay { gvk: &gvk, originals: &[&original, &target], target: &target, live: &live }) {
                let _ = apply(Schemas::built_in(), &gvk, &live, &patch);
            }
            let _ = helm_patch(HelmPatch { gvk: &gvk, original: &original, target: &target, live: &live });
            for patch in [PatchBody::Json(original.clone()), PatchBody::Merge(original.clone()), PatchBody::Strategic(original.clone())] {
                let _ = apply(Schemas::built_in(), &gvk, &live, &patch);
            }
            let _ = crate::patch::changed_fields(Schemas::built_in(), &gvk, &original, &target);
            let _ = crate::patch::apply_is_noop(&live, "helm", &target);
        }
    }
}
