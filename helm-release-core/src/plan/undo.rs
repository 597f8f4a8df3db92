//! What brings an object back to what it was before a step: computed with the plan, before anything is written.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::patch::{PatchError, Schemas, ThreeWay, three_way};
use crate::ports::{Location, PatchBody, Propagation};
use crate::{Object, ObjectId};

/// The way back from one step. `Debug` prints no value.
///
/// ```
/// use helm_release_core::plan::{Action, RollbackOptions, Undo};
/// use serde_json::json;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let plan = shop.plan(&RollbackOptions::default()).await?;
/// let undo = |action| plan.steps_of(action).next().and_then(|step| step.undo.as_ref());
/// let Some(Undo::Restore { reverse: Some(reverse), .. }) = undo(Action::Patch) else { panic!("fields are set back") };
/// assert_eq!(reverse.value()["spec"]["replicas"], 5);
/// let Some(Undo::MakeAgain { object, .. }) = undo(Action::Delete) else { panic!("it is made again") };
/// assert_eq!(object.at(&["data"]), Some(&json!({"beta": "on"})));
/// assert_eq!(undo(Action::Unchanged), None);
/// # Ok(()) });
/// ```
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "undo", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Undo {
    /// The step makes the object: it is removed.
    Remove {
        /// Where.
        at: Location,
        /// The uid of one that was on its way out and is not meant.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        instead_of: Option<String>,
    },
    /// The step changes fields: exactly those are set back.
    Restore {
        /// Where.
        at: Location,
        /// The object's uid; another object in its place is left alone.
        uid: String,
        /// Sets the changed fields back; `None` when the step changes owners of fields only.
        reverse: Option<PatchBody>,
        /// Who owned which field before.
        #[serde(default)]
        owners: Value,
    },
    /// The step deletes the object: it is made again, without what the server and its controllers put into it.
    MakeAgain {
        /// Where.
        at: Location,
        /// The uid of the one that is deleted.
        uid: String,
        /// What to make.
        object: Object,
        /// Who owned which field before.
        #[serde(default)]
        owners: Value,
    },
    /// The step deletes the object and makes another one in its place: that one is removed, and the first one made again.
    PutBack {
        /// Where.
        at: Location,
        /// The uid of the one that is deleted.
        uid: String,
        /// What to make.
        object: Object,
        /// What happens to what the other one owns by then.
        propagation: Propagation,
        /// Who owned which field before.
        #[serde(default)]
        owners: Value,
    },
}

impl fmt::Debug for Undo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self {
            Self::Remove { .. } => "Remove",
            Self::Restore { .. } => "Restore",
            Self::MakeAgain { .. } => "MakeAgain",
            Self::PutBack { .. } => "PutBack",
        };
        write!(f, "{word}({})", self.at())
    }
}

