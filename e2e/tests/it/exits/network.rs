//! A connection that is cut, stands still or lies, at every request; and a server that refuses any one write.

use std::collections::BTreeMap;

use e2e::World;
use e2e::proxy::{Act, Fault, Log};
use std::time::Duration;

use super::check::{Ends, faults_of_next_upgrade, hook_runs};
use super::crash::{ends, hooks_there, recover, rollback, scenario};
use super::fleet::{self, run_through};
use super::objects::{chart, config_map, deployment, pod_hook};
use super::scenarios::{Maker, Scenario, Step, all, nothing};
use super::stage::Stage;
use super::state::State;

pub(crate) const TESTS: &[crate::Test] = crate::tests![
    at_every_request_of_a_client_side_rollback,
    at_every_request_of_a_server_side_rollback_with_hooks,
    one_refused_write_in_every_scenario,
    pods_that_are_never_ready_and_hooks_that_fail,
];

/// Variable that asks for every misfortune at every request; they take turns otherwise.
const ALL: &str = "ROLLBACK_SAFE_ALL_FAULTS";

const MISFORTUNES: [Act; 6] = [
    Act::CutBefore,
    Act::CutAfter,
    Act::Stall(Duration::from_secs(2)),
    Act::Answer(429),
    Act::Answer(503),
    Act::AnswerAfter(504),
];

/// Lets a rollback meet one fault; what it left, and what `recover` made of it, must be true.
fn meets(stage: &Stage<'_>, ends: &Ends, fault: &Fault, is_told: impl Fn(&Log) -> Option<i32>) -> Vec<String> {
    let scenario = stage.scenario;
    let copy = stage.copy();
    (scenario.before)(&copy);
    let before = hooks_there(&copy);
    let log = Log::new();
    let door = copy.door("rollback", &log);
    door.expect(fault.clone());
    let output = run_through(rollback(&copy, scenario), &door);
    let end = State::of(&copy, scenario.hooks);
    let mut faults = Vec::new();
    let new = ends.new_revision();
    let deployed = end.deployed();
    match output.code {
        0 if deployed != Ok(new) => faults.push(format!("it says that it succeeded, and of {:?} it is not true", end.records)),
        1 if end.records != ends.origin.records => faults.push(format!("nothing was to change, and there is {:?}", end.records)),
        6 if deployed != ends.origin.deployed() || end.records.get(&new).is_none_or(|status| status != "failed") => {
            faults.push(format!("everything was to be brought back, and there is {:?}", end.records));
        }
        0 | 1 | 6 | 7 => {}
        code => faults.push(format!("the exit code is {code}")),
    }
    if let Some(wanted) = is_told(&log).filter(|wanted| *wanted != output.code) {
        faults.push(format!("the exit code is {}, should be {wanted}", output.code));
    }
    if output.code == 6 && !output.stderr.contains("Cause: ") {
        faults.push("the first error is not told".to_owned());
    }
    // A lock or journal that could not be removed is told, and goes with the next operation.
    if output.code != 7 {
        let records: Vec<String> = end.untruths().into_iter().filter(|untruth| !untruth.starts_with("left behind")).collect();
        faults.extend(records);
    }
    if output.code == 7 || !end.remains.is_empty() {
        let recovered = run_through(recover(&copy), &copy.door("recover", &log));
        if recovered.code != 0 {
            faults.push(format!("recover exits with {}: {}", recovered.code, recovered.stderr));
        }
    }
    faults.extend(ends.faults(&State::of(&copy, scenario.hooks), &before));
    let mut done = BTreeMap::new();
    for write in log.writes().iter().filter(|write| write.is_done() && !write.is_renewal()) {
        *done.entry((write.method.clone(), write.uri.clone(), write.body.clone())).or_insert(0) += 1;
    }
    let twice = done.iter().filter(|(_, times)| **times > 1);
    faults.extend(twice.map(|((method, uri, _), times)| format!("{method} {uri} was done {times} times")));
    let runs = hook_runs(&log, scenario.hooks);
    if runs.values().any(|runs| *runs > 1) {
        faults.push(format!("a hook ran twice: {runs:?}"));
    }
    faults.extend(faults_of_next_upgrade(stage, &copy));
    if !faults.is_empty() {
        faults.push(format!("exit code {}, it said: {}", output.code, output.stderr));
        faults.extend(log.all().iter().filter(|entry| entry.is_write() || entry.code.is_none()).map(ToString::to_string));
    }
    faults
}

fn at_every_request(world: &World, name: &str) {
    let scenario = scenario(name);
    let stage = Stage::build(world, &scenario);
    let ends = ends(&stage);
    let is_all = std::env::var_os(ALL).is_some();
    let mut faults = Vec::new();
    for nth in 1..=ends.requests {
        let turn = MISFORTUNES.iter().enumerate().filter(|(place, _)| is_all || nth % MISFORTUNES.len() == *place);
        faults.extend(turn.map(|(_, act)| Fault::at_request(nth, *act)));
    }
    let what = format!("network {name} ({} requests{})", ends.requests, if is_all { ", all misfortunes" } else { "" });
    fleet::run(&what, &faults, |fault| meets(&stage, &ends, fault, |_| None));
}

