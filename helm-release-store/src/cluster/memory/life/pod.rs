//! Pods: what the scheduler and the node make of them.

use helm_release_core::ObjectId;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::super::delete::may_go;
use super::{State, is_going, set_condition, tree};

/// How a Pod's story goes, by its label `test/kubelet`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Story {
    Well,
    Fail,
    Crash,
    NeverReady,
    Pull,
    Hang,
}

impl Story {
    fn of(pod: &Value) -> Self {
        match tree::text(pod, &["metadata", "labels", "test/kubelet"]) {
            "fail" => Self::Fail,
            "crash" => Self::Crash,
            "never-ready" => Self::NeverReady,
            "pull" => Self::Pull,
            "hang" => Self::Hang,
            _ => Self::Well,
        }
    }
}

fn duration(pod: &Value, annotation: &str) -> SignedDuration {
    tree::text(pod, &["metadata", "annotations", annotation]).parse().unwrap_or(SignedDuration::ZERO)
}

/// Whether a Pod is ready to be used.
pub(super) fn is_ready(pod: &Value) -> bool {
    super::holds(pod, "Ready")
}

/// Whether a Pod has come to its end.
pub(super) fn phase(pod: &Value) -> &str {
    tree::text(pod, &["status", "phase"])
}

impl State {
    pub(super) fn live_pod(&mut self, id: &ObjectId, pod: &Value) {
        if is_going(pod) {
            return self.stop(id, pod);
        }
        if tree::text(pod, &["spec", "nodeName"]).is_empty() {
            return self.schedule(id, pod);
        }
        let story = Story::of(pod);
        if tree::items(pod, &["status", "containerStatuses"]).is_empty() {
            if story != Story::Hang {
                let stamp = self.stamp();
                self.amend(id, "kubelet", true, |pod| start(pod, story, &stamp));
            }
            return;
        }
        let once = ["Never", "OnFailure"].contains(&tree::text(pod, &["spec", "restartPolicy"]));
        let ends = once && [Story::Well, Story::Fail].contains(&story) && phase(pod) == "Running";
        let started = tree::text(pod, &["status", "startTime"]).to_owned();
        if ends && self.passed(id, &started, duration(pod, "test/kubelet-takes")) {
            let stamp = self.stamp();
            self.amend(id, "kubelet", true, |pod| end(pod, story, &stamp));
        }
    }

    fn schedule(&mut self, id: &ObjectId, pod: &Value) {
        if !tree::items(pod, &["spec", "schedulingGates"]).is_empty() {
            return;
        }
        let stamp = self.stamp();
        let Some(current) = self.get(id) else { return };
        let mut bound = current.as_ref().clone();
        tree::set(&mut bound, &["spec", "nodeName"], "node-0");
        set_condition(&mut bound, "PodScheduled", true, "", "", &stamp);
        // Binding is a subresource of its own, which changes no generation and has no manager.
        self.commit(id, Some(bound));
    }

    fn stop(&mut self, id: &ObjectId, pod: &Value) {
        let grace = tree::number(pod, &["metadata", "deletionGracePeriodSeconds"]).unwrap_or(0);
        if grace == 0 {
            return;
        }
        let until = tree::text(pod, &["metadata", "deletionTimestamp"]).to_owned();
        let wait = duration(pod, "test/kubelet-stops-in") - SignedDuration::from_secs(grace);
        if self.passed(id, &until, wait) {
            let Some(current) = self.get(id) else { return };
            let mut stopped = current.as_ref().clone();
            tree::set(&mut stopped, &["metadata", "deletionGracePeriodSeconds"], 0);
            if may_go(id, &stopped) {
                self.vanish(id, Some(stopped));
            } else {
                self.commit(id, Some(stopped));
            }
        }
    }
}

fn start(pod: &mut Value, story: Story, stamp: &str) {
    let up = matches!(story, Story::Well | Story::Fail);
    tree::set(pod, &["status", "phase"], if story == Story::Pull { "Pending" } else { "Running" });
    tree::set(pod, &["status", "startTime"], stamp);
    tree::set(pod, &["status", "hostIP"], "10.1.0.1");
    tree::set(pod, &["status", "podIP"], "10.1.0.2");
    tree::set(pod, &["status", "podIPs"], json!([{"ip": "10.1.0.2"}]));
    set_condition(pod, "Initialized", true, "", "", stamp);
    set_condition(pod, "ContainersReady", up, "", "", stamp);
    set_condition(pod, "Ready", up, "", "", stamp);
    let waiting = |reason: &str, message: String| json!({"waiting": {"reason": reason, "message": message}});
    let ended = json!({"terminated": {"exitCode": 1, "reason": "Error", "startedAt": stamp, "finishedAt": stamp}});
    let status = |container: &Value| {
        let image = tree::text(container, &["image"]);
        let mut status = json!({
            "name": tree::text(container, &["name"]),
            "image": image,
            "imageID": "",
            "ready": up,
            "restartCount": if story == Story::Crash { 5 } else { 0 },
            "state": match story {
                Story::Crash => waiting("CrashLoopBackOff", "back-off 10s restarting failed container".to_owned()),
                Story::Pull => waiting("ImagePullBackOff", format!("Back-off pulling image {image}")),
                _ => json!({"running": {"startedAt": stamp}}),
            },
        });
        if story == Story::Crash {
            tree::set(&mut status, &["lastState"], ended.clone());
        }
        status
    };
    let statuses: Vec<Value> = tree::items(pod, &["spec", "containers"]).iter().map(status).collect();
    tree::set(pod, &["status", "containerStatuses"], statuses);
}

fn end(pod: &mut Value, story: Story, stamp: &str) {
    let failed = story == Story::Fail;
    tree::set(pod, &["status", "phase"], if failed { "Failed" } else { "Succeeded" });
    for condition in ["ContainersReady", "Ready"] {
        set_condition(pod, condition, false, "PodCompleted", "", stamp);
    }
    let (code, reason) = if failed { (1, "Error") } else { (0, "Completed") };
    for status in tree::items_mut(pod, &["status", "containerStatuses"]) {
        tree::set(status, &["ready"], false);
        let terminated = json!({"exitCode": code, "reason": reason, "startedAt": stamp, "finishedAt": stamp});
        tree::set(status, &["state"], json!({"terminated": terminated}));
    }
}
