//! The way to the API server from inside a pod.

use std::path::Path;

use kube::config::AuthInfo;

use super::ConnectionOptions;

/// Where Kubernetes puts a pod's service account.
///
/// ```
/// use std::path::Path;
///
/// use helm_release_store::connection::{Connection, ConnectionError, ConnectionOptions, SERVICE_ACCOUNT};
///
/// let mut options = ConnectionOptions::default();
/// assert_eq!(options.service_account, Path::new(SERVICE_ACCOUNT));
/// // These two alone make no pod: there must be a token too.
/// options.environment.service_host = Some("10.96.0.1".to_owned());
/// options.environment.service_port = Some("443".to_owned());
/// # let elsewhere = tempfile::tempdir()?;
/// options.service_account = elsewhere.path().to_owned();
/// assert!(matches!(Connection::open(&options), Err(ConnectionError::NothingConfigured)));
/// # Ok::<(), std::io::Error>(())
/// ```
pub const SERVICE_ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// What a pod knows of its cluster.
#[derive(Debug)]
pub(super) struct InCluster {
    pub(super) server: String,
    pub(super) authority: String,
    pub(super) user: AuthInfo,
    pub(super) namespace: Option<String>,
}

impl InCluster {
    /// `None` outside a pod: without the two variables or the token, as client-go decides (`inClusterClientConfig.Possible`).
    pub(super) fn find(options: &ConnectionOptions) -> Option<Self> {
        let environment = &options.environment;
        let (host, port) = (environment.service_host.as_deref()?, environment.service_port.as_deref()?);
        let token = options.service_account.join("token");
        if !token.is_file() {
            return None;
        }
        let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        let namespace = environment.pod_namespace.clone().or_else(|| namespace_of(&options.service_account));
        Some(Self {
            server: format!("https://{host}:{port}"),
            authority: options.service_account.join("ca.crt").display().to_string(),
            user: AuthInfo { token_file: Some(token.display().to_string()), ..AuthInfo::default() },
            namespace,
        })
    }
}

fn namespace_of(service_account: &Path) -> Option<String> {
    let text = std::fs::read_to_string(service_account.join("namespace")).ok()?;
    Some(text.trim().to_owned()).filter(|namespace| !namespace.is_empty())
}
