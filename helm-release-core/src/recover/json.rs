//! A recovery as JSON.

use serde_json::{Value, json};

use super::RecoveryPlan;

/// Name and version of the JSON form. A reader refuses a higher version than it knows.
pub const RECOVERY_FORMAT: &str = "helm-rollback-safe/recovery/v1";

impl RecoveryPlan {
    /// The recovery as JSON, secret values masked.
    ///
    /// Members: `format`, `release`, `namespace`, `way`, `reasons`, `cautions`, `vitality`, `interrupted` (revision, status,
    /// description), `evidence`, `objects` (a plan's steps), `undo` (what the journal brings back), `records`,
    /// `prune` (revisions), `journals`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let interrupted = self.interrupted.as_ref().map(|interrupted| {
            json!({
                "revision": interrupted.revision(),
                "status": interrupted.info.status,
                "description": interrupted.info.description,
            })
        });
        let undo = self.log.as_ref().map(|log| log.entries.iter().map(|entry| entry.object().to_string()).collect::<Vec<_>>());
        json!({
            "format": RECOVERY_FORMAT,
            "release": self.name,
            "namespace": self.namespace,
            "way": self.way,
            "reasons": self.reasons,
            "cautions": self.cautions,
            "vitality": self.vitality,
            "interrupted": interrupted,
            "evidence": self.evidence,
            "objects": self.objects.as_ref().map(|plan| plan.to_json()["steps"].clone()),
            "undo": undo,
            "records": self.records,
            "prune": self.prune.iter().map(|head| head.key.revision).collect::<Vec<_>>(),
            "journals": self.spent.iter().map(|key| key.id.clone()).collect::<Vec<_>>(),
        })
    }
}
