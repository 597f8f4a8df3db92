//! A recovery as JSON.

use serde_json::{Value, json};

use super::RecoveryPlan;
use crate::plan::Plan;

/// Name and version of the JSON form. A reader refuses a higher version than it knows.
///
/// ```
/// use helm_release_core::recover::RECOVERY_FORMAT;
/// # use helm_release_core::recover::{Eyes, Wish, decide, look};
/// # use helm_release_store::{clock::SystemClock, journal::SecretJournal, lock::LeaseLock};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let examples::Shop { storage, cluster, namespace, name } = &shop;
/// # let (lock, journal) = (LeaseLock::new(cluster.clone()), SecretJournal::new(cluster.clone()));
/// # let eyes = Eyes { storage, cluster, lock: &lock, journal: &journal, clock: &SystemClock };
/// # let recovery = decide(&look(eyes, namespace, name).await?, Wish::Either);
/// let is_readable = |json: &serde_json::Value| json["format"] == RECOVERY_FORMAT;
/// let mut json = recovery.to_json();
/// assert!(is_readable(&json));
/// // What a version to come writes
/// json["format"] = "helm-rollback-safe/recovery/v2".into();
/// assert!(!is_readable(&json));
/// # Ok(()) });
/// ```
pub const RECOVERY_FORMAT: &str = "helm-rollback-safe/recovery/v1";

impl RecoveryPlan {
    /// The recovery as JSON, secret values masked.
    ///
    /// Members: `format`, `release`, `namespace`, `way`, `reasons`, `cautions`, `vitality`, `interrupted` (revision, status,
    /// description), `evidence`, `objects` (the steps of a plan that are taken, numbered as there, with those that leave an
    /// object as it is), `undo` (what the journal brings back), `records`,
    /// `prune` (revisions), `journals`.
    ///
    /// ```
    /// use helm_release_core::recover::{RECOVERY_FORMAT, Wish, decide, look};
    ///
    /// # use helm_release_core::recover::Eyes;
    /// # use std::sync::Arc;
    /// # use helm_release_store::{clock::SystemClock, journal::SecretJournal, lock::LeaseLock};
    /// # use helm_release_store::cluster::{MemoryCluster, seed};
    /// # use helm_release_store::storage::{MemoryStorage, load_memory_data};
    /// # examples::run(async {
    /// # let (storage, cluster) = (MemoryStorage::new(), Arc::new(MemoryCluster::new()));
    /// # let releases = r#"
    /// # - name: web
    /// #   version: 1
    /// #   apply_method: ssa
    /// #   info: {status: deployed}
    /// #   manifest: "{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {color: red}}"
    /// # - name: web
    /// #   version: 2
    /// #   apply_method: ssa
    /// #   info: {status: pending-upgrade}
    /// #   manifest: "{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {color: blue}}"
    /// # "#;
    /// # load_memory_data(&storage, releases).await?;
    /// # seed(&cluster, &storage).await?;
    /// # let (lock, journal) = (LeaseLock::new(cluster.clone()), SecretJournal::new(cluster.clone()));
    /// # let eyes = Eyes { storage: &storage, cluster: &cluster, lock: &lock, journal: &journal, clock: &SystemClock };
    /// # let (namespace, name) = ("default".parse()?, "web".parse()?);
    /// // An upgrade to revision 2 was killed before it wrote an object.
    /// let json = decide(&look(eyes, &namespace, &name).await?, Wish::Either).to_json();
    /// assert_eq!(json["format"], RECOVERY_FORMAT);
    /// assert_eq!((&json["way"], &json["interrupted"]["status"]), (&"undo".into(), &"pending-upgrade".into()));
    /// assert_eq!(json["records"][0]["revision"], 2);
    /// # Ok(()) });
    /// ```
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
            "objects": self.objects.as_ref().map(|plan| self.steps_json(plan)),
            "undo": undo,
            "records": self.records,
            "prune": self.prune.iter().map(|head| head.key.revision).collect::<Vec<_>>(),
            "journals": self.spent.iter().map(|key| key.id.clone()).collect::<Vec<_>>(),
        })
    }

    fn steps_json(&self, plan: &Plan) -> Vec<Value> {
        let Value::Array(steps) = plan.to_json()["steps"].take() else { return Vec::new() };
        let each = steps.into_iter().zip(&plan.steps);
        each.filter(|(_, step)| self.takes(step)).map(|(json, _)| json).collect()
    }
}
