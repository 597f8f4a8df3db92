//! An API server in this process.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use helm_release_core::patch::Schemas;
use helm_release_core::ports::{
    Cluster, ClusterError, ClusterErrorKind, DryRun, Kinds, ListOptions, Listing, Location, LogOptions, Permission, Request,
    Resource, Right, Validation, WatchStream,
};
use helm_release_core::{Gvk, Object};
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::watch::{Receiver, Sender};

mod admit;
mod allocate;
mod api;
mod apply;
mod decode;
mod default;
mod delete;
mod fields;
mod immutable;
mod life;
mod manage;
mod patch;
mod refusal;
mod schema;
mod select;
mod state;
mod tree;
mod validate;
mod watch;
mod write;

use manage::{Author, Operation};
use refusal::Refusal;
use select::Choice;
use state::State;
use write::Call;

/// A cluster that lives in this process and dies with it: an API server, its controllers and one node. A clone is another
/// handle of the same cluster.
///
/// It answers as a real API server does for what releases are made of: resource versions, conflicts, the patch
/// languages, server-side apply with its field managers, dry run, finalizers, cascading deletion, immutable fields,
/// custom resource definitions and watches.
///
/// Controllers act at once: when a write returns, Deployments have rolled out, Jobs have run and claims are bound.
/// What a Pod does is told by labels and annotations of its own, or of the template that it comes from:
///
/// | label `test/kubelet` | the Pod |
/// |---|---|
/// | absent | becomes ready; with `restartPolicy` `Never` or `OnFailure` it then ends well |
/// | `fail` | ends with exit code 1 |
/// | `crash` | is in `CrashLoopBackOff` |
/// | `never-ready` | runs and is never ready |
/// | `pull` | is in `ImagePullBackOff` |
/// | `hang` | stays as the scheduler left it |
///
/// The annotations `test/kubelet-takes` (until a Pod that runs once ends) and `test/kubelet-stops-in` (from its deletion
/// until it is gone) hold durations such as `5s`, which pass on tokio's clock: in a test that pauses it they cost nothing.
///
/// # Limits
/// One version of each object is stored, versions of a kind differ only in `apiVersion`. Defaults are filled in for
/// Services, pod templates, workloads, Jobs, claims, Secrets, roles and network policies only; quantities, empty texts and
/// zeros keep their spelling. Of the server's many rules for values only those are known that a rollback meets: names,
/// selectors, containers, ports, fields that cannot change. The schema of a custom resource prunes and types its fields and
/// no more. There is no admission by webhooks, no quota and no authorisation. Endpoints, events, revisions of a
/// `StatefulSet` as objects and the default `ServiceAccount` of a namespace are not made; `CronJob`s, autoscalers and
/// disruption budgets rest. A claim is bound to a volume made for it, and a load balancer gets an address, at once.
///
/// # Examples
/// ```
/// use helm_release_core::Object;
/// use helm_release_core::ports::{Cluster, ListOptions};
/// use helm_release_store::cluster::MemoryCluster;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let pod = serde_json::json!({
///     "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "default"},
///     "spec": {"containers": [{"name": "web", "image": "web:1"}]},
/// });
/// let cluster = MemoryCluster::with_objects([Object::new(pod).unwrap()]).unwrap();
/// let kinds = cluster.kinds(false).await.unwrap();
/// let pods = kinds.versions("", "Pod").next().unwrap();
/// let listing = cluster.list(pods, &ListOptions::within(Some("default"))).await.unwrap();
/// assert_eq!(listing.items[0].at(&["status", "phase"]).unwrap(), "Running");
/// # });
/// ```
#[derive(Clone)]
pub struct MemoryCluster {
    server: Arc<Server>,
}

pub(crate) struct Server {
    state: Mutex<State>,
    changed: Sender<u64>,
}

impl Server {
    fn lock(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.catch_up();
        state
    }

