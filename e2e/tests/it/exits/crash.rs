//! `kill -9` at every write, in every scenario: `recover` finishes or undoes what was begun, and Helm goes on.

use std::collections::BTreeSet;

use e2e::proxy::{Act, Fault, Log, Moment};
use e2e::{Namespace, Tool, World};

use super::check::{Ends, faults_of_next_upgrade, hook_runs};
use super::fleet::{self, kill_when_struck, run_through};
use super::scenarios::{self, Scenario};
use super::stage::Stage;
use super::state::State;
use crate::release::{WEB, ours};

macro_rules! scenarios {
    ($($name:ident),* $(,)?) => {
        pub(crate) const TESTS: &[crate::Test] = crate::tests![$($name),*];
        $(fn $name(world: &World) { dies_at_every_write(world, stringify!($name)); })*
    };
}

scenarios![
    config_of_helm3,
    edits_by_hand_and_a_pod_on_its_way_out_of_helm4_client_side,
    custom_resources_of_helm4_server_side,
    workloads_of_helm3,
    workloads_of_helm4_server_side,
    waiting_workloads_of_helm4_client_side,
    job_hooks_of_helm3,
    pod_hooks_of_helm4_server_side,
    objects_made_anew_of_helm4_server_side,
    failed_revisions_of_helm4_client_side,
    failed_revisions_of_helm4_server_side,
    pruning_and_custom_resources_of_helm3,
    everything_of_helm4_server_side,
];

/// Variable that asks for every write in every moment and both ways; a part of them runs otherwise.
const ALL: &str = "ROLLBACK_SAFE_ALL_CRASHES";
/// So many writes every scenario has, those of records, lock and journal included.
const WRITES: usize = 15;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    Finish,
    Undo,
}

#[derive(Debug, Clone, Copy)]
struct Case {
    nth: usize,
    moment: Moment,
    wish: Wish,
}

/// The scenario of that name.
pub(super) fn scenario(name: &str) -> Scenario {
    scenarios::all().into_iter().find(|scenario| scenario.name == name).expect("every test has its scenario")
}

/// Prepares the rollback of a copy; its lock is short, so that nobody waits long for a dead holder.
pub(super) fn rollback(copy: &Namespace<'_>, scenario: &Scenario) -> Tool {
    ours(copy, scenario.args).args(["--lock-lasts", "1s"])
}

pub(super) fn recover(copy: &Namespace<'_>) -> Tool {
    copy.plugin().args(["recover", WEB, "--lock-lasts", "1s", "--wait-lock", "30s"])
}

/// Lets a rollback run undisturbed.
pub(super) fn ends(stage: &Stage<'_>) -> Ends {
    let scenario = stage.scenario;
    let copy = stage.copy();
    (scenario.before)(&copy);
    let log = Log::new();
    let door = copy.door("undisturbed", &log);
    let output = run_through(rollback(&copy, scenario), &door);
    assert_eq!(output.code, 0, "{output:?}");
    let target = State::of(&copy, scenario.hooks);
    let untouched = stage.copy();
    (scenario.before)(&untouched);
    let origin = State::of(&untouched, scenario.hooks);
    let requests = log.all().iter().filter(|request| !request.is_renewal()).count();
    let ends = Ends { origin, target, writes: door.writes(), requests };
    assert_eq!(ends.faults(&ends.target, &BTreeSet::new()), [""; 0]);
    assert!(ends.origin.untruths().is_empty() && ends.origin.deployed() != ends.target.deployed());
    let runs = hook_runs(&log, scenario.hooks);
    assert!(runs.len() == scenario.hooks.len() && runs.values().all(|runs| *runs == 1), "{runs:?}");
    ends
}

fn dies_at_every_write(world: &World, name: &str) {
    let scenario = scenario(name);
    let stage = Stage::build(world, &scenario);
    let ends = ends(&stage);
    assert!(ends.writes >= WRITES, "{name} has {} writes", ends.writes);
    let all = std::env::var_os(ALL).is_some();
    let mut cases = Vec::new();
    for nth in 1..=ends.writes {
        for (place, moment) in [Moment::Before, Moment::Unanswered, Moment::After].into_iter().enumerate() {
            for (way, wish) in [Wish::Finish, Wish::Undo].into_iter().enumerate() {
                // Both ways at every write, with the moments in turn.
                if all || (nth + way) % 3 == place {
                    cases.push(Case { nth, moment, wish });
                }
            }
        }
    }
    let what = format!("crash {name} ({} writes{})", ends.writes, if all { ", all moments" } else { "" });
    fleet::run(&what, &cases, |case| dies(&stage, &ends, *case));
}

fn dies(stage: &Stage<'_>, ends: &Ends, case: Case) -> Vec<String> {
    let Case { nth, moment, wish } = case;
    let scenario = stage.scenario;
    let copy = stage.copy();
    (scenario.before)(&copy);
    let before = hooks_there(&copy);
    let log = Log::new();
    let door = copy.door("rollback", &log);
    door.expect(Fault::at_write(nth, Act::Die(moment)));
    let mut child = fleet::start(rollback(&copy, scenario), &door);
    let killed = kill_when_struck(&mut child, &door);
    // A write that a controller was quicker than is sent twice, so not every run has the same number.
    let is_over = door.writes() < nth || (door.writes() == nth && moment == Moment::After);
    if !killed && !is_over {
        return vec![format!("it was not killed: {} writes, it struck: {}", door.writes(), door.has_struck())];
    }
    drop(door);
    let new = ends.new_revision();
    let left = State::of(&copy, scenario.hooks);
    let is_begun = left.records.contains_key(&new);
    // Then only the history's limit and the journal were left, and what is pruned cannot be put back.
    let was_over = left.deployed() == Ok(new);
    let has_journal = left.remains.iter().any(|left| left.starts_with("note "));
    let way = if wish == Wish::Finish { "--finish" } else { "--undo" };
    let output = run_through(recover(&copy).arg(way), &copy.door("recover", &log));
    let mut faults = Vec::new();
    if output.code != 0 {
        faults.push(format!("recover exits with {}: {}", output.code, output.stderr));
    }
    let end = State::of(&copy, scenario.hooks);
    faults.extend(ends.faults(&end, &before));
    let is_at_target = end.deployed() == Ok(new);
    let runs = hook_runs(&log, scenario.hooks);
    match wish {
        Wish::Finish if is_begun && !is_at_target => faults.push("it was not finished".to_owned()),
        Wish::Undo if is_begun && has_journal && is_at_target && !was_over => faults.push("it was not undone".to_owned()),
        Wish::Finish if is_begun && runs.len() != scenario.hooks.len() => faults.push(format!("not every hook ran: {runs:?}")),
        _ => {}
    }
    if runs.values().any(|runs| *runs > 1) {
        faults.push(format!("a hook ran twice: {runs:?}"));
    }
    faults.extend(faults_of_next_upgrade(stage, &copy));
    if !faults.is_empty() {
        faults.push(format!("killed: {killed}, begun: {is_begun}, journal: {has_journal}, recover said: {}", output.stderr));
        faults.extend(log.writes().iter().map(ToString::to_string));
    }
    faults
}

/// The uids of everything that was there before, hooks included.
pub(super) fn hooks_there(copy: &Namespace<'_>) -> BTreeSet<String> {
    let uids = ["v1/pods", "batch/v1/jobs"].into_iter().flat_map(|resource| copy.list(resource));
    uids.filter_map(|object| Some(object["metadata"]["uid"].as_str()?.to_owned())).collect()
}
