//! Live objects on a real API server.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use helm_release_core::patch::Schemas;
use helm_release_core::ports::{
    Cluster, ClusterError, ClusterErrorKind, DryRun, Kinds, ListOptions, Listing, Location, LogOptions, Permission, Request,
    Resource, Right, Table, TableOf, WatchStream,
};
use helm_release_core::{Gvk, Object};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;

use crate::connection::{Call, Connection, Effect, Failure, Retry, nullable};

mod discovery;
mod mask;
mod paths;
mod rights;
mod schemas;
mod table;
mod watch;
mod write;

use mask::Mask;
use schemas::Learnt;

/// How many objects one page of a list holds.
const PAGE: usize = 500;

/// Live objects on a real API server.
///
/// Reads are repeated once or twice after a passing failure. Writes are sent once; what is not known to have been done
/// or not done is [`ClusterErrorKind::Ambiguous`], to which every 5xx belongs: a load balancer may answer 503 after it
/// has passed the write on.
///
/// Error texts repeat what the server says, with every value masked that the write put into a Secret.
///
/// ```no_run
/// use helm_release_core::Gvk;
/// use helm_release_core::ports::{Cluster as _, ListOptions};
/// use helm_release_store::cluster::KubernetesCluster;
/// use helm_release_store::connection::{Connection, ConnectionOptions};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let cluster = KubernetesCluster::new(&Connection::open(&ConnectionOptions::default())?);
/// let kinds = cluster.kinds(false).await?;
/// let pods = kinds.find(&Gvk::new("v1", "Pod")).expect("every server serves Pods");
/// for pod in cluster.list(pods, &ListOptions::within(Some("shop")).with_labels("app=web")).await?.items {
///     println!("{}", pod.name());
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct KubernetesCluster {
    connection: Connection,
    kinds: Mutex<Option<Arc<Kinds>>>,
    learnt: Mutex<Learnt>,
}

impl KubernetesCluster {
    /// The cluster behind a connection.
    ///
    /// ```
    /// use helm_release_store::cluster::KubernetesCluster;
    /// use helm_release_store::connection::{Connection, ConnectionOptions};
    ///
    /// # examples::run(async {
    /// let mut options = ConnectionOptions::default();
    /// options.api_server = Some("http://api.example.com".to_owned());
    /// // Nothing is sent before the first read or write.
    /// let cluster = KubernetesCluster::new(&Connection::open(&options)?);
    /// assert_eq!(cluster.to_string(), "http://api.example.com");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn new(connection: &Connection) -> Self {
        Self { connection: connection.clone(), kinds: Mutex::default(), learnt: Mutex::default() }
    }

    async fn read(&self, call: &Call, action: impl Fn() -> String) -> Result<Vec<u8>, ClusterError> {
        self.connection.send(call, Retry::Reads).await.map_err(|failure| error(&failure, Effect::Read, action()))
    }

    /// One page after the other; a server that forgot where we were (410) is asked from the start.
    async fn pages(&self, resource: &Resource, options: &ListOptions) -> Result<Listing, Failure> {
        let at_most = options.at_most.unwrap_or(usize::MAX);
        let first = paths::list(resource, options).param("limit", &at_most.clamp(1, PAGE).to_string());
        let (mut items, mut resource_version) = (Vec::new(), String::new());
        let (mut next, mut restarted) = (None::<String>, false);
        loop {
            let call = first.clone().maybe_param("continue", next.as_deref());
            let answer = match self.connection.send(&call, Retry::Reads).await {
                Err(failure) if failure.code() == Some(410) && next.is_some() && !restarted => {
                    (next, restarted) = (None, true);
                    items.clear();
                    continue;
                }
                answer => answer?,
            };
            let page: Page = parse(&answer)?;
            for mut item in page.items {
                complete(&mut item, &resource.gvk);
                items.push(Object::new(item).map_err(|error| Failure::unusable(&error))?);
            }
            resource_version = page.metadata.resource_version.unwrap_or(resource_version);
            next = page.metadata.next.filter(|token| !token.is_empty());
            if next.is_none() || items.len() >= at_most {
                items.truncate(at_most);
                return Ok(Listing { items, resource_version });
            }
        }
    }
}

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    metadata: PageMetadata,
    #[serde(default, deserialize_with = "nullable")]
    items: Vec<Value>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct PageMetadata {
    resource_version: Option<String>,
    #[serde(rename = "continue")]
    next: Option<String>,
}

/// Items of a built-in kind's list carry no `apiVersion` and `kind` of their own.
fn complete(item: &mut Value, gvk: &Gvk) {
    if let Some(map) = item.as_object_mut() {
        map.entry("apiVersion").or_insert_with(|| gvk.api_version().into());
        map.entry("kind").or_insert_with(|| gvk.kind.clone().into());
    }
}

