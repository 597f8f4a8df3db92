//! Decides what to do: a pure function of what was read.

use std::collections::BTreeMap;

use super::look::is_headless;
use super::{Evidence, Interrupted, Likeness, RecordRepair, RecoveryPlan, Situation, Vitality, Way};
use crate::history::{History, Spared, prunable};
use crate::manifest::{RemovalPolicy, removal_policy, sort_for_uninstall};
use crate::plan::{Action, Plan, Step, Subject};
use crate::ports::{Head, Preconditions, Propagation, Request};
use crate::release::{HelmLine, Status};
use crate::run::UndoLog;
use crate::{ObjectId, Revision};

/// Which way the user wants.
///
/// ```
/// use helm_release_core::recover::{Way, Wish, decide, look};
///
/// # use helm_release_core::recover::Eyes;
/// # use std::sync::Arc;
/// # use helm_release_store::{clock::SystemClock, journal::SecretJournal, lock::LeaseLock};
/// # use helm_release_store::cluster::{MemoryCluster, seed};
/// # use helm_release_store::storage::{MemoryStorage, load_memory_data};
/// # examples::run(async {
/// # let (storage, cluster) = (MemoryStorage::new(), Arc::new(MemoryCluster::new()));
/// # let releases = r#"
/// # - name: web
/// #   version: 1
/// #   apply_method: ssa
/// #   info: {status: deployed}
/// #   manifest: "{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {color: red}}"
/// # - name: web
/// #   version: 2
/// #   apply_method: ssa
/// #   info: {status: pending-upgrade}
/// #   manifest: "{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {color: blue}}"
/// # "#;
/// # load_memory_data(&storage, releases).await?;
/// # seed(&cluster, &storage).await?;
/// # let (lock, journal) = (LeaseLock::new(cluster.clone()), SecretJournal::new(cluster.clone()));
/// # let eyes = Eyes { storage: &storage, cluster: &cluster, lock: &lock, journal: &journal, clock: &SystemClock };
/// # let (namespace, name) = ("default".parse()?, "web".parse()?);
/// // An upgrade to revision 2 was killed before it wrote an object.
/// let situation = look(eyes, &namespace, &name).await?;
/// assert_eq!(decide(&situation, Wish::default()).way, Way::Undo);
/// assert_eq!(decide(&situation, Wish::Finish).way, Way::Finish);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Wish {
    /// Whichever the evidence speaks for.
    #[default]
    Either,
    /// To the end.
    Finish,
    /// Back to the beginning.
    Undo,
}

/// Decides what to do with a release.
///
/// ```
/// use helm_release_core::recover::{Wish, decide, look};
///
/// # use helm_release_core::recover::Eyes;
/// # use std::sync::Arc;
/// # use helm_release_store::{clock::SystemClock, journal::SecretJournal, lock::LeaseLock};
/// # use helm_release_store::cluster::{MemoryCluster, seed};
/// # use helm_release_store::storage::{MemoryStorage, load_memory_data};
/// # examples::run(async {
/// # let (storage, cluster) = (MemoryStorage::new(), Arc::new(MemoryCluster::new()));
/// # let releases = r#"
/// # - name: web
/// #   version: 1
/// #   apply_method: ssa
/// #   info: {status: deployed}
/// #   manifest: "{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {color: red}}"
/// # - name: web
/// #   version: 2
/// #   apply_method: ssa
/// #   info: {status: pending-upgrade}
/// #   manifest: "{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {color: blue}}"
/// # "#;
/// # load_memory_data(&storage, releases).await?;
/// # seed(&cluster, &storage).await?;
/// # let (lock, journal) = (LeaseLock::new(cluster.clone()), SecretJournal::new(cluster.clone()));
/// # let eyes = Eyes { storage: &storage, cluster: &cluster, lock: &lock, journal: &journal, clock: &SystemClock };
/// # let (namespace, name) = ("default".parse()?, "web".parse()?);
/// // An upgrade to revision 2 was killed before it wrote an object.
/// let situation = look(eyes, &namespace, &name).await?;
/// let plan = decide(&situation, Wish::Finish);
/// let objects = plan.objects.ok_or("the ConfigMap is still to be written")?;
/// assert_eq!(objects.target.revision().get(), 2);
/// let records: Vec<String> = plan.records.iter().map(|repair| format!("{} {}", repair.revision, repair.status)).collect();
/// assert_eq!(records, ["2 deployed", "1 superseded"]);
/// # Ok(()) });
/// ```
#[must_use]
pub fn decide(situation: &Situation, wish: Wish) -> RecoveryPlan {
    let mut plan = RecoveryPlan {
        namespace: situation.namespace.clone(),
        name: situation.name.clone(),
        way: Way::Nothing,
        reasons: Vec::new(),
        cautions: situation.life.reasons.clone(),
        vitality: situation.life.vitality,
        interrupted: situation.interrupted.clone(),
        evidence: Vec::new(),
        objects: None,
        log: None,
        own_hooks: None,
        records: Vec::new(),
        prune: Vec::new(),
        spent: situation.journals.clone(),
        abandoned: situation.held.clone().filter(|_| situation.life.vitality != Vitality::Alive),
        heads: situation.heads.clone(),
    };
    match &situation.interrupted {
        Some(interrupted) if situation.log.is_some() && is_ours(interrupted) => {
            by_journal(situation, interrupted, wish, &mut plan);
        }
        Some(interrupted) if interrupted.info.status.is_pending() || is_headless(&situation.heads) => {
            by_evidence(situation, interrupted, wish, &mut plan);
        }
        _ => {
            plan.cautions.clear();
            only_records(situation, &mut plan);
        }
    }
    plan
}

