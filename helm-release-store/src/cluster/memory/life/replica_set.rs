//! `ReplicaSets`: as many Pods as are wanted.

use helm_release_core::ObjectId;
use helm_release_core::ports::Propagation;
use serde_json::Value;

use super::pod::{is_ready, phase};
use super::{State, is_going, pod_from, replicas, set_count, tree};

impl State {
    pub(super) fn live_replica_set(&mut self, id: &ObjectId, set: &Value) {
        if !is_going(set) {
            let pods = self.children(set, "", "Pod");
            let alive = pods.iter().filter(|(_, pod)| !is_going(pod) && !["Succeeded", "Failed"].contains(&phase(pod)));
            let mut alive: Vec<_> = alive.cloned().collect();
            let wanted = replicas(set);
            // Pods that are not ready go first, the youngest before the oldest.
            alive.sort_by_key(|(_, pod)| std::cmp::Reverse(is_ready(pod)));
            for (pod, _) in alive.iter().skip(wanted) {
                self.remove(pod, Propagation::Background);
            }
            let template = tree::at(set, &["spec", "template"]).cloned().unwrap_or_default();
            let missing = wanted.saturating_sub(alive.len());
            for _ in 0..missing {
                self.beget(set, pod_from(&template, &format!("{}-", id.name)));
            }
            if missing > 0 || alive.len() > wanted {
                self.unsettled.insert(id.clone());
            }
        }
        let pods = self.children(set, "", "Pod");
        let alive: Vec<_> = pods.iter().filter(|(_, pod)| !is_going(pod) && phase(pod) != "Failed").collect();
        let (count, ready) = (alive.len(), alive.iter().filter(|(_, pod)| is_ready(pod)).count());
        self.amend(id, "kube-controller-manager", true, |set| {
            tree::set(set, &["status", "replicas"], count);
            set_count(set, "fullyLabeledReplicas", count);
            set_count(set, "readyReplicas", ready);
            set_count(set, "availableReplicas", ready);
            let generation = tree::number(set, &["metadata", "generation"]);
            tree::set(set, &["status", "observedGeneration"], generation);
        });
    }
}
