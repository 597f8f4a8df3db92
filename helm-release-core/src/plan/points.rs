//! Points of no return: what charts say of revisions that cannot be crossed downwards.
//!
//! An annotation `rollback-safe/no-return: NAME: REASON` on any object, any hook or in the chart's own annotations says that
//! from here on something is different for good: a column is dropped, a format changed. A chart keeps it from then on. A rollback
//! crosses the point when the current revision has its name and the target has not. With `rollback-safe/reverse-migration`
//! beside it there is a way back, and its text says which.

use std::collections::BTreeMap;

use super::{Placed, RevisionContent};

/// The annotation that names a point of no return.
///
/// ```
/// use helm_release_core::plan::{NO_RETURN, points};
/// # use helm_release_core::plan::RollbackOptions;
/// # use helm_release_core::survey::survey;
/// # use helm_release_store::cluster::{MemoryCluster, seed};
/// # use helm_release_store::storage::{MemoryStorage, load_memory_data};
///
/// # examples::run(async {
/// let annotations = serde_json::json!({NO_RETURN: "price-dropped: the column is gone"});
/// # let releases = format!(r#"
/// # - {{name: web, version: 1, info: {{status: superseded, description: Install complete}}}}
/// # - name: web
/// #   version: 2
/// #   info: {{status: deployed, description: Upgrade complete}}
/// #   chart: {{metadata: {{name: web, version: 2.0.0, annotations: {annotations}}}}}
/// # "#);
/// # let (storage, cluster) = (MemoryStorage::new(), MemoryCluster::new());
/// # load_memory_data(&storage, &releases).await?;
/// # seed(&cluster, &storage).await?;
/// # let options = RollbackOptions::default();
/// # let survey = survey(&storage, &cluster, &"default".parse()?, &"web".parse()?, &options).await?;
/// // `survey` is one of a release whose current chart has these annotations.
/// assert_eq!(points(survey.current())["price-dropped"].reason, "the column is gone");
/// assert!(points(survey.target()).is_empty());
/// # Ok(()) });
/// ```
pub const NO_RETURN: &str = "rollback-safe/no-return";

/// The annotation that says how the point can be crossed downwards after all.
///
/// ```
/// use helm_release_core::plan::{NO_RETURN, REVERSE_MIGRATION, points};
/// # use helm_release_core::plan::RollbackOptions;
/// # use helm_release_core::survey::survey;
/// # use helm_release_store::cluster::{MemoryCluster, seed};
/// # use helm_release_store::storage::{MemoryStorage, load_memory_data};
///
/// # examples::run(async {
/// let annotations = serde_json::json!({NO_RETURN: "price-dropped", REVERSE_MIGRATION: "run db/down.sql"});
/// # let releases = format!(r#"
/// # - {{name: web, version: 1, info: {{status: superseded, description: Install complete}}}}
/// # - name: web
/// #   version: 2
/// #   info: {{status: deployed, description: Upgrade complete}}
/// #   chart: {{metadata: {{name: web, version: 2.0.0, annotations: {annotations}}}}}
/// # "#);
/// # let (storage, cluster) = (MemoryStorage::new(), MemoryCluster::new());
/// # load_memory_data(&storage, &releases).await?;
/// # seed(&cluster, &storage).await?;
/// # let options = RollbackOptions::default();
/// # let survey = survey(&storage, &cluster, &"default".parse()?, &"web".parse()?, &options).await?;
/// // `survey` is one of a release whose current chart has these annotations.
/// let points = points(survey.current());
/// assert_eq!(points["price-dropped"].reverse.as_deref(), Some("run db/down.sql"));
/// # Ok(()) });
/// ```
pub const REVERSE_MIGRATION: &str = "rollback-safe/reverse-migration";

/// A point of no return.
///
/// ```
/// use helm_release_core::plan::{RollbackOptions, points};
/// # use helm_release_core::survey::survey;
/// # use helm_release_store::cluster::{MemoryCluster, seed};
/// # use helm_release_store::storage::{MemoryStorage, load_memory_data};
///
/// # examples::run(async {
/// let releases = r#"
/// - {name: web, version: 1, info: {status: superseded, description: Install complete}}
/// - name: web
///   version: 2
///   info: {status: deployed, description: Upgrade complete}
///   manifest: |
///     apiVersion: batch/v1
///     kind: Job
///     metadata:
///       name: migrate
///       annotations:
///         rollback-safe/no-return: "price-dropped: the column is gone"
///         rollback-safe/reverse-migration: load the dump of the night before
/// "#;
/// # let (storage, cluster) = (MemoryStorage::new(), MemoryCluster::new());
/// # load_memory_data(&storage, releases).await?;
/// # seed(&cluster, &storage).await?;
/// # let options = RollbackOptions::default();
/// # let survey = survey(&storage, &cluster, &"default".parse()?, &"web".parse()?, &options).await?;
/// let found = points(survey.current());
/// let point = &found["price-dropped"];
/// assert_eq!((point.reason.as_str(), point.source.as_str()), ("the column is gone", "Job migrate"));
/// assert_eq!(point.reverse.as_deref(), Some("load the dump of the night before"));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PointOfNoReturn {
    /// Its name, the same in every revision beyond it.
    pub name: String,
    /// Why there is no return; empty when nobody says.
    pub reason: String,
    /// What has to be done to return all the same.
    pub reverse: Option<String>,
    /// What says so, such as `Job migrate` or `the chart`.
    pub source: String,
}

