//! From options to a client configuration, in Helm's order: kubeconfig, context, overrides, namespace.

use std::path::PathBuf;

use helm_release_core::Namespace;
use http::header::USER_AGENT;
use http::{HeaderValue, Uri};
use kube::Config;
use kube::config::{AuthInfo, Cluster, ExecAuthCluster};

use super::in_cluster::InCluster;
use super::kubeconfig::{self, Chosen, filled};
use super::{ConnectionError, ConnectionOptions, proxy};

/// What the options come to.
#[derive(Debug)]
pub(super) struct Resolved {
    pub(super) config: Config,
    pub(super) namespace: Namespace,
    pub(super) context: Option<String>,
}

pub(super) fn resolve(options: &ConnectionOptions) -> Result<Resolved, ConnectionError> {
    let mut chosen = kubeconfig::choose(options)?;
    let api_server = filled(options.api_server.clone());
    // A pod's own cluster is meant only where no file says anything: a broken file must never lead to another cluster.
    if chosen.files.is_empty() && api_server.is_none() {
        chosen = InCluster::find(options).map(Chosen::from).ok_or(ConnectionError::NothingConfigured)?;
    }
    override_cluster(&mut chosen.cluster, options);
    override_user(&mut chosen.user, options)?;
    let Some(server) = chosen.cluster.server.clone() else {
        let context = chosen.context.unwrap_or_default();
        return Err(ConnectionError::NoServer { context, cluster: chosen.cluster_name, files: chosen.files });
    };
    let namespace = filled(options.namespace.clone()).or(chosen.namespace).unwrap_or_else(|| "default".to_owned());
    let namespace = Namespace::new(namespace)?;
    let config = config(&server, &chosen.cluster, chosen.user, options)?;
    Ok(Resolved { config, namespace, context: chosen.context })
}

impl From<InCluster> for Chosen {
    fn from(pod: InCluster) -> Self {
        let cluster = Cluster { server: Some(pod.server), certificate_authority: Some(pod.authority), ..Cluster::default() };
        Self { cluster, user: pod.user, namespace: pod.namespace, ..Self::default() }
    }
}

/// As client-go's `DirectClientConfig.getCluster`: an override of trust replaces all that the file says about trust, and an override of
/// the server drops the file's server name, which belongs to the file's server.
fn override_cluster(cluster: &mut Cluster, options: &ConnectionOptions) {
    let ca_file = options.ca_file.as_ref().filter(|path| !path.as_os_str().is_empty());
    if options.insecure_skip_tls_verify || ca_file.is_some() {
        cluster.insecure_skip_tls_verify = Some(options.insecure_skip_tls_verify);
        cluster.certificate_authority = ca_file.map(|path| path.display().to_string());
        cluster.certificate_authority_data = None;
    }
    let (server, name) = (filled(options.api_server.clone()), filled(options.tls_server_name.clone()));
    if server.is_some() || name.is_some() {
        cluster.tls_server_name = name;
    }
    if server.is_some() {
        cluster.server = server;
    }
}

fn override_user(user: &mut AuthInfo, options: &ConnectionOptions) -> Result<(), ConnectionError> {
    if let Some(token) = filled(options.token.clone()) {
        user.token = Some(token.into());
        user.token_file = None;
        user.exec = None;
        user.auth_provider = None;
        user.username = None;
        user.password = None;
    }
    if let Some(name) = filled(options.as_user.clone()) {
        user.impersonate = Some(name);
    }
    // Helm hands its plugins every group twice.
    let mut groups: Vec<String> = Vec::new();
    for group in options.as_groups.iter().filter(|group| !group.is_empty()) {
        if !groups.contains(group) {
            groups.push(group.clone());
        }
    }
    if !groups.is_empty() {
        user.impersonate_groups = Some(groups);
    }
    if user.impersonate.is_none() && user.impersonate_groups.as_ref().is_some_and(|groups| !groups.is_empty()) {
        return Err(ConnectionError::GroupsWithoutUser);
    }
    Ok(())
}

