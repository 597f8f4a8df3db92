//! Deployments: one `ReplicaSet` per template, rolled over as the strategy allows.

use std::sync::Arc;

use helm_release_core::ObjectId;
use helm_release_core::ports::Propagation;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{State, hash_of, is_going, replicas, set_condition, set_count, tree};

const REVISION: &str = "deployment.kubernetes.io/revision";
const MANAGER: &str = "kube-controller-manager";

impl State {
    pub(super) fn live_deployment(&mut self, id: &ObjectId, deployment: &Value) {
        if is_going(deployment) {
            return;
        }
        let sets = self.children(deployment, "apps", "ReplicaSet");
        let paused = tree::at(deployment, &["spec", "paused"]) == Some(&Value::Bool(true));
        let newest = sets.iter().find(|(_, set)| template_of(set) == template_of(deployment)).cloned();
        let newest = match newest {
            None if paused => None,
            None => return self.begin_rollout(id, deployment, &sets),
            Some(newest) => Some(newest),
        };
        if let Some(newest) = &newest {
            let highest = sets.iter().map(|(_, set)| revision(set)).max().unwrap_or(0);
            if revision(&newest.1) < highest {
                self.number(&newest.0, highest + 1);
                return;
            }
            let number = revision(&newest.1);
            let old: Vec<_> = sets.iter().filter(|(other, _)| *other != newest.0).cloned().collect();
            if !paused {
                self.roll(deployment, newest, &old);
                self.tidy(deployment, &old);
            }
            self.amend(id, MANAGER, true, |deployment| {
                tree::set(deployment, &["metadata", "annotations", REVISION], number.to_string());
            });
        }
        self.report(id, newest.as_ref().map(|(id, _)| id));
    }

    fn begin_rollout(&mut self, id: &ObjectId, deployment: &Value, sets: &[(ObjectId, Arc<Value>)]) {
        let mut template = tree::at(deployment, &["spec", "template"]).cloned().unwrap_or_default();
        let hash = hash_of(&template);
        tree::set(&mut template, &["metadata", "labels", "pod-template-hash"], hash.as_str());
        let mut selector = tree::at(deployment, &["spec", "selector"]).cloned().unwrap_or_default();
        tree::set(&mut selector, &["matchLabels", "pod-template-hash"], hash.as_str());
        let number = sets.iter().map(|(_, set)| revision(set)).max().unwrap_or(0) + 1;
        let set = json!({
            "apiVersion": "apps/v1", "kind": "ReplicaSet",
            "metadata": {
                "name": format!("{}-{hash}", id.name),
                "labels": tree::at(&template, &["metadata", "labels"]),
                "annotations": {REVISION: number.to_string()},
            },
            "spec": {"replicas": 0, "selector": selector, "template": template},
        });
        if self.beget(deployment, set).is_some() {
            self.unsettled.insert(id.clone());
        }
    }

    fn number(&mut self, set: &ObjectId, number: u64) {
        self.amend(set, MANAGER, false, |set| {
            tree::set(set, &["metadata", "annotations", REVISION], number.to_string());
        });
    }

    fn scale(&mut self, set: &ObjectId, count: usize) {
        self.amend(set, MANAGER, false, |set| tree::set(set, &["spec", "replicas"], count));
    }

    /// Takes the next step from the old sets to the newest one.
    fn roll(&mut self, deployment: &Value, newest: &(ObjectId, Arc<Value>), old: &[(ObjectId, Arc<Value>)]) {
        let wanted = replicas(deployment);
        let recreate = tree::text(deployment, &["spec", "strategy", "type"]) == "Recreate";
        let running: usize = old.iter().map(|(_, set)| count(set, "replicas").max(replicas(set))).sum();
        if recreate {
            for (set, _) in old {
                self.scale(set, 0);
            }
            if running == 0 {
                self.scale(&newest.0, wanted);
            }
            return;
        }
        let (surge, unavailable) = allowances(deployment, wanted);
        let present = replicas(&newest.1).min(wanted);
        let room = (wanted + surge).saturating_sub(running + present);
        self.scale(&newest.0, wanted.min(present + room));
        let mut spare = old.iter().chain([newest]).map(|(_, set)| count(set, "readyReplicas")).sum::<usize>();
        spare = spare.saturating_sub(wanted.saturating_sub(unavailable));
        for (set, object) in old {
            let (has, ready) = (replicas(object), count(object, "readyReplicas"));
            // What is not ready serves nobody and can go at once.
            let goes = has.min(has.saturating_sub(ready) + spare.min(ready));
            spare -= spare.min(ready).min(spare);
            if goes > 0 {
                self.scale(set, has - goes);
            }
        }
    }

    /// Deletes the oldest empty sets beyond those that the Deployment keeps.
    fn tidy(&mut self, deployment: &Value, old: &[(ObjectId, Arc<Value>)]) {
        let kept = tree::number(deployment, &["spec", "revisionHistoryLimit"]).and_then(|kept| usize::try_from(kept).ok());
        let mut empty: Vec<_> = old.iter().filter(|(_, set)| replicas(set) == 0 && count(set, "replicas") == 0).collect();
        empty.sort_by_key(|(_, set)| revision(set));
        let surplus = empty.len().saturating_sub(kept.unwrap_or(10));
        for (set, _) in empty.iter().take(surplus) {
            self.remove(set, Propagation::Background);
        }
    }