fn deployed(heads: &[Head]) -> impl Iterator<Item = Revision> {
    heads.iter().filter(|head| head.status_label() == Status::Deployed.as_str()).map(|head| head.key.revision)
}

fn repair(revision: Revision, status: Status, reason: &str) -> RecordRepair {
    RecordRepair { revision, status, description: None, reason: reason.to_owned() }
}

/// Every deployed revision but one becomes superseded.
fn supersede_others(heads: &[Head], stays: Revision) -> impl Iterator<Item = RecordRepair> {
    let others = deployed(heads).filter(move |revision| *revision != stays);
    others.map(|revision| repair(revision, Status::Superseded, "another revision is deployed"))
}

/// Whether the record says what only the rollback that wrote the journal can have written: a release that Helm has uninstalled
/// since, for one, does not come back.
fn is_ours(interrupted: &Interrupted) -> bool {
    matches!(interrupted.info.status, Status::PendingRollback | Status::Deployed | Status::Failed)
}

fn by_journal(situation: &Situation, interrupted: &Interrupted, wish: Wish, plan: &mut RecoveryPlan) {
    let Some(log) = &situation.log else { return };
    plan.own_hooks = log.own_hooks;
    let revision = interrupted.revision();
    let is_committed = interrupted.info.status == Status::Deployed;
    let has_failed = interrupted.info.status == Status::Failed;
    // Then at most the history's limit was not yet kept: what that deletes cannot be put back.
    let is_over = is_committed && deployed(&situation.heads).all(|other| other == revision);
    plan.way = match wish {
        _ if is_over => Way::Finish,
        Wish::Undo => Way::Undo,
        Wish::Either if has_failed => Way::Undo,
        Wish::Finish | Wish::Either => Way::Finish,
    };
    let reason = match (wish, is_committed, has_failed) {
        (Wish::Undo, ..) if is_over => {
            format!("the rollback to revision {} had come to its end; to leave it, roll back again", log.to)
        }
        (Wish::Either, true, _) => {
            format!("revision {revision} is deployed and every object is at its target; only older records are not yet put right")
        }
        (Wish::Either, _, true) => format!("the rollback to revision {} failed, and not everything was brought back", log.to),
        (Wish::Either, ..) => format!("the rollback to revision {} was cut off and had not failed", log.to),
        _ => "it was asked for".to_owned(),
    };
    plan.reasons.push(reason);
    let entries = log.entries.len();
    plan.reasons.push(format!("there is a journal of {entries} objects, from {:.0}", log.began));
    if plan.way == Way::Finish {
        // What is at its target already needs no further look.
        plan.objects = situation.ahead.clone().filter(|_| !is_committed);
        plan.prune = pruned(situation, log);
        plan.records.push(repair(revision, Status::Deployed, "every object is at its target"));
        plan.records.extend(supersede_others(&situation.heads, revision));
        if plan.objects.as_ref().is_some_and(|plan| !plan.steps.iter().any(|step| step.action == Action::RunHook)) {
            plan.cautions.push("no hook is left to run".to_owned());
        }
        return;
    }
    plan.log = Some(Box::new(log.clone()));
    for was_deployed in &log.deployed {
        if !deployed(&situation.heads).any(|revision| revision == *was_deployed) {
            plan.records.push(repair(*was_deployed, Status::Deployed, "it was deployed when the rollback began"));
        }
    }
    let description = format!("Rollback {:?} failed: it was cut off; every object was brought back", situation.name.as_str());
    let mut failed = repair(revision, Status::Failed, "its rollback is undone");
    failed.description = Some(description);
    plan.records.push(failed);
    if !log.hooks.is_empty() {
        plan.cautions.push("what hooks did outside the cluster is not undone, and what they deleted is not put back".to_owned());
    }
}

