//! What became of a release's objects since its current revision was applied: which field, from what to what, by whom and when.
//!
//! [`drifted`] compares one object, [`look`] a whole release with the cluster. Only what a revision sets is compared, and what
//! others added beside it. Nothing that the server made of what Helm wrote counts: defaults, spellings of quantities, allocated
//! values, empty values that it leaves out, the order of entries that have keys. `metadata.managedFields` decides in doubt: a
//! field that Helm owns nobody else has changed.
//!
//! ```
//! use helm_release_core::drift::look;
//! # use helm_release_core::ports::{Cluster as _, DryRun, PatchBody, Request, Validation};
//!
//! # examples::run(async {
//! # let shop = examples::Shop::open().await?;
//! # let kinds = shop.cluster.kinds(false).await?;
//! # let at = kinds.find(&helm_release_core::Gvk::new("v1", "ConfigMap")).unwrap().at("default", "shop-config");
//! # let patch = PatchBody::Merge(serde_json::json!({"data": {"motd": "closed"}}));
//! # let edit = Request::Patch { at, patch, manager: "kubectl-edit".to_owned(), validation: Validation::Ignore };
//! # shop.cluster.write(&edit, DryRun::No).await?;
//! // Somebody has edited the message of the day with `kubectl edit`.
//! let report = look(&shop.storage, &shop.cluster, &shop.namespace, &shop.name).await?;
//! let config = &report.objects[0];
//! assert_eq!(config.at.to_string(), "ConfigMap default/shop-config");
//! let field = &config.fields[0];
//! assert_eq!(field.path.to_string(), "data.motd");
//! assert_eq!(field.was.as_ref().unwrap(), "welcome back");
//! assert_eq!(field.is.as_ref().unwrap(), "closed");
//! assert_eq!(field.by[0].manager, "kubectl-edit");
//! # Ok(()) });
//! ```
//!
//! # Restoring
//!
//! [`DriftChoice`] says what a rollback does with fields that drifted, a [`DriftRule`] says otherwise for some of them. Neither
//! takes fields over from other managers: with server-side apply the server refuses what is restored while somebody else owns it,
//! unless [`RollbackOptions::conflicts`](crate::plan::RollbackOptions::conflicts) is [`Force`](crate::ports::Conflicts::Force),
//! and that holds for the whole plan.
//!
//! To restore the objects of one kind and leave fields of the others as they are, roll back to the deployed revision itself, with
//! [`DriftChoice::Keep`] and a rule for the kind. Objects that are gone are made again, whatever their kind.
//!
//! ```
//! use helm_release_core::drift::DriftChoice;
//! use helm_release_core::inquiry::inquire;
//! use helm_release_core::plan::{FindingId, Keepers, RollbackOptions, plan};
//! use helm_release_core::ports::Conflicts;
//! # use helm_release_core::ports::{Cluster as _, DryRun, PatchBody, Request, Validation};
//! # use helm_release_core::survey::survey;
//! # use helm_release_store::cluster::{MemoryCluster, seed};
//! # use helm_release_store::storage::{MemoryStorage, load_memory_data};
//!
//! # examples::run(async {
//! # let releases = r#"
//! # - name: web
//! #   version: 1
//! #   apply_method: ssa
//! #   info: {status: deployed, description: Install complete}
//! #   manifest: |
//! #     {apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {color: red}}
//! #     ---
//! #     {apiVersion: v1, kind: ServiceAccount, metadata: {name: web}, automountServiceAccountToken: false}
//! # "#;
//! # let (storage, cluster) = (MemoryStorage::new(), MemoryCluster::new());
//! # load_memory_data(&storage, releases).await?;
//! # seed(&cluster, &storage).await?;
//! # let kinds = cluster.kinds(false).await?;
//! # for (kind, patch) in [
//! #     ("ConfigMap", serde_json::json!({"data": {"color": "blue"}})),
//! #     ("ServiceAccount", serde_json::json!({"automountServiceAccountToken": true})),
//! # ] {
//! #     let at = kinds.find(&helm_release_core::Gvk::new("v1", kind)).ok_or("no kind")?.at("default", "web");
//! #     let (patch, manager) = (PatchBody::Merge(patch), "kubectl-edit".to_owned());
//! #     cluster.write(&Request::Patch { at, patch, manager, validation: Validation::Ignore }, DryRun::No).await?;
//! # }
//! # let (namespace, name) = ("default".parse()?, "web".parse()?);
//! // Revision 1 is deployed. Somebody has edited its ConfigMap and its ServiceAccount.
//! let options = RollbackOptions::default().with_selector("1".parse()?).with_drift(DriftChoice::Keep);
//! let mut options = options.with_drift_rules(["ConfigMap/*=restore".parse()?]);
//! # let survey = survey(&storage, &cluster, &namespace, &name, &options).await?;
//! let answers = inquire(&cluster, &survey, &options, &Keepers::default()).await;
//! let refused = plan(&survey.clone().with_answers(answers), &options);
//! assert_eq!(refused.blocking().next().map(|finding| &finding.id), Some(&FindingId::REFUSED_BY_SERVER));
//!
//! options.conflicts = Conflicts::Force;
//! let answers = inquire(&cluster, &survey, &options, &Keepers::default()).await;
//! let plan = plan(&survey.with_answers(answers), &options);
//! assert_eq!(plan.blocking().count(), 0);
//! let written = plan.steps.iter().filter(|step| step.action.writes_object()).filter_map(|step| step.object());
//! assert_eq!(written.map(|object| object.to_string()).collect::<Vec<_>>(), ["ConfigMap default/web"]);
//! # Ok(()) });
//! ```

