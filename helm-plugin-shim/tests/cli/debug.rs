use std::process::Output;

use super::program;
use super::server::{Answer, Server};

const LIST: &str = r#"{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","metadata":{},"items":[]}"#;

/// What a command that finds no release tells on stderr, without the times.
fn told(arguments: &[&str], variables: &[(&str, &str)]) -> Vec<String> {
    let answers: Vec<Answer> = vec![("/api/v1/namespaces/shop/secrets", 200, LIST.to_owned())];
    let server = Server::start(answers);
    let url = server.url();
    let mut command = program(&["-n", "shop", "--kube-apiserver", &url, "history", "web", "--kube-token", "hunter2"]);
    let Output { stderr, stdout, .. } =
        command.args(arguments).envs(variables.iter().copied()).output().expect("the program is built");
    assert_eq!(String::from_utf8_lossy(&stdout), "");
    let text = String::from_utf8(stderr).expect("it is UTF-8").replace(&url, "http://SERVER");
    assert!(!text.contains("hunter2"), "{text}");
    assert!(!server.requests().is_empty());
    text.lines()
        .map(|line| line.split(" in ").next().unwrap_or(line).to_owned())
        .filter(|line| line.starts_with("Debug: "))
        .collect()
}

#[test]
fn debug_tells_of_each_request_and_of_who_asks_whom() {
    let version = env!("CARGO_PKG_VERSION");
    let query = "labelSelector=owner%3Dhelm%2Cname%3Dweb&limit=500";
    let request = format!("Debug: GET /api/v1/namespaces/shop/secrets?{query} 200");
    let expected = [format!("Debug: helm-rollback-safe {version}: Secrets at http://SERVER"), request.clone()];
    assert_eq!(told(&["--debug"], &[]), expected);
    assert_eq!(told(&["-v", "6"], &[]), expected);
    assert_eq!(told(&[], &[("HELM_DEBUG", "true")]), expected);
    let through_helm = [format!("Debug: helm-rollback-safe {version} called by /opt/helm: Secrets at http://SERVER"), request];
    assert_eq!(told(&[], &[("HELM_DEBUG", "true"), ("HELM_BIN", "/opt/helm")]), through_helm);
}

#[test]
fn without_debug_nothing_of_it_is_told() {
    let none: [String; 0] = [];
    assert_eq!(told(&[], &[]), none);
    assert_eq!(told(&["--debug=false"], &[("HELM_DEBUG", "true")]), none);
    assert_eq!(told(&["-v", "4"], &[]), none);
}
