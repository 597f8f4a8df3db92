//! Generated hooks: their order and their annotations, by our rules and by Helm's own.

use e2e::World;
use helm_release_core::hook::annotations::{self, HookReading};
use helm_release_core::hook::{Hook, schedule};
use helm_release_core::{HelmLine, Object};
use serde_json::{Value, json};

use crate::dice::Dice;

pub(crate) const TESTS: &[crate::Test] = crate::tests![hooks_run_in_helms_order, annotations_are_read_as_helm_reads_them];

const SETS: usize = 10_000;
const MANIFESTS: usize = 5_000;
const LINES: [(HelmLine, u8); 2] = [(HelmLine::V3, 3), (HelmLine::V4, 4)];

/// A record's list of hooks; each carries its place in its path.
fn stored_hooks(dice: &mut Dice) -> Value {
    let hooks = (0..dice.below(9)).map(|index| {
        let names = &["a", "b", "a-b", "B", "", "ä", "z10", "z9"];
        let mut hook =
            json!({ "name": dice.pick(names), "kind": dice.pick(&["Job", "Pod", "ConfigMap"]), "path": index.to_string() });
        let events = &["pre-rollback", "pre-rollback", "post-rollback", "test", "test-success", "Pre-Rollback", "later"];
        hook["events"] = (0..dice.below(4)).map(|_| json!(dice.pick(events))).collect();
        hook["last_run"] = json!({ "phase": "" });
        if !dice.one_in(3) {
            hook["weight"] = json!(if dice.one_in(9) { i64::MIN } else { dice.count() - 2 });
        }
        if dice.one_in(9) {
            hook["events"] = Value::Null;
        }
        hook
    });
    hooks.collect()
}

fn hooks_run_in_helms_order(world: &World) {
    let oracle = world.oracle();
    let mut dice = Dice::new();
    let sets: Vec<_> = (0..SETS).map(|_| stored_hooks(&mut dice)).collect();
    for (line, number) in LINES {
        let questions = sets.iter().map(|hooks| json!({ "helm": number, "event": "pre-rollback", "hooks": hooks }));
        let mut runs = 0;
        for (set, answer) in sets.iter().zip(oracle.ask_all("sort-hooks", questions)) {
            let theirs = answer.expect("Helm reads the hooks");
            let theirs: Vec<_> = theirs.as_array().expect("a list of hooks").iter().map(|hook| hook["path"].clone()).collect();
            let hooks: Vec<Hook> = serde_json::from_value(set.clone()).expect("hooks as stored");
            let schedule = schedule(&hooks, &"pre-rollback".to_owned().into(), line);
            let ours: Vec<_> = schedule.entries.iter().map(|entry| json!(hooks[entry.index].path)).collect();
            assert_eq!(ours, theirs, "helm {number}: {set}");
            runs += ours.len();
        }
        eprintln!("helm {number}: {SETS} sets, {runs} runs");
        assert!(runs > SETS, "the generator has gone dull: {runs} runs");
    }
}

fn scalar(words: &[&str], dice: &mut Dice) -> Value {
    match dice.below(12) {
        0 => json!(dice.count()),
        1 => json!([0.5, 1.5, -3.0, 1e-5, 12_345.0, 1.0, 1e20][dice.below(7)]),
        2 => json!(dice.one_in(2)),
        3 => Value::Null,
        _ => {
            let words: Vec<_> = (0..=dice.below(3)).map(|_| dice.pick(words)).collect();
            json!(words.join(dice.pick(&[",", ", ", " ,\t", ",,"])))
        }
    }
}

fn annotated(dice: &mut Dice) -> Value {
    let mut annotations = json!({});
    let events =
        &["pre-rollback", "Post-Rollback", "test-success", "TEST", "pre-\u{130}nstall", "\u{a0}pre-delete", "post-\u{212a}"];
    let events = if dice.one_in(3) { &[&events[..], &["crd-install", "", "test-failure"]].concat() } else { &events[..6] };
    if !dice.one_in(8) {
        let event = dice.pick(events);
        annotations[annotations::HOOK] = if dice.one_in(3) { scalar(events, dice) } else { json!(event) };
    }
    let weights =
        &["5", "+2", "-7", " 3", "1.5", "", "abc", "1_0", "0x10", "9223372036854775807", "9223372036854775808", "007", "٣"];
    if !dice.one_in(4) {
        annotations[annotations::WEIGHT] = if dice.one_in(3) { scalar(weights, dice) } else { json!(dice.pick(weights)) };
    }
    let policies = &["hook-succeeded", "Hook-Failed", "before-hook-creation", "", "odd", "ΑΣ"];
    for key in [annotations::DELETE_POLICY, annotations::OUTPUT_LOG_POLICY] {
        if !dice.one_in(3) {
            annotations[key] = scalar(policies, dice);
        }
    }
    if dice.one_in(30) {
        annotations["acme.io/list"] = json!(["a"]);
    }
    if dice.one_in(30) {
        annotations = Value::Null;
    }
    json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "web", "annotations": annotations } })
}

/// What Helm says, reduced to what annotations decide.
fn theirs(answer: &Result<Value, String>) -> Value {
    let Ok(answer) = answer else { return json!("refused") };
    match answer["hooks"].as_array().and_then(|hooks| hooks.first()) {
        Some(hook) => {
            let list = |member: &str| hook.get(member).cloned().unwrap_or_else(|| json!([]));
            json!({
                "events": list("events"), "weight": hook.get("weight").cloned().unwrap_or_else(|| json!(0)),
                "delete": list("delete_policies"), "logs": list("output_log_policies"),
            })
        }
        None if answer["manifests"].as_array().is_some_and(|manifests| manifests.len() == 1) => json!("not a hook"),
        None => json!("dropped"),
    }
}

fn ours(reading: HookReading) -> Value {
    match reading {
        HookReading::NotAHook => json!("not a hook"),
        HookReading::Dropped { .. } => json!("dropped"),
        HookReading::Refused { .. } => json!("refused"),
        HookReading::Hook(declaration) => json!({
            "events": declaration.events, "weight": declaration.weight.get(),
            "delete": declaration.delete_policies, "logs": declaration.output_log_policies,
        }),
        other => panic!("{other:?} is not known to this test"),
    }
}

fn annotations_are_read_as_helm_reads_them(world: &World) {
    let oracle = world.oracle();
    let mut dice = Dice::new();
    let manifests: Vec<_> = (0..MANIFESTS).map(|_| annotated(&mut dice)).collect();
    for (_, number) in LINES {
        // JSON is YAML, and keeps the difference between texts and numbers beyond doubt.
        let questions = manifests.iter().map(|manifest| json!({ "helm": number, "files": { "a.yaml": manifest.to_string() } }));
        let mut outcomes = std::collections::BTreeMap::<String, usize>::new();
        for (manifest, answer) in manifests.iter().zip(oracle.ask_all("sort-manifests", questions)) {
            let reading = annotations::read(&Object::new(manifest.clone()).expect("an object"));
            let ours = ours(reading);
            assert_eq!(ours, theirs(&answer), "helm {number}: {manifest}");
            *outcomes.entry(ours.as_str().unwrap_or("hook").to_owned()).or_default() += 1;
        }
        eprintln!("helm {number}: {MANIFESTS} manifests, {outcomes:?}");
        assert!(outcomes.len() == 4 && outcomes.values().all(|count| *count >= 50), "{outcomes:?}");
    }
}