/// The records that the rollback itself would have pruned.
fn pruned(situation: &Situation, log: &UndoLog) -> Vec<Head> {
    let Ok(keep @ 1..) = usize::try_from(log.asked.history_max) else { return Vec::new() };
    let protected: Vec<Revision> = [log.revision, log.to].into_iter().chain(log.deployed.iter().copied().max()).collect();
    let spared = Spared { revisions: &protected, good: log.asked.keep_good, good_before: Some(log.revision), pinned: true };
    prunable(&History::new(situation.heads.clone()), keep, &spared).into_iter().cloned().collect()
}

/// What every object is like, by what each of the two plans would do to it.
fn evidence(ahead: &Plan, behind: Option<&Plan>) -> Vec<Evidence> {
    let mut seen: BTreeMap<ObjectId, (Option<bool>, Option<bool>)> = BTreeMap::new();
    let is_fine = |step: &Step| matches!(step.action, Action::Unchanged | Action::Keep);
    let steps = |plan: &Plan| plan.steps.iter().filter_map(|step| Some((step.object()?, is_fine(step)))).collect::<Vec<_>>();
    for (object, fine) in steps(ahead) {
        seen.entry(object).or_default().0 = Some(fine);
    }
    for (object, fine) in behind.map(steps).unwrap_or_default() {
        seen.entry(object).or_default().1 = Some(fine);
    }
    let likeness = |(after, before): (Option<bool>, Option<bool>)| match (after.unwrap_or(true), before.unwrap_or(true)) {
        (true, true) => Likeness::Both,
        (true, false) => Likeness::After,
        (false, true) => Likeness::Before,
        (false, false) => Likeness::Neither,
    };
    seen.into_iter().map(|(object, state)| Evidence { object, likeness: likeness(state) }).collect()
}

fn writes(plan: &Plan) -> usize {
    plan.steps.iter().filter(|step| step.action.writes_object()).count()
}

fn by_evidence(situation: &Situation, interrupted: &Interrupted, wish: Wish, plan: &mut RecoveryPlan) {
    let Some(ahead) = &situation.ahead else { return };
    let revision = interrupted.revision();
    let status = &interrupted.info.status;
    if let Some(unusable) = &situation.unusable {
        plan.cautions.push(unusable.clone());
    }
    plan.evidence = evidence(ahead, situation.behind.as_deref());
    let (forth, back) = (writes(ahead), situation.behind.as_deref().map(writes));
    let is_complete = forth == 0;
    let (way, reason) = match (wish, back) {
        (Wish::Finish, _) => (Way::Finish, "it was asked for".to_owned()),
        (Wish::Undo, _) => (Way::Undo, "it was asked for".to_owned()),
        _ if is_complete => (Way::Finish, format!("every object is as revision {revision} wants it")),
        (_, Some(0)) => (Way::Undo, "every object is as the last good revision wants it".to_owned()),
        (_, Some(back)) => (
            Way::Undo,
            format!("the objects are in between: {forth} are not as revision {revision} wants them, {back} not as before"),
        ),
        (_, None) => (
            Way::RecordsOnly,
            format!("there is no good revision before, and {forth} objects are not as revision {revision} wants them"),
        ),
    };
    plan.way = way;
    plan.reasons.push(reason);
    let hooks = interrupted.record.hooks().map_or(0, |hooks| hooks.len());
    if hooks > 0 && way != Way::RecordsOnly {
        plan.cautions
            .push(format!("the {hooks} hooks of revision {revision} are not run: which of them have run already nobody knows"));
    }
    if way == Way::Finish {
        finish_by_evidence(situation, interrupted, plan);
        plan.objects = Some(ahead.clone()).filter(|_| !is_complete);
        return;
    }
    plan.objects = match (way, &situation.behind) {
        (Way::Undo, Some(behind)) => Some(behind.clone()).filter(|behind| writes(behind) > 0),
        (Way::Undo, None) => Some(Box::new(removal_of_everything(ahead))),
        _ => None,
    };
    if status.is_pending() {
        let mut failed = repair(revision, Status::Failed, "its operation did not come to its end");
        failed.description = Some(failure_text(situation, status, way));
        plan.records.push(failed);
    }
    if let (Some(behind), None) = (&situation.behind, deployed(&situation.heads).next()) {
        let reason = "no revision is called deployed, and this is the one whose objects are live";
        plan.records.push(repair(behind.target.revision(), Status::Deployed, reason));
    }
}

