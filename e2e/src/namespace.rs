//! A test's own place on the shared cluster.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::audit::{Mark, Request};
use crate::chart::Chart;
use crate::cluster::Cluster;
use crate::cluster::files::kubeconfig;
use crate::proxy::{Log, Proxy, Upstream};
use crate::tool::Tool;
use crate::world::World;

/// A fresh namespace with a user that no other test has, so the audit log can tell whose request is whose.
///
/// Resources are named as in `v1/configmaps` or `apps/v1/deployments`.
#[derive(Debug)]
pub struct Namespace<'a> {
    world: &'a World,
    name: String,
    user: String,
    viewer: String,
    home: TempDir,
    since: Mark,
    charts: AtomicUsize,
    upstream: OnceLock<Upstream>,
}

impl<'a> Namespace<'a> {
    pub(crate) fn new(world: &'a World, prefix: &str) -> Self {
        let number = world.cluster().take_user();
        Self::of(world, format!("{prefix}-{number}"), format!("tester-{number}"), format!("viewer-{number}"))
    }

    /// A further fresh namespace with the same users. Its requests cannot be told from theirs in the audit log.
    #[must_use]
    pub fn sibling(&self) -> Self {
        let number = self.cluster().take_fence();
        let sibling = Self::of(self.world, format!("{}-{number}", self.name), self.user.clone(), self.viewer.clone());
        if let Some(upstream) = self.upstream.get() {
            let _ = sibling.upstream.set(upstream.clone());
        }
        sibling
    }

    fn of(world: &'a World, name: String, user: String, viewer: String) -> Self {
        let cluster = world.cluster();
        let home = tempfile::Builder::new().prefix("helm-rollback-safe-").tempdir().expect("a temporary folder can be made");
        let contexts = [("test", user.as_str()), ("viewer", viewer.as_str())];
        fs::write(home.path().join("kubeconfig"), kubeconfig(&cluster.url(), &name, &contexts))
            .expect("a kubeconfig can be written");
        let object = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
        cluster.request("POST", "/api/v1/namespaces", Some(&object)).expect("a namespace can be made");
        Self {
            world,
            name,
            user,
            viewer,
            home,
            since: cluster.audit_mark(),
            charts: AtomicUsize::new(0),
            upstream: OnceLock::new(),
        }
    }

    /// The namespace's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Who `helm` and the plugin are here; may do everything.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    /// Who they are with `--kube-context viewer`; may do nothing until a Role says so.
    #[must_use]
    pub fn viewer(&self) -> &str {
        &self.viewer
    }

    /// A folder for the test's files, deleted with this value.
    #[must_use]
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// The kubeconfig: contexts `test` (current) and `viewer`, both with this namespace.
    #[must_use]
    pub fn kubeconfig(&self) -> PathBuf {
        self.home.path().join("kubeconfig")
    }

    /// Prepares a call of Helm 3.
    pub fn helm3(&self) -> Tool {
        self.tool(self.world.helm3())
    }

    /// Prepares a call of Helm 4.
    pub fn helm4(&self) -> Tool {
        self.tool(self.world.helm4())
    }

    /// Prepares a call of Helm 3 or Helm 4.
    pub fn helm(&self, major: u8) -> Tool {
        match major {
            3 => self.helm3(),
            4 => self.helm4(),
            other => panic!("there is no Helm {other} here"),
        }
    }

    /// Prepares a call of the plugin's binary, outside Helm.
    pub fn plugin(&self) -> Tool {
        self.tool(self.world.plugin())
    }

    fn tool(&self, program: &Path) -> Tool {
        Tool::new(program, self.home(), &self.kubeconfig())
    }

    /// Opens a door to this namespace for one program, in the name of the test's user.
    #[must_use]
    pub fn door(&self, name: &str, log: &Log) -> Proxy {
        let upstream = self.upstream.get_or_init(|| Upstream::new(self.cluster(), &self.user)).clone();
        Proxy::open(self.cluster(), upstream, &self.name, log, name)
    }

