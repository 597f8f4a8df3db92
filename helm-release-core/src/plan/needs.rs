//! The rights without which a plan cannot be carried out: worked out from its steps, before anybody is asked.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{Action, OnFailure, Plan, PlannedHook, RollbackOptions, Severity, Step, Subject, Undo, WaitStrategy};
use crate::Namespace;
use crate::hook::Awaited;
use crate::ports::{KeepersRights, Kinds, Location, PatchBody, Request, Right};
use crate::release::ApplyMethod;

/// Something that a run does, and the rights of which it needs one.
///
/// ```
/// use helm_release_core::plan::{Keepers, RollbackOptions, Severity, needs};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let survey = shop.survey(&RollbackOptions::default()).await?;
/// let plan = shop.plan(&RollbackOptions::default()).await?;
/// let needs = needs(&plan, &survey.kinds, &Keepers::default());
/// let need = needs.iter().find(|need| need.purpose.starts_with("patch")).ok_or("something is patched")?;
/// assert_eq!((need.purpose.as_str(), need.weight), ("patch Deployment default/shop", Severity::Block));
/// assert_eq!(need.any_of[0].to_string(), "patch deployments.apps \"shop\" in namespace default");
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Need {
    /// What it is for, in words that fit behind "to".
    pub purpose: String,
    /// Any of these is enough.
    pub any_of: Vec<Right>,
    /// How much it weighs when none is given.
    pub weight: Severity,
}

/// The rights with which a run's keepers work: of records, of the lock, of the journal.
///
/// ```
/// use helm_release_core::plan::{Keepers, RollbackOptions, needs};
/// use helm_release_core::ports::KeepersRights;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let survey = shop.survey(&RollbackOptions::default()).await?;
/// let plan = shop.plan(&RollbackOptions::default()).await?;
/// // Records in Secrets, neither lock nor journal.
/// let keepers = Keepers { records: KeepersRights::over("", "secrets", "default"), ..Keepers::default() };
/// let needs = needs(&plan, &survey.kinds, &keepers);
/// let need = needs.iter().find(|need| need.purpose == "store the new record").ok_or("a record is stored")?;
/// assert_eq!(need.any_of[0].to_string(), "create secrets in namespace default");
/// assert!(needs.iter().all(|need| need.purpose != "make the lock"));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keepers {
    /// Of the storage.
    pub records: KeepersRights,
    /// Of the lock; empty when the run takes none.
    pub lock: KeepersRights,
    /// Of the journal; empty when the run writes none.
    pub journal: KeepersRights,
}

/// What carrying out a plan takes, each need once, in no special order.
///
/// ```
/// use std::collections::BTreeSet;
///
/// use helm_release_core::plan::{Keepers, RollbackOptions, Severity, needs};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let survey = shop.survey(&RollbackOptions::default()).await?;
/// let plan = shop.plan(&RollbackOptions::default()).await?;
/// let needs = needs(&plan, &survey.kinds, &Keepers::default());
/// // What a role must give.
/// let must = needs.iter().filter(|need| need.weight == Severity::Block).flat_map(|need| &need.any_of);
/// let must: BTreeSet<String> = must.map(|right| format!("{} {}", right.verb, right.kind())).collect();
/// assert!(must.contains("patch deployments.apps") && must.contains("watch jobs.batch"));
/// assert!(!must.contains("delete deployments.apps"));
/// # Ok(()) });
/// ```
#[must_use]
pub fn needs(plan: &Plan, kinds: &Kinds, keepers: &Keepers) -> Vec<Need> {
    needs_of(plan, kinds, keepers, &|_| true)
}

/// The same of some of the steps.
pub(crate) fn needs_of(plan: &Plan, kinds: &Kinds, keepers: &Keepers, is_meant: &dyn Fn(&Step) -> bool) -> Vec<Need> {
    let Plan { steps, options, namespace, .. } = plan;
    let mut list = Needs { found: BTreeSet::new(), method: plan.apply_method };
    if steps.iter().any(|step| step.action == Action::CreateRecord) {
        list.keepers(steps, keepers);
        list.evidence(namespace);
    }
    for step in steps.iter().filter(|step| is_meant(step)) {
        list.requests(step, options);
        match &step.subject {
            Subject::Hook(planned) => list.hook(planned, options),
            Subject::Objects(places) if step.action == Action::Wait => list.wait(places, options, kinds),
            _ => {}
        }
    }
    list.found.into_iter().collect()
}

struct Needs {
    found: BTreeSet<Need>,
    method: ApplyMethod,
}

impl Needs {
    fn add(&mut self, weight: Severity, purpose: impl Into<String>, any_of: Vec<Right>) {
        if !any_of.is_empty() {
            self.found.insert(Need { purpose: purpose.into(), any_of, weight });
        }
    }

