//! Commands that only look write nothing, as the API server's own log tells, and ask for no more than they need.

use e2e::{Namespace, Request, World};

use crate::release::{config_map, deploy, web};

pub(crate) const TESTS: &[crate::Test] = crate::tests![
    list_writes_nothing,
    history_writes_nothing_and_lists_no_payload,
    status_writes_nothing,
    get_writes_nothing,
    diff_writes_nothing,
    plan_writes_nothing,
    a_dry_run_of_the_server_is_asked_for_and_writes_nothing,
    commands_for_records_need_no_more_than_the_rights_to_read_secrets,
];

/// A release with two revisions that differ in every way.
fn release<'a>(world: &'a World, prefix: &str) -> Namespace<'a> {
    let ns = world.namespace(prefix);
    deploy(&ns, 4, &[web("blue").template("old.yaml", &config_map("old", "blue"))]);
    deploy(&ns, 4, &[web("red").template("new.yaml", &config_map("new", "red")), web("red")]);
    ns
}

/// Runs a command that may exit with this code, and gives what it asked the server for; no write may be among that.
fn requests(ns: &Namespace<'_>, args: &[&str], code: i32) -> Vec<Request> {
    let mark = ns.mark();
    let output = ns.plugin().args(args).run();
    assert_eq!(output.code, code, "{args:?}: {output:?}");
    let requests = ns.requests_since(mark);
    let shown: Vec<String> = requests.iter().map(|request| format!("{} {}", request.verb, request.uri)).collect();
    assert!(!requests.is_empty(), "{args:?}");
    assert!(!requests.iter().any(Request::is_write), "{args:?}: {shown:#?}");
    eprintln!("{:>3} requests: {}", requests.len(), args.join(" "));
    requests
}

/// Whether the answer holds whole objects, not their metadata alone.
fn lists_payload(request: &Request) -> bool {
    request.verb == "list" && request.resource == "secrets" && request.answer["kind"] != "PartialObjectMetadataList"
}

fn list_writes_nothing(world: &World) {
    let ns = release(world, "list");
    for args in [&["list"][..], &["list", "-A"], &["list", "--all"], &["list", "-o", "json"]] {
        assert!(requests(&ns, args, 0).iter().all(|request| request.resource == "secrets"), "{args:?}");
    }
}

fn history_writes_nothing_and_lists_no_payload(world: &World) {
    let ns = release(world, "history");
    for args in [&["history", "web"][..], &["history", "web", "--max", "1"], &["history", "web", "-o", "yaml"]] {
        let requests = requests(&ns, args, 0);
        assert!(!requests.iter().any(lists_payload), "{requests:#?}");
    }
    let read = requests(&ns, &["history", "web", "--max", "1"], 0);
    assert_eq!(read.iter().filter(|request| request.verb == "get").count(), 1, "only the record that is shown is read");
}

fn status_writes_nothing(world: &World) {
    let ns = release(world, "status");
    for args in [&["status", "web"][..], &["status", "web", "--revision", "1"], &["status", "web", "-o", "json"]] {
        let requests = requests(&ns, args, 0);
        assert!(!requests.iter().any(lists_payload), "{requests:#?}");
    }
}

fn get_writes_nothing(world: &World) {
    let ns = release(world, "get");
    for what in ["all", "values", "manifest", "hooks", "notes", "metadata"] {
        let requests = requests(&ns, &["get", what, "web"], 0);
        assert!(requests.iter().all(|request| request.resource == "secrets"), "{what}: {requests:#?}");
        assert!(!requests.iter().any(lists_payload), "{what}: {requests:#?}");
    }
}

fn diff_writes_nothing(world: &World) {
    let ns = release(world, "diff");
    let between = requests(&ns, &["diff", "web", "1", "2"], 0);
    assert!(between.iter().all(|request| request.resource == "secrets" && request.verb == "get"), "{between:#?}");
    let _ = requests(&ns, &["diff", "web", "1"], 0);
    let live = requests(&ns, &["diff", "web", "1", "live", "--detailed-exitcode"], 10);
    assert!(live.iter().any(|request| request.resource == "configmaps"), "{live:#?}");
}

fn plan_writes_nothing(world: &World) {
    let ns = release(world, "plan");
    for args in [
        &["plan", "web", "--dry-run"][..],
        &["plan", "web", "1", "--dry-run=client", "-o", "json"],
        &["web", "--dry-run"],
        &["rollback", "web", "1", "--dry-run=client"],
    ] {
        let requests = requests(&ns, args, 0);
        assert!(!requests.iter().any(Request::is_dry_run), "{args:?}");
        assert!(!requests.iter().any(lists_payload), "{requests:#?}");
    }
    let _ = requests(&ns, &["plan", "web", "1", "--detailed-exitcode"], 10);
}

fn a_dry_run_of_the_server_is_asked_for_and_writes_nothing(world: &World) {
    let ns = release(world, "server");
    for args in
        [&["plan", "web", "1"][..], &["plan", "web", "1", "--dry-run=server"], &["rollback", "web", "1", "--dry-run=server"]]
    {
        let requests = requests(&ns, args, 0);
        let asked = requests.iter().filter(|request| request.is_dry_run()).count();
        assert_eq!(asked, 2, "the patch of web and the creation of old: {requests:#?}");
    }
}

fn commands_for_records_need_no_more_than_the_rights_to_read_secrets(world: &World) {
    let ns = release(world, "rights");
    crate::release::allow_viewer(&ns, &[("", &["secrets"], &["get", "list"])]);
    for args in
        [&["list"][..], &["history", "web"], &["get", "all", "web"], &["get", "metadata", "web"], &["diff", "web", "1", "2"]]
    {
        let args: Vec<&str> = args.iter().copied().chain(["--kube-context", "viewer"]).collect();
        let requests = requests(&ns, &args, 0);
        assert!(requests.iter().all(|request| request.user == ns.viewer() && request.code == 200), "{requests:#?}");
    }
}
