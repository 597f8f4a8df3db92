//! Stateful sets.

use super::{Options, count};
use crate::Object;
use crate::readiness::Readiness;
use crate::readiness::field::{self, WrongType};

#[expect(clippy::unnecessary_wraps, reason = "one signature for the rule of every kind")]
pub(super) fn status(set: &Object, _: &Options) -> Result<Readiness, WrongType> {
    if field::text(set, &["spec", "updateStrategy", "type"]) == Some("OnDelete") {
        let message = "StatefulSet is using the ondelete update strategy";
        return Ok(Readiness::ready(message, "its pods are replaced by hand (update strategy OnDelete)"));
    }
    let status = |name: &str| field::int(set, &["status", name]).unwrap_or(0);
    let wanted = field::int(set, &["spec", "replicas"]).unwrap_or(1);
    let (existing, ready) = (status("replicas"), status("readyReplicas"));
    let (current, updated) = (status("currentReplicas"), status("updatedReplicas"));
    // kstatus takes -1 for "no partition", even when it is written.
    let partition = field::int(set, &["spec", "updateStrategy", "rollingUpdate", "partition"]).filter(|ordinal| *ordinal != -1);
    let revision = |name: &str| field::text(set, &["status", name]).unwrap_or_default();

    if wanted > existing {
        return Ok(Readiness::waiting(format!("Replicas: {existing}/{wanted}"), count(existing, wanted, "replicas", "created")));
    }
    if wanted > ready {
        return Ok(Readiness::waiting(format!("Ready: {ready}/{wanted}"), count(ready, wanted, "replicas", "ready")));
    }
    if existing > wanted {
        return Ok(super::surplus(existing, wanted));
    }
    if let Some(partition) = partition {
        let wanted_updated = wanted.wrapping_sub(partition);
        return Ok(if updated < wanted_updated {
            let reason = count(updated, wanted_updated, "replicas above the partition", "updated");
            Readiness::waiting(format!("updated: {updated}/{wanted_updated}"), reason)
        } else {
            let message = format!("Partition rollout complete. updated: {updated}");
            Readiness::ready(message, count(ready, wanted, "replicas", "ready"))
        });
    }
    Ok(if wanted > current {
        let reason = count(current, wanted, "replicas", "on the current revision");
        Readiness::waiting(format!("current: {current}/{wanted}"), reason)
    } else if revision("currentRevision") != revision("updateRevision") {
        Readiness::waiting("Waiting for updated revision to match current", "its rollout has not finished yet")
    } else {
        let message = format!("All replicas scheduled as expected. Replicas: {existing}");
        Readiness::ready(message, count(ready, wanted, "replicas", "ready"))
    })
}