fn at_every_request_of_a_client_side_rollback(world: &World) {
    at_every_request(world, "config_of_helm3");
}

fn at_every_request_of_a_server_side_rollback_with_hooks(world: &World) {
    at_every_request(world, "pod_hooks_of_helm4_server_side");
}

fn one_refused_write_in_every_scenario(world: &World) {
    let is_all = std::env::var_os(ALL).is_some();
    for scenario in all() {
        let stage = Stage::build(world, &scenario);
        let ends = ends(&stage);
        let codes = |nth: usize| [403, 422].into_iter().filter(move |code| is_all || nth % 2 == usize::from(*code == 403));
        let cases: Vec<_> =
            (1..=ends.writes).flat_map(|nth| codes(nth).map(move |code| Fault::at_write(nth, Act::Answer(code)))).collect();
        fleet::run(&format!("return {}", scenario.name), &cases, |fault| {
            meets(&stage, &ends, fault, |log| {
                let refused = log.all().into_iter().find(|request| request.replaced.is_some())?;
                let is_ours = ["sh.helm.release", "helm-rollback-safe."].iter().any(|name| refused.name().starts_with(name));
                let is_hook = scenario.hooks.contains(&refused.name().as_str());
                // What cleans up after a hook is told as a warning.
                (!(is_ours || is_hook && refused.method == "DELETE")).then_some(6)
            })
        });
    }
}

/// Something that never comes to a good end in a rollback, with the words in which it is told.
#[derive(Debug)]
struct Trouble {
    document: String,
    told: &'static str,
    /// What has to come about before the trouble shows gets a minute; what never comes about is not waited for that long.
    args: &'static [&'static str],
}

fn pods_that_are_never_ready_and_hooks_that_fail(world: &World) {
    let hook = |event: &str, story: &str| {
        pod_hook("hook", event, 0, "").replace("metadata: {name", &format!("metadata: {{labels: {{test/kubelet: {story}}}, name"))
    };
    let troubles = || {
        vec![
            Trouble {
                document: deployment("slow", 1, "main", "never-ready"),
                told: "context deadline exceeded",
                args: &["1", "--wait", "--timeout", "3s"],
            },
            Trouble {
                document: deployment("slow", 1, "main", "pull"),
                told: "context deadline exceeded",
                args: &["1", "--wait", "--timeout", "3s"],
            },
            Trouble {
                document: deployment("slow", 1, "main", "crash"),
                told: "context deadline exceeded",
                args: &["1", "--wait", "--timeout", "3s"],
            },
            Trouble {
                document: hook("pre-rollback", "fail"),
                told: "pre-rollback hook Pod hook failed",
                args: &["1", "--wait", "--timeout", "60s"],
            },
            Trouble {
                document: hook("pre-rollback", "hang"),
                told: "not finished after 3 s",
                args: &["1", "--wait", "--timeout", "3s"],
            },
            Trouble {
                document: hook("post-rollback", "fail"),
                told: "post-rollback hook Pod hook failed",
                args: &["1", "--wait", "--timeout", "60s"],
            },
            Trouble {
                document: hook("post-rollback", "never-ready"),
                told: "not finished after 45 s",
                args: &["1", "--wait", "--timeout", "45s"],
            },
        ]
    };
    for maker in [Maker::Helm3, Maker::Helm4ClientSide, Maker::Helm4ServerSide] {
        fleet::run(&format!("waits in vain, {maker:?}"), &troubles(), |trouble| {
            let documents =
                |color: &str| vec![config_map("one", color), deployment("web", 1, color, ""), config_map(color, color)];
            let mut old = documents("red");
            old.push(trouble.document.clone());
            let past = vec![Step::Deploys(chart(&old)), Step::Deploys(chart(&documents("blue")))];
            let scenario = Scenario { name: "in vain", maker, past, before: nothing, args: trouble.args, hooks: &["hook"] };
            let stage = Stage::build(world, &scenario);
            let copy = stage.copy();
            let (before, origin) = (hooks_there(&copy), State::of(&copy, scenario.hooks));
            let output = run_through(rollback(&copy, &scenario), &copy.door("rollback", &Log::new()));
            let mut target = origin.clone();
            target.records.insert(3, "deployed".to_owned());
            let ends = Ends { origin, target, writes: 0, requests: 0 };
            let end = State::of(&copy, scenario.hooks);
            let mut faults = ends.faults(&end, &before);
            if output.code != 6 || !output.stderr.contains(trouble.told) {
                faults.push(format!("{output:?}"));
            }
            if end.records.get(&3).is_none_or(|status| status != "failed") {
                faults.push(format!("the records are {:?}", end.records));
            }
            faults.extend(faults_of_next_upgrade(&stage, &copy));
            faults
        });
    }
}
