use std::path::Path;

use super::*;
use crate::connection::Environment;

const FILE: &str = "
apiVersion: v1
kind: Config
current-context: here
clusters:
- {name: c, cluster: {server: 'https://api.example.com:6443', insecure-skip-tls-verify: true, tls-server-name: api.internal}}
- {name: plain, cluster: {server: 'http://plain.example.com'}}
- {name: nowhere, cluster: {}}
contexts:
- {name: here, context: {cluster: c, user: u, namespace: team}}
- {name: plain, context: {cluster: plain, user: u}}
- {name: nowhere, context: {cluster: nowhere, user: u}}
- {name: stranger, context: {cluster: c, user: nobody}}
users:
- {name: u, user: {token: from-file, as: deputy}}
";

/// The options of somebody whose `KUBECONFIG` is that text, and the directory that holds it.
fn options(text: &str) -> (tempfile::TempDir, ConnectionOptions) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("config");
    std::fs::write(&path, text).unwrap();
    let options = ConnectionOptions { kubeconfig: Some(path.display().to_string()), ..ConnectionOptions::default() };
    (directory, options)
}

fn user(resolved: &Resolved) -> serde_json::Value {
    serde_json::to_value(&resolved.config.auth_info).unwrap()
}

/// A service account as it lies in a pod, and the options of somebody in that pod.
fn pod(options: ConnectionOptions) -> (tempfile::TempDir, ConnectionOptions) {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| std::fs::write(directory.path().join(name), text).unwrap();
    file("token", "pod-token");
    file("namespace", "pod-namespace\n");
    file("ca.crt", CERTIFICATE);
    let environment =
        Environment { service_host: Some("10.0.0.1".to_owned()), service_port: Some("443".to_owned()), ..Environment::default() };
    let options = ConnectionOptions { service_account: directory.path().to_owned(), environment, ..options };
    (directory, options)
}

/// Nobody looks into it here: any bytes between the lines will do.
const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nYWJj\n-----END CERTIFICATE-----\n";

#[test]
fn the_file_says_everything_when_nothing_is_overridden() {
    let (_directory, options) = options(FILE);
    let resolved = resolve(&options).unwrap();
    let config = &resolved.config;
    assert_eq!(config.cluster_url.to_string(), "https://api.example.com:6443/");
    assert_eq!((config.accept_invalid_certs, config.tls_server_name.as_deref()), (true, Some("api.internal")));
    assert_eq!((user(&resolved)["token"].as_str(), user(&resolved)["as"].as_str()), (Some("from-file"), Some("deputy")));
    assert_eq!((resolved.namespace.as_str(), resolved.context.as_deref()), ("team", Some("here")));
}

#[test]
fn the_stack_retries_nothing_and_cuts_no_watch_off() {
    let (_directory, options) = options(FILE);
    let config = resolve(&options).unwrap().config;
    assert!(!config.default_retry);
    assert_eq!(config.read_timeout, None);
    assert_eq!(config.connect_timeout, Some(options.connect_timeout));
}

#[test]
fn overrides_win_over_the_file() {
    let (directory, mut options) = options(FILE);
    let ca = directory.path().join("ca.pem");
    std::fs::write(&ca, CERTIFICATE).unwrap();
    options.api_server = Some("https://other:443".to_owned());
    options.ca_file = Some(ca.clone());
    options.token = Some("given".to_owned());
    options.as_user = Some("jane".to_owned());
    options.as_groups = ["a", "b", "a", "b", ""].map(str::to_owned).to_vec();
    options.namespace = Some("other".to_owned());
    let resolved = resolve(&options).unwrap();
    let config = &resolved.config;
    assert_eq!(config.cluster_url.to_string(), "https://other:443/");
    // The file's "insecure" and server name belong to the file's server.
    assert_eq!((config.accept_invalid_certs, config.tls_server_name.as_deref()), (false, None));
    assert_eq!(config.root_cert, Some(vec![b"abc".to_vec()]));
    assert_eq!(config.root_cert_file, Some(ca));
    let user = user(&resolved);
    assert_eq!((user["token"].as_str(), user["as"].as_str()), (Some("given"), Some("jane")));
    assert_eq!(user["as-groups"], serde_json::json!(["a", "b"]));
    assert_eq!(resolved.namespace.as_str(), "other");
}