fn parse<'a, T: Deserialize<'a>>(answer: &'a [u8]) -> Result<T, Failure> {
    serde_json::from_slice(answer).map_err(|error| Failure::unusable(&error))
}

fn object(answer: &[u8]) -> Result<Object, Failure> {
    Object::new(parse(answer)?).map_err(|error| Failure::unusable(&error))
}

fn error(failure: &Failure, effect: Effect, action: impl Into<String>) -> ClusterError {
    ClusterError::new(failure.kind(effect), action, failure.message())
}

#[async_trait]
impl Cluster for KubernetesCluster {
    async fn kinds(&self, refresh: bool) -> Result<Arc<Kinds>, ClusterError> {
        // Held while asking, so that two first callers ask once.
        let mut known = self.kinds.lock().await;
        if let Some(kinds) = known.as_ref().filter(|_| !refresh) {
            return Ok(Arc::clone(kinds));
        }
        let kinds = discovery::discover(&self.connection).await;
        let kinds = Arc::new(kinds.map_err(|failure| error(&failure, Effect::Read, "discover kinds"))?);
        *known = Some(Arc::clone(&kinds));
        Ok(kinds)
    }

    async fn schemas(&self, kinds: &[Gvk]) -> Result<Arc<Schemas>, ClusterError> {
        let mut learnt = self.learnt.lock().await;
        learnt.of(&self.connection, kinds).await.map_err(|failure| error(&failure, Effect::Read, "read schemas of kinds"))
    }

    async fn get(&self, at: &Location) -> Result<Object, ClusterError> {
        let action = || format!("get {at}");
        let answer = self.read(&Call::get(paths::object(at)), action).await?;
        object(&answer).map_err(|failure| error(&failure, Effect::Read, action()))
    }

    async fn list(&self, resource: &Resource, options: &ListOptions) -> Result<Listing, ClusterError> {
        self.pages(resource, options).await.map_err(|failure| error(&failure, Effect::Read, listing("list", resource, options)))
    }

    async fn table(&self, of: &TableOf) -> Result<Table, ClusterError> {
        let answer = self.connection.send(&table::call(of), Retry::Reads).await;
        answer.and_then(|answer| table::answer(of, &answer)).map_err(|failure| {
            let action = match of {
                TableOf::One(at) => format!("get {at}"),
                TableOf::Chosen(resource, options) => listing("list", resource, options),
            };
            error(&failure, Effect::Read, action)
        })
    }

    async fn watch(&self, resource: &Resource, options: &ListOptions, from: &str) -> Result<WatchStream, ClusterError> {
        watch::watch(&self.connection, resource, options, from).await
    }

    async fn write(&self, request: &Request, dry_run: DryRun) -> Result<Option<Object>, ClusterError> {
        let effect = if dry_run == DryRun::No { Effect::Write } else { Effect::Read };
        let mask = Mask::of(request);
        let wrong = |failure: Failure| {
            let ClusterError { kind, message, .. } = error(&failure, effect, "");
            ClusterError::new(kind, request.to_string(), mask.apply(message))
        };
        let call = write::call(request, dry_run).map_err(wrong)?;
        // A dry run has no effect, so it may be repeated like a read.
        let retry = if dry_run == DryRun::No { Retry::Never } else { Retry::Reads };
        let answer = self.connection.send(&call, retry).await.map_err(wrong)?;
        write::answer(&answer).map_err(|failure| {
            // The server has accepted the write, so an answer that cannot be read leaves its outcome open.
            let kind = if effect == Effect::Write { ClusterErrorKind::Ambiguous } else { ClusterErrorKind::Other };
            ClusterError::new(kind, request.to_string(), failure.message())
        })
    }

    async fn logs(&self, namespace: &str, pod: &str, options: &LogOptions) -> Result<String, ClusterError> {
        let call = paths::logs(namespace, pod, options);
        let answer = self.read(&call, || format!("read logs of Pod {namespace}/{pod}")).await;
        match answer {
            Ok(text) => Ok(String::from_utf8_lossy(&text).into_owned()),
            Err(mut error) => {
                // The API server answers 400 for a container that the pod does not have.
                if error.kind == ClusterErrorKind::Invalid && error.message.contains("is not valid for pod") {
                    error.kind = ClusterErrorKind::NotFound;
                }
                Err(error)
            }
        }
    }

    async fn permissions(&self, rights: &[Right]) -> Vec<Permission> {
        rights::ask(&self.connection, rights).await
    }
}

/// `list Deployment in default`
fn listing(verb: &str, resource: &Resource, options: &ListOptions) -> String {
    let place = options.namespace.as_ref().map_or(String::new(), |namespace| format!(" in {namespace}"));
    format!("{verb} {}{place}", resource.gvk.kind)
}

impl fmt::Display for KubernetesCluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.connection.server())
    }
}

impl fmt::Debug for KubernetesCluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KubernetesCluster").field("connection", &self.connection).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
