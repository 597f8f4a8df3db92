//! `DaemonSets`: one Pod on the one node.

use helm_release_core::ObjectId;
use helm_release_core::ports::Propagation;
use serde_json::Value;

use super::pod::is_ready;
use super::{State, hash_of, is_going, pod_from, set_count, tree};

impl State {
    pub(super) fn live_daemon_set(&mut self, id: &ObjectId, set: &Value) {
        if is_going(set) {
            return;
        }
        let mut template = tree::at(set, &["spec", "template"]).cloned().unwrap_or_default();
        let hash = hash_of(&template);
        tree::set(&mut template, &["metadata", "labels", "controller-revision-hash"], hash.as_str());
        let label = ["metadata", "labels", "controller-revision-hash"];
        let pods = self.children(set, "", "Pod");
        let rolls = tree::text(set, &["spec", "updateStrategy", "type"]) != "OnDelete";
        match pods.first() {
            None => {
                self.beget(set, pod_from(&template, &format!("{}-", id.name)));
                self.unsettled.insert(id.clone());
                return;
            }
            Some((pod, object)) if rolls && !is_going(object) && tree::text(object, &label) != hash => {
                self.remove(pod, Propagation::Background);
            }
            Some(_) => {}
        }
        let pods = self.children(set, "", "Pod");
        let alive: Vec<_> = pods.iter().filter(|(_, pod)| !is_going(pod)).collect();
        let ready = alive.iter().filter(|(_, pod)| is_ready(pod)).count();
        let updated = alive.iter().filter(|(_, pod)| tree::text(pod, &label) == hash).count();
        self.amend(id, "kube-controller-manager", true, |set| {
            let generation = tree::number(set, &["metadata", "generation"]);
            for (field, count) in [
                ("currentNumberScheduled", alive.len()),
                ("desiredNumberScheduled", 1),
                ("numberMisscheduled", 0),
                ("numberReady", ready),
            ] {
                tree::set(set, &["status", field], count);
            }
            set_count(set, "numberAvailable", ready);
            set_count(set, "numberUnavailable", 1 - ready.min(1));
            set_count(set, "updatedNumberScheduled", updated);
            tree::set(set, &["status", "observedGeneration"], generation);
        });
    }
}
