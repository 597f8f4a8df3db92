//! The audit log tells what each test's own users sent, and nothing of others.

use e2e::{Chart, World};
use serde_json::json;

pub(crate) const TESTS: &[crate::Test] =
    crate::tests![an_install_shows_its_writes_with_bodies, reading_shows_no_write, a_mark_hides_what_was_before];

fn chart() -> Chart {
    Chart::new("web", "1.0.0").template("cm.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {a: b}\n")
}

fn an_install_shows_its_writes_with_bodies(world: &World) {
    let (ns, other) = (world.namespace("audit"), world.namespace("audit"));
    let _ = other.helm3().args(["install", "other"]).arg(other.chart(&chart())).ok();
    let _ = ns.helm3().args(["install", "web"]).arg(ns.chart(&chart())).ok();
    let requests = ns.requests();
    let writes: Vec<_> = requests.iter().filter(|request| request.is_write()).collect();
    let what: Vec<_> = writes.iter().map(|write| (write.verb.as_str(), write.resource.as_str())).collect();
    assert_eq!(what, [("create", "secrets"), ("create", "configmaps"), ("update", "secrets")]);
    assert_eq!(writes[1].body["data"], json!({"a": "b"}));
    assert_eq!(writes[1].answer["metadata"]["namespace"], json!(ns.name()));
    assert!(requests.iter().all(|request| request.user == ns.user()), "{requests:?}");
}

fn reading_shows_no_write(world: &World) {
    let ns = world.namespace("audit");
    let _ = ns.helm4().arg("list").ok();
    let requests = ns.requests();
    assert!(requests.iter().any(|request| request.verb == "list" && request.resource == "secrets"), "{requests:?}");
    assert!(!requests.iter().any(e2e::Request::is_write), "{requests:?}");
}

fn a_mark_hides_what_was_before(world: &World) {
    let ns = world.namespace("audit");
    let _ = ns.helm4().args(["install", "web"]).arg(ns.chart(&chart())).ok();
    assert!(!ns.requests().is_empty());
    let mark = ns.mark();
    assert_eq!(ns.requests_since(mark).len(), 0);
    let _ = ns.helm4().arg("list").ok();
    assert_ne!(ns.requests_since(mark).len(), 0);
}
