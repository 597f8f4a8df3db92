//! Our patches beside those of Helm's own code, on generated objects.

mod generate;
mod kinds;

use std::collections::BTreeMap;

use e2e::World;
use helm_release_core::Gvk;
use helm_release_core::patch::{HelmPatch, PatchError, Schemas, ThreeWay, apply, helm_patch, three_way};
use helm_release_core::ports::PatchBody;
use serde_json::{Value, json};

use generate::{Random, Triple};

pub(crate) const TESTS: &[crate::Test] = crate::tests![
    helm_patch_is_what_helm_sends_and_ends_in_the_same_object,
    a_patch_changes_another_object_as_kubernetes_library_says,
    our_own_patch_ends_in_the_object_that_a_three_way_merge_of_kubernetes_ends_in,
];

const TRIPLES: usize = 8_000;
const SEED: u64 = 0x5eed_0001;

fn gvk_of(object: &Value) -> Gvk {
    let text = |key| object.get(key).and_then(Value::as_str).unwrap_or_default();
    Gvk::new(text("apiVersion"), text("kind"))
}

fn triples() -> Vec<Triple> {
    let mut random = Random::new(SEED);
    let kinds = kinds::all();
    assert!(kinds.len() >= 25, "{} kinds", kinds.len());
    (0..TRIPLES).map(|index| generate::triple(&kinds[index % kinds.len()], &mut random)).collect()
}

/// What the oracle answers when the live object does not fit Helm's Go type, so that nothing can be applied to it.
const NOT_OF_GO_TYPE: [&str; 2] = ["expected a struct, but received a nil", "strategic merge needs a built-in kind"];

/// What either side says: the kind of patch, its text, and the object afterwards.
#[derive(Debug, PartialEq)]
struct Said {
    media_type: &'static str,
    patch: String,
    result: Value,
}

fn of_helm(answer: Result<Value, String>) -> Result<Said, String> {
    let answer = answer?;
    let text = |key: &str| answer[key].as_str().expect("the oracle answers text").to_owned();
    let media_type = match text("type").as_str() {
        "application/strategic-merge-patch+json" => "strategic",
        "application/merge-patch+json" => "merge",
        other => panic!("unexpected type {other}"),
    };
    let result = serde_json::from_str(&text("result")).expect("the result is JSON");
    Ok(Said { media_type, patch: text("patch"), result })
}

fn of_ours(gvk: &Gvk, triple: &Triple, patch: Option<PatchBody>) -> Result<Said, PatchError> {
    let Some(patch) = patch else {
        return Ok(Said { media_type: "", patch: "{}".to_owned(), result: triple.live.clone() });
    };
    let media_type = if matches!(patch, PatchBody::Strategic(_)) { "strategic" } else { "merge" };
    let result = apply(Schemas::built_in(), gvk, &triple.live, &patch)?;
    Ok(Said { media_type, patch: patch.value().to_string(), result })
}

fn helm_patch_is_what_helm_sends_and_ends_in_the_same_object(world: &World) {
    let oracle = world.oracle();
    let triples = triples();
    let questions = triples.iter().enumerate().map(|(index, triple)| {
        json!({"helm": 3 + index % 2, "original": triple.original, "target": triple.target, "live": triple.live})
    });
    let answers = oracle.ask_all("three-way", questions);
    let mut per_kind: BTreeMap<String, usize> = BTreeMap::new();
    let (mut equal, mut failed_alike, mut empty, mut untyped) = (0, 0, 0, 0);
    let mut differences = Vec::new();
    for (triple, answer) in triples.iter().zip(answers) {
        let gvk = gvk_of(&triple.target);
        let Triple { original, target, live } = triple;
        let ours = helm_patch(HelmPatch { gvk: &gvk, original, target, live }).and_then(|patch| of_ours(&gvk, triple, patch));
        match (of_helm(answer), ours) {
            (Err(error), _) if NOT_OF_GO_TYPE.contains(&error.as_str()) => untyped += 1,
            (Err(_), Err(_)) => failed_alike += 1,
            // An object that does not fit Helm's Go type is patched like a custom resource; the server refuses it anyway.
            (Ok(helm), _) if helm.media_type == "merge" && Schemas::built_in().takes_strategic_merge(&gvk) => untyped += 1,
            (Ok(helm), Ok(ours)) if helm.patch == ours.patch && helm.result == ours.result => {
                let same_type = ours.patch == "{}" || helm.media_type == ours.media_type;
                assert!(same_type, "{gvk}: Helm sends {}, we {}", helm.media_type, ours.media_type);
                equal += 1;
                empty += usize::from(ours.patch == "{}");
                *per_kind.entry(gvk.to_string()).or_default() += 1;
            }
            (helm, ours) => differences
                .push(format!("{gvk}\n original {original}\n target {target}\n live {live}\n helm {helm:?}\n ours {ours:?}")),
        }
    }
    eprintln!(
        "helm_patch: {equal} of {TRIPLES} equal ({empty} of them empty), {failed_alike} refused by both, \
         {untyped} not of Helm's type, {} different, over {} kinds",
        differences.len(),
        per_kind.len(),
    );
    assert!(differences.is_empty(), "{} differences, the first:\n{}", differences.len(), differences[0]);
    assert!(equal >= 5_000, "only {equal} compared");
    assert!(per_kind.len() >= 25, "{per_kind:?}");
}