    /// Reads, after everything that is due by the clock has happened.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        let state = self.lock();
        let answer = look(&state);
        self.tell(&state);
        answer
    }

    /// Writes, and lets the controllers act on it.
    fn write<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.lock();
        let answer = change(&mut state);
        state.settle();
        self.tell(&state);
        answer
    }

    fn tell(&self, state: &State) {
        self.changed.send_if_modified(|known| std::mem::replace(known, state.revision) != state.revision);
    }

    pub(crate) fn changes(&self) -> Receiver<u64> {
        self.changed.subscribe()
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Server")
    }
}

impl MemoryCluster {
    /// An empty cluster: the namespaces that every cluster has. Its one node, on which pods run, is no object.
    ///
    /// ```
    /// use helm_release_store::cluster::MemoryCluster;
    ///
    /// let objects = MemoryCluster::new().objects();
    /// let namespaces = objects.iter().filter(|object| object.kind() == "Namespace").map(|namespace| namespace.name());
    /// assert!(namespaces.eq(["default", "kube-node-lease", "kube-public", "kube-system"]));
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::starting_at(Timestamp::now())
    }

    /// An empty cluster whose clock begins at that moment.
    ///
    /// ```
    /// use helm_release_core::Object;
    /// use helm_release_store::cluster::MemoryCluster;
    /// # use serde_json::json;
    ///
    /// let cluster = MemoryCluster::starting_at("2026-11-27T03:00:00Z".parse()?);
    /// let config = Object::new(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web"}}))?;
    /// let made = cluster.insert(&config, "default", "kubectl")?;
    /// assert_eq!(made.at(&["metadata", "creationTimestamp"]), Some(&json!("2026-11-27T03:00:00Z")));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn starting_at(began: Timestamp) -> Self {
        let mut state = State::new(began);
        state.settle();
        let changed = Sender::new(state.revision);
        Self { server: Arc::new(Server { state: Mutex::new(state), changed }) }
    }

    /// A cluster that holds these objects, created in this order; objects that name no namespace lie in `default`.
    ///
    /// # Errors
    /// What the server would say to the first object that it refuses.
    ///
    /// ```
    /// use helm_release_core::Object;
    /// use helm_release_core::ports::ClusterErrorKind;
    /// use helm_release_store::cluster::MemoryCluster;
    /// # use serde_json::json;
    ///
    /// let config = |name: &str| Object::new(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}}));
    /// let cluster = MemoryCluster::with_objects([config("web")?, config("api")?])?;
    /// assert!(cluster.objects().iter().any(|object| object.id().to_string() == "ConfigMap default/api"));
    ///
    /// let refused = MemoryCluster::with_objects([config("web")?, config("Web")?]).unwrap_err();
    /// assert_eq!((refused.kind, refused.action.as_str()), (ClusterErrorKind::Invalid, "create ConfigMap Web"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_objects(objects: impl IntoIterator<Item = Object>) -> Result<Self, ClusterError> {
        let cluster = Self::new();
        for object in objects {
            cluster.insert(&object, "default", "memory")?;
        }
        Ok(cluster)
    }

    /// Creates one object for a field manager; one that names no namespace lies in `namespace`.
    ///
    /// # Errors
    /// What the server would say.
    ///
    /// ```
    /// use helm_release_core::Object;
    /// use helm_release_core::ports::ClusterErrorKind;
    /// use helm_release_store::cluster::MemoryCluster;
    /// # use serde_json::json;
    ///
    /// let cluster = MemoryCluster::new();
    /// let config = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web"}, "data": {"color": "blue"}});
    /// let config = Object::new(config)?;
    /// let made = cluster.insert(&config, "kube-public", "kubectl")?;
    /// assert_eq!(made.namespace(), Some("kube-public"));
    /// assert_eq!(made.at(&["metadata", "managedFields"]).unwrap()[0]["manager"], "kubectl");
    /// // It is a create: what is there is not written over.
    /// assert_eq!(cluster.insert(&config, "kube-public", "kubectl").unwrap_err().kind, ClusterErrorKind::AlreadyExists);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn insert(&self, object: &Object, namespace: &str, manager: &str) -> Result<Object, ClusterError> {
        let action = format!("create {}", object.id());
        self.server.write(|state| {
            let served = state.api.find(&object.gvk()).ok_or_else(|| Refusal::not_served().during(&action))?;
            let at = served.resource.locate(object, namespace);
            let author = Author::new(manager, Operation::Update, &at.resource.gvk);
            let call = Call { served: &served, at: &at, author, validation: Validation::Ignore };
            let made = state.create(&call, object.as_value().clone()).map_err(|refusal| refusal.during(&action))?;
            present(&made, &at.resource.gvk).ok_or_else(|| Refusal::not_served().during(&action))
        })
    }

    /// Writes the `status` of an object, as a controller that this cluster does not have would.
    ///
    /// # Errors
    /// What the server would say.
    ///
    /// ```
    /// use helm_release_core::Object;
    /// use helm_release_core::ports::Cluster as _;
    /// use helm_release_store::cluster::MemoryCluster;
    /// # use serde_json::json;
    ///
    /// # examples::run(async {
    /// let ingress = Object::new(json!({
    ///     "apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "web"},
    ///     "spec": {"defaultBackend": {"service": {"name": "web", "port": {"number": 80}}}},
    /// }))?;
    /// let cluster = MemoryCluster::with_objects([ingress.clone()])?;
    /// let at = cluster.kinds(false).await?.find(&ingress.gvk()).ok_or("no such kind")?.locate(&ingress, "default");
    /// cluster.set_status(&at, json!({"loadBalancer": {"ingress": [{"ip": "192.0.2.7"}]}}), "ingress-controller")?;
    /// assert_eq!(cluster.get(&at).await?.at(&["status", "loadBalancer", "ingress"]).unwrap()[0]["ip"], "192.0.2.7");
    /// # Ok(()) });
    /// ```
    pub fn set_status(&self, at: &Location, status: Value, manager: &str) -> Result<(), ClusterError> {
        let action = format!("patch status of {at}");
        self.server.write(|state| {
            let current = state.current(at).map_err(|refusal| refusal.during(&action))?;
            let served = state.api.find(&at.resource.gvk).ok_or_else(|| Refusal::not_served().during(&action))?;
            let author = Author::new(manager, Operation::Update, &at.resource.gvk).on_status();
            let call = Call { served: &served, at, author, validation: Validation::Ignore };
            let mut proposed = current.as_ref().clone();
            tree::set(&mut proposed, &["status"], status);
            state.update(&call, &current, proposed).map(drop).map_err(|refusal| refusal.during(&action))
        })
    }

    /// Says what a container has written, for [`Cluster::logs`].
    ///
    /// ```
    /// use helm_release_core::Object;
    /// use helm_release_core::ports::{Cluster as _, LogOptions};
    /// use helm_release_store::cluster::MemoryCluster;
    /// # use serde_json::json;
    ///
    /// # examples::run(async {
    /// let pod = Object::new(json!({
    ///     "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-0"},
    ///     "spec": {"containers": [{"name": "main", "image": "web:1"}]},
    /// }))?;
    /// let cluster = MemoryCluster::with_objects([pod])?;
    /// cluster.set_logs("default", "web-0", "main", "listening on 80\n");
    /// assert_eq!(cluster.logs("default", "web-0", &LogOptions::container("main")).await?, "listening on 80\n");
    /// # Ok(()) });
    /// ```
    pub fn set_logs(&self, namespace: &str, pod: &str, container: &str, text: impl Into<String>) {
        let key = (namespace.to_owned(), pod.to_owned(), container.to_owned());
        self.server.write(|state| state.logs.insert(key, text.into()));
    }

    /// Forgets what happened, so that watches from before find their version too old.
    ///
    /// ```
    /// use helm_release_core::Gvk;
    /// use helm_release_core::ports::{Cluster as _, ClusterErrorKind, ListOptions};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let cluster = &shop.cluster;
    /// let kinds = cluster.kinds(false).await?;
    /// let pods = kinds.find(&Gvk::new("v1", "Pod")).ok_or("no such kind")?;
    /// assert!(cluster.watch(pods, &ListOptions::default(), "1").await.is_ok());
    /// cluster.forget_history();
    /// let refused = cluster.watch(pods, &ListOptions::default(), "1").await.err();
    /// assert_eq!(refused.map(|error| error.kind), Some(ClusterErrorKind::Expired));
    /// # Ok(()) });
    /// ```
    pub fn forget_history(&self) {
        self.server.write(|state| {
            state.history.clear();
            state.oldest = state.revision;
        });
    }

    /// Every object of the cluster, in the order of group, kind, namespace and name.
    ///
    /// ```
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let objects = shop.cluster.objects();
    /// let of_shop = objects.iter().filter(|object| object.annotation("meta.helm.sh/release-name") == Some("shop"));
    /// let names: Vec<_> = of_shop.map(|object| object.id().to_string()).collect();
    /// assert_eq!(
    ///     names,
    ///     [
    ///         "ConfigMap default/shop-config",
    ///         "ConfigMap default/shop-feature",
    ///         "Secret default/shop-db",
    ///         "Service default/shop",
    ///         "Deployment default/shop",
    ///     ]
    /// );
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn objects(&self) -> Vec<Object> {
        self.server.read(|state| state.objects.values().filter_map(|value| Object::new(value.as_ref().clone()).ok()).collect())
    }
}

