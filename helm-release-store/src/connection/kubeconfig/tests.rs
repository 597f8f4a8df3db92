use std::path::Path;

use super::*;

fn write(directory: &Path, name: &str, text: &str) -> String {
    let path = directory.join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

fn options(paths: &[&str]) -> ConnectionOptions {
    let list = std::env::join_paths(paths).unwrap().into_string().unwrap();
    ConnectionOptions { kubeconfig: Some(list), ..ConnectionOptions::default() }
}

const FIRST: &str = "
apiVersion: v1
kind: Config
current-context: ''
clusters: [{name: c, cluster: {server: https://first, certificate-authority-data: '', tls-server-name: ''}}]
contexts: [{name: one, context: {cluster: c, user: u, namespace: ''}}]
users: [{name: u, user: {token: '', client-certificate-data: ''}}]
";

const SECOND: &str = "
apiVersion: v1
kind: Config
current-context: two
clusters: [{name: c, cluster: {server: https://second}}, {name: d, cluster: {server: https://third}}]
contexts: [{name: two, context: {cluster: d, namespace: team}}]
users: [{name: u, user: {token: other}}]
";

#[test]
fn the_first_file_wins_and_an_empty_current_context_hides_none() {
    let directory = tempfile::tempdir().unwrap();
    let (first, second) = (write(directory.path(), "a", FIRST), write(directory.path(), "b", SECOND));
    let chosen = choose(&options(&[&first, &second])).unwrap();
    assert_eq!(chosen.context.as_deref(), Some("two"));
    assert_eq!(chosen.cluster.server.as_deref(), Some("https://third"));
    assert_eq!(chosen.namespace.as_deref(), Some("team"));

    let mut options = options(&[&first, &second]);
    options.context = Some("one".to_owned());
    let chosen = choose(&options).unwrap();
    assert_eq!(chosen.cluster.server.as_deref(), Some("https://first"));
    assert_eq!(chosen.namespace, None);
}

#[test]
fn empty_texts_count_as_absent() {
    let directory = tempfile::tempdir().unwrap();
    let mut options = options(&[&write(directory.path(), "a", FIRST)]);
    options.context = Some("one".to_owned());
    let chosen = choose(&options).unwrap();
    assert_eq!(chosen.cluster.certificate_authority_data, None);
    assert_eq!(chosen.cluster.tls_server_name, None);
    assert!(chosen.user.token.is_none());
    assert_eq!(chosen.user.client_certificate_data, None);
}

#[test]
fn missing_files_of_a_list_are_skipped() {
    let directory = tempfile::tempdir().unwrap();
    let second = write(directory.path(), "b", SECOND);
    let missing = directory.path().join("missing").display().to_string();
    let chosen = choose(&options(&[&missing, "", &second])).unwrap();
    assert_eq!(chosen.cluster.server.as_deref(), Some("https://third"));
    assert_eq!(chosen.files, second);
}

#[test]
fn a_list_of_which_nothing_exists_is_an_error_that_names_it() {
    let error = choose(&options(&["/does/not/exist"])).unwrap_err().to_string();
    assert_eq!(error, "no kubeconfig at /does/not/exist");
}

#[test]
fn an_absent_default_file_is_no_error() {
    let options = ConnectionOptions { default_kubeconfig: Some("/does/not/exist".into()), ..ConnectionOptions::default() };
    assert_eq!(choose(&options).unwrap().files, "");
}

#[test]
fn a_malformed_file_is_named_and_not_quoted() {
    let directory = tempfile::tempdir().unwrap();
    let path = write(directory.path(), "bad", "users:\n- name: u\n  user: {token: hunter2\ncontexts: [");
    let error = choose(&options(&[&path])).unwrap_err().to_string();
    assert!(error.starts_with(&format!("kubeconfig {path} cannot be read: not a kubeconfig: line ")), "{error}");
    assert!(!error.contains("hunter2"), "{error}");
}

#[test]
fn an_unknown_context_is_an_error_that_names_the_known_ones() {
    let directory = tempfile::tempdir().unwrap();
    let (first, second) = (write(directory.path(), "a", FIRST), write(directory.path(), "b", SECOND));
    let mut options = options(&[&first, &second]);
    options.context = Some("three".to_owned());
    let error = choose(&options).unwrap_err().to_string();
    assert_eq!(error, format!("context \"three\" is not in {first}, {second} (there are: one, two)"));
}

#[test]
fn a_file_without_current_context_asks_for_one() {
    let directory = tempfile::tempdir().unwrap();
    let first = write(directory.path(), "a", FIRST);
    let error = choose(&options(&[&first])).unwrap_err().to_string();
    assert_eq!(error, format!("{first} names no current context (there are: one)"));
}

#[test]
fn relative_paths_are_those_of_the_file_that_names_them() {
    let directory = tempfile::tempdir().unwrap();
    let path = write(
        directory.path(),
        "a",
        "current-context: x\ncontexts: [{name: x, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: s, certificate-authority: ca.pem}}]",
    );
    let chosen = choose(&options(&[&path])).unwrap();
    let wanted = directory.path().join("ca.pem").display().to_string();
    assert_eq!(chosen.cluster.certificate_authority, Some(wanted));
}

#[test]
fn what_is_no_kubeconfig_is_said_with_the_place_and_never_quoted() {
    let directory = tempfile::tempdir().unwrap();
    let said = |text: &str| {
        let path = write(directory.path(), "bad", text);
        let error = choose(&options(&[&path])).unwrap_err().to_string();
        assert!(!error.contains("hunter2"), "{error}");
        error.strip_prefix(&format!("kubeconfig {path} cannot be read: not a kubeconfig: ")).unwrap().to_owned()
    };
    let wrong_type = "lacks its name or has a field of the wrong type";
    assert_eq!(said("just words hunter2"), "it has no fields");
    assert_eq!(said("kind: Secret\ndata: {token: hunter2}"), "its kind is not Config");
    assert_eq!(said("users: {name: u, token: hunter2}"), "users is not a list");
    assert_eq!(said("users: [{user: {token: hunter2}}]"), format!("users[0] {wrong_type}"));
    assert_eq!(said("users: [{name: u}, {name: v, user: hunter2}]"), format!("users[1] (\"v\") {wrong_type}"));
    assert_eq!(said("clusters: [{name: c, cluster: {server: {hunter2: 1}}}]"), format!("clusters[0] (\"c\") {wrong_type}"));
    assert_eq!(said("current-context: [hunter2]"), "current-context is not a text");
}

#[test]
fn a_file_that_powershell_wrote_is_read() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("wide");
    for (mark, bytes) in [
        (vec![0xFF, 0xFE], SECOND.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()),
        (vec![0xFE, 0xFF], SECOND.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        (vec![0xEF, 0xBB, 0xBF], SECOND.bytes().collect()),
    ] {
        std::fs::write(&path, [mark, bytes].concat()).unwrap();
        let chosen = choose(&options(&[&path.display().to_string()])).unwrap();
        assert_eq!(chosen.context.as_deref(), Some("two"));
    }
    std::fs::write(&path, [0xFF, 0xFE, b'a', 0, b'b']).unwrap();
    let error = choose(&options(&[&path.display().to_string()])).unwrap_err().to_string();
    assert!(error.ends_with("not a kubeconfig: its bytes are no text"), "{error}");
}

#[test]
fn a_credential_command_with_a_separator_is_one_beside_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let command = |command: &str| {
        let text = format!(
            "current-context: x\ncontexts: [{{name: x, context: {{cluster: c, user: u}}}}]\nclusters: [{{name: c, cluster: {{server: s}}}}]\n\
             users: [{{name: u, user: {{exec: {{apiVersion: client.authentication.k8s.io/v1, command: {command}}}}}}}]"
        );
        let path = write(directory.path(), "a", &text);
        choose(&options(&[&path])).unwrap().user.exec.unwrap().command.unwrap()
    };
    assert_eq!(command("aws"), "aws");
    assert_eq!(command("/bin/aws"), "/bin/aws");
    assert_eq!(command("./bin/aws"), directory.path().join("./bin/aws").display().to_string());
}
