//! A real Kubernetes control plane on loopback, with nothing behind it.
//!
//! etcd, API server, controller manager, scheduler, and kwok in the kubelet's place: Pods become Ready and Jobs
//! complete, but nothing runs. What a Pod's fake kubelet does is steered by the labels and annotations that
//! `cluster/stages/kubelet.yaml` lists.

mod component;
pub(crate) mod files;
mod watchdog;

use std::fmt;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use kube::config::{KubeConfigOptions, Kubeconfig};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::artifact::{CONTROL_PLANE, ETCD, KWOK};
use crate::oracle::Oracle;

use component::Component;
use watchdog::Watchdog;

/// How many pairs of users a cluster has; each [`Namespace`](crate::Namespace) takes one.
const USERS: usize = 1000;

/// A running control plane. It ends, and its data goes, when this is dropped or the process ends in any way.
pub struct Cluster {
    dir: PathBuf,
    port: u16,
    components: Mutex<Vec<Component>>,
    watchdog: Option<Watchdog>,
    runtime: Runtime,
    client: kube::Client,
    users: AtomicUsize,
    fences: AtomicUsize,
}

impl Cluster {
    /// Builds what is not in the cache, starts everything on free ports and waits until it serves.
    ///
    /// # Errors
    ///
    /// A text for people: what is missing, or which component did not come up with the end of its log.
    pub fn start(oracle: &Oracle) -> Result<Self, String> {
        let programs = [ETCD, CONTROL_PLANE, KWOK]
            .map(|artifact| artifact.folder())
            .into_iter()
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| error.to_string())?;
        // A port that was free a moment ago may be taken by another process.
        let mut why = String::new();
        for _ in 0..3 {
            match Self::try_start(oracle, &programs) {
                Ok(cluster) => return Ok(cluster),
                Err(error) => why = error,
            }
        }
        Err(why)
    }

    fn try_start(oracle: &Oracle, programs: &[PathBuf]) -> Result<Self, String> {
        let [etcd, control_plane, kwok] = programs else { return Err("three folders of programs are needed".to_owned()) };
        let [port, etcd_port, peer_port, manager_port, scheduler_port] = free_ports().map_err(|error| error.to_string())?;
        let dir = tempfile::Builder::new()
            .prefix("helm-rollback-safe-cluster-")
            .tempdir()
            .map_err(|error| format!("no folder for the cluster: {error}"))?
            .keep();
        let watchdog = Watchdog::start(&dir).map_err(|error| format!("the watchdog does not start: {error}"))?;
        let key = oracle.ask("service-account-key", json!({}))?;
        files::write(&dir, port, key.as_str().unwrap_or_default()).map_err(|error| format!("{}: {error}", dir.display()))?;
        let (runtime, client) = connect(&dir)?;
        let mut cluster = Self {
            dir,
            port,
            components: Mutex::new(Vec::new()),
            watchdog: Some(watchdog),
            runtime,
            client,
            users: AtomicUsize::new(0),
            fences: AtomicUsize::new(0),
        };
        let at = |file: &str| cluster.dir.join(file).display().to_string();
        let client_url = format!("http://127.0.0.1:{etcd_port}");
        let peer_url = format!("http://127.0.0.1:{peer_port}");
        let (kubeconfig, certs, signing_key) = (at("components.kubeconfig"), at("certs"), at("sa.key"));
        let etcd_args = [
            format!("--data-dir={}", at("etcd")),
            "--unsafe-no-fsync".to_owned(),
            format!("--listen-client-urls={client_url}"),
            format!("--advertise-client-urls={client_url}"),
            format!("--listen-peer-urls={peer_url}"),
            format!("--initial-advertise-peer-urls={peer_url}"),
            format!("--initial-cluster=default={peer_url}"),
        ];
        let server_args = [
            format!("--etcd-servers={client_url}"),
            format!("--secure-port={port}"),
            "--bind-address=127.0.0.1".to_owned(),
            format!("--cert-dir={certs}"),
            format!("--service-account-key-file={signing_key}"),
            format!("--service-account-signing-key-file={signing_key}"),
            "--service-account-issuer=https://kubernetes.default.svc".to_owned(),
            format!("--token-auth-file={}", at("tokens.csv")),
            "--authorization-mode=RBAC".to_owned(),
            "--service-cluster-ip-range=10.0.0.0/16".to_owned(),
            "--disable-admission-plugins=ServiceAccount".to_owned(),
            format!("--audit-policy-file={}", at("audit.yaml")),
            format!("--audit-log-path={}", at("audit.log")),
            // The log is read by offset, so it must not be rotated (the unit is MB).
            "--audit-log-maxsize=1000000".to_owned(),
        ];
        let manager_args = [
            format!("--kubeconfig={kubeconfig}"),
            "--bind-address=127.0.0.1".to_owned(),
            format!("--secure-port={manager_port}"),
            format!("--service-account-private-key-file={signing_key}"),
            "--leader-elect=false".to_owned(),
            format!("--cert-dir={certs}"),
            // The fake node never reports again.
            "--node-monitor-grace-period=87600h".to_owned(),
        ];
        let scheduler_args = [
            format!("--kubeconfig={kubeconfig}"),
            "--bind-address=127.0.0.1".to_owned(),
            format!("--secure-port={scheduler_port}"),
            "--leader-elect=false".to_owned(),
            format!("--cert-dir={certs}"),
        ];
        let stages = Path::new(env!("CARGO_MANIFEST_DIR")).join("cluster/stages/kubelet.yaml");
        let kubelet_args =
            [format!("--kubeconfig={kubeconfig}"), "--manage-all-nodes".to_owned(), format!("--config={}", stages.display())];
        cluster.run("etcd", &etcd.join("etcd"), &etcd_args)?;
        cluster.run("kube-apiserver", &control_plane.join("kube-apiserver"), &server_args)?;
        cluster.wait_until_ready()?;
        cluster.run("kube-controller-manager", &control_plane.join("kube-controller-manager"), &manager_args)?;
        cluster.run("kube-scheduler", &control_plane.join("kube-scheduler"), &scheduler_args)?;
        let node = json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-0"}});
        cluster.request("POST", "/api/v1/nodes", Some(&node)).map_err(|error| error.to_string())?;
        cluster.run("kwok", &kwok.join("kwok"), &kubelet_args)?;
        Ok(cluster)
    }

    fn run(&mut self, name: &'static str, program: &Path, args: &[String]) -> Result<(), String> {
        let component = Component::start(name, program, args, &self.dir)?;
        if let Some(watchdog) = &mut self.watchdog {
            watchdog.guard(component.id()).map_err(|error| format!("the watchdog is gone: {error}"))?;
        }
        self.components.lock().expect("no thread panics with the list").push(component);
        Ok(())
    }

    fn wait_until_ready(&self) -> Result<(), String> {
        let until = Instant::now() + Duration::from_secs(180);
        loop {
            let request = http::Request::get("/readyz").body(Vec::new()).map_err(|error| error.to_string())?;
            match self.runtime.block_on(self.client.request_text(request)) {
                Ok(_) => return Ok(()),
                Err(error) if Instant::now() > until => return Err(format!("kube-apiserver is not ready: {error}")),
                Err(_) => {}
            }
            if let Some(report) = self.dead() {
                return Err(report);
            }
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// Tells which components have ended, with the end of their logs; `None` while all run.
    #[must_use]
    pub fn dead(&self) -> Option<String> {
        let mut components = self.components.lock().expect("no thread panics with the list");
        let reports: Vec<String> = components.iter_mut().filter_map(Component::death).collect();
        (!reports.is_empty()).then(|| reports.join("\n"))
    }

    /// The folder with the cluster's data, logs and `audit.log`.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The API server's address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    /// Writes a kubeconfig for a person into the cluster's folder and gives its path.
    #[must_use]
    pub fn kubeconfig(&self) -> PathBuf {
        let user = format!("tester-{}", self.take_user());
        let path = self.dir.join("kubeconfig");
        std::fs::write(&path, files::kubeconfig(&self.url(), "default", &[("test", &user)]))
            .expect("a kubeconfig can be written");
        path
    }

    /// The process ids of all components.
    #[must_use]
    pub fn process_ids(&self) -> Vec<u32> {
        self.components.lock().expect("no thread panics with the list").iter().map(Component::id).collect()
    }

    /// Sends a request as user `components`, whose requests never stand among those of a test's own users.
    ///
    /// A `PATCH` is a JSON merge patch.
    ///
    /// # Errors
    ///
    /// What the server or the connection said.
    pub fn request(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, kube::Error> {
        let content = if method == "PATCH" { "application/merge-patch+json" } else { "application/json" };
        self.send(method, content, path, body)
    }

    /// Sends a server-side apply that takes over what others own, under a field manager's name.
    ///
    /// # Errors
    ///
    /// What the server or the connection said.
    pub fn apply(&self, path: &str, manager: &str, body: &Value) -> Result<Value, kube::Error> {
        let path = format!("{path}?fieldManager={manager}&force=true");
        self.send("PATCH", "application/apply-patch+yaml", &path, Some(body))
    }

    fn send(&self, method: &str, content: &str, path: &str, body: Option<&Value>) -> Result<Value, kube::Error> {
        let request = http::Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", content)
            .body(body.map(|value| value.to_string().into_bytes()).unwrap_or_default())
            .map_err(kube::Error::HttpError)?;
        let answer = self.runtime.block_on(self.client.request::<Value>(request));
        if answer.as_ref().is_err_and(|error| !matches!(error, kube::Error::Api(_)))
            && let Some(report) = self.dead()
        {
            eprintln!("{report}");
        }
        answer
    }

    /// Gets what is at a path of the API, `None` where nothing is.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<Value> {
        match self.request("GET", path, None) {
            Ok(value) => Some(value),
            Err(kube::Error::Api(status)) if status.code == 404 => None,
            Err(error) => panic!("GET {path}: {error}"),
        }
    }

    /// The runtime that clients and doors of this cluster live in.
    pub(crate) const fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// Prepares a client in a user's name that passes on every answer as it came.
    pub(crate) fn client_of(&self, user: &str) -> kube::Client {
        let text = files::kubeconfig(&self.url(), "default", &[("test", user)]);
        let client = self.runtime.block_on(async {
            let kubeconfig = Kubeconfig::from_yaml(&text)?;
            let mut config = kube::Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await?;
            config.disable_compression = true;
            config.default_retry = false;
            // No certificate is checked, so none that the system trusts need be read.
            config.root_cert = Some(Vec::new());
            Ok::<_, kube::config::KubeconfigError>(kube::Client::try_from(config))
        });
        client.expect("the kubeconfig is ours").expect("it makes a client")
    }

    /// Takes the number of a pair of users that no other test has.
    pub(crate) fn take_user(&self) -> usize {
        let number = self.users.fetch_add(1, Ordering::Relaxed);
        assert!(number < USERS, "a cluster has {USERS} users; raise the number");
        number
    }

    /// Takes a number that no other question to the audit log has.
    pub(crate) fn take_fence(&self) -> usize {
        self.fences.fetch_add(1, Ordering::Relaxed)
    }
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster").field("dir", &self.dir).field("port", &self.port).finish_non_exhaustive()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(report) = self.dead() {
            eprintln!("{report}");
        }
        // The same way as after a crash of this process, so that way is well trodden.
        drop(self.watchdog.take());
        for component in self.components.lock().expect("no thread panics with the list").iter_mut() {
            component.reap();
        }
    }
}

fn connect(dir: &Path) -> Result<(Runtime, kube::Client), String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| format!("no async runtime: {error}"))?;
    let client = runtime.block_on(async {
        let kubeconfig = Kubeconfig::read_from(dir.join("components.kubeconfig")).map_err(|error| error.to_string())?;
        let config = kube::Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default())
            .await
            .map_err(|error| error.to_string())?;
        kube::Client::try_from(config).map_err(|error| error.to_string())
    })?;
    Ok((runtime, client))
}

/// Finds ports that nobody listens on.
fn free_ports<const N: usize>() -> std::io::Result<[u16; N]> {
    // All are held at once, or the system could give the same one twice.
    let mut listeners = Vec::with_capacity(N);
    let mut ports = [0; N];
    for port in &mut ports {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        *port = listener.local_addr()?.port();
        listeners.push(listener);
    }
    Ok(ports)
}