impl Default for MemoryCluster {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for MemoryCluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("memory")
    }
}

impl fmt::Debug for MemoryCluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryCluster").finish_non_exhaustive()
    }
}

/// A stored object in the version that was asked for.
pub(crate) fn present(value: &Value, gvk: &Gvk) -> Option<Object> {
    let mut value = value.clone();
    tree::set(&mut value, &["apiVersion"], gvk.api_version());
    Object::new(value).ok()
}

#[async_trait]
impl Cluster for MemoryCluster {
    async fn kinds(&self, _refresh: bool) -> Result<Arc<Kinds>, ClusterError> {
        Ok(self.server.read(|state| state.api.kinds()))
    }

    async fn schemas(&self, _kinds: &[Gvk]) -> Result<Arc<Schemas>, ClusterError> {
        Ok(Schemas::built_in_shared())
    }

    async fn get(&self, at: &Location) -> Result<Object, ClusterError> {
        let found = self.server.read(|state| {
            state.api.find(&at.resource.gvk).ok_or_else(Refusal::not_served)?;
            let found = state.current(at)?;
            present(&found, &at.resource.gvk).ok_or_else(Refusal::not_served)
        });
        found.map_err(|refusal| refusal.during(format!("get {at}")))
    }

    async fn list(&self, resource: &Resource, options: &ListOptions) -> Result<Listing, ClusterError> {
        let listed = self.server.read(|state| {
            state.api.find(&resource.gvk).ok_or_else(Refusal::not_served)?;
            let choice = Choice::new(resource, options)?;
            let chosen = state.objects.iter().filter(|(id, object)| choice.covers(id) && choice.takes(object));
            let chosen = chosen.take(options.at_most.unwrap_or(usize::MAX));
            let items = chosen.filter_map(|(_, object)| present(object, &resource.gvk)).collect();
            Ok(Listing { items, resource_version: state.revision.to_string() })
        });
        listed.map_err(|refusal: Refusal| refusal.during(format!("list {}", resource.plural)))
    }

