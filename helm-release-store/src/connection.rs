//! How an API server is found and spoken to, resolved exactly as Helm resolves it.
//!
//! Nothing here reads the environment: what a program wants to be heard comes in
//! [`ConnectionOptions`] and [`Environment`].
//!
//! ```
//! use helm_release_store::connection::{Connection, ConnectionOptions};
//!
//! # examples::run(async {
//! # let directory = tempfile::tempdir()?;
//! # let file = directory.path().join("config");
//! std::fs::write(
//!     &file,
//!     "{current-context: staging, contexts: [{name: staging, context: {cluster: c, namespace: shop}}], \
//!      clusters: [{name: c, cluster: {server: 'http://api.example.com:6443'}}]}",
//! )?;
//! let mut options = ConnectionOptions::default();
//! options.kubeconfig = Some(file.display().to_string());
//! let connection = Connection::open(&options)?;
//! assert_eq!(connection.server(), "http://api.example.com:6443");
//! assert_eq!((connection.context(), connection.namespace().as_str()), (Some("staging"), "shop"));
//! # Ok(()) });
//! ```

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use helm_release_core::Namespace;

mod client;
mod error;
mod exchange;
mod fetch;
mod in_cluster;
mod kubeconfig;
mod pace;
mod proxy;
mod resolve;
#[cfg(test)]
pub(crate) mod scripted;
mod transport;

pub use error::ConnectionError;
pub use exchange::{Exchange, OnExchange};
pub use fetch::answers_well;
pub use in_cluster::SERVICE_ACCOUNT;
pub(crate) use transport::{Call, Effect, Failure, Refusal, Retry, escape, nullable, protobuf};

use pace::Pace;

/// What an environment says about connections, as plain data.
///
/// ```
/// use helm_release_store::connection::Environment;
///
/// // A test need not touch the real environment.
/// let environment = Environment::pick(|name| match name {
///     "HTTPS_PROXY" => Some("http://proxy:3128".to_owned()),
///     "https_proxy" | "no_proxy" => Some("written small".to_owned()),
///     "HTTP_PROXY" => Some(String::new()),
///     _ => None,
/// });
/// assert_eq!(environment.https_proxy.as_deref(), Some("http://proxy:3128"));
/// assert_eq!(environment.no_proxy.as_deref(), Some("written small"));
/// assert_eq!(environment.http_proxy, None);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Environment {
    /// `HTTPS_PROXY`: the proxy for `https` servers.
    pub https_proxy: Option<String>,
    /// `HTTP_PROXY`: the proxy for `http` servers.
    pub http_proxy: Option<String>,
    /// `NO_PROXY`: servers that are spoken to directly.
    pub no_proxy: Option<String>,
    /// `KUBERNETES_SERVICE_HOST`: set inside a pod.
    pub service_host: Option<String>,
    /// `KUBERNETES_SERVICE_PORT`: set inside a pod.
    pub service_port: Option<String>,
    /// `POD_NAMESPACE`: the namespace inside a pod, before that of the service account.
    pub pod_namespace: Option<String>,
}

impl Environment {
    /// Picks the variables out of whatever answers for them. Proxy variables may be written in small letters too;
    /// those in capitals win, empty ones count as absent.
    ///
    /// ```
    /// use helm_release_store::connection::Environment;
    ///
    /// // That of the process, but never a proxy.
    /// let environment = Environment::pick(|name| match name {
    ///     "NO_PROXY" => Some("*".to_owned()),
    ///     _ => std::env::var(name).ok(),
    /// });
    /// assert_eq!(environment.no_proxy.as_deref(), Some("*"));
    /// ```
    pub fn pick(variable: impl Fn(&str) -> Option<String>) -> Self {
        let filled = |name: &str| variable(name).filter(|value| !value.is_empty());
        Self {
            https_proxy: filled("HTTPS_PROXY").or_else(|| filled("https_proxy")),
            http_proxy: filled("HTTP_PROXY").or_else(|| filled("http_proxy")),
            no_proxy: filled("NO_PROXY").or_else(|| filled("no_proxy")),
            service_host: filled("KUBERNETES_SERVICE_HOST"),
            service_port: filled("KUBERNETES_SERVICE_PORT"),
            pod_namespace: filled("POD_NAMESPACE"),
        }
    }
}

