//! Pods.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{Options, compute};
use crate::Object;
use crate::readiness::field::{self, WrongType};
use crate::readiness::{Readiness, State};

/// How long a Pod may be without a node before it counts as failed.
const SCHEDULE_WINDOW: SignedDuration = SignedDuration::from_secs(15);

pub(super) fn status(pod: &Object, options: &Options) -> Result<Readiness, WrongType> {
    let conditions = field::conditions(pod)?;
    Ok(match field::text(pod, &["status", "phase"]).unwrap_or_default() {
        "Succeeded" => Readiness::ready("Pod has completed successfully", "it has completed"),
        "Failed" => Readiness::ready("Pod has completed, but not successfully", "it has ended with a failure"),
        "Running" if conditions.iter().any(|condition| condition.holds("Ready")) => {
            Readiness::ready("Pod is Ready", "it is running and ready")
        }
        "Running" => {
            let looping = crash_looping(pod)?;
            if looping.is_empty() {
                Readiness::waiting("Pod is running but is not Ready", "it is running but not ready")
            } else {
                let names = looping.join(",");
                let reason = format!("its container {} crashes again and again", looping.join(", "));
                Readiness::failed(format!("Containers in CrashLoop state: {names}"), reason)
            }
        }
        "Pending" => {
            let unscheduled = conditions.iter().find(|condition| (condition.kind, condition.status) == ("PodScheduled", "False"));
            match unscheduled {
                Some(condition) if condition.reason == "Unschedulable" => {
                    let reason = super::because("no node takes it", condition.message);
                    if is_young(pod, options.now) {
                        Readiness::waiting("Pod has not been scheduled", reason)
                    } else {
                        Readiness::failed("Pod could not be scheduled", reason)
                    }
                }
                _ => Readiness::waiting("Pod is in the Pending phase", "it is pending"),
            }
        }
        "" => Readiness::waiting("Pod phase not available", "no node has reported on it yet"),
        // The phase `Unknown` and invented ones are errors to kstatus.
        phase => Readiness::unknown(format!("its phase is {phase}")),
    })
}

/// Whether the pod lets its `ReplicaSet` or `StatefulSet` fail: it has failed, and neither is going nor lacks a node,
/// since a cluster autoscaler may still bring one.
pub(super) fn has_failed_for_good(pod: &Object, options: &Options) -> bool {
    compute(pod, options).is_ok_and(|readiness| readiness.state == State::Failed) && !is_unschedulable(pod)
}

fn is_unschedulable(pod: &Object) -> bool {
    field::conditions(pod).is_ok_and(|conditions| {
        conditions
            .iter()
            .any(|condition| (condition.kind, condition.status, condition.reason) == ("PodScheduled", "False", "Unschedulable"))
    })
}

/// Whether the pod was created within the schedule window; one without a creation time is old.
fn is_young(pod: &Object, now: Timestamp) -> bool {
    let created = field::text(pod, &["metadata", "creationTimestamp"]).and_then(|text| text.parse::<Timestamp>().ok());
    created.is_some_and(|created| now.duration_since(created) < SCHEDULE_WINDOW)
}

fn crash_looping(pod: &Object) -> Result<Vec<&str>, WrongType> {
    let statuses = match field::strict(pod, &["status", "containerStatuses"])? {
        None => return Ok(Vec::new()),
        Some(Value::Array(statuses)) => statuses,
        Some(_) => return Err(WrongType),
    };
    let looping = |status: &&Value| {
        let waiting = status.get("state").and_then(|state| state.get("waiting"));
        waiting.and_then(|waiting| waiting.get("reason")).is_some_and(|reason| reason == "CrashLoopBackOff")
    };
    Ok(statuses.iter().filter(looping).filter_map(|status| status.get("name")?.as_str()).collect())
}