mod additions;
mod autoscalers;
mod choice;
mod compare;
mod look;
mod managers;
mod path;
mod report;
mod same;

pub use autoscalers::Autoscalers;
pub(crate) use autoscalers::replicas;
pub(crate) use choice::choose;
pub use choice::{DriftChoice, DriftRule, InvalidDriftRule};
pub use look::look;
pub use managers::Manager;
pub(crate) use managers::{Managers, writes_releases};
pub use path::{FieldPath, Segment};
pub use report::{DRIFT_FORMAT, DriftReport, Fate, ObjectDrift};

use std::fmt;

use serde_json::Value;

use crate::patch::Schemas;
use crate::plan::fold_string_data;
use crate::{Object, Revision};
use compare::{Count, compare};

/// A field that is not as a revision applied it. `Debug` prints the path and never the values.
///
/// ```
/// use helm_release_core::Revision;
/// use helm_release_core::drift::look;
/// use serde_json::json;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let report = look(&shop.storage, &shop.cluster, &shop.namespace, &shop.name).await?;
/// // Revision 3, an upgrade that failed, wanted five replicas.
/// let replicas = &report.objects[0].fields[0];
/// assert_eq!(replicas.path.to_string(), "spec.replicas");
/// assert_eq!((&replicas.was, &replicas.is), (&Some(json!(3)), &Some(json!(5))));
/// assert_eq!(replicas.left_by, Revision::new(3));
/// assert_eq!(replicas.held_by, None);
/// # Ok(()) });
/// ```
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Drifted {
    /// Where.
    pub path: FieldPath,
    /// What the revision applied; `None` when it applied nothing there.
    pub was: Option<Value>,
    /// What is live; `None` when nothing is.
    pub is: Option<Value>,
    /// Who owns the field. Nobody does when it is gone, and when the server keeps no owners of the object.
    pub by: Vec<Manager>,
    /// The autoscaler that holds it, so that it is no sign of trouble.
    pub held_by: Option<String>,
    /// The later revision that left it so: one that failed, or was cut off.
    pub left_by: Option<Revision>,
}

impl fmt::Debug for Drifted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by: Vec<&str> = self.by.iter().map(|manager| manager.manager.as_str()).collect();
        write!(f, "Drifted({} by {by:?})", self.path)
    }
}

impl Drifted {
    pub(crate) fn new(path: FieldPath, was: Option<Value>, is: Option<Value>, by: Vec<Manager>) -> Self {
        Self { path, was, is, by, held_by: None, left_by: None }
    }

