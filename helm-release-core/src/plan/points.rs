//! Points of no return: what charts say of revisions that cannot be crossed downwards.
//!
//! An annotation `rollback-safe/no-return: NAME: REASON` on any object, any hook or in the chart's own annotations says that
//! from here on something is different for good: a column is dropped, a format changed. A chart keeps it from then on. A rollback
//! crosses the point when the current revision has its name and the target has not. With `rollback-safe/reverse-migration`
//! beside it there is a way back, and its text says which.

use std::collections::BTreeMap;

use super::{Placed, RevisionContent};

/// The annotation that names a point of no return.
pub const NO_RETURN: &str = "rollback-safe/no-return";

/// The annotation that says how the point can be crossed downwards after all.
pub const REVERSE_MIGRATION: &str = "rollback-safe/reverse-migration";

/// A point of no return.
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
#[must_use]
pub fn crossed(current: &RevisionContent, target: &RevisionContent) -> Vec<PointOfNoReturn> {
    let before = points(target);
    points(current).into_values().filter(|point| !before.contains_key(&point.name)).collect()
}
