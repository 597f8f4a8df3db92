//! The live objects of a release, as Helm 4's `status` shows them (`pkg/kube/client.go`, `Get`).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use async_trait::async_trait;
use futures::StreamExt as _;
use helm_release_core::plan::{Contents, Placed};
use helm_release_core::ports::{Cluster, ClusterError, ClusterErrorKind, Kinds, ListOptions, Table, TableOf};
use helm_release_core::{Gvk, Namespace, Object};
use serde_json::{Value, json};

use crate::commands::warn;
use crate::render::json::live_through_go;
use crate::render::server_table::TablePrinter;
use crate::{Place, Report};

/// How many objects are read at once.
const CONCURRENCY: usize = 16;

/// Under what the Pods of a release's workloads stand.
const RELATED_PODS: &str = "v1/Pod(related)";

/// A cluster and the kinds that it serves.
pub(super) struct Live {
    cluster: Arc<dyn Cluster>,
    kinds: Arc<Kinds>,
}

impl Live {
    /// The cluster behind the records. Records from files have none, and Helm shows no objects of them either.
    pub(super) async fn of(place: &Place) -> Result<Option<Self>, Report> {
        let Some(cluster) = place.kubernetes() else { return Ok(None) };
        let kinds = cluster.kinds(false).await?;
        Ok(Some(Self { cluster, kinds }))
    }
}

/// What is shown of live objects: a table, or the objects themselves.
#[async_trait]
pub(super) trait Shown: Sized + Send {
    /// Reads it.
    async fn read(cluster: &dyn Cluster, of: TableOf) -> Result<Self, ClusterError>;
}

#[async_trait]
impl Shown for Table {
    async fn read(cluster: &dyn Cluster, of: TableOf) -> Result<Self, ClusterError> {
        cluster.table(&of).await
    }
}

#[async_trait]
impl Shown for Value {
    async fn read(cluster: &dyn Cluster, of: TableOf) -> Result<Self, ClusterError> {
        let value = match of {
            TableOf::One(at) => cluster.get(&at).await?.into_value(),
            TableOf::Chosen(resource, options) => {
                let listing = cluster.list(&resource, &options).await?;
                json!({
                    "apiVersion": resource.gvk.api_version(),
                    "kind": format!("{}List", resource.gvk.kind),
                    "metadata": {"resourceVersion": listing.resource_version},
                    "items": listing.items,
                })
            }
        };
        Ok(live_through_go(value))
    }
}

/// The live objects of a release under `version/Kind`, in the order of its manifest.
///
/// Helm's own table has the kinds in an order that changes from run to run.
#[derive(Debug)]
pub(super) struct Resources<T>(Vec<(String, Vec<T>)>);

impl<T: Shown> Resources<T> {
    /// Reads the objects that a manifest names, and the Pods of its workloads. What cannot be read is left out and told on stderr.
    pub(super) async fn read(live: Option<&Live>, manifest: &str, namespace: &Namespace) -> Self {
        let mut resources = Self(Vec::new());
        let Some(Live { cluster, kinds }) = live else { return resources };
        let cluster = cluster.as_ref();
        let contents = Contents::read(manifest, kinds, namespace);
        for problem in &contents.unreadable {
            warn(&format!("live objects are left out: {problem}"));
        }
        for unplaced in &contents.unplaced {
            warn(&format!("the server does not know {}: {:?} is left out", unplaced.gvk, unplaced.name));
        }
        let mut misses = Misses::default();
        let mut workloads = Vec::new();
        let objects = contents
            .placed
            .iter()
            .map(|placed| async move { (placed, T::read(cluster, TableOf::One(placed.location.clone())).await) });
        let objects: Vec<_> = futures::stream::iter(objects).buffered(CONCURRENCY).collect().await;
        for (placed, shown) in objects {
            let gvk = &placed.location.resource.gvk;
            match shown {
                Ok(shown) => {
                    resources.push(&format!("{}/{}", gvk.version, gvk.kind), shown);
                    workloads.push(placed);
                }
                Err(error) => misses.push(&placed.location.to_string(), &error),
            }
        }
        let pods = related_pods(kinds, &workloads).into_iter().map(|of| T::read(cluster, of));
        let pods: Vec<_> = futures::stream::iter(pods).buffered(CONCURRENCY).collect().await;
        for shown in pods {
            match shown {
                Ok(shown) => resources.push(RELATED_PODS, shown),
                Err(error) => misses.push("the Pods of its workloads", &error),
            }
        }
        misses.tell();
        resources
    }

