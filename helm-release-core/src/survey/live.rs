//! Reads live objects: one by one, or as one list where a release has many of a kind in one namespace.
//!
//! A server answers one list of twenty objects in the time of two or three single reads. A list is of Helm's objects alone,
//! and never much longer than what is looked for; what it does not hold is read by itself, so a list decides nothing.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt as _;

use crate::plan::Seen;
use crate::ports::{Cluster, ClusterError, ClusterErrorKind, ListOptions, Location, Resource};

/// How many objects of one kind in one namespace are looked for with a list.
const MANY: usize = 8;

/// What Helm writes on every object of a release.
const OF_HELM: &str = "app.kubernetes.io/managed-by=Helm";

/// Reads the live object at each place.
pub(crate) async fn look_at(
    cluster: &dyn Cluster,
    places: BTreeSet<Location>,
    concurrency: usize,
) -> Result<BTreeMap<Location, Seen>, ClusterError> {
    let concurrency = concurrency.max(1);
    let mut groups: BTreeMap<(Resource, Option<String>), BTreeSet<Location>> = BTreeMap::new();
    for place in places {
        groups.entry((place.resource.clone(), place.namespace.clone())).or_default().insert(place);
    }
    let (many, few): (Vec<_>, Vec<_>) = groups.into_iter().partition(|(_, places)| places.len() >= MANY);
    let mut single: Vec<Location> = few.into_iter().flat_map(|(_, places)| places).collect();
    let lists = many.into_iter().map(|((resource, namespace), places)| list(cluster, resource, namespace, places));
    let lists: Vec<_> = futures::stream::iter(lists).buffer_unordered(concurrency).collect().await;
    let mut seen = BTreeMap::new();
    for (found, missing) in lists {
        seen.extend(found);
        single.extend(missing);
    }
    let reads = futures::stream::iter(single).map(|place| read(cluster, place)).buffer_unordered(concurrency);
    let reads: Vec<Result<_, ClusterError>> = reads.collect().await;
    for read in reads {
        seen.extend([read?]);
    }
    Ok(seen)
}

/// Those of the places that a list shows, and the others. Without the right to list all are others.
async fn list(
    cluster: &dyn Cluster,
    resource: Resource,
    namespace: Option<String>,
    mut places: BTreeSet<Location>,
) -> (Vec<(Location, Seen)>, BTreeSet<Location>) {
    let options = ListOptions::within(namespace.as_deref()).with_labels(OF_HELM).at_most(places.len().saturating_mul(2));
    let Ok(listing) = cluster.list(&resource, &options).await else { return (Vec::new(), places) };
    let found = listing.items.into_iter().filter_map(|object| {
        let name = object.name().to_owned();
        let place = places.take(&Location { resource: resource.clone(), namespace: namespace.clone(), name })?;
        Some((place, Seen::Live(object)))
    });
    let found = found.collect();
    (found, places)
}

async fn read(cluster: &dyn Cluster, place: Location) -> Result<(Location, Seen), ClusterError> {
    let seen = match cluster.get(&place).await {
        Ok(object) => Seen::Live(object),
        Err(error) => match error.kind {
            ClusterErrorKind::NotFound => Seen::Absent,
            ClusterErrorKind::Forbidden => Seen::Hidden(error.message),
            _ => return Err(error),
        },
    };
    Ok((place, seen))
}