impl Undo {
    /// The way back from a change of `before` into `after`.
    ///
    /// # Errors
    /// [`PatchError`] when no patch can be computed.
    ///
    /// ```
    /// # use helm_release_core::Object;
    /// use helm_release_core::patch::Schemas;
    /// use helm_release_core::plan::Undo;
    /// # use helm_release_core::ports::{Resource, Scope};
    /// use serde_json::json;
    ///
    /// # let live = json!({
    /// #     "apiVersion": "v1", "kind": "ConfigMap", "data": {"color": "red"},
    /// #     "metadata": {"name": "web", "namespace": "shop", "uid": "u-1", "resourceVersion": "7"},
    /// # });
    /// # let live = Object::new(live)?;
    /// # let resource = Resource { gvk: live.gvk(), plural: "configmaps".to_owned(), scope: Scope::Namespaced };
    /// let at = resource.locate(&live, "shop");
    /// assert_eq!(live.at(&["data"]), Some(&json!({"color": "red"})));
    /// let mut after = live.as_value().clone();
    /// after["data"] = json!({"color": "blue", "size": "large"});
    /// let undo = Undo::of_change(Schemas::built_in(), &at, &live, &after)?;
    /// let Undo::Restore { uid, reverse: Some(reverse), .. } = undo else { panic!("fields change") };
    /// assert_eq!(uid, "u-1");
    /// assert_eq!(reverse.value(), &json!({"data": {"color": "red", "size": null}}));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of_change(schemas: &Schemas, at: &Location, before: &Object, after: &Value) -> Result<Self, PatchError> {
        let gvk = before.gvk();
        let (target, live) = (comparable(before.as_value()), comparable(after));
        let input = ThreeWay { gvk: &gvk, originals: &[&live], target: &target, live: &live };
        let reverse = three_way(schemas, input)?;
        let uid = before.uid().unwrap_or_default().to_owned();
        Ok(Self::Restore { at: at.clone(), uid, reverse, owners: owners(before) })
    }

    /// The way back from a deletion.
    ///
    /// ```
    /// # use helm_release_core::Object;
    /// use helm_release_core::plan::Undo;
    /// # use helm_release_core::ports::{Resource, Scope};
    /// use serde_json::json;
    ///
    /// # let live = json!({
    /// #     "apiVersion": "v1", "kind": "ConfigMap", "data": {"color": "red"},
    /// #     "metadata": {"name": "web", "namespace": "shop", "uid": "u-1", "resourceVersion": "7"},
    /// # });
    /// # let live = Object::new(live)?;
    /// # let resource = Resource { gvk: live.gvk(), plural: "configmaps".to_owned(), scope: Scope::Namespaced };
    /// let at = resource.locate(&live, "shop");
    /// assert_eq!(live.resource_version(), Some("7"));
    /// let Undo::MakeAgain { uid, object, .. } = Undo::of_deletion(&at, &live) else { panic!("it is made again") };
    /// assert_eq!(uid, "u-1");
    /// // What the server alone sets is left to it.
    /// assert_eq!((object.resource_version(), object.at(&["data"])), (None, Some(&json!({"color": "red"}))));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn of_deletion(at: &Location, live: &Object) -> Self {
        let uid = live.uid().unwrap_or_default().to_owned();
        Self::MakeAgain { at: at.clone(), uid, object: as_made(live), owners: owners(live) }
    }

    /// The way back from a deletion with another object made in the place.
    ///
    /// ```
    /// # use helm_release_core::Object;
    /// use helm_release_core::plan::Undo;
    /// use helm_release_core::ports::Propagation;
    /// # use helm_release_core::ports::{Resource, Scope};
    /// # use serde_json::json;
    ///
    /// # let live = json!({
    /// #     "apiVersion": "v1", "kind": "ConfigMap", "data": {"color": "red"},
    /// #     "metadata": {"name": "web", "namespace": "shop", "uid": "u-1", "resourceVersion": "7"},
    /// # });
    /// # let live = Object::new(live)?;
    /// # let resource = Resource { gvk: live.gvk(), plural: "configmaps".to_owned(), scope: Scope::Namespaced };
    /// let at = resource.locate(&live, "shop");
    /// let undo = Undo::of_exchange(&at, &live, Propagation::Orphan);
    /// let Undo::PutBack { object, propagation, .. } = &undo else { panic!("another one is in its place") };
    /// assert_eq!((object.name(), object.uid(), *propagation), ("web", None, Propagation::Orphan));
    /// // No value gets into a log.
    /// assert_eq!(format!("{undo:?}"), "PutBack(ConfigMap shop/web)");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn of_exchange(at: &Location, live: &Object, propagation: Propagation) -> Self {
        let uid = live.uid().unwrap_or_default().to_owned();
        Self::PutBack { at: at.clone(), uid, object: as_made(live), propagation, owners: owners(live) }
    }

    /// Where the object is.
    ///
    /// ```
    /// # use helm_release_core::Object;
    /// use helm_release_core::plan::Undo;
    /// # use helm_release_core::ports::{Resource, Scope};
    /// # use serde_json::json;
    ///
    /// # let live = json!({
    /// #     "apiVersion": "v1", "kind": "ConfigMap", "data": {"color": "red"},
    /// #     "metadata": {"name": "web", "namespace": "shop", "uid": "u-1", "resourceVersion": "7"},
    /// # });
    /// # let live = Object::new(live)?;
    /// # let resource = Resource { gvk: live.gvk(), plural: "configmaps".to_owned(), scope: Scope::Namespaced };
    /// let at = resource.at("shop", "web");
    /// let made = Undo::Remove { at: at.clone(), instead_of: None };
    /// assert_eq!(made.at(), &at);
    /// assert_eq!(Undo::of_deletion(&at, &live).at().resource.plural, "configmaps");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn at(&self) -> &Location {
        match self {
            Self::Remove { at, .. } | Self::Restore { at, .. } | Self::MakeAgain { at, .. } | Self::PutBack { at, .. } => at,
        }
    }

    /// What identifies the object.
    ///
    /// ```
    /// # use helm_release_core::Object;
    /// use helm_release_core::plan::Undo;
    /// # use helm_release_core::ports::{Resource, Scope};
    /// # use serde_json::json;
    ///
    /// # let live = json!({
    /// #     "apiVersion": "v1", "kind": "ConfigMap", "data": {"color": "red"},
    /// #     "metadata": {"name": "web", "namespace": "shop", "uid": "u-1", "resourceVersion": "7"},
    /// # });
    /// # let live = Object::new(live)?;
    /// # let resource = Resource { gvk: live.gvk(), plural: "configmaps".to_owned(), scope: Scope::Namespaced };
    /// let undo = Undo::of_deletion(&resource.locate(&live, "shop"), &live);
    /// assert_eq!(undo.object(), live.id());
    /// assert_eq!(undo.object().to_string(), "ConfigMap shop/web");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn object(&self) -> ObjectId {
        self.at().id()
    }
}

