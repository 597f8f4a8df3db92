//! What the cluster's components tell: events of either API group.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::objects::text;
use crate::{Gvk, Object, ObjectId};

/// One event, or a series of equal ones.
///
/// ```
/// use helm_release_core::evidence::collect;
/// use helm_release_store::clock::SystemClock;
/// # use helm_release_core::evidence::Scene;
/// # use helm_release_core::plan::RollbackOptions;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let plan = shop.plan(&RollbackOptions::default()).await?;
/// # let scene = Scene::told(&plan, "context deadline exceeded", jiff::Timestamp::now());
/// # let event = serde_json::json!({
/// #     "apiVersion": "v1", "kind": "Event", "metadata": {"name": "shop.1"}, "type": "Warning", "reason": "FailedCreate",
/// #     "involvedObject": {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "default", "name": "shop"},
/// #     "message": "too many pods", "count": 3, "source": {"component": "deployment-controller"},
/// # });
/// # shop.cluster.insert(&helm_release_core::Object::new(event)?, "default", "deployment-controller")?;
/// // A controller has complained three times.
/// let evidence = collect(&shop.cluster, &SystemClock, &scene).await;
/// let event = &evidence.events[0];
/// assert_eq!((event.reason.as_str(), event.message.as_str()), ("FailedCreate", "too many pods"));
/// assert_eq!(event.object.to_string(), "Deployment default/shop");
/// assert_eq!((event.warning, event.count), (true, 3));
/// assert_eq!(event.source, "deployment-controller");
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ClusterEvent {
    /// When it was seen last.
    pub at: Option<Timestamp>,
    /// Whether it is a warning.
    pub warning: bool,
    /// The reason, one word such as `FailedCreate`.
    pub reason: String,
    /// What it is about.
    pub object: ObjectId,
    /// What it says.
    pub message: String,
    /// How often it was seen.
    pub count: u64,
    /// Who tells it.
    pub source: String,
}

/// Which objects are of interest.
#[derive(Debug, Default)]
pub(super) struct Interest {
    pub(super) uids: BTreeSet<String>,
    /// Kind, namespace and name.
    pub(super) names: BTreeSet<(String, String, String)>,
    /// Beginnings of the names of pods, with their namespace.
    pub(super) pods_like: BTreeSet<(String, String)>,
}

impl Interest {
    /// Takes an interest in an object.
    pub(super) fn add(&mut self, id: &ObjectId, live: Option<&Object>) {
        self.uids.extend(live.and_then(Object::uid).map(str::to_owned));
        let namespace = id.namespace.clone().unwrap_or_default();
        self.names.insert((id.kind.clone(), namespace, id.name.clone()));
    }

    fn covers(&self, regarding: &Value, object: &ObjectId) -> bool {
        let uid = text(regarding, "uid");
        let namespace = object.namespace.clone().unwrap_or_default();
        let is_named = || self.names.contains(&(object.kind.clone(), namespace.clone(), object.name.clone()));
        let is_like =
            || self.pods_like.iter().any(|(place, begin)| *place == namespace && object.name.starts_with(begin.as_str()));
        self.uids.contains(&uid) || is_named() || object.kind == "Pod" && is_like()
    }
}

/// A member that the core group and `events.k8s.io` name differently.
fn either<'a>(event: &'a Object, core: &str, other: &str) -> &'a Value {
    event.at(&[core]).or_else(|| event.at(&[other])).unwrap_or(&Value::Null)
}

fn time(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

fn last_seen(event: &Object) -> Option<Timestamp> {
    let series = event.at(&["series", "lastObservedTime"]).and_then(time);
    let stated = || time(either(event, "lastTimestamp", "deprecatedLastTimestamp"));
    let once = || event.at(&["eventTime"]).and_then(time);
    let made = || event.at(&["metadata", "creationTimestamp"]).and_then(time);
    series.or_else(stated).or_else(once).or_else(made)
}

/// Reads an event that is about one of the objects and was seen since then.
pub(super) fn read(event: &Object, interest: &Interest, since: Timestamp) -> Option<ClusterEvent> {
    let regarding = either(event, "involvedObject", "regarding");
    let namespace = Some(text(regarding, "namespace")).filter(|namespace| !namespace.is_empty());
    let object = ObjectId {
        group: Gvk::new(&text(regarding, "apiVersion"), "").group,
        kind: text(regarding, "kind"),
        namespace,
        name: text(regarding, "name"),
    };
    if !interest.covers(regarding, &object) {
        return None;
    }
    let at = last_seen(event);
    // Times of events are whole seconds.
    if at.is_some_and(|at| at.as_second() < since.as_second()) {
        return None;
    }
    let source = event.at(&["reportingComponent"]).or_else(|| event.at(&["reportingController"])).and_then(Value::as_str);
    let source = source.filter(|source| !source.is_empty()).map(str::to_owned);
    let source = source.unwrap_or_else(|| text(either(event, "source", "deprecatedSource"), "component"));
    let series = event.at(&["series", "count"]).and_then(Value::as_u64);
    let count = series.or_else(|| either(event, "count", "deprecatedCount").as_u64()).unwrap_or(1);
    Some(ClusterEvent {
        at,
        warning: event.at(&["type"]).and_then(Value::as_str) == Some("Warning"),
        reason: event.at(&["reason"]).and_then(Value::as_str).unwrap_or_default().to_owned(),
        object,
        message: either(event, "message", "note").as_str().unwrap_or_default().trim().to_owned(),
        count: count.max(1),
        source,
    })
}
