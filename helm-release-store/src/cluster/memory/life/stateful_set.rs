//! `StatefulSets`: numbered Pods, made and replaced in order.

use std::sync::Arc;

use helm_release_core::ports::Propagation;
use helm_release_core::readiness::Selector;
use helm_release_core::{Object, ObjectId};
use serde_json::{Value, json};

use super::pod::is_ready;
use super::{State, hash_of, is_going, pod_from, reference, replicas, set_count, tree};

const HASH: [&str; 3] = ["metadata", "labels", "controller-revision-hash"];

impl State {
    pub(super) fn live_stateful_set(&mut self, id: &ObjectId, set: &Value) {
        if !is_going(set) {
            self.adopt(id, set);
            let revision = revision_of(id, set);
            self.step(id, set, &revision);
            self.report_stateful_set(id, &revision);
        }
    }

    /// Takes over Pods that bear its name and labels and that nobody controls.
    fn adopt(&mut self, id: &ObjectId, set: &Value) {
        let Ok(selector) = Selector::from_label_selector(tree::at(set, &["spec", "selector"])) else { return };
        let is_orphan = |pod: &ObjectId, object: &Arc<Value>| {
            let bears_its_name =
                pod.name.strip_suffix(&number_of(&pod.name).map_or_else(String::new, |number| format!("-{number}")));
            bears_its_name == Some(&id.name)
                && tree::items(object, &["metadata", "ownerReferences"]).is_empty()
                && !is_going(object)
                && Object::new(object.as_ref().clone()).is_ok_and(|object| selector.matches(&object))
        };
        let pods = self.of_kind("", "Pod", id.namespace.as_deref());
        let orphans: Vec<ObjectId> = pods.filter(|(pod, object)| is_orphan(pod, object)).map(|(pod, _)| pod.clone()).collect();
        let owner = reference(set);
        for pod in orphans {
            self.amend(&pod, "kube-controller-manager", false, |pod| {
                tree::set(pod, &["metadata", "ownerReferences"], json!([owner]));
            });
        }
    }

    /// Takes the next step: one Pod made, removed or replaced at a time unless the set says otherwise.
    fn step(&mut self, id: &ObjectId, set: &Value, revision: &str) {
        let pods = self.children(set, "", "Pod");
        let wanted = replicas(set);
        let ordered = tree::text(set, &["spec", "podManagementPolicy"]) != "Parallel";
        let numbered = |number: usize| pods.iter().find(|(pod, _)| pod.name == format!("{}-{number}", id.name));
        for number in 0..wanted {
            match numbered(number) {
                None => {
                    self.beget_numbered(id, set, number, revision);
                    self.unsettled.insert(id.clone());
                    if ordered {
                        return;
                    }
                }
                // In order means that a Pod that is not ready holds everything up, even its own replacement.
                Some((_, pod)) if ordered && (is_going(pod) || !is_ready(pod)) => return,
                Some(_) => {}
            }
        }
        let surplus = pods.iter().rev().find(|(pod, object)| number_of(&pod.name) >= Some(wanted) && !is_going(object));
        if let Some((pod, _)) = surplus {
            self.remove(pod, Propagation::Background);
            self.unsettled.insert(id.clone());
            return;
        }
        if tree::text(set, &["spec", "updateStrategy", "type"]) == "OnDelete" {
            return;
        }
        for number in (partition(set)..wanted).rev() {
            match numbered(number) {
                Some((pod, object)) if tree::text(object, &HASH) != revision => {
                    if !is_going(object) {
                        self.remove(pod, Propagation::Background);
                        self.unsettled.insert(id.clone());
                    }
                    return;
                }
                Some((_, object)) if !is_ready(object) => return,
                _ => {}
            }
        }
    }

    fn beget_numbered(&mut self, id: &ObjectId, set: &Value, number: usize, revision: &str) {
        let name = format!("{}-{number}", id.name);
        let mut template = tree::at(set, &["spec", "template"]).cloned().unwrap_or_default();
        tree::set(&mut template, &HASH, revision);
        tree::set(&mut template, &["metadata", "labels", "statefulset.kubernetes.io/pod-name"], name.as_str());
        tree::set(&mut template, &["metadata", "labels", "apps.kubernetes.io/pod-index"], number.to_string());
        tree::set(&mut template, &["spec", "hostname"], name.as_str());
        let namespace = id.namespace.clone().unwrap_or_default();
        let mut volumes = tree::items(&template, &["spec", "volumes"]).to_vec();
        for claim in tree::items(set, &["spec", "volumeClaimTemplates"]) {
            let volume = tree::text(claim, &["metadata", "name"]).to_owned();
            let claim_name = format!("{volume}-{name}");
            volumes.retain(|other| tree::text(other, &["name"]) != volume);
            volumes.push(json!({"name": volume, "persistentVolumeClaim": {"claimName": claim_name}}));
            let mut claim = claim.clone();
            tree::remove(&mut claim, &["status"]);
            tree::set(&mut claim, &["metadata", "name"], claim_name);
            tree::set(&mut claim, &["apiVersion"], "v1");
            tree::set(&mut claim, &["kind"], "PersistentVolumeClaim");
            self.bear(&namespace, claim);
        }
        if !volumes.is_empty() {
            tree::set(&mut template, &["spec", "volumes"], volumes);
        }
        self.beget(set, pod_from(&template, &name));
    }

    fn report_stateful_set(&mut self, id: &ObjectId, revision: &str) {
        let Some(set) = self.get(id).cloned() else { return };
        let pods = self.children(&set, "", "Pod");
        let alive: Vec<&(ObjectId, Arc<Value>)> = pods.iter().filter(|(_, pod)| !is_going(pod)).collect();
        let ready = alive.iter().filter(|(_, pod)| is_ready(pod)).count();
        let updated = alive.iter().filter(|(_, pod)| tree::text(pod, &HASH) == revision).count();
        let wanted = replicas(&set);
        let before = tree::text(&set, &["status", "currentRevision"]).to_owned();
        let complete = partition(&set) == 0 && updated == wanted && ready == wanted;
        let current = if complete || before.is_empty() { revision.to_owned() } else { before };
        let on_current = alive.iter().filter(|(_, pod)| tree::text(pod, &HASH) == current).count();
        self.amend(id, "kube-controller-manager", true, |set| {
            let generation = tree::number(set, &["metadata", "generation"]);
            tree::set(set, &["status", "replicas"], alive.len());
            tree::set(set, &["status", "availableReplicas"], ready);
            tree::set(set, &["status", "collisionCount"], 0);
            set_count(set, "readyReplicas", ready);
            set_count(set, "currentReplicas", on_current);
            set_count(set, "updatedReplicas", updated);
            tree::set(set, &["status", "currentRevision"], current);
            tree::set(set, &["status", "updateRevision"], revision);
            tree::set(set, &["status", "observedGeneration"], generation);
        });
    }
}

fn revision_of(id: &ObjectId, set: &Value) -> String {
    format!("{}-{}", id.name, hash_of(tree::at(set, &["spec", "template"]).unwrap_or(&Value::Null)))
}

fn number_of(pod: &str) -> Option<usize> {
    pod.rsplit_once('-')?.1.parse().ok()
}

fn partition(set: &Value) -> usize {
    let partition = tree::number(set, &["spec", "updateStrategy", "rollingUpdate", "partition"]);
    partition.and_then(|partition| usize::try_from(partition).ok()).unwrap_or(0)
}
