//! The steps of a plan.

use std::fmt;

use serde::Serialize;

use super::{DryRunAnswer, PlannedHook, Undo};
use crate::ObjectId;
use crate::patch::FieldChange;
use crate::ports::{Location, Request};
use crate::reverse::FieldFate;
use crate::{Object, Revision};

/// What a step does.
///
/// ```
/// use helm_release_core::plan::RollbackOptions;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let plan = shop.plan(&RollbackOptions::default()).await?;
/// let actions: Vec<String> = plan.steps.iter().map(|step| step.action.to_string()).collect();
/// assert_eq!(actions[..5], ["create record", "unchanged", "unchanged", "unchanged", "patch"]);
/// assert_eq!(actions[5..], ["delete", "run hook", "finish record", "supersede"]);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Action {
    /// Stores the new record, `pending-rollback`.
    CreateRecord,
    /// Runs a hook and waits for its end.
    RunHook,
    /// Makes an object that is not there.
    Create,
    /// Changes fields of an object.
    Patch,
    /// Puts a whole object over the live one.
    Replace,
    /// Makes an object anew: waits until one that is being deleted is gone, or deletes one that cannot be changed.
    Recreate,
    /// Leaves an object that is as it should be.
    Unchanged,
    /// Removes an object that the target does not have.
    Delete,
    /// Leaves an object that the target does not have.
    Keep,
    /// Deletes the pods of a workload, so that new ones are made.
    RecreatePods,
    /// Waits until objects are ready.
    Wait,
    /// Marks a deployed revision superseded.
    Supersede,
    /// Marks the new record deployed.
    FinishRecord,
    /// Deletes the record of an old revision.
    PruneRecord,
}

impl Action {
    /// The action in words.
    ///
    /// ```
    /// use helm_release_core::plan::Action;
    /// use serde_json::json;
    ///
    /// assert_eq!(Action::RecreatePods.as_str(), "recreate pods");
    /// // In JSON it is one word.
    /// assert_eq!(json!(Action::RecreatePods), "recreate-pods");
    /// ```
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CreateRecord => "create record",
            Self::RunHook => "run hook",
            Self::Create => "create",
            Self::Patch => "patch",
            Self::Replace => "replace",
            Self::Recreate => "recreate",
            Self::Unchanged => "unchanged",
            Self::Delete => "delete",
            Self::Keep => "keep",
            Self::RecreatePods => "recreate pods",
            Self::Wait => "wait",
            Self::Supersede => "supersede",
            Self::FinishRecord => "finish record",
            Self::PruneRecord => "prune record",
        }
    }

    /// Whether the step writes an object of the release.
    ///
    /// ```
    /// use helm_release_core::plan::{Action, RollbackOptions};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let plan = shop.plan(&RollbackOptions::default()).await?;
    /// assert_eq!(plan.steps.iter().filter(|step| step.action.writes_object()).count(), 2);
    /// // Neither records nor hooks are the release's objects, and what stays is not written.
    /// assert!(![Action::CreateRecord, Action::RunHook, Action::Keep].into_iter().any(Action::writes_object));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn writes_object(self) -> bool {
        matches!(self, Self::Create | Self::Patch | Self::Replace | Self::Recreate | Self::Delete)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What was seen of an object, and must still be so when the step is taken.
///
/// ```
/// use helm_release_core::plan::{Action, Precondition, RollbackOptions};
/// use helm_release_core::ports::Cluster as _;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let plan = shop.plan(&RollbackOptions::default()).await?;
/// let patch = plan.steps_of(Action::Patch).next().ok_or("the Deployment is patched")?;
/// let live = shop.cluster.get(patch.location().ok_or("it has a place")?).await?;
/// // Nobody has written it since.
/// assert_eq!(patch.precondition, Some(Precondition::of(&live)));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Precondition {
    /// The live object's uid.
    pub uid: String,
    /// The live object's `resourceVersion`.
    pub resource_version: String,
}

impl Precondition {
    /// What identifies the present state of a live object.
    ///
    /// ```
    /// use helm_release_core::Object;
    /// use helm_release_core::plan::Precondition;
    /// use serde_json::json;
    ///
    /// let live = |version: &str| {
    ///     let metadata = json!({"name": "web", "uid": "u-1", "resourceVersion": version});
    ///     Object::new(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}))
    /// };
    /// let seen = Precondition::of(&live("7")?);
    /// assert_eq!((seen.uid.as_str(), seen.resource_version.as_str()), ("u-1", "7"));
    /// assert_ne!(seen, Precondition::of(&live("8")?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn of(live: &Object) -> Self {
        let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
        Self { uid: text(live.uid()), resource_version: text(live.resource_version()) }
    }
}

/// What a step is about.
///
/// ```
/// use helm_release_core::plan::{RollbackOptions, Subject};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let plan = shop.plan(&RollbackOptions::default()).await?;
/// let told = plan.steps.iter().rev().take(4).map(|step| match &step.subject {
///     Subject::Record(revision) => format!("revision {revision}"),
///     Subject::Object(at) => at.to_string(),
///     Subject::Hook(planned) => format!("hook {}", planned.hook.name),
///     Subject::Objects(places) => format!("{} objects", places.len()),
/// });
/// let told: Vec<String> = told.collect();
/// assert_eq!(told, ["revision 2", "revision 4", "hook shop-check", "ConfigMap default/shop-feature"]);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Subject {
    /// The record of a revision.
    Record(Revision),
    /// An object of the release.
    Object(Location),
    /// A hook.
    Hook(Box<PlannedHook>),
    /// All objects that a wait covers.
    Objects(Vec<Location>),
}