    async fn watch(&self, resource: &Resource, options: &ListOptions, from: &str) -> Result<WatchStream, ClusterError> {
        let action = format!("watch {}", resource.plural);
        let begun = self.server.read(|state| {
            state.api.find(&resource.gvk).ok_or_else(Refusal::not_served)?;
            let choice = Choice::new(resource, options)?;
            let from: u64 = from.parse().map_err(|_| Refusal::bad_request(format!("invalid resource version {from:?}")))?;
            if from < state.oldest {
                return Err(watch::too_old(from, state.oldest));
            }
            Ok((choice, from))
        });
        let (choice, from) = begun.map_err(|refusal| refusal.during(&action))?;
        Ok(watch::stream(Arc::clone(&self.server), choice, resource.gvk.clone(), action, from))
    }

    async fn write(&self, request: &Request, dry_run: DryRun) -> Result<Option<Object>, ClusterError> {
        let gvk = &request.at().resource.gvk;
        let written = match dry_run {
            DryRun::No => self.server.write(|state| state.write(request)),
            DryRun::Server => self.server.read(|state| state.rehearse(request)),
        };
        let written = written.map_err(|refusal| refusal.during(request.to_string()))?;
        Ok(written.and_then(|value| present(&value, gvk)))
    }

    async fn logs(&self, namespace: &str, pod: &str, options: &LogOptions) -> Result<String, ClusterError> {
        let read = self.server.read(|state| state.logs_of(namespace, pod, options));
        read.map_err(|refusal| refusal.during(format!("read the logs of Pod {namespace}/{pod}")))
    }