fn a_patch_changes_another_object_as_kubernetes_library_says(world: &World) {
    let oracle = world.oracle();
    let mut random = Random::new(SEED + 1);
    let kinds: Vec<Value> =
        kinds::all().into_iter().filter(|kind| Schemas::built_in().takes_strategic_merge(&gvk_of(kind))).collect();
    let cases: Vec<(Value, Value)> = (0..TRIPLES)
        .map(|index| {
            let kind = &kinds[index % kinds.len()];
            let Triple { original, target, live } = generate::triple(kind, &mut random);
            let gvk = gvk_of(kind);
            let made = helm_patch(HelmPatch { gvk: &gvk, original: &original, target: &target, live: &live });
            let patch = made.ok().flatten().map_or_else(|| json!({}), |patch| patch.value().clone());
            let other = generate::triple(kind, &mut random).live;
            (other, generate::with_directives(patch, &mut random))
        })
        .collect();
    let answers =
        oracle.ask_all("strategic-apply", cases.iter().map(|(object, patch)| json!({"object": object, "patch": patch})));
    let (mut equal, mut failed_alike, mut lenient, mut untyped) = (0, 0, 0, 0);
    let mut differences = Vec::new();
    for ((object, patch), answer) in cases.iter().zip(answers) {
        let gvk = gvk_of(object);
        let ours = apply(Schemas::built_in(), &gvk, object, &PatchBody::Strategic(patch.clone()));
        let go = answer.map(|text| {
            let text = text.as_str().expect("the oracle answers text");
            serde_json::from_str::<Value>(text).expect("the result is JSON")
        });
        match (go, ours) {
            (Err(error), _) if NOT_OF_GO_TYPE.contains(&error.as_str()) => untyped += 1,
            (Err(_), Err(_)) => failed_alike += 1,
            (Ok(go), Ok(ours)) if go == ours => equal += 1,
            // A field that no such kind has is never in a live object: the server drops it.
            (Err(error), Ok(_)) if error.contains("unable to find api field") => lenient += 1,
            (go, ours) => differences.push(format!("{gvk}\n object {object}\n patch {patch}\n go {go:?}\n ours {ours:?}")),
        }
    }
    eprintln!(
        "strategic apply: {equal} of {TRIPLES} equal, {failed_alike} refused by both, \
         {lenient} with fields that no kind has, {untyped} not of the Go type, {} different",
        differences.len(),
    );
    assert!(differences.is_empty(), "{} differences, the first:\n{}", differences.len(), differences[0]);
    assert!(equal >= 5_000, "only {equal} compared");
}

fn our_own_patch_ends_in_the_object_that_a_three_way_merge_of_kubernetes_ends_in(world: &World) {
    let oracle = world.oracle();
    let triples = triples();
    let questions = triples.iter().map(|Triple { original, target, live }| {
        json!({"helm": 4, "unstructured": "three-way", "original": original, "target": target, "live": live})
    });
    let answers = oracle.ask_all("three-way", questions);
    let (mut equal, mut refused, mut untyped, mut nulls) = (0, 0, 0, 0);
    let mut differences = Vec::new();
    for (triple, answer) in triples.iter().zip(answers) {
        let gvk = gvk_of(&triple.target);
        let Triple { original, target, live } = triple;
        let inputs = ThreeWay { gvk: &gvk, originals: &[original], target, live };
        let ours = three_way(Schemas::built_in(), inputs).and_then(|patch| of_ours(&gvk, triple, patch));
        match (of_helm(answer), ours) {
            (Err(_), _) => refused += 1,
            (Ok(helm), _) if helm.media_type == "merge" && Schemas::built_in().takes_strategic_merge(&gvk) => untyped += 1,
            (Ok(helm), Ok(ours)) if helm.result == ours.result => equal += 1,
            // A null in a manifest asks for no value. A strategic merge obeys; Kubernetes' three-way JSON merge forgets it, ours does not.
            (Ok(helm), Ok(_)) if helm.media_type == "merge" && holds_null(target) => nulls += 1,
            (helm, ours) => differences
                .push(format!("{gvk}\n original {original}\n target {target}\n live {live}\n helm {helm:?}\n ours {ours:?}")),
        }
    }
    eprintln!(
        "three_way: {equal} of {TRIPLES} equal, {refused} refused by Kubernetes, {untyped} not of Helm's type, \
         {nulls} with a null of the target, {} different",
        differences.len(),
    );
    assert!(differences.is_empty(), "{} differences, the first:\n{}", differences.len(), differences[0]);
    assert!(equal >= 5_000, "only {equal} compared");
}

fn holds_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.iter().any(holds_null),
        Value::Object(map) => map.values().any(holds_null),
        _ => false,
    }
}
