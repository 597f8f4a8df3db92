//! Reads the few objects of nobody's release that decide about changes of others: storage classes and definitions.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::look_at;
use crate::plan::{Seen, Surroundings};
use crate::ports::{Cluster, ClusterError, Kinds, Location, Resource};
use crate::reverse::is_built_in;
use crate::{Gvk, Object};

/// What may not be read is left out: then some changes cannot be foretold.
pub(super) async fn look(
    cluster: &dyn Cluster,
    kinds: &Kinds,
    live: &BTreeMap<Location, Seen>,
    concurrency: usize,
) -> Result<Surroundings, ClusterError> {
    let classes = kinds.find(&Gvk::new("storage.k8s.io/v1", "StorageClass"));
    let definitions = kinds.find(&Gvk::new("apiextensions.k8s.io/v1", "CustomResourceDefinition"));
    let mut places = BTreeSet::new();
    for (place, seen) in live {
        let Seen::Live(object) = seen else { continue };
        places.extend(classes.and_then(|classes| class_of(place, object, classes)));
        places.extend(definitions.and_then(|definitions| definition_of(place, definitions)));
    }
    let mut surroundings = Surroundings::default();
    for (place, seen) in look_at(cluster, places, concurrency.saturating_mul(2)).await? {
        let Seen::Live(object) = seen else { continue };
        let known = match place.resource.gvk.kind.as_str() {
            "StorageClass" => &mut surroundings.storage_classes,
            _ => &mut surroundings.definitions,
        };
        known.insert(place.name, object);
    }
    Ok(surroundings)
}

/// The storage class that a claim names.
fn class_of(place: &Location, claim: &Object, classes: &Resource) -> Option<Location> {
    let is_claim = place.resource.gvk.kind == "PersistentVolumeClaim" && place.resource.gvk.group.is_empty();
    let name = claim.at(&["spec", "storageClassName"]).and_then(Value::as_str).filter(|name| is_claim && !name.is_empty())?;
    Some(classes.at("", name))
}

/// The definition of a custom resource; groups of Kubernetes itself have none.
fn definition_of(place: &Location, definitions: &Resource) -> Option<Location> {
    let group = place.resource.gvk.group.as_str();
    (!is_built_in(group)).then(|| definitions.at("", &format!("{}.{group}", place.resource.plural)))
}
