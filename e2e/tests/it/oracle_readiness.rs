//! The readiness of generated objects, by our rules and by Helm's and kstatus' own.

use std::collections::BTreeMap;

use e2e::World;
use helm_release_core::readiness::{Readiness, Related, State, legacy, watcher};
use helm_release_core::{HelmLine, Object};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::dice::Dice;

mod generate;

pub(crate) const TESTS: &[crate::Test] = crate::tests![
    well_formed_objects_of_every_kind_are_judged_as_helm_judges_them,
    objects_with_nonsense_in_them_are_judged_as_kstatus_judges_them,
    captured_objects_are_judged_as_helm_judges_them,
];

const PER_KIND: usize = 150;

/// A question to the oracle and the objects that it is about.
#[derive(Deserialize)]
struct Case {
    object: Object,
    #[serde(default)]
    related: Vec<Object>,
}

impl Case {
    fn question(&self) -> Value {
        json!({ "object": self.object, "related": self.related })
    }

    fn related(&self) -> Related<'_> {
        self.related.iter().collect()
    }

    fn describe(&self) -> String {
        self.question().to_string()
    }
}

/// What the oracle says in the words of [`Readiness`]: an error there is the state `Unknown` with an empty message.
fn kstatus(answer: &Value) -> (String, String) {
    let text = |member: &str| answer[member].as_str().unwrap_or_default().to_owned();
    (text("status"), text("message"))
}

fn ours(readiness: &Readiness) -> (String, String) {
    (readiness.state.kstatus().to_owned(), readiness.message.clone())
}

/// Counts what was compared, so that a generator that has gone dull fails the test.
#[derive(Debug, Default)]
struct Tally {
    compared: usize,
    states: BTreeMap<String, usize>,
    crashed: usize,
}

impl Tally {
    fn add(&mut self, subject: &str, state: State) {
        self.compared += 1;
        *self.states.entry(format!("{subject} {state}")).or_default() += 1;
    }
}

fn compare_watcher(case: &Case, answer: &Value, tally: &mut Tally) {
    let now = Timestamp::now();
    for (member, wait_for_jobs) in [("wait", false), ("wait-jobs", true)] {
        let options = watcher::Options::at(now).with_wait_for_jobs(wait_for_jobs);
        // The reader that the oracle asks does not know that Helm leaves paused Deployments out.
        let Some(readiness) = watcher::status(&case.object, &case.related(), &options) else { continue };
        assert_eq!(ours(&readiness), kstatus(&answer[member]), "{member}: {}", case.describe());
        assert!(!readiness.reason.is_empty());
        tally.add(member, readiness.state);
    }
    let readiness = watcher::hook_status(&case.object);
    assert_eq!(ours(&readiness), kstatus(&answer["hook"]), "hook: {}", case.describe());
    tally.add("hook", readiness.state);
}

fn compare_legacy(case: &Case, answer: &Value, tally: &mut Tally) {
    // Helm 3 reads workloads of old versions in their current one, which the oracle's server does not convert to.
    let is_old = case.object.api_version().contains("beta");
    let lines = [(HelmLine::V4, "legacy4"), (HelmLine::V3, "legacy3")];
    for (line, name) in lines.into_iter().take(if is_old { 1 } else { 2 }) {
        for (suffix, wait_for_jobs) in [("", true), ("-no-jobs", false)] {
            let member = format!("{name}{suffix}");
            let options = legacy::Options::of(line).with_wait_for_jobs(wait_for_jobs);
            let readiness = legacy::ready(&case.object, &case.related(), &options);
            let error = answer[&member]["error"].as_str().unwrap_or_default();
            let theirs = (answer[&member]["ready"].as_bool().expect("the oracle answers"), error);
            assert_eq!((readiness.is_ready(), readiness.message.as_str()), theirs, "{member}: {}", case.describe());
            assert!(!readiness.reason.is_empty());
            tally.add(name, readiness.state);
        }
    }
}

fn well_formed_objects_of_every_kind_are_judged_as_helm_judges_them(world: &World) {
    let oracle = world.oracle();
    let mut dice = Dice::new();
    let mut tally = Tally::default();
    for kind in generate::KINDS {
        let cases: Vec<_> = (0..PER_KIND).map(|_| generate::case(kind, &mut dice)).collect();
        for (case, answer) in cases.iter().zip(oracle.ask_all("status", cases.iter().map(Case::question))) {
            let answer = answer.unwrap_or_else(|error| panic!("{error}: {}", case.describe()));
            compare_watcher(case, &answer, &mut tally);
            compare_legacy(case, &answer, &mut tally);
        }
    }
    eprintln!("{tally:#?}");
    for subject in
        ["wait ready", "wait waiting", "wait failed", "wait terminating", "wait unknown", "hook failed", "legacy3 failed"]
    {
        assert!(tally.states.get(subject).is_some_and(|count| *count >= 10), "{subject}: {tally:#?}");
    }
    for subject in ["legacy3", "legacy4"] {
        let count = |state: State| tally.states.get(&format!("{subject} {state}")).copied().unwrap_or(0);
        assert!(count(State::Ready).min(count(State::Waiting)) >= 1_000, "{tally:#?}");
    }
}

fn objects_with_nonsense_in_them_are_judged_as_kstatus_judges_them(world: &World) {
    let oracle = world.oracle();
    let mut dice = Dice::new();
    let mut tally = Tally::default();
    for kind in generate::KINDS {
        let cases: Vec<_> = (0..PER_KIND).map(|_| generate::spoilt(generate::case(kind, &mut dice), &mut dice)).collect();
        for (case, answer) in cases.iter().zip(oracle.ask_all("status", cases.iter().map(Case::question))) {
            match answer {
                Ok(answer) => compare_watcher(case, &answer, &mut tally),
                // Helm itself dies of some nonsense, where there is nothing to be equal to.
                Err(error) if error.starts_with("panic") => tally.crashed += 1,
                Err(error) => panic!("{error}: {}", case.describe()),
            }
        }
    }
    eprintln!("{tally:#?}");
    assert!(tally.compared > 10 * tally.crashed, "{tally:#?}");
    assert!(tally.states["wait unknown"] >= 200, "{tally:#?}");
}

/// The objects on which the rules' own unit tests go by snapshots.
fn captured_objects_are_judged_as_helm_judges_them(world: &World) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../helm-release-core/src/readiness/tests/captured");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let texts = files.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    let cases: Vec<Case> = texts.map(|path| serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()).collect();
    let mut tally = Tally::default();
    for (case, answer) in cases.iter().zip(world.oracle().ask_all("status", cases.iter().map(Case::question))) {
        let answer = answer.unwrap_or_else(|error| panic!("{error}: {}", case.describe()));
        compare_watcher(case, &answer, &mut tally);
        compare_legacy(case, &answer, &mut tally);
    }
    assert!(tally.compared >= 200, "{tally:#?}");
}