fn config(server: &str, cluster: &Cluster, user: AuthInfo, options: &ConnectionOptions) -> Result<Config, ConnectionError> {
    let insecure = cluster.insecure_skip_tls_verify.unwrap_or(false);
    let has_authority = cluster.certificate_authority.is_some() || cluster.certificate_authority_data.is_some();
    if insecure && has_authority {
        return Err(ConnectionError::InsecureWithAuthority { server: server.to_owned() });
    }
    let has_key = user.client_certificate.is_some() || user.client_certificate_data.is_some();
    let url = server_url(server, insecure || has_authority || has_key)?;

    let mut config = Config::new(url);
    config.auth_info = if config.cluster_url.scheme_str() == Some("https") {
        with_cluster_info(user, cluster, server)?
    } else {
        // client-go sends no credentials over plain http (`DirectClientConfig.ClientConfig`), only whom to act as.
        impersonation_only(user)
    };
    (config.root_cert, config.root_cert_file) = authority(cluster, server)?;
    config.accept_invalid_certs = insecure;
    config.tls_server_name.clone_from(&cluster.tls_server_name);
    config.disable_compression = cluster.disable_compression.unwrap_or(false);
    config.proxy_url = proxy::choose(cluster.proxy_url.as_deref(), &config.cluster_url, &options.environment)?;
    config.connect_timeout = Some(options.connect_timeout);
    // Each call has its own time-out instead: one for the whole connection would cut watches off.
    config.read_timeout = None;
    config.default_retry = false;
    let agent = HeaderValue::from_str(&options.user_agent)
        .map_err(|error| ConnectionError::Client { server: server.to_owned(), reason: format!("user agent: {error}") })?;
    config.headers.push((USER_AGENT, agent));
    Ok(config)
}

/// Reads a server's URL; one without a scheme is `https` when anything about TLS is configured (client-go's `DefaultServerURL`).
fn server_url(server: &str, has_tls: bool) -> Result<Uri, ConnectionError> {
    let scheme = if has_tls { "https" } else { "http" };
    let full = if server.contains("://") { server.to_owned() } else { format!("{scheme}://{server}") };
    let wrong = |reason: &str| ConnectionError::Url { what: "API server", url: proxy::shown(server), reason: reason.to_owned() };
    let url: Uri = full.parse().map_err(|error: http::uri::InvalidUri| wrong(&error.to_string()))?;
    match (url.scheme_str(), url.host()) {
        (Some("http" | "https"), Some(host)) if !host.is_empty() => Ok(url),
        (Some("http" | "https"), _) => Err(wrong("it has no host")),
        _ => Err(wrong("only http and https are spoken")),
    }
}

/// The trusted certificates, and the file that they come from when it may change while we run.
type Authority = (Option<Vec<Vec<u8>>>, Option<PathBuf>);

fn authority(cluster: &Cluster, server: &str) -> Result<Authority, ConnectionError> {
    let wrong = |reason: String| ConnectionError::CertificateAuthority { server: server.to_owned(), reason };
    let Some(bundle) = auth_cluster(cluster, server)?.certificate_authority_data else {
        return Ok((None, None));
    };
    let blocks = pem::parse_many(bundle).map_err(|error| wrong(error.to_string()))?;
    let certificates: Vec<_> =
        blocks.into_iter().filter(|block| block.tag() == "CERTIFICATE").map(pem::Pem::into_contents).collect();
    if certificates.is_empty() {
        return Err(wrong("it holds no certificate".to_owned()));
    }
    let file = cluster.certificate_authority.as_ref().filter(|_| cluster.certificate_authority_data.is_none());
    Ok((Some(certificates), file.map(PathBuf::from)))
}

/// The cluster as a credential plugin sees it, its certificate authority loaded from data or file.
fn auth_cluster(cluster: &Cluster, server: &str) -> Result<ExecAuthCluster, ConnectionError> {
    ExecAuthCluster::try_from(cluster).map_err(|error| ConnectionError::CertificateAuthority {
        server: server.to_owned(),
        reason: match error {
            kube::config::KubeconfigError::LoadCertificateAuthority(error) => error.to_string(),
            other => other.to_string(),
        },
    })
}

fn with_cluster_info(mut user: AuthInfo, cluster: &Cluster, server: &str) -> Result<AuthInfo, ConnectionError> {
    if let Some(exec) = user.exec.as_mut().filter(|exec| exec.provide_cluster_info) {
        exec.cluster = Some(auth_cluster(cluster, server)?);
    }
    Ok(user)
}

fn impersonation_only(user: AuthInfo) -> AuthInfo {
    AuthInfo {
        impersonate: user.impersonate,
        impersonate_uid: user.impersonate_uid,
        impersonate_groups: user.impersonate_groups,
        impersonate_user_extra: user.impersonate_user_extra,
        ..AuthInfo::default()
    }
}

#[cfg(test)]
mod tests;