/// Every point that a revision lies beyond, by name.
///
/// ```
/// use helm_release_core::plan::{RollbackOptions, points};
/// # use helm_release_core::survey::survey;
/// # use helm_release_store::cluster::{MemoryCluster, seed};
/// # use helm_release_store::storage::{MemoryStorage, load_memory_data};
///
/// # examples::run(async {
/// let releases = r#"
/// - {name: web, version: 1, info: {status: superseded, description: Install complete}}
/// - name: web
///   version: 2
///   info: {status: deployed, description: Upgrade complete}
///   chart:
///     metadata:
///       name: web
///       version: 2.0.0
///       annotations: {"rollback-safe/no-return": "price-dropped: the column is gone"}
/// "#;
/// # let (storage, cluster) = (MemoryStorage::new(), MemoryCluster::new());
/// # load_memory_data(&storage, releases).await?;
/// # seed(&cluster, &storage).await?;
/// # let options = RollbackOptions::default();
/// # let survey = survey(&storage, &cluster, &"default".parse()?, &"web".parse()?, &options).await?;
/// assert!(points(survey.target()).is_empty());
/// let beyond = points(survey.current());
/// assert_eq!(beyond.keys().collect::<Vec<_>>(), ["price-dropped"]);
/// assert_eq!(beyond["price-dropped"].source, "the chart");
/// # Ok(()) });
/// ```
#[must_use]
pub fn points(revision: &RevisionContent) -> BTreeMap<String, PointOfNoReturn> {
    let mut found = BTreeMap::new();
    let mut add = |no_return: Option<&str>, reverse: Option<&str>, source: String| {
        let Some(text) = no_return else { return };
        let (name, reason) = text.split_once(':').unwrap_or((text, ""));
        let (name, reason) = (name.trim().to_owned(), reason.trim().to_owned());
        let reverse = reverse.map(|text| text.trim().to_owned());
        found.entry(name.clone()).or_insert(PointOfNoReturn { name, reason, reverse, source });
    };
    if let Some(chart) = &revision.chart {
        let text = |key: &str| chart.annotations.get(key).map(String::as_str);
        add(text(NO_RETURN), text(REVERSE_MIGRATION), "the chart".to_owned());
    }
    let hooks = revision.hooks.iter().flat_map(|hook| &hook.contents.placed);
    for Placed { object, .. } in revision.contents.placed.iter().chain(hooks) {
        let object = object.unpack();
        add(object.annotation(NO_RETURN), object.annotation(REVERSE_MIGRATION), format!("{} {}", object.kind(), object.name()));
    }
    found
}

/// The points that lie between two revisions: passed by the current one, not by the target.
///
/// ```
/// use helm_release_core::plan::{FindingId, RollbackOptions, crossed, plan};
/// # use helm_release_core::survey::survey;
/// # use helm_release_store::cluster::{MemoryCluster, seed};
/// # use helm_release_store::storage::{MemoryStorage, load_memory_data};
///
/// # examples::run(async {
/// let releases = r#"
/// - {name: web, version: 1, info: {status: superseded, description: Install complete}}
/// - name: web
///   version: 2
///   info: {status: deployed, description: Upgrade complete}
///   chart:
///     metadata:
///       name: web
///       version: 2.0.0
///       annotations: {"rollback-safe/no-return": "price-dropped: the column is gone"}
/// "#;
/// # let (storage, cluster) = (MemoryStorage::new(), MemoryCluster::new());
/// # load_memory_data(&storage, releases).await?;
/// # seed(&cluster, &storage).await?;
/// # let options = RollbackOptions::default();
/// # let survey = survey(&storage, &cluster, &"default".parse()?, &"web".parse()?, &options).await?;
/// let points = crossed(survey.current(), survey.target());
/// assert_eq!(points[0].name, "price-dropped");
/// assert!(plan(&survey, &options).blocking().any(|finding| finding.id == FindingId::NO_RETURN));
/// // Upwards nothing is lost.
/// assert!(crossed(survey.target(), survey.current()).is_empty());
/// # Ok(()) });
/// ```
#[must_use]
pub fn crossed(current: &RevisionContent, target: &RevisionContent) -> Vec<PointOfNoReturn> {
    let before = points(target);
    points(current).into_values().filter(|point| !before.contains_key(&point.name)).collect()
}