    /// Whether somebody added the field beside what the revision applied.
    ///
    /// ```
    /// use helm_release_core::drift::look;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let report = look(&shop.storage, &shop.cluster, &shop.namespace, &shop.name).await?;
    /// let added = report.objects[0].fields.iter().filter(|field| field.is_addition());
    /// let added: Vec<String> = added.map(|field| field.path.to_string()).collect();
    /// // The deployed revision has no such label; the failed one after it gave its pods one.
    /// assert_eq!(added, ["spec.template.metadata.labels[test/kubelet]"]);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn is_addition(&self) -> bool {
        self.was.is_none()
    }

    /// Whether only controllers wrote it, and no person's tool.
    pub(crate) fn is_controllers(&self, live: &Object) -> bool {
        let managers = Managers::of(live);
        !self.by.is_empty() && self.by.iter().all(|owner| managers.is_controller(&owner.manager))
    }
}

/// The object with the texts of a Secret written as the server writes them.
pub(crate) fn as_stored(object: &Object) -> Value {
    let mut value = object.as_value().clone();
    if let (Some(map), "Secret", "v1") = (value.as_object_mut(), object.kind(), object.api_version()) {
        fold_string_data(map);
    }
    value
}

/// Compares a live object with what a revision applied, and tells who changed what.
///
/// `applied` is the revision's object with the ownership that Helm stamps on it ([`crate::plan::stamp`]).
///
/// ```
/// use helm_release_core::Object;
/// use helm_release_core::drift::drifted;
/// use helm_release_core::patch::Schemas;
/// use serde_json::json;
///
/// let map = |color: &str| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web"}, "data": {"color": color}});
/// let mut live = map("red");
/// live["metadata"]["managedFields"] = json!([{
///     "manager": "kubectl-edit", "operation": "Update", "apiVersion": "v1", "time": "2026-11-27T08:00:00Z",
///     "fieldsType": "FieldsV1", "fieldsV1": {"f:data": {"f:color": {}}},
/// }]);
/// let found = drifted(Schemas::built_in(), &Object::new(map("blue"))?, &Object::new(live)?);
/// assert_eq!(found[0].path.to_string(), "data.color");
/// assert_eq!(found[0].by[0].manager, "kubectl-edit");
/// # Ok::<(), helm_release_core::object::NotAnObject>(())
/// ```
#[must_use]
pub fn drifted(schemas: &Schemas, applied: &Object, live: &Object) -> Vec<Drifted> {
    let applied_value = as_stored(applied);
    let mut found = compare(schemas, &applied.gvk(), &applied_value, live, Count::Others);
    found.extend(additions::additions(&applied_value, live));
    found
}

/// The same against several revisions, the newest first: what any of them may have written is no drift.
#[must_use]
pub(crate) fn drifted_since(schemas: &Schemas, revisions: &[Object], live: &Object) -> Vec<Drifted> {
    let Some((newest, older)) = revisions.split_first() else { return Vec::new() };
    let mut found = drifted(schemas, newest, live);
    for revision in older {
        if found.is_empty() {
            break;
        }
        let others = drifted(schemas, revision, live);
        found.retain(|field| others.iter().any(|other| other.path.overlaps(&field.path)));
    }
    found
}

/// What a later revision that was never deployed left in a live object, of what it has and `applied` has not.
fn left_by(schemas: &Schemas, applied: &Object, later: &Object, live: &Object, revision: Revision) -> Vec<Drifted> {
    let Ok(before) = Object::new(as_stored(applied)) else { return Vec::new() };
    let differing = compare(schemas, &later.gvk(), &as_stored(later), &before, Count::All);
    let managers = Managers::of(live);
    let left = differing.into_iter().filter_map(|field| {
        let found = field.path.get(live.as_value())?;
        let by: Vec<Manager> = managers.owners(&field.path).into_iter().cloned().collect();
        let is_its = field.was.as_ref().is_some_and(|later| same::has_all(same::Form::Field, later, found));
        let is_helms = by.is_empty() || by.iter().any(|owner| writes_releases(&owner.manager));
        (is_its && is_helms).then(|| {
            let mut left = Drifted::new(field.path.clone(), field.is.clone(), Some(found.clone()), by);
            left.left_by = Some(revision);
            left
        })
    });
    left.collect()
}

#[cfg(test)]
mod tests;
