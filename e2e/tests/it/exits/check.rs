//! Compares how a rollback ended with how it may end.

use std::collections::{BTreeMap, BTreeSet};

use e2e::Namespace;
use e2e::proxy::{Log, Passed};

use super::stage::Stage;
use super::state::{State, differences};

/// The two ends of an undisturbed rollback.
pub(super) struct Ends {
    pub(super) origin: State,
    pub(super) target: State,
    /// How many writes it has, and requests.
    pub(super) writes: usize,
    pub(super) requests: usize,
}

impl Ends {
    /// The revision that the rollback makes.
    pub(super) fn new_revision(&self) -> u64 {
        self.target.records.keys().copied().max().unwrap_or_default()
    }

    /// What is wrong with a state that must be one of both ends, told by the records.
    pub(super) fn faults(&self, end: &State, hooks_before: &BTreeSet<String>) -> Vec<String> {
        let mut faults = end.untruths();
        let deployed = match end.deployed() {
            Ok(deployed) => deployed,
            Err(fault) => {
                faults.push(fault);
                return faults;
            }
        };
        let new = self.new_revision();
        if deployed == new {
            faults.extend(differences(&end.objects, &self.target.objects));
            // The end of a history's limit is the next operation's business.
            let is_due =
                |revision: &u64| self.target.records.contains_key(revision) || !self.origin.records.contains_key(revision);
            let kept: BTreeMap<_, _> = end.records.clone().into_iter().filter(|(revision, _)| is_due(revision)).collect();
            if kept != self.target.records {
                faults.push(format!("the records are {kept:?}, should be {:?}", self.target.records));
            }
            if end.hooks.keys().ne(self.target.hooks.keys()) {
                faults.push(format!("the hooks' objects are {:?}, should be {:?}", end.hooks.keys(), self.target.hooks.keys()));
            }
            return faults;
        }
        faults.extend(differences(&end.objects, &self.origin.objects));
        let mut wanted = self.origin.records.clone();
        if end.records.contains_key(&new) {
            wanted.insert(new, "failed".to_owned());
        }
        if end.records != wanted {
            faults.push(format!("the records are {:?}, should be {wanted:?}", end.records));
        }
        // What a hook deleted is not put back: that would run it again.
        let made = end.hooks.iter().filter(|(_, uid)| !hooks_before.contains(*uid));
        faults.extend(made.map(|(name, _)| format!("hook {name} is left from the rollback that was undone")));
        faults
    }
}

/// How often each hook was made.
pub(super) fn hook_runs(log: &Log, hooks: &[&str]) -> BTreeMap<String, usize> {
    let mut runs = BTreeMap::new();
    let makes = |request: &Passed| request.is_done() && ["POST", "PATCH"].contains(&request.method.as_str());
    for request in log.writes().iter().filter(|request| makes(request)) {
        let name = request.name();
        if hooks.contains(&name.as_str()) {
            *runs.entry(name).or_default() += 1;
        }
    }
    runs
}

/// What is wrong when real Helm goes on with the release.
pub(super) fn faults_of_next_upgrade(stage: &Stage<'_>, ns: &Namespace<'_>) -> Vec<String> {
    let is_there = !State::of(ns, stage.scenario.hooks).records.is_empty();
    let output = if is_there { stage.next_upgrade(ns).run() } else { stage.next_install(ns).run() };
    if output.code != 0 {
        return vec![format!("helm upgrade fails afterwards: {}", output.stderr)];
    }
    let end = State::of(ns, stage.scenario.hooks);
    let newest = end.records.keys().copied().max();
    match end.deployed() {
        Ok(deployed) if Some(deployed) == newest => Vec::new(),
        Ok(deployed) => vec![format!("after helm upgrade revision {deployed} is deployed of {:?}", end.records)],
        Err(fault) => vec![format!("after helm upgrade {fault}")],
    }
}