    fn push(&mut self, key: &str, shown: T) {
        match self.0.iter_mut().find(|(known, _)| known == key) {
            Some((_, list)) => list.push(shown),
            None => self.0.push((key.to_owned(), vec![shown])),
        }
    }
}

impl Resources<Table> {
    /// The part of the status; empty when there are none.
    pub(super) fn text(&self) -> String {
        if self.0.is_empty() {
            return String::new();
        }
        let mut text = "RESOURCES:\n".to_owned();
        let mut printer = TablePrinter::new();
        for (key, tables) in &self.0 {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "==> {key}");
            for table in tables {
                printer.print(&mut text, table);
            }
            text.push('\n');
        }
        text + "\n"
    }
}

impl Resources<Value> {
    /// What stands in the release's `info`.
    pub(super) fn into_members(self) -> BTreeMap<String, Vec<Value>> {
        self.0.into_iter().collect()
    }
}

/// Where the Pods of workloads are found. Two workloads with one selector are asked about once, as in Helm.
fn related_pods(kinds: &Kinds, workloads: &[&Placed]) -> Vec<TableOf> {
    let Some(pods) = kinds.find(&Gvk::new("v1", "Pod")) else { return Vec::new() };
    let mut seen = Vec::new();
    let mut found = Vec::new();
    for Placed { object, location, .. } in workloads {
        let Some(selector) = selector(&object.unpack()).filter(|selector| !seen.contains(selector)) else { continue };
        let options = ListOptions::within(location.namespace.as_deref()).with_labels(&selector);
        found.push(TableOf::Chosen(pods.clone(), options));
        seen.push(selector);
    }
    found
}

/// The labels by which a workload of the manifest finds its Pods; Helm looks at the kind's name alone.
fn selector(object: &Object) -> Option<String> {
    let path: &[&str] = match object.kind() {
        "ReplicaSet" | "Deployment" | "StatefulSet" | "DaemonSet" | "Job" => &["spec", "selector", "matchLabels"],
        "ReplicationController" => &["spec", "selector"],
        _ => return None,
    };
    let labels: BTreeMap<&String, &Value> = object.at(path)?.as_object()?.iter().collect();
    let pairs: Option<Vec<String>> = labels.into_iter().map(|(key, value)| Some(format!("{key}={}", value.as_str()?))).collect();
    pairs.filter(|pairs| !pairs.is_empty()).map(|pairs| pairs.join(","))
}

/// What could not be read, told in few lines however much it is.
#[derive(Default)]
struct Misses {
    absent: Vec<String>,
    unread: Vec<String>,
    reason: String,
}

impl Misses {
    fn push(&mut self, what: &str, error: &ClusterError) {
        if error.kind == ClusterErrorKind::NotFound {
            self.absent.push(what.to_owned());
        } else {
            self.unread.push(what.to_owned());
            if self.reason.is_empty() {
                self.reason.clone_from(&error.message);
            }
        }
    }

    fn tell(&self) {
        if !self.absent.is_empty() {
            warn(&format!("not in the cluster: {}", self.absent.join(", ")));
        }
        if !self.unread.is_empty() {
            warn(&format!("cannot be read: {} ({})", self.unread.join(", "), self.reason));
        }
    }
}

#[cfg(test)]
mod tests;