    fn keepers(&mut self, steps: &[Step], keepers: &Keepers) {
        let Keepers { records, lock, journal } = keepers;
        self.add(Severity::Block, "store the new record", records.create.clone());
        self.add(Severity::Block, "bring records up to date", records.change.clone());
        if steps.iter().any(|step| step.action == Action::PruneRecord) {
            self.add(Severity::Caution, "delete records beyond the history's limit", records.delete.clone());
        }
        for (rights, what) in [(lock, "the lock"), (journal, "the journal")] {
            self.add(Severity::Caution, format!("make {what}"), rights.create.clone());
            self.add(Severity::Caution, format!("remove {what}"), rights.delete.clone());
        }
        self.add(Severity::Caution, "renew the lock", lock.change.clone());
    }

    /// What explains a failure.
    fn evidence(&mut self, namespace: &Namespace) {
        let right = |verb, kind| Right::of(verb, "", kind, Some(namespace.as_str()));
        let purpose = "explain a failure by events, pods and logs";
        for right in [right("list", "events"), right("list", "pods"), right("get", "pods").below("log")] {
            self.add(Severity::Note, purpose, vec![right]);
        }
    }

    fn requests(&mut self, step: &Step, options: &RollbackOptions) {
        for request in &step.requests {
            let at = request.at();
            let verb = match request {
                Request::Create { .. } => "create",
                Request::Replace { .. } => "update",
                Request::Patch { .. } | Request::Apply { .. } => "patch",
                Request::Delete { .. } => "delete",
            };
            let purpose = format!("{} {at}", step.action);
            self.add(Severity::Block, &purpose, vec![Right::on(verb, at)]);
            // An apply that makes an object is authorised as both.
            if matches!(request, Request::Apply { .. }) && matches!(step.action, Action::Create | Action::Recreate) {
                self.add(Severity::Block, purpose, vec![Right::on("create", at)]);
            }
        }
        let undo = step.undo.as_ref().filter(|_| options.on_failure == OnFailure::Return);
        let back = match undo {
            Some(Undo::Remove { at, .. }) => Some(Right::on("delete", at)),
            Some(Undo::MakeAgain { at, .. }) => Some(Right::on("create", at)),
            Some(Undo::PutBack { at, .. }) => {
                self.add(Severity::Caution, "bring objects back when the rollback fails", vec![Right::on("delete", at)]);
                Some(Right::on("create", at))
            }
            Some(Undo::Restore {
                at, reverse: Some(PatchBody::Json(_) | PatchBody::Merge(_) | PatchBody::Strategic(_)), ..
            }) => Some(Right::on("patch", at)),
            _ => None,
        };
        if let Some(right) = back {
            self.add(Severity::Caution, "bring objects back when the rollback fails", vec![right]);
        }
    }

    fn hook(&mut self, planned: &PlannedHook, options: &RollbackOptions) {
        let entry = &planned.entry;
        for placed in &planned.objects {
            let at = &placed.location;
            let purpose = format!("run the {} hook {at}", planned.event);
            self.add(Severity::Block, &purpose, vec![Right::on("create", at)]);
            if self.method == ApplyMethod::Ssa {
                self.add(Severity::Block, &purpose, vec![Right::on("patch", at)]);
            }
            self.add(Severity::Block, &purpose, vec![Right::on("get", at)]);
            if entry.awaited != Awaited::Creation {
                for verb in ["list", "watch"] {
                    self.add(Severity::Block, format!("wait for the {} hook {at}", planned.event), vec![Right::on(verb, at)]);
                }
            }
            let is_cleaned = entry.deleted_on_success || entry.deleted_on_failure || options.on_failure == OnFailure::Return;
            if entry.deleted_before || is_cleaned {
                let weight = if entry.deleted_before { Severity::Block } else { Severity::Caution };
                self.add(weight, format!("delete the {} hook {at}", planned.event), vec![Right::on("delete", at)]);
            }
            if entry.logs_on_success.is_some() || entry.logs_on_failure.is_some() {
                let namespace = at.namespace.as_deref();
                let purpose = format!("show the output of the {} hook {at}", planned.event);
                self.add(Severity::Caution, &purpose, vec![Right::of("list", "", "pods", namespace)]);
                self.add(Severity::Caution, purpose, vec![Right::of("get", "", "pods", namespace).below("log")]);
            }
        }
    }

    /// What may not be listed is read one by one; what decides beside it must be listed.
    fn wait(&mut self, places: &[Location], options: &RollbackOptions, kinds: &Kinds) {
        for at in places {
            for verb in ["list", "watch"] {
                let right = Right::over(verb, &at.resource, at.namespace.as_deref());
                self.add(Severity::Note, "see at once when objects become ready", vec![right]);
            }
            let related: &[&str] = match at.resource.gvk.kind.as_str() {
                "Deployment" => &["ReplicaSet", "Pod"],
                "StatefulSet" | "DaemonSet" | "ReplicaSet" | "ReplicationController" => &["Pod"],
                _ => &[],
            };
            for kind in related.iter().filter(|_| options.wait != WaitStrategy::HookOnly) {
                let Some(resource) = kinds.iter().find(|resource| resource.gvk.kind == *kind) else { continue };
                let right = Right::over("list", resource, at.namespace.as_deref());
                self.add(Severity::Caution, "tell when workloads are ready", vec![right]);
            }
        }
    }
}

#[cfg(test)]
mod tests;