/// One step of a plan: what, to whom, why, and the exact requests.
///
/// ```
/// use helm_release_core::plan::{Action, RollbackOptions};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let plan = shop.plan(&RollbackOptions::default()).await?;
/// let patch = plan.steps_of(Action::Patch).next().ok_or("the Deployment is patched")?;
/// assert_eq!(patch.reason, "applied by the server");
/// let change = &patch.changes[0];
/// assert_eq!((change.path.as_str(), &change.before, &change.after), ("spec.replicas", &Some(5.into()), &Some(3.into())));
/// assert_eq!(patch.requests[0].to_string(), "apply Deployment default/shop");
/// assert!(patch.fates.is_empty() && patch.undo.is_some());
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Step {
    /// What it does.
    pub action: Action,
    /// To what.
    pub subject: Subject,
    /// Why, in one sentence without a full stop.
    pub reason: String,
    /// Fields that change.
    pub changes: Vec<FieldChange>,
    /// What is sent, in order. Record steps and hooks send theirs through the storage or as they go.
    pub requests: Vec<Request>,
    /// Fields that are not simply changed in place, and what becomes of them.
    pub fates: Vec<FieldFate>,
    /// What was seen of the live object.
    pub precondition: Option<Precondition>,
    /// The live object itself, as it was seen.
    pub seen: Option<Object>,
    /// The way back.
    pub undo: Option<Undo>,
    /// What the server said to its dry run; `None` when it was not asked.
    pub dry_run: Option<DryRunAnswer>,
}

impl Step {
    /// A step without requests.
    ///
    /// ```
    /// use helm_release_core::Gvk;
    /// use helm_release_core::plan::{Action, Step, Subject};
    /// use helm_release_core::ports::{Resource, Scope};
    ///
    /// // Such as a test of one's own rule needs.
    /// let claims = Resource {
    ///     gvk: Gvk::new("v1", "PersistentVolumeClaim"),
    ///     plural: "persistentvolumeclaims".to_owned(),
    ///     scope: Scope::Namespaced,
    /// };
    /// let step = Step::new(Action::Delete, Subject::Object(claims.at("shop", "orders")), "the target does not have it");
    /// assert_eq!(format!("{} {}", step.action, step.location().unwrap()), "delete PersistentVolumeClaim shop/orders");
    /// assert!(step.requests.is_empty() && step.undo.is_none());
    /// ```
    #[must_use]
    pub fn new(action: Action, subject: Subject, reason: impl Into<String>) -> Self {
        Self {
            action,
            subject,
            reason: reason.into(),
            changes: Vec::new(),
            requests: Vec::new(),
            fates: Vec::new(),
            precondition: None,
            seen: None,
            undo: None,
            dry_run: None,
        }
    }

    /// Remembers what was seen of the live object.
    pub(crate) fn see(&mut self, live: &Object) {
        self.precondition = Some(Precondition::of(live));
        self.seen = Some(live.clone());
    }

    /// Whether it puts a new object in the place of one that it deletes first.
    ///
    /// ```
    /// use helm_release_core::plan::{Action, RollbackOptions, plan};
    /// # use helm_release_core::survey::survey;
    /// # use helm_release_store::cluster::{MemoryCluster, seed};
    /// # use helm_release_store::storage::{MemoryStorage, load_memory_data};
    ///
    /// # examples::run(async {
    /// let releases = r#"
    /// - {name: web, version: 1, info: {status: superseded, description: Install complete},
    ///    manifest: "{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, immutable: true, data: {color: blue}}"}
    /// - {name: web, version: 2, info: {status: deployed, description: Upgrade complete},
    ///    manifest: "{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, immutable: true, data: {color: red}}"}
    /// "#;
    /// # let (storage, cluster) = (MemoryStorage::new(), MemoryCluster::new());
    /// # load_memory_data(&storage, releases).await?;
    /// # seed(&cluster, &storage).await?;
    /// # let options = RollbackOptions::default();
    /// # let survey = survey(&storage, &cluster, &"default".parse()?, &"web".parse()?, &options).await?;
    /// let plan = plan(&survey, &options);
    /// let step = plan.steps_of(Action::Recreate).next().ok_or("it cannot be changed in place")?;
    /// assert!(step.exchanges());
    /// let verbs: Vec<&str> = step.requests.iter().map(|request| request.verb()).collect();
    /// assert_eq!(verbs, ["delete", "create"]);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn exchanges(&self) -> bool {
        self.action == Action::Recreate && matches!(self.requests.first(), Some(Request::Delete { .. }))
    }

    /// The place of the object that it is about.
    ///
    /// ```
    /// use helm_release_core::plan::{Action, RollbackOptions};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let plan = shop.plan(&RollbackOptions::default()).await?;
    /// let patch = plan.steps_of(Action::Patch).next().ok_or("the Deployment is patched")?;
    /// let at = patch.location().ok_or("it has a place")?;
    /// assert_eq!((at.resource.plural.as_str(), at.namespace.as_deref()), ("deployments", Some("default")));
    /// // A record is no object of the release.
    /// assert_eq!(plan.steps_of(Action::CreateRecord).next().and_then(|step| step.location()), None);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn location(&self) -> Option<&Location> {
        match &self.subject {
            Subject::Object(location) => Some(location),
            _ => None,
        }
    }

    /// What identifies the object that it is about.
    ///
    /// ```
    /// use helm_release_core::plan::{Action, RollbackOptions};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let plan = shop.plan(&RollbackOptions::default()).await?;
    /// let patch = plan.steps_of(Action::Patch).next().ok_or("the Deployment is patched")?;
    /// let impact = plan.impact.iter().find(|impact| Some(&impact.object) == patch.object().as_ref());
    /// assert_eq!(impact.and_then(|impact| impact.after), Some(3));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn object(&self) -> Option<ObjectId> {
        self.location().map(Location::id)
    }
}