/// How to reach the API server. Empty texts count as absent.
///
/// ```
/// use std::time::Duration;
///
/// use helm_release_store::connection::ConnectionOptions;
///
/// let mut options = ConnectionOptions::default();
/// assert_eq!((options.qps, options.burst), (None, 100));
/// assert_eq!(options.connect_timeout, Duration::from_secs(10));
/// options.api_server = Some("https://api.example.com".to_owned());
/// options.token = Some("hunter2".to_owned());
/// // `Debug` hides the token.
/// assert!(!format!("{options:?}").contains("hunter2"));
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct ConnectionOptions {
    /// Kubeconfig files as a path list, as in `KUBECONFIG`.
    pub kubeconfig: Option<String>,
    /// The file that is read when no list is given, usually `~/.kube/config`; it may be absent.
    pub default_kubeconfig: Option<PathBuf>,
    /// Context instead of the kubeconfig's current one.
    pub context: Option<String>,
    /// URL of the API server instead of the context's.
    pub api_server: Option<String>,
    /// Certificate authority file instead of the context's.
    pub ca_file: Option<PathBuf>,
    /// Name that the server's certificate must be for.
    pub tls_server_name: Option<String>,
    /// Whether any certificate will do.
    pub insecure_skip_tls_verify: bool,
    /// Bearer token instead of the context's credentials.
    pub token: Option<String>,
    /// User to act as.
    pub as_user: Option<String>,
    /// Groups to act as; needs a user.
    pub as_groups: Vec<String>,
    /// Namespace instead of the context's.
    pub namespace: Option<String>,
    /// Requests a second in the long run; `None` means no limit.
    pub qps: Option<f32>,
    /// Requests that may be made at once before [`qps`](Self::qps) counts.
    pub burst: u32,
    /// How long a connection may take to come about.
    pub connect_timeout: Duration,
    /// How long the server may be silent within one answer. A watch may be silent for longer.
    pub read_timeout: Duration,
    /// How requests identify themselves.
    pub user_agent: String,
    /// Who is told of each request, for a log.
    pub on_exchange: Option<OnExchange>,
    /// Where a pod's service account lies.
    pub service_account: PathBuf,
    /// What the environment says.
    pub environment: Environment,
}

impl Default for ConnectionOptions {
    /// The current context of no file at all; Helm's pace; 10 s to connect and 65 s to answer, just above the API server's own limit.
    fn default() -> Self {
        Self {
            kubeconfig: None,
            default_kubeconfig: None,
            context: None,
            api_server: None,
            ca_file: None,
            tls_server_name: None,
            insecure_skip_tls_verify: false,
            token: None,
            as_user: None,
            as_groups: Vec::new(),
            namespace: None,
            qps: None,
            burst: 100,
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(65),
            user_agent: concat!("helm-rollback-safe/", env!("CARGO_PKG_VERSION")).to_owned(),
            on_exchange: None,
            service_account: PathBuf::from(SERVICE_ACCOUNT),
            environment: Environment::default(),
        }
    }
}

impl fmt::Debug for ConnectionOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionOptions")
            .field("kubeconfig", &self.kubeconfig)
            .field("default_kubeconfig", &self.default_kubeconfig)
            .field("context", &self.context)
            .field("api_server", &self.api_server)
            .field("token", &self.token.as_ref().map(|_| "***"))
            .field("as_user", &self.as_user)
            .field("namespace", &self.namespace)
            .finish_non_exhaustive()
    }
}

