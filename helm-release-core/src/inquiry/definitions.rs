//! Looks at definitions of custom resources, and at the objects of their kinds.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Action, Cluster, ClusterErrorKind, ListOptions, Plan, Survey, newest};
use crate::plan::rules::crd_files;
use crate::{Object, ObjectId};

const GROUP: &str = "apiextensions.k8s.io";
const KIND: &str = "CustomResourceDefinition";

/// The live objects of each kind whose definition the plan changes. What may not be listed is left out.
pub(super) async fn instances(cluster: &dyn Cluster, draft: &Plan, survey: &Survey) -> BTreeMap<ObjectId, Vec<Object>> {
    let mut found = BTreeMap::new();
    let changed = draft.steps.iter().filter(|step| matches!(step.action, Action::Patch | Action::Replace));
    for at in changed.filter_map(|step| step.location()).filter(|at| at.resource.gvk.kind == KIND) {
        let Some(definition) = survey.seen(at).object() else { continue };
        let text = |path: &[&str]| definition.at(path).and_then(Value::as_str).unwrap_or_default();
        let Some(resource) = newest(&survey.kinds, text(&["spec", "group"]), text(&["spec", "names", "kind"])) else { continue };
        if let Ok(listing) = cluster.list(resource, &ListOptions::within(None)).await {
            found.insert(at.id(), listing.items);
        }
    }
    found
}

/// What is installed of the definitions in the folder `crds/` of the target's chart.
pub(super) async fn of_files(cluster: &dyn Cluster, survey: &Survey) -> BTreeMap<String, Option<Object>> {
    let mut found = BTreeMap::new();
    let Some(resource) = newest(&survey.kinds, GROUP, KIND) else { return found };
    for file in crd_files(survey.target()) {
        match cluster.get(&resource.at("", file.name())).await {
            Ok(live) => drop(found.insert(file.name().to_owned(), Some(live))),
            Err(error) if error.kind == ClusterErrorKind::NotFound => drop(found.insert(file.name().to_owned(), None)),
            // What may not be read is not judged.
            Err(_) => {}
        }
    }
    found
}
