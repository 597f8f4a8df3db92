//! Deployments.

use super::{Rule, fence, need, present, status, template, unobserved};
use crate::Object;
use crate::readiness::{Readiness, Related, field};

pub(super) fn is_paused(deployment: &Object) -> bool {
    deployment.at(&["spec", "paused"]).is_some_and(|paused| *paused == true)
}

pub(super) fn ready(deployment: &Object, related: &Related<'_>) -> Readiness {
    if is_paused(deployment) {
        return Readiness::ready("", "it is paused, and not waited for");
    }
    let Some(newest) = newest_replica_set(deployment, related) else {
        return Readiness::waiting("", "its newest ReplicaSet does not exist yet");
    };
    if let Some(waiting) = unobserved(newest).or_else(|| unobserved(deployment)) {
        return waiting;
    }
    let replicas = field::int(deployment, &["spec", "replicas"]).unwrap_or(1);
    let needed = replicas.saturating_sub(max_unavailable(deployment, replicas));
    let ready = status(newest, "readyReplicas");
    let reason = format!("{ready} of {replicas} replicas are ready, {} needed", needed.max(0));
    if ready < needed { Readiness::waiting("", reason) } else { Readiness::ready("", reason) }
}

/// The oldest of the owned `ReplicaSet`s that have the deployment's pod template; there can be several after an upgrade
/// of the cluster.
fn newest_replica_set<'a>(deployment: &Object, related: &Related<'a>) -> Option<&'a Object> {
    let need = need(deployment, Rule::Deployment)?;
    let wanted = template::Template::of(deployment);
    related
        .meeting(&need)
        .filter(|set| is_controlled_by(set, deployment) && template::Template::of(set) == wanted)
        .min_by_key(|set| (field::text(set, &["metadata", "creationTimestamp"]).unwrap_or_default(), set.name()))
}

fn is_controlled_by(object: &Object, owner: &Object) -> bool {
    let references = object.at(&["metadata", "ownerReferences"]).and_then(serde_json::Value::as_array);
    let controller = references.into_iter().flatten().find(|reference| reference.get("controller").is_some_and(|is| *is == true));
    controller.and_then(|reference| reference.get("uid")?.as_str()).unwrap_or_default() == owner.uid().unwrap_or_default()
        && controller.is_some()
}

/// How many replicas a rolling update may leave out; none with another strategy.
fn max_unavailable(deployment: &Object, replicas: i64) -> i64 {
    if field::text(deployment, &["spec", "strategy", "type"]) != Some("RollingUpdate") || replicas == 0 {
        return 0;
    }
    let limit = |name: &str| present(deployment, &["spec", "strategy", "rollingUpdate", name]);
    fence::max_unavailable(limit("maxSurge"), limit("maxUnavailable"), replicas).min(replicas)
}