#[test]
fn a_server_name_given_stays_with_a_server_given() {
    let (_directory, mut options) = options(FILE);
    options.tls_server_name = Some("name".to_owned());
    assert_eq!(resolve(&options).unwrap().config.tls_server_name.as_deref(), Some("name"));
    options.api_server = Some("https://other".to_owned());
    assert_eq!(resolve(&options).unwrap().config.tls_server_name.as_deref(), Some("name"));
}

#[test]
fn a_context_brings_its_own_namespace_or_default() {
    let (_directory, mut options) = options(FILE);
    options.context = Some("plain".to_owned());
    assert_eq!(resolve(&options).unwrap().namespace.as_str(), "default");
}

#[test]
fn no_credentials_go_over_plain_http() {
    let (_directory, mut options) = options(FILE);
    options.context = Some("plain".to_owned());
    options.token = Some("given".to_owned());
    let user = user(&resolve(&options).unwrap());
    assert_eq!((user.get("token"), user["as"].as_str()), (None, Some("deputy")), "{user}");
}

#[test]
fn a_user_that_is_not_in_the_file_is_anonymous() {
    let (_directory, mut options) = options(FILE);
    options.context = Some("stranger".to_owned());
    let user = user(&resolve(&options).unwrap());
    assert_eq!(user.get("token"), None, "{user}");
}

#[test]
fn a_cluster_without_server_is_named() {
    let (directory, mut options) = options(FILE);
    options.context = Some("nowhere".to_owned());
    let error = resolve(&options).unwrap_err().to_string();
    let file = directory.path().join("config").display().to_string();
    assert_eq!(error, format!("context \"nowhere\" in {file} has no server: its cluster is \"nowhere\""));
    options.api_server = Some("https://given".to_owned());
    assert_eq!(resolve(&options).unwrap().config.cluster_url.host(), Some("given"));
}

#[test]
fn a_server_without_scheme_is_https_only_with_tls_settings() {
    let bare = ConnectionOptions { api_server: Some("api:8080".to_owned()), ..ConnectionOptions::default() };
    assert_eq!(resolve(&bare).unwrap().config.cluster_url.to_string(), "http://api:8080/");
    let insecure = ConnectionOptions { insecure_skip_tls_verify: true, ..bare };
    assert_eq!(resolve(&insecure).unwrap().config.cluster_url.to_string(), "https://api:8080/");
}

#[test]
fn settings_that_contradict_each_other_are_refused() {
    let base = || ConnectionOptions { api_server: Some("https://api".to_owned()), ..ConnectionOptions::default() };
    let both = ConnectionOptions { insecure_skip_tls_verify: true, ca_file: Some("/ca.pem".into()), ..base() };
    assert!(matches!(resolve(&both), Err(ConnectionError::InsecureWithAuthority { .. })));
    let groups = ConnectionOptions { as_groups: vec!["a".to_owned()], ..base() };
    assert!(matches!(resolve(&groups), Err(ConnectionError::GroupsWithoutUser)));
    let namespace = ConnectionOptions { namespace: Some("No Name".to_owned()), ..base() };
    assert!(matches!(resolve(&namespace), Err(ConnectionError::Namespace(_))));
    let missing = ConnectionOptions { ca_file: Some("/does/not/exist.pem".into()), ..base() };
    assert!(matches!(resolve(&missing), Err(ConnectionError::CertificateAuthority { .. })));
    let scheme = ConnectionOptions { api_server: Some("ftp://api".to_owned()), ..base() };
    assert!(matches!(resolve(&scheme), Err(ConnectionError::Url { .. })));
}