/// A way to one API server, and the namespace that requests mean when they name none. Cheap to clone.
///
/// ```
/// use helm_release_store::cluster::KubernetesCluster;
/// use helm_release_store::connection::{Connection, ConnectionOptions};
/// use helm_release_store::storage::SecretStorage;
///
/// # examples::run(async {
/// let mut options = ConnectionOptions::default();
/// options.api_server = Some("http://api.example.com/".to_owned());
/// let connection = Connection::open(&options)?;
/// // Records and live objects share it.
/// let (storage, cluster) = (SecretStorage::new(&connection), KubernetesCluster::new(&connection));
/// assert_eq!(storage.to_string(), "Secrets at http://api.example.com");
/// assert_eq!(cluster.to_string(), "http://api.example.com");
/// # Ok(()) });
/// ```
#[derive(Clone)]
pub struct Connection {
    client: kube::Client,
    namespace: Namespace,
    server: Arc<str>,
    context: Option<Arc<str>>,
    read_timeout: Duration,
    pace: Arc<Pace>,
    on_exchange: Option<OnExchange>,
}

impl Connection {
    /// Resolves the options and prepares a client. Nothing is sent yet, but a credential plugin of the kubeconfig is run.
    ///
    /// # Errors
    /// [`ConnectionError`] says which file, context or value is wrong.
    ///
    /// # Panics
    /// Outside a Tokio runtime, which the client's background task needs.
    ///
    /// ```
    /// use helm_release_store::connection::{Connection, ConnectionError, ConnectionOptions};
    ///
    /// # examples::run(async {
    /// let mut options = ConnectionOptions::default();
    /// assert!(matches!(Connection::open(&options), Err(ConnectionError::NothingConfigured)));
    /// options.api_server = Some("http://api.example.com".to_owned());
    /// options.namespace = Some("shop".to_owned());
    /// assert_eq!(Connection::open(&options)?.namespace().as_str(), "shop");
    /// # Ok(()) });
    /// ```
    pub fn open(options: &ConnectionOptions) -> Result<Self, ConnectionError> {
        let resolved = resolve::resolve(options)?;
        let server = resolved.config.cluster_url.to_string();
        let server = server.trim_end_matches('/');
        let client = client::client(resolved.config).map_err(|error| ConnectionError::client(server, error))?;
        let mut connection = Self::from_client(client, resolved.namespace, server);
        connection.context = resolved.context.map(Arc::from);
        connection.read_timeout = options.read_timeout;
        connection.pace = Arc::new(Pace::new(options.qps, options.burst));
        connection.on_exchange.clone_from(&options.on_exchange);
        Ok(connection)
    }