/// What the records say when the interrupted revision comes to its end.
fn finish_by_evidence(situation: &Situation, interrupted: &Interrupted, plan: &mut RecoveryPlan) {
    let revision = interrupted.revision();
    let mut done = repair(revision, Status::Deployed, "every object is as it wants it");
    done.description = Some(match interrupted.info.status.as_str() {
        "pending-install" => "Install complete".to_owned(),
        "pending-upgrade" => "Upgrade complete".to_owned(),
        _ => interrupted.info.description.clone(),
    });
    plan.records.push(done);
    plan.records.extend(supersede_others(&situation.heads, revision));
}

/// What Helm itself would have written of such a failure, so that its own rules for good revisions apply.
fn failure_text(situation: &Situation, status: &Status, way: Way) -> String {
    let name = situation.name.as_str();
    let word = match status.as_str() {
        "pending-install" => "Release",
        "pending-upgrade" => "Upgrade",
        _ => "Rollback",
    };
    let end = if way == Way::Undo { "; every object was brought back" } else { "" };
    format!("{word} {name:?} failed: it was cut off{end}")
}

/// The same plan with nothing but the removal of every live object of the revision, in the order of an uninstall.
fn removal_of_everything(ahead: &Plan) -> Plan {
    let mut live: Vec<&Step> = ahead.steps.iter().filter(|step| step.seen.is_some() && step.action != Action::Delete).collect();
    sort_for_uninstall(&mut live, HelmLine::V4, |step| {
        step.location().map_or("", |location| location.resource.gvk.kind.as_str())
    });
    let removal = |step: &Step| {
        let (at, seen) = (step.location()?.clone(), step.seen.as_ref()?);
        let subject = Subject::Object(at.clone());
        if removal_policy(seen) != RemovalPolicy::Remove {
            return Some(Step::new(Action::Keep, subject, "its resource policy says keep"));
        }
        let mut removal = Step::new(Action::Delete, subject, "the installation is undone");
        removal.see(seen);
        let preconditions = Preconditions { uid: seen.uid().map(str::to_owned), resource_version: None };
        removal.requests.push(Request::Delete { at, propagation: Propagation::Background, preconditions });
        Some(removal)
    };
    let steps = live.into_iter().filter_map(removal).collect();
    Plan { steps, ..ahead.clone() }
}

/// Nothing is pending: at most the records contradict each other, or a journal is of no use any more.
fn only_records(situation: &Situation, plan: &mut RecoveryPlan) {
    if situation.heads.is_empty() {
        plan.way = Way::RecordsOnly;
        plan.reasons.push("the release was uninstalled, records and all, while a rollback was at work".to_owned());
        for entry in situation.log.iter().flat_map(|log| &log.entries) {
            plan.cautions.push(format!("{} may be left: the rollback may have written it after that", entry.object()));
        }
        return;
    }
    let all: Vec<Revision> = deployed(&situation.heads).collect();
    if let [.., newest] = all[..]
        && all.len() > 1
    {
        plan.way = Way::RecordsOnly;
        plan.reasons
            .push(format!("{} revisions say deployed; the newest of them, {newest}, is the one that helm works with", all.len()));
        plan.records.extend(supersede_others(&situation.heads, newest));
        return;
    }
    plan.reasons.push("no operation of this release was cut off".to_owned());
}