fn owners(live: &Object) -> Value {
    live.at(&["metadata", "managedFields"]).cloned().unwrap_or_default()
}

/// Members of `metadata` that the server alone sets.
const SERVER_METADATA: [&str; 7] = [
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "uid",
];

/// An object without what the server keeps for itself, a Secret's texts folded into its data as the server does.
pub(super) fn comparable(value: &Value) -> Value {
    let mut value = value.clone();
    if let Some(object) = value.as_object_mut() {
        object.remove("status");
        if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.retain(|key, _| !SERVER_METADATA.contains(&key.as_str()));
        }
        if object.get("kind").and_then(Value::as_str) == Some("Secret") {
            fold_string_data(object);
        }
    }
    value
}

/// Writes the texts of a Secret as the bytes that the server makes of them.
pub(crate) fn fold_string_data(secret: &mut Map<String, Value>) {
    let Some(Value::Object(texts)) = secret.remove("stringData") else { return };
    let data = secret.entry("data").or_insert_with(|| Value::Object(Map::new()));
    if data.is_null() {
        *data = Value::Object(Map::new());
    }
    let Some(data) = data.as_object_mut() else { return };
    for (key, text) in texts {
        if let Some(text) = text.as_str() {
            data.insert(key, Value::from(STANDARD.encode(text)));
        }
    }
}

/// What the Job controller writes into the template and selector of every Job that does not choose its own.
pub(super) const JOB_LABELS: [&str; 4] =
    ["controller-uid", "batch.kubernetes.io/controller-uid", "job-name", "batch.kubernetes.io/job-name"];

/// What controllers write on a claim about its own volume.
const CLAIM_ANNOTATIONS: [&str; 3] =
    ["pv.kubernetes.io/bind-completed", "pv.kubernetes.io/bound-by-controller", "volume.kubernetes.io/selected-node"];

/// The object as a create takes it.
fn as_made(live: &Object) -> Object {
    let mut value = comparable(live.as_value());
    match live.kind() {
        "Job" if live.at(&["spec", "manualSelector"]) != Some(&Value::Bool(true)) => {
            if let Some(spec) = value.get_mut("spec").and_then(Value::as_object_mut) {
                spec.remove("selector");
                if let Some(labels) = spec.get_mut("template").and_then(|template| template.pointer_mut("/metadata/labels")) {
                    without_labels(labels, &JOB_LABELS);
                }
            }
            if let Some(labels) = value.pointer_mut("/metadata/labels") {
                without_labels(labels, &JOB_LABELS);
            }
        }
        "PersistentVolumeClaim" => without_annotations(&mut value, &CLAIM_ANNOTATIONS),
        "Pod" => {
            if let Some(spec) = value.get_mut("spec").and_then(Value::as_object_mut) {
                spec.remove("nodeName");
                remove_token_volume(spec);
            }
        }
        _ => {}
    }
    Object::new(value).unwrap_or_else(|_| live.clone())
}

fn without_annotations(value: &mut Value, gone: &[&str]) {
    if let Some(annotations) = value.pointer_mut("/metadata/annotations") {
        without_labels(annotations, gone);
    }
}

fn without_labels(labels: &mut Value, gone: &[&str]) {
    if let Some(labels) = labels.as_object_mut() {
        labels.retain(|key, _| !gone.contains(&key.as_str()));
    }
}

/// The service account's token volume has a random name, and the server adds one where there is none.
fn remove_token_volume(spec: &mut Map<String, Value>) {
    let is_token =
        |entry: &Value| entry.get("name").and_then(Value::as_str).is_some_and(|name| name.starts_with("kube-api-access-"));
    if let Some(volumes) = spec.get_mut("volumes").and_then(Value::as_array_mut) {
        volumes.retain(|volume| !is_token(volume));
    }
    for list in ["containers", "initContainers"] {
        for container in spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(mounts) = container.get_mut("volumeMounts").and_then(Value::as_array_mut) {
                mounts.retain(|mount| !is_token(mount));
            }
        }
    }
}

#[cfg(test)]
mod tests;
