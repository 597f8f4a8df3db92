//! Evidence as JSON.

use serde_json::{Value, json};

use super::{Evidence, ObjectEvidence, cause};
use crate::diff::changes_json;

/// Name and version of the JSON form. A reader refuses a higher version than it knows.
///
/// ```
/// use helm_release_core::evidence::EVIDENCE_FORMAT;
/// # use helm_release_core::evidence::{Scene, collect};
/// # use helm_release_core::plan::RollbackOptions;
/// # use helm_release_store::clock::SystemClock;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let plan = shop.plan(&RollbackOptions::default()).await?;
/// # let scene = Scene::told(&plan, "context deadline exceeded", jiff::Timestamp::now());
/// # let text = collect(&shop.cluster, &SystemClock, &scene).await.to_json().to_string();
/// // `text` is the evidence that a failed run left as a file.
/// let json: serde_json::Value = serde_json::from_str(&text)?;
/// let cause = match json["format"].as_str() {
///     Some(EVIDENCE_FORMAT) => json["cause"]["kind"].as_str(),
///     _ => None,
/// };
/// assert_eq!(cause, Some("image-pull"));
/// # Ok(()) });
/// ```
pub const EVIDENCE_FORMAT: &str = "helm-rollback-safe/evidence/v1";

impl Evidence {
    /// The evidence as JSON; the members are described in `docs/evidence.md`.
    ///
    /// Members: `format`, `cause` (kind, sentence), `release`, `namespace`, `from`, `to`, `newRevision`, `began`, `collected`,
    /// `phase`, `error`, `hook`, `objects`, `pods`, `events`, `quotas`, `timeline`, `unread`.
    ///
    /// ```
    /// use helm_release_core::evidence::{EVIDENCE_FORMAT, collect};
    /// use helm_release_store::clock::SystemClock;
    /// # use helm_release_core::evidence::Scene;
    /// # use helm_release_core::plan::RollbackOptions;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let plan = shop.plan(&RollbackOptions::default()).await?;
    /// # let scene = Scene::told(&plan, "context deadline exceeded", jiff::Timestamp::now());
    /// // The image of the live Deployment "shop" cannot be pulled.
    /// let evidence = collect(&shop.cluster, &SystemClock, &scene).await;
    /// let json = evidence.to_json();
    /// assert_eq!(json["format"], EVIDENCE_FORMAT);
    /// assert_eq!(json["cause"]["kind"], "image-pull");
    /// assert_eq!(json["newRevision"], 4);
    /// assert_eq!(json["pods"][0]["containers"][0]["state"]["reason"], "ImagePullBackOff");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn to_json(&self) -> Value {
        let hook = self.hook.as_ref().map(|hook| {
            let objects: Vec<_> = hook.objects.iter().map(crate::ports::Location::id).collect();
            json!({ "event": hook.event, "hook": hook.hook, "reason": hook.reason, "objects": objects })
        });
        json!({
            "format": EVIDENCE_FORMAT,
            "cause": self.cause(),
            "release": self.release,
            "namespace": self.namespace,
            "from": self.from,
            "to": self.to,
            "newRevision": self.new_revision,
            "began": self.began,
            "collected": self.collected,
            "phase": self.phase.map(cause::phase_id),
            "error": self.error.text,
            "hook": hook,
            "objects": self.objects.iter().map(object_json).collect::<Vec<_>>(),
            "pods": self.pods,
            "events": self.events,
            "quotas": self.quotas,
            "timeline": self.timeline,
            "unread": self.unread,
        })
    }
}

fn object_json(object: &ObjectEvidence) -> Value {
    json!({
        "object": object.object,
        "action": object.action,
        "presence": object.presence,
        "changes": changes_json(&object.changes),
        "conditions": object.conditions,
        "finalizers": object.finalizers,
    })
}