    /// Writes a chart into a folder of its own and gives the folder.
    #[must_use]
    pub fn chart(&self, chart: &Chart) -> PathBuf {
        let number = self.charts.fetch_add(1, Ordering::Relaxed);
        chart.write(&self.home().join(format!("chart-{number}")))
    }

    fn cluster(&self) -> &Cluster {
        self.world.cluster()
    }

    /// The path of a resource in the API, or of its collection when `name` is empty.
    #[must_use]
    pub fn path(&self, resource: &str, name: &str) -> String {
        let (version, plural) = resource.rsplit_once('/').expect("a resource is named as in apps/v1/deployments");
        let root = if version.contains('/') { "apis" } else { "api" };
        let collection = format!("/{root}/{version}/namespaces/{}/{plural}", self.name);
        if name.is_empty() { collection } else { format!("{collection}/{name}") }
    }

    /// Gets a live object, `None` where there is none.
    #[must_use]
    pub fn get(&self, resource: &str, name: &str) -> Option<Value> {
        self.cluster().get(&self.path(resource, name))
    }

    /// Gets a live object that must be there.
    #[must_use]
    pub fn live(&self, resource: &str, name: &str) -> Value {
        self.get(resource, name).unwrap_or_else(|| panic!("{resource} {name} is not in namespace {}", self.name))
    }

    /// Lists live objects, ordered by name as the server has them.
    #[must_use]
    pub fn list(&self, resource: &str) -> Vec<Value> {
        match self.cluster().get(&self.path(resource, "")) {
            Some(Value::Object(mut list)) => match list.remove("items") {
                Some(Value::Array(items)) => items,
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// Creates an object, as somebody other than the test's user.
    pub fn create(&self, resource: &str, object: &Value) -> Value {
        self.send("POST", &self.path(resource, ""), Some(object))
    }

    /// Changes an object by a JSON merge patch, as somebody other than the test's user.
    pub fn patch(&self, resource: &str, name: &str, patch: &Value) -> Value {
        self.send("PATCH", &self.path(resource, name), Some(patch))
    }

    /// Changes an object by a JSON merge patch under a field manager's name; `name` may end in a subresource, as in `web/scale`.
    pub fn patch_as(&self, manager: &str, resource: &str, name: &str, patch: &Value) -> Value {
        self.send("PATCH", &format!("{}?fieldManager={manager}", self.path(resource, name)), Some(patch))
    }

    /// Puts a whole object in place of the live one under a field manager's name, as `kubectl replace` does.
    pub fn replace_as(&self, manager: &str, resource: &str, name: &str, object: &Value) -> Value {
        self.send("PUT", &format!("{}?fieldManager={manager}", self.path(resource, name)), Some(object))
    }

    /// Applies a part of an object on the server under a field manager's name, taking over what others own.
    pub fn apply_as(&self, manager: &str, resource: &str, name: &str, object: &Value) -> Value {
        let path = self.path(resource, name);
        self.cluster().apply(&path, manager, object).unwrap_or_else(|error| panic!("apply {path}: {error}"))
    }

    /// Deletes an object, as somebody other than the test's user.
    pub fn delete(&self, resource: &str, name: &str) {
        let _ = self.send("DELETE", &self.path(resource, name), None);
    }

    fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        self.cluster().request(method, path, body).unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    /// Waits up to a minute until an object (or its absence) satisfies a condition, and gives the object (null when absent).
    pub fn until(&self, resource: &str, name: &str, condition: impl Fn(Option<&Value>) -> bool) -> Value {
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            let object = self.get(resource, name);
            if condition(object.as_ref()) {
                return object.unwrap_or(Value::Null);
            }
            assert!(Instant::now() < until, "{resource} {name} does not become what is waited for: {object:?}");
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Gives what the test's users have sent so far, the viewer included.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.requests_since(self.since)
    }

    /// Gives what the test's users have sent since a mark of [`Cluster::audit_mark`].
    #[must_use]
    pub fn requests_since(&self, mark: Mark) -> Vec<Request> {
        self.cluster().audit_since(mark, |request| request.user == self.user || request.user == self.viewer)
    }

    /// Gives the present end of the audit log.
    #[must_use]
    pub fn mark(&self) -> Mark {
        self.cluster().audit_mark()
    }
}