#[test]
fn nothing_configured_is_an_error_outside_a_pod() {
    assert!(matches!(resolve(&ConnectionOptions::default()), Err(ConnectionError::NothingConfigured)));
    let (directory, options) = pod(ConnectionOptions::default());
    std::fs::remove_file(directory.path().join("token")).unwrap();
    assert!(matches!(resolve(&options), Err(ConnectionError::NothingConfigured)));
}

#[test]
fn a_pod_without_kubeconfig_speaks_to_its_own_cluster() {
    let (directory, mut options) = pod(ConnectionOptions::default());
    let resolved = resolve(&options).unwrap();
    assert_eq!(resolved.config.cluster_url.to_string(), "https://10.0.0.1:443/");
    assert_eq!(resolved.namespace.as_str(), "pod-namespace");
    assert_eq!(resolved.config.root_cert, Some(vec![b"abc".to_vec()]));
    let token = directory.path().join("token").display().to_string();
    assert_eq!(user(&resolved)["tokenFile"].as_str(), Some(token.as_str()));
    options.environment.pod_namespace = Some("from-variable".to_owned());
    options.environment.service_host = Some("fd00::1".to_owned());
    let resolved = resolve(&options).unwrap();
    assert_eq!((resolved.namespace.as_str(), resolved.config.cluster_url.host()), ("from-variable", Some("[fd00::1]")));
}

#[test]
fn a_malformed_kubeconfig_in_a_pod_never_leads_to_the_pods_cluster() {
    let (_file, named) = options("{ broken");
    let (_pod, named) = pod(named);
    assert!(matches!(resolve(&named), Err(ConnectionError::Kubeconfig { .. })));
    let default = ConnectionOptions { default_kubeconfig: named.kubeconfig.clone().map(Into::into), kubeconfig: None, ..named };
    assert!(matches!(resolve(&default), Err(ConnectionError::Kubeconfig { .. })));
    let missing = ConnectionOptions { kubeconfig: Some("/does/not/exist".to_owned()), ..default };
    assert!(matches!(resolve(&missing), Err(ConnectionError::NoSuchKubeconfig { .. })));
}

/// Where a variable tells a child of this test which file to resolve.
const CHILD: &str = "HELM_RELEASE_STORE_TEST_KUBECONFIG";

#[test]
fn the_process_environment_changes_nothing() {
    if let Ok(kubeconfig) = std::env::var(CHILD) {
        let options = ConnectionOptions { kubeconfig: Some(kubeconfig), ..ConnectionOptions::default() };
        let resolved = resolve(&options).unwrap();
        assert_eq!(resolved.config.cluster_url.host(), Some("api.example.com"));
        assert_eq!(resolved.config.proxy_url, None);
        assert_eq!(resolved.config.auth_info.impersonate.as_deref(), Some("deputy"));
        return;
    }
    let (directory, _) = options(FILE);
    let name = std::thread::current().name().unwrap().to_owned();
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args([name.as_str(), "--exact"])
        .env(CHILD, Path::new(directory.path()).join("config"))
        .env("KUBE_RS_DEBUG_OVERRIDE_URL", "https://elsewhere")
        .env("KUBE_RS_DEBUG_IMPERSONATE_USER", "root")
        .env("HTTPS_PROXY", "http://proxy:3128")
        .env("NO_PROXY", "10.0.0.0/99")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

#[test]
fn a_proxy_of_the_environment_is_taken_unless_the_server_is_excepted() {
    let (_directory, mut options) = options(FILE);
    options.environment.https_proxy = Some("http://proxy:3128".to_owned());
    assert_eq!(resolve(&options).unwrap().config.proxy_url.unwrap().host(), Some("proxy"));
    options.environment.no_proxy = Some("example.com".to_owned());
    assert_eq!(resolve(&options).unwrap().config.proxy_url, None);
}