    /// Everybody may do everything here.
    async fn permissions(&self, rights: &[Right]) -> Vec<Permission> {
        vec![Permission::Allowed; rights.len()]
    }
}

impl State {
    /// What a write would answer: it is carried out on a copy.
    fn rehearse(&self, request: &Request) -> Result<Option<Arc<Value>>, Refusal> {
        let before = self.get(&request.at().id()).cloned();
        let answer = self.clone().write(request)?;
        // Nothing was stored, so nothing got a version.
        Ok(answer.map(|answer| {
            let mut answer = answer.as_ref().clone();
            match before.as_deref().and_then(|before| tree::at(before, &["metadata", "resourceVersion"])) {
                Some(version) => tree::set(&mut answer, &["metadata", "resourceVersion"], version.clone()),
                None => {
                    tree::remove(&mut answer, &["metadata", "resourceVersion"]);
                }
            }
            Arc::new(answer)
        }))
    }

    fn logs_of(&self, namespace: &str, pod: &str, options: &LogOptions) -> Result<String, Refusal> {
        let found = self.of_kind("", "Pod", Some(namespace)).find(|(id, _)| id.name == pod);
        let Some((_, object)) = found else {
            return Err(Refusal::new(ClusterErrorKind::NotFound, format!("pods {pod:?} not found")));
        };
        let lists = ["containers", "initContainers"].into_iter().flat_map(|list| tree::items(object, &["spec", list]));
        let names: Vec<&str> = lists.map(|container| tree::text(container, &["name"])).collect();
        let container = match (&options.container, names.as_slice()) {
            (Some(name), _) if names.contains(&name.as_str()) => name.clone(),
            (Some(name), _) => {
                let message = format!("container {name} is not valid for pod {pod}");
                return Err(Refusal::new(ClusterErrorKind::NotFound, message));
            }
            (None, [only]) => (*only).to_owned(),
            (None, names) => {
                let message = format!("a container name must be specified for pod {pod}, choose one of: [{}]", names.join(" "));
                return Err(Refusal::bad_request(message));
            }
        };
        let text = self.logs.get(&(namespace.to_owned(), pod.to_owned(), container)).cloned().unwrap_or_default();
        let Some(tail) = options.tail else { return Ok(text) };
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let from = lines.len().saturating_sub(usize::try_from(tail).unwrap_or(usize::MAX));
        Ok(lines.get(from..).unwrap_or_default().concat())
    }
}

#[cfg(test)]
mod tests;
