//! Jobs: Pods that run until enough have ended well, or too many have not.

use helm_release_core::ObjectId;
use helm_release_core::ports::Propagation;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::pod::{is_ready, phase};
use super::{State, holds, is_going, pod_from, set_condition, set_count, tree};

const MANAGER: &str = "kube-controller-manager";

impl State {
    pub(super) fn live_job(&mut self, id: &ObjectId, job: &Value) {
        if is_going(job) {
            return;
        }
        if holds(job, "Complete") || holds(job, "Failed") {
            return self.expire(id, job);
        }
        let count = |field: &str, otherwise: usize| {
            tree::number(job, &["spec", field]).and_then(|count| usize::try_from(count).ok()).unwrap_or(otherwise)
        };
        if tree::at(job, &["spec", "suspend"]) == Some(&Value::Bool(true)) {
            return;
        }
        let stamp = self.stamp();
        if tree::at(job, &["status", "startTime"]).is_none() {
            self.amend(id, MANAGER, true, |job| tree::set(job, &["status", "startTime"], stamp.as_str()));
        }
        let pods = self.children(job, "", "Pod");
        let ended = |how: &str| pods.iter().filter(|(_, pod)| phase(pod) == how).count();
        let (succeeded, failed) = (ended("Succeeded"), ended("Failed"));
        let active: Vec<_> = pods.iter().filter(|(_, pod)| !["Succeeded", "Failed"].contains(&phase(pod))).cloned().collect();
        let completions = count("completions", 1);
        let started = tree::text(job, &["status", "startTime"]).to_owned();
        let deadline = tree::number(job, &["spec", "activeDeadlineSeconds"]).map(SignedDuration::from_secs);
        let late = !started.is_empty() && deadline.is_some_and(|deadline| self.passed(id, &started, deadline));
        let verdict = if succeeded >= completions {
            Some(("Complete", "CompletionsReached", "Reached expected number of succeeded pods"))
        } else if failed > count("backoffLimit", 6) {
            Some(("Failed", "BackoffLimitExceeded", "Job has reached the specified backoff limit"))
        } else if late {
            Some(("Failed", "DeadlineExceeded", "Job was active longer than specified deadline"))
        } else {
            None
        };
        let mut running = active.len();
        if verdict.is_some() {
            for (pod, _) in &active {
                self.remove(pod, Propagation::Background);
            }
            running = 0;
        } else {
            let template = tree::at(job, &["spec", "template"]).cloned().unwrap_or_default();
            let wanted = count("parallelism", 1).min(completions - succeeded);
            for _ in active.len()..wanted {
                self.beget(job, pod_from(&template, &format!("{}-", id.name)));
                running += 1;
            }
        }
        let ready = active.iter().filter(|(_, pod)| is_ready(pod)).count();
        self.amend(id, MANAGER, true, |job| {
            set_count(job, "active", running);
            set_count(job, "succeeded", succeeded);
            set_count(job, "failed", failed);
            tree::set(job, &["status", "ready"], if verdict.is_some() { 0 } else { ready });
            tree::set(job, &["status", "terminating"], 0);
            tree::set(job, &["status", "uncountedTerminatedPods"], json!({}));
            if let Some((condition, reason, message)) = verdict {
                let before = if condition == "Complete" { "SuccessCriteriaMet" } else { "FailureTarget" };
                set_condition(job, before, true, reason, message, &stamp);
                set_condition(job, condition, true, reason, message, &stamp);
                if condition == "Complete" {
                    tree::set(job, &["status", "completionTime"], stamp.as_str());
                }
            }
        });
    }

    /// Deletes a Job that has ended when it asks for that.
    fn expire(&mut self, id: &ObjectId, job: &Value) {
        let Some(seconds) = tree::number(job, &["spec", "ttlSecondsAfterFinished"]) else { return };
        let conditions = tree::items(job, &["status", "conditions"]).iter();
        let ended = conditions.filter(|found| ["Complete", "Failed"].contains(&tree::text(found, &["type"])));
        let ended = ended.map(|found| tree::text(found, &["lastTransitionTime"]).to_owned()).next().unwrap_or_default();
        if self.passed(id, &ended, SignedDuration::from_secs(seconds)) {
            self.remove(id, Propagation::Background);
        }
    }
}