    /// Speaks through a client that was made elsewhere.
    ///
    /// Its stack must not retry requests (`Config::default_retry = false`): a create that was done but answered with 504
    /// would come back as "already exists".
    ///
    /// ```
    /// use helm_release_core::Namespace;
    /// use helm_release_core::ports::Cluster as _;
    /// use helm_release_store::cluster::KubernetesCluster;
    /// use helm_release_store::connection::Connection;
    ///
    /// # examples::run(async {
    /// # let service = tower::service_fn(|_: http::Request<kube::client::Body>| async {
    /// #     let body = serde_json::json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"color": "blue"}});
    /// #     Ok::<_, std::convert::Infallible>(http::Response::new(kube::client::Body::from(body.to_string().into_bytes())))
    /// # });
    /// # let kinds = examples::Shop::open().await?.cluster.kinds(false).await?;
    /// # let at = kinds.versions("", "ConfigMap").next().ok_or("no such kind")?.at("shop", "web");
    /// // Any tower service can answer: here one that has a single ConfigMap.
    /// let client = kube::Client::new(service, "default");
    /// let connection = Connection::from_client(client, Namespace::new("shop")?, "in a test");
    /// let config = KubernetesCluster::new(&connection).get(&at).await?;
    /// assert_eq!(config.at(&["data", "color"]).unwrap(), "blue");
    /// assert_eq!(connection.server(), "in a test");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn from_client(client: kube::Client, namespace: Namespace, server: &str) -> Self {
        Self {
            client,
            namespace,
            server: Arc::from(server),
            context: None,
            read_timeout: ConnectionOptions::default().read_timeout,
            pace: Arc::new(Pace::new(None, 0)),
            on_exchange: None,
        }
    }

    /// The client, for requests that this crate does not know.
    ///
    /// ```
    /// use helm_release_core::Namespace;
    /// use helm_release_store::connection::Connection;
    ///
    /// # examples::run(async {
    /// # let service = tower::service_fn(|_: http::Request<kube::client::Body>| async {
    /// #     let body = serde_json::json!({"gitVersion": "v1.35.0"});
    /// #     Ok::<_, std::convert::Infallible>(http::Response::new(kube::client::Body::from(body.to_string().into_bytes())))
    /// # });
    /// # let client = kube::Client::new(service, "default");
    /// # let connection = Connection::from_client(client, Namespace::new("shop")?, "in a test");
    /// let request = http::Request::get("/version").body(Vec::new())?;
    /// let version: serde_json::Value = connection.client().request(request).await?;
    /// assert_eq!(version["gitVersion"], "v1.35.0");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn client(&self) -> &kube::Client {
        &self.client
    }

    /// The namespace that is meant when none is named.
    ///
    /// ```
    /// use helm_release_store::connection::{Connection, ConnectionOptions};
    ///
    /// # examples::run(async {
    /// let mut options = ConnectionOptions::default();
    /// options.api_server = Some("http://api.example.com".to_owned());
    /// assert_eq!(Connection::open(&options)?.namespace().as_str(), "default");
    /// options.namespace = Some("shop".to_owned());
    /// assert_eq!(Connection::open(&options)?.namespace().as_str(), "shop");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    /// URL of the API server.
    ///
    /// ```
    /// use helm_release_store::connection::{Connection, ConnectionOptions};
    ///
    /// # examples::run(async {
    /// let mut options = ConnectionOptions::default();
    /// options.api_server = Some("http://rancher.example.com/k8s/clusters/c-1/".to_owned());
    /// // Its path is kept, without the slash at the end.
    /// assert_eq!(Connection::open(&options)?.server(), "http://rancher.example.com/k8s/clusters/c-1");
    /// // A server without a scheme is spoken to over plain http, as long as nothing says otherwise.
    /// options.api_server = Some("api.example.com".to_owned());
    /// assert_eq!(Connection::open(&options)?.server(), "http://api.example.com");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn server(&self) -> &str {
        &self.server
    }

    /// The kubeconfig's context, unless the server was found without one.
    ///
    /// ```
    /// use helm_release_store::connection::{Connection, ConnectionOptions};
    ///
    /// # examples::run(async {
    /// # let directory = tempfile::tempdir()?;
    /// # let file = directory.path().join("config");
    /// # let contexts = "[{name: staging, context: {cluster: c}}, {name: live, context: {cluster: c}}]";
    /// # let clusters = "[{name: c, cluster: {server: 'http://api.example.com'}}]";
    /// # std::fs::write(&file, format!("{{current-context: staging, contexts: {contexts}, clusters: {clusters}}}"))?;
    /// let mut options = ConnectionOptions::default();
    /// options.api_server = Some("http://api.example.com".to_owned());
    /// assert_eq!(Connection::open(&options)?.context(), None);
    /// options.kubeconfig = Some(file.display().to_string());
    /// assert_eq!(Connection::open(&options)?.context(), Some("staging"));
    /// options.context = Some("live".to_owned());
    /// assert_eq!(Connection::open(&options)?.context(), Some("live"));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn context(&self) -> Option<&str> {
        self.context.as_deref()
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("server", &self.server)
            .field("context", &self.context)
            .field("namespace", &self.namespace)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
