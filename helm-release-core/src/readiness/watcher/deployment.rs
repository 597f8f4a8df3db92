//! Deployments.

use super::{Options, because, count};
use crate::Object;
use crate::readiness::Readiness;
use crate::readiness::field::{self, WrongType};

pub(super) fn status(deployment: &Object, _: &Options) -> Result<Readiness, WrongType> {
    // Without a deadline, or with the largest 32-bit one, the controller never reports progress.
    const NO_DEADLINE: i64 = 2_147_483_647;
    let deadline = field::int(deployment, &["spec", "progressDeadlineSeconds"]).unwrap_or(NO_DEADLINE);
    let mut rolled_out = deadline == NO_DEADLINE;
    let mut available = false;
    for condition in field::conditions(deployment)? {
        match condition.kind {
            "Progressing" if condition.reason == "ProgressDeadlineExceeded" => {
                let reason = because("its rollout made no progress in time", condition.message);
                return Ok(Readiness::failed("Progress deadline exceeded", reason));
            }
            "Progressing" if condition.status == "True" && condition.reason == "NewReplicaSetAvailable" => rolled_out = true,
            "Available" if condition.status == "True" => available = true,
            _ => {}
        }
    }

    let status = |name: &str| field::int(deployment, &["status", name]).unwrap_or(0);
    let wanted = field::int(deployment, &["spec", "replicas"]).unwrap_or(1);
    let (existing, updated) = (status("replicas"), status("updatedReplicas"));
    let (ready, ready_long_enough) = (status("readyReplicas"), status("availableReplicas"));

    Ok(if wanted > existing {
        Readiness::waiting(format!("Replicas: {existing}/{wanted}"), count(existing, wanted, "replicas", "created"))
    } else if wanted > updated {
        Readiness::waiting(format!("Updated: {updated}/{wanted}"), count(updated, wanted, "replicas", "updated"))
    } else if existing > wanted {
        super::surplus(existing, wanted)
    } else if updated > ready_long_enough {
        let message = format!("Available: {ready_long_enough}/{updated}");
        Readiness::waiting(message, count(ready_long_enough, updated, "updated replicas", "available"))
    } else if wanted > ready {
        Readiness::waiting(format!("Ready: {ready}/{wanted}"), count(ready, wanted, "replicas", "ready"))
    } else if !rolled_out {
        Readiness::waiting("ReplicaSet not Available", "its newest ReplicaSet is not available yet")
    } else if !available {
        Readiness::waiting("Deployment not Available", "it is not available yet")
    } else {
        let message = format!("Deployment is available. Replicas: {existing}");
        Readiness::ready(message, count(ready, wanted, "replicas", "ready"))
    })
}
