//! Why no connection could be prepared.

use std::path::PathBuf;

use kube::client::AuthError;

/// What is wrong with the options or files that say how to reach the API server. Texts name the file, context or value
/// and never hold credentials.
///
/// ```
/// use helm_release_store::connection::{Connection, ConnectionError, ConnectionOptions};
///
/// # examples::run(async {
/// let refusal = |set: fn(&mut ConnectionOptions)| {
///     let mut options = ConnectionOptions::default();
///     set(&mut options);
///     Connection::open(&options).unwrap_err()
/// };
/// assert!(matches!(refusal(|_| ()), ConnectionError::NothingConfigured));
/// let error = refusal(|options| options.kubeconfig = Some("no/such/file".to_owned()));
/// assert_eq!(error.to_string(), "no kubeconfig at no/such/file");
/// let error = refusal(|options| options.context = Some("live".to_owned()));
/// assert!(matches!(error, ConnectionError::UnknownContext { name, .. } if name == "live"));
/// let error = refusal(|options| options.api_server = Some("ftp://api".to_owned()));
/// assert_eq!(error.to_string(), "API server \"ftp://api\" is not a usable URL: only http and https are spoken");
/// # Ok(()) });
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectionError {
    /// A kubeconfig exists but cannot be read or understood.
    #[error("kubeconfig {} cannot be read: {reason}", path.display())]
    Kubeconfig {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A list of kubeconfig files was given and none of them exists.
    #[error("no kubeconfig at {list}")]
    NoSuchKubeconfig {
        /// The list as given.
        list: String,
    },
    /// Nothing says where the cluster is.
    #[error("no cluster is configured")]
    NothingConfigured,
    /// The kubeconfig has no current context and none was chosen.
    #[error("{files} names no current context{}", known(names))]
    NoContext {
        /// The files read.
        files: String,
        /// Contexts that are there.
        names: Vec<String>,
    },
    /// The context is not in the kubeconfig.
    #[error("context {name:?} is not in {files}{}", known(names))]
    UnknownContext {
        /// The context asked for.
        name: String,
        /// The files read.
        files: String,
        /// Contexts that are there.
        names: Vec<String>,
    },
    /// The context's cluster is not in the kubeconfig, or has no server.
    #[error("context {context:?} in {files} has no server: its cluster is {cluster:?}")]
    NoServer {
        /// The context.
        context: String,
        /// The cluster that it names.
        cluster: String,
        /// The files read.
        files: String,
    },
    /// A URL cannot be read.
    #[error("{what} {url:?} is not a usable URL: {reason}")]
    Url {
        /// Which URL: `API server` or `proxy`.
        what: &'static str,
        /// The text, without credentials.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A certificate authority cannot be read.
    #[error("certificate authority of {server} cannot be read: {reason}")]
    CertificateAuthority {
        /// The server that it is for.
        server: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A certificate authority and "skip verification" exclude each other, as in Helm.
    #[error("a certificate authority and insecure-skip-tls-verify are both set for {server}")]
    InsecureWithAuthority {
        /// The server.
        server: String,
    },
    /// Groups were given without a user to act as.
    #[error("groups to act as need a user to act as")]
    GroupsWithoutUser,
    /// The namespace is not one that Kubernetes takes.
    #[error(transparent)]
    Namespace(#[from] helm_release_core::InvalidName),
    /// A credential, key, or TLS setting cannot be used.
    #[error("connection to {server} cannot be prepared: {reason}")]
    Client {
        /// The server.
        server: String,
        /// What is wrong.
        reason: String,
    },
}

fn known(names: &[String]) -> String {
    if names.is_empty() { String::new() } else { format!(" (there are: {})", names.join(", ")) }
}

/// Why there are no credentials. Never what a plugin wrote to its output, which may be a token, nor its arguments.
pub(super) fn credentials(error: &AuthError) -> String {
    match error {
        AuthError::AuthExecStart(error) => format!("the credential plugin cannot be started: {error}"),
        AuthError::AuthExecRun { out, .. } => {
            let said = String::from_utf8_lossy(&out.stderr);
            let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
            let said: String = said.chars().take(300).collect();
            format!("the credential plugin failed ({}): {said}", out.status)
        }
        AuthError::AuthExecParse(_) => "the credential plugin's answer cannot be read".to_owned(),
        other => other.to_string(),
    }
}

impl ConnectionError {
    pub(super) fn client(server: &str, error: kube::Error) -> Self {
        let reason = match error {
            kube::Error::Auth(error) => credentials(&error),
            kube::Error::RustlsTls(error) => error.to_string(),
            kube::Error::InferKubeconfig(error) => error.to_string(),
            kube::Error::HttpError(error) => error.to_string(),
            other => other.to_string(),
        };
        Self::Client { server: server.to_owned(), reason }
    }
}
