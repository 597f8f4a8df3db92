//! An object of a hook that should have been deleted.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::is_controlled;
use crate::fsck::{Ailment, Class, Examination};
use crate::hook::{DeletePolicy, Hook, Phase};
use crate::plan::{Owner, Seen, owner_of};
use crate::ports::Location;
use crate::{Object, ObjectId, Revision};

pub(super) fn look(examination: &Examination, now: Timestamp) -> Vec<Ailment> {
    let is_held = examination.lock.as_ref().is_some_and(|held| !held.holder.is_expired(now));
    if is_held || examination.is_pending() {
        // Hooks may be running.
        return Vec::new();
    }
    let mut hooks: BTreeMap<&Location, Vec<(Revision, &Hook)>> = BTreeMap::new();
    for revision in examination.readable() {
        for hook in &revision.hooks {
            for placed in &hook.contents.placed {
                hooks.entry(&placed.location).or_default().push((revision.revision(), &hook.hook));
            }
        }
    }
    let of_manifests: Vec<ObjectId> =
        examination.readable().flat_map(|revision| &revision.contents.placed).map(|placed| placed.location.id()).collect();
    let left = hooks.iter().filter_map(|(location, hooks)| {
        let Some(Seen::Live(live)) = examination.live.get(*location) else { return None };
        let is_another = matches!(owner_of(live, &examination.name, &examination.namespace), Owner::Release(_));
        if is_another || is_controlled(live) || live.is_terminating() || of_manifests.contains(&location.id()) {
            return None;
        }
        let (revision, what) = reason(examination, hooks, live)?;
        let why = "Helm deletes it only when a hook of that name runs again";
        let way = format!("kubectl delete {} {}{}", location.resource.plural, location.name, in_namespace(location));
        Some(Ailment::note(Class::LeftoverHook, what, why).of(revision).about(location.id()).way_out(way))
    });
    left.collect()
}

fn in_namespace(location: &Location) -> String {
    location.namespace.as_ref().map_or_else(String::new, |namespace| format!(" --namespace {namespace}"))
}

/// Why the object should not be there, when it should not.
fn reason(examination: &Examination, hooks: &[(Revision, &Hook)], live: &Object) -> Option<(Revision, String)> {
    // The object is that of the last run.
    let ran = hooks.iter().filter(|(_, hook)| !hook.last_run.started_at.is_zero());
    let last = ran.max_by_key(|(revision, hook)| (hook.last_run.started_at.timestamp(), *revision));
    if let Some((revision, hook)) = last {
        let ended = match hook.last_run.phase {
            Phase::Succeeded => Some((DeletePolicy::HookSucceeded, "succeeded")),
            Phase::Failed => Some((DeletePolicy::HookFailed, "failed")),
            _ => None,
        };
        if let Some((policy, word)) = ended
            && hook.delete_policies.contains(&policy)
        {
            return Some((*revision, format!("its hook {word}, and its policy {policy} has it deleted then")));
        }
    }
    // Other hooks stay until they run again, and those of a revision that never worked do not.
    let never_again = hooks.iter().all(|(revision, _)| !examination.is_good(*revision));
    let newest = hooks.iter().map(|(revision, _)| *revision).max()?;
    (never_again && is_finished(live))
        .then(|| (newest, "it has ended, and only revisions that never worked have its hook".to_owned()))
}

/// Whether a Job or Pod has ended.
fn is_finished(live: &Object) -> bool {
    match live.kind() {
        "Pod" => matches!(live.at(&["status", "phase"]).and_then(Value::as_str), Some("Succeeded" | "Failed")),
        "Job" => {
            let conditions = live.at(&["status", "conditions"]).and_then(Value::as_array);
            conditions.is_some_and(|conditions| {
                let ended = |condition: &Value| matches!(condition["type"].as_str(), Some("Complete" | "Failed"));
                conditions.iter().any(|condition| ended(condition) && condition["status"] == "True")
            })
        }
        _ => false,
    }
}
