use super::*;

#[test]
fn debug_of_options_hides_the_token() {
    let options = ConnectionOptions { token: Some("hunter2".to_owned()), ..ConnectionOptions::default() };
    let text = format!("{options:?}");
    assert!(text.contains("***") && !text.contains("hunter2"), "{text}");
}

#[test]
fn the_environment_is_read_capitals_first_and_empty_as_absent() {
    let environment = Environment::pick(|name| match name {
        "HTTPS_PROXY" => Some("loud".to_owned()),
        "https_proxy" | "no_proxy" => Some("quiet".to_owned()),
        "HTTP_PROXY" | "NO_PROXY" => Some(String::new()),
        _ => None,
    });
    assert_eq!(environment.https_proxy.as_deref(), Some("loud"));
    assert_eq!(environment.http_proxy, None);
    assert_eq!(environment.no_proxy.as_deref(), Some("quiet"));
    assert_eq!(environment.service_host, None);
}

#[tokio::test]
async fn a_connection_says_where_it_leads() {
    let options = ConnectionOptions {
        api_server: Some("http://api.example.com/k8s/clusters/c-1/".to_owned()),
        namespace: Some("team".to_owned()),
        ..ConnectionOptions::default()
    };
    let connection = Connection::open(&options).unwrap();
    assert_eq!(connection.server(), "http://api.example.com/k8s/clusters/c-1");
    assert_eq!((connection.namespace().as_str(), connection.context()), ("team", None));
}

/// What is said about a credential plugin that is that shell script.
#[cfg(unix)]
fn plugin_error(script: &str) -> String {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("config");
    let text = format!(
        "{{current-context: x, contexts: [{{name: x, context: {{cluster: c, user: u}}}}], \
         clusters: [{{name: c, cluster: {{server: 'https://api', insecure-skip-tls-verify: true}}}}], \
         users: [{{name: u, user: {{exec: {{apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, \
         command: sh, args: [-c, '{script}']}}}}}}]}}"
    );
    std::fs::write(&path, text).unwrap();
    let options = ConnectionOptions { kubeconfig: Some(path.display().to_string()), ..ConnectionOptions::default() };
    Connection::open(&options).unwrap_err().to_string()
}

#[cfg(unix)]
#[tokio::test]
async fn a_credential_plugin_that_fails_is_heard_but_not_its_output() {
    let error = plugin_error("echo hunter2; echo please log in >&2; exit 3");
    assert_eq!(
        error,
        "connection to https://api cannot be prepared: the credential plugin failed (exit status: 3): please log in"
    );
    let error = plugin_error("echo hunter2");
    assert_eq!(error, "connection to https://api cannot be prepared: the credential plugin's answer cannot be read");
}