    fn report(&mut self, id: &ObjectId, newest: Option<&ObjectId>) {
        let Some(deployment) = self.get(id).cloned() else { return };
        let sets = self.children(&deployment, "apps", "ReplicaSet");
        let sum = |field: &str| sets.iter().map(|(_, set)| count(set, field)).sum::<usize>();
        let (total, ready) = (sum("replicas"), sum("readyReplicas"));
        let updated = sets.iter().filter(|(set, _)| Some(set) == newest).map(|(_, set)| count(set, "replicas")).sum::<usize>();
        let wanted = replicas(&deployment);
        let (_, unavailable) = allowances(&deployment, wanted);
        let complete = newest.is_some() && updated == wanted && total == wanted && ready == wanted;
        let enough = ready >= wanted.saturating_sub(unavailable);
        let stamp = self.stamp();
        let name = newest.map(|set| set.name.clone()).unwrap_or_default();
        let late = !complete && self.is_late(id, &deployment, &name);
        self.amend(id, MANAGER, true, |deployment| {
            set_count(deployment, "replicas", total);
            set_count(deployment, "updatedReplicas", updated);
            set_count(deployment, "readyReplicas", ready);
            set_count(deployment, "availableReplicas", ready);
            set_count(deployment, "unavailableReplicas", wanted.max(total).saturating_sub(ready));
            let generation = tree::number(deployment, &["metadata", "generation"]);
            tree::set(deployment, &["status", "observedGeneration"], generation);
            let (reason, message) = if enough {
                ("MinimumReplicasAvailable", "Deployment has minimum availability.")
            } else {
                ("MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
            };
            set_condition(deployment, "Available", enough, reason, message, &stamp);
            let (reason, message) = match (complete, late) {
                (true, _) => ("NewReplicaSetAvailable", format!("ReplicaSet \"{name}\" has successfully progressed.")),
                (false, true) => ("ProgressDeadlineExceeded", format!("ReplicaSet \"{name}\" has timed out progressing.")),
                (false, false) => ("ReplicaSetUpdated", format!("ReplicaSet \"{name}\" is progressing.")),
            };
            if newest.is_some() {
                let since = progress(deployment).filter(|found| tree::text(found, &["message"]) == message);
                let since = since.map_or_else(|| stamp.clone(), |found| tree::text(found, &["lastUpdateTime"]).to_owned());
                set_condition(deployment, "Progressing", !late, reason, &message, &stamp);
                for condition in tree::items_mut(deployment, &["status", "conditions"]) {
                    let progress = tree::text(condition, &["type"]) == "Progressing";
                    tree::set(condition, &["lastUpdateTime"], if progress { &since } else { &stamp }.as_str());
                }
            }
        });
    }

    /// Whether the rollout to that set has made no progress for longer than the Deployment allows.
    fn is_late(&mut self, id: &ObjectId, deployment: &Value, newest: &str) -> bool {
        let Some(seconds) = tree::number(deployment, &["spec", "progressDeadlineSeconds"]) else { return false };
        let Some(progress) = progress(deployment) else { return false };
        if !tree::text(progress, &["message"]).contains(newest) {
            return false;
        }
        let since = tree::text(progress, &["lastUpdateTime"]).to_owned();
        tree::text(progress, &["reason"]) == "ProgressDeadlineExceeded"
            || self.passed(id, &since, SignedDuration::from_secs(seconds))
    }
}

fn progress(deployment: &Value) -> Option<&Value> {
    let mut conditions = tree::items(deployment, &["status", "conditions"]).iter();
    conditions.find(|found| tree::text(found, &["type"]) == "Progressing")
}

fn revision(set: &Value) -> u64 {
    tree::text(set, &["metadata", "annotations", REVISION]).parse().unwrap_or(0)
}

fn count(object: &Value, field: &str) -> usize {
    tree::number(object, &["status", field]).and_then(|count| usize::try_from(count).ok()).unwrap_or(0)
}

/// The pod template without what the Deployment's controller adds to it.
fn template_of(object: &Value) -> Value {
    let mut template = tree::at(object, &["spec", "template"]).cloned().unwrap_or_default();
    tree::remove(&mut template, &["metadata", "labels", "pod-template-hash"]);
    template
}

/// How many Pods a rolling update may have too many and too few.
fn allowances(deployment: &Value, wanted: usize) -> (usize, usize) {
    let read = |field: &str, up: bool| {
        let value = tree::at(deployment, &["spec", "strategy", "rollingUpdate", field]);
        match value {
            Some(Value::String(text)) => {
                let percent: usize = text.trim_end_matches('%').parse().unwrap_or(0);
                if up { (wanted * percent).div_ceil(100) } else { wanted * percent / 100 }
            }
            Some(value) => value.as_u64().and_then(|count| usize::try_from(count).ok()).unwrap_or(0),
            None => 0,
        }
    };
    match (read("maxSurge", true), read("maxUnavailable", false)) {
        (0, 0) => (0, 1),
        (surge, unavailable) => (surge, unavailable.min(wanted)),
    }
}
