//! A server that does not answer, or not to us.

use e2e::World;

use crate::release::{allow_viewer, color, deploy, ours, statuses, web, without_a_write};

pub(crate) const TESTS: &[crate::Test] = crate::tests![
    without_any_right_nothing_is_done_and_the_missing_right_is_told,
    without_the_right_to_read_objects_nothing_is_done,
    without_the_right_to_write_records_nothing_is_done,
    without_the_right_to_write_objects_the_rollback_is_recorded_as_failed,
    a_server_that_is_not_there_is_told,
];

fn without_any_right_nothing_is_done_and_the_missing_right_is_told(world: &World) {
    let ns = world.namespace("noright");
    deploy(&ns, 4, &[web("blue"), web("red")]);
    let said = without_a_write(&ns, || ours(&ns, &["1", "--kube-context", "viewer"]).fails(1));
    let error = format!("Error: no right to list secrets in namespace \"{}\"\nCause: ", ns.name());
    assert!(said.stderr.starts_with(&error), "{}", said.stderr);
    let who =
        format!("User \"{}\" cannot list resource \"secrets\" in API group \"\" in the namespace \"{}\"", ns.viewer(), ns.name());
    assert!(said.stderr.contains(&who), "{}", said.stderr);
    assert!(
        said.stderr
            .ends_with("Hint: ask for the right, or choose another user or context with --kube-as-user or --kube-context\n"),
        "{}",
        said.stderr
    );
}

fn without_the_right_to_read_objects_nothing_is_done(world: &World) {
    let ns = world.namespace("noright");
    deploy(&ns, 4, &[web("blue"), web("red")]);
    allow_viewer(&ns, &[("", &["secrets"], &["get", "list", "create", "update"])]);
    let said = without_a_write(&ns, || ours(&ns, &["1", "--kube-context", "viewer"]).fails(3));
    let cause = format!("Cause: block (no-right): ConfigMap {}/web: it cannot be read: ", ns.name());
    assert!(said.stderr.contains(&cause), "{}", said.stderr);
    let hint = format!("Hint: get the rights get, create, patch and delete on configmaps in namespace {}\n", ns.name());
    assert!(said.stderr.ends_with(&hint), "{}", said.stderr);
    assert_eq!((color(&ns), statuses(&ns, 4)), ("red".to_owned(), vec!["superseded".to_owned(), "deployed".to_owned()]));
}

fn without_the_right_to_write_records_nothing_is_done(world: &World) {
    let ns = world.namespace("noright");
    deploy(&ns, 4, &[web("blue"), web("red")]);
    allow_viewer(&ns, &[("", &["secrets", "configmaps"], &["get", "list"])]);
    let said = without_a_write(&ns, || ours(&ns, &["1", "--kube-context", "viewer"]).fails(3));
    let cause = format!(
        "no right to patch or update, create secrets in namespace {}, needed to bring records up to date, store the new record",
        ns.name()
    );
    assert!(said.stderr.contains(&cause), "{}", said.stderr);
    let mark = ns.mark();
    let said = ours(&ns, &["1", "--kube-context", "viewer", "--accept", "no-right"]).fails(1);
    assert!(
        said.stderr.contains("Error: rollback of \"web\" to revision 1 failed; nothing was changed\nCause: "),
        "{}",
        said.stderr
    );
    assert!(ns.requests_since(mark).iter().filter(|request| request.is_write()).all(|request| request.code == 403));
    assert_eq!((color(&ns), statuses(&ns, 4)), ("red".to_owned(), vec!["superseded".to_owned(), "deployed".to_owned()]));
}

fn without_the_right_to_write_objects_the_rollback_is_recorded_as_failed(world: &World) {
    let ns = world.namespace("noright");
    deploy(&ns, 4, &[web("blue"), web("red")]);
    allow_viewer(&ns, &[("", &["secrets"], &["get", "list", "create", "update"]), ("", &["configmaps"], &["get"])]);
    let said = ours(&ns, &["1", "--kube-context", "viewer", "--accept", "no-right"]).fails(6);
    assert!(said.stderr.contains("cannot patch resource \"configmaps\""), "{}", said.stderr);
    assert_eq!(color(&ns), "red");
    assert_eq!(statuses(&ns, 4), ["superseded", "deployed", "failed"], "{}", said.stderr);
}

fn a_server_that_is_not_there_is_told(world: &World) {
    let ns = world.namespace("nowhere");
    // Port 1 is reserved and never served.
    let said = ours(&ns, &["1", "--kube-apiserver", "http://127.0.0.1:1"]).fails(1);
    assert!(said.stderr.starts_with("Error: kubernetes cluster unreachable\nCause: "), "{}", said.stderr);
    assert!(
        said.stderr.ends_with("Hint: check that the server is up, and the context: --kube-context, --kubeconfig, KUBECONFIG\n"),
        "{}",
        said.stderr
    );
}
