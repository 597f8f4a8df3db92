use std::fmt::Write as _;

use futures::StreamExt as _;
use helm_release_core::ports::{
    ClusterExt as _, Conflicts, PatchBody, Preconditions, Propagation, Scope, Validation, WatchEvent,
};
use serde_json::json;

use super::*;
use crate::connection::scripted::{Answer, Log, scripted, status};

fn cluster(answers: impl IntoIterator<Item = Answer>) -> (KubernetesCluster, Log) {
    let (connection, log) = scripted(answers);
    (KubernetesCluster::new(&connection), log)
}

fn resource(api_version: &str, kind: &str, plural: &str, scope: Scope) -> Resource {
    Resource { gvk: Gvk::new(api_version, kind), plural: plural.to_owned(), scope }
}

fn deployments() -> Resource {
    resource("apps/v1", "Deployment", "deployments", Scope::Namespaced)
}

fn deployment(name: &str) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": "default"}})
}

fn create() -> Request {
    Request::Create {
        at: deployments().at("default", "web"),
        object: Object::new(deployment("web")).unwrap(),
        manager: "helm".to_owned(),
        validation: Validation::Strict,
    }
}

fn ok(body: Value) -> Answer {
    Answer::Json(200, body)
}

fn aggregated_core() -> Value {
    json!({"kind": "APIGroupDiscoveryList", "items": [{"metadata": {}, "versions": [{"version": "v1", "resources": [
        {"resource": "pods", "responseKind": {"group": "", "version": "", "kind": "Pod"}, "scope": "Namespaced",
         "subresources": [{"subresource": "log", "responseKind": {"kind": "Pod"}}]},
        {"resource": "namespaces", "responseKind": {"kind": "Namespace"}, "scope": "Cluster"},
        {"resource": "bindings", "responseKind": null, "scope": "Namespaced"}
    ]}]}]})
}

fn aggregated_groups() -> Value {
    json!({"kind": "APIGroupDiscoveryList", "items": [{"metadata": {"name": "apps"}, "versions": [
        {"version": "v1", "resources": [{"resource": "deployments", "responseKind": {"kind": "Deployment"}, "scope": "Namespaced"}]},
        {"version": "v1beta1", "resources": null}
    ]}]})
}

#[tokio::test]
async fn kinds_come_from_two_requests_and_are_remembered() {
    let (cluster, log) = cluster([ok(aggregated_core()), ok(aggregated_groups())]);
    let kinds = cluster.kinds(false).await.unwrap();
    assert_eq!(kinds.iter().count(), 3);
    assert_eq!(kinds.find(&Gvk::new("apps/v1", "Deployment")), Some(&deployments()));
    assert_eq!(kinds.find(&Gvk::new("v1", "Namespace")).unwrap().scope, Scope::Cluster);
    cluster.kinds(false).await.unwrap();
    assert_eq!(log.lines(), ["GET /api", "GET /apis"]);
    assert!(log.all()[0].accept.starts_with("application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"));
}

#[tokio::test]
async fn kinds_are_asked_for_again_when_told_so() {
    let answers = || [ok(aggregated_core()), ok(aggregated_groups())];
    let (cluster, log) = cluster(answers().into_iter().chain(answers()));
    cluster.kinds(false).await.unwrap();
    cluster.kinds(true).await.unwrap();
    assert_eq!(log.all().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn an_old_server_is_asked_group_by_group_and_a_group_that_is_down_is_left_out() {
    let (cluster, log) = cluster([
        ok(json!({"kind": "APIVersions", "versions": ["v1"]})),
        ok(json!({"kind": "APIGroupList", "groups": [
            {"versions": [{"groupVersion": "apps/v1"}]}, {"versions": [{"groupVersion": "metrics.k8s.io/v1beta1"}]}
        ]})),
        ok(json!({"resources": [
            {"name": "pods", "kind": "Pod", "namespaced": true}, {"name": "pods/log", "kind": "Pod", "namespaced": true}
        ]})),
        ok(json!({"resources": [{"name": "deployments", "kind": "Deployment", "namespaced": true}]})),
        Answer::Text(503, ""),
        Answer::Text(503, ""),
        Answer::Text(503, ""),
    ]);
    let kinds = cluster.kinds(false).await.unwrap();
    let names: Vec<_> = kinds.iter().map(|resource| resource.gvk.to_string()).collect();
    assert_eq!(names, ["v1 Pod", "apps/v1 Deployment"]);
    assert_eq!(log.lines()[2..5], ["GET /api/v1", "GET /apis/apps/v1", "GET /apis/metrics.k8s.io/v1beta1"]);
}

#[tokio::test]
async fn an_absent_object_is_not_found() {
    let (cluster, log) = cluster([status(404, "NotFound", "deployments.apps \"web\" not found")]);
    assert!(cluster.find(&deployments().at("default", "web")).await.unwrap().is_none());
    assert_eq!(log.lines(), ["GET /apis/apps/v1/namespaces/default/deployments/web"]);
}

#[tokio::test]
async fn a_cluster_scoped_name_with_colons_is_escaped() {
    let roles = resource("rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles", Scope::Cluster);
    let role = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "system:x"}});
    let (cluster, log) = cluster([ok(role)]);
    assert_eq!(cluster.get(&roles.at("ignored", "system:x")).await.unwrap().name(), "system:x");
    assert_eq!(log.lines(), ["GET /apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Ax"]);
}

#[tokio::test]
async fn a_list_goes_through_all_pages_and_gives_items_their_kind() {
    let page = |name: &str, next: &str| {
        ok(
            json!({"kind": "DeploymentList", "metadata": {"resourceVersion": "7", "continue": next}, "items": [{"metadata": {"name": name}}]}),
        )
    };
    let (cluster, log) = cluster([page("a", "more"), page("b", "")]);
    let options = ListOptions::within(Some("default")).with_labels("app=web").with_fields("metadata.name!=x");
    let listing = cluster.list(&deployments(), &options).await.unwrap();
    let items: Vec<_> = listing.items.iter().map(|object| object.id().to_string()).collect();
    assert_eq!((items, listing.resource_version.as_str()), (vec!["Deployment a".to_owned(), "Deployment b".to_owned()], "7"));
    let first =
        "GET /apis/apps/v1/namespaces/default/deployments?labelSelector=app%3Dweb&fieldSelector=metadata.name%21%3Dx&limit=500";
    assert_eq!(log.lines(), [first.to_owned(), format!("{first}&continue=more")]);
}

#[tokio::test]
async fn a_list_whose_place_was_forgotten_starts_again() {
    let page = |name: &str, next: &str| ok(json!({"metadata": {"continue": next}, "items": [{"metadata": {"name": name}}]}));
    let (cluster, log) = cluster([page("a", "x"), status(410, "Expired", "too old"), page("b", ""), page("never", "")]);
    let listing = cluster.list(&deployments(), &ListOptions::default()).await.unwrap();
    assert_eq!(listing.items.iter().map(Object::name).collect::<Vec<_>>(), ["b"]);
    assert_eq!(log.lines()[2], "GET /apis/apps/v1/deployments?limit=500");
}

#[tokio::test]
async fn an_empty_list_may_be_null() {
    let (cluster, _) = cluster([ok(json!({"metadata": {"resourceVersion": "1"}, "items": null}))]);
    assert!(cluster.list(&deployments(), &ListOptions::default()).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn every_write_is_the_request_that_the_api_knows() {
    let at = || deployments().at("default", "web");
    let manager = || "helm".to_owned();
    let object = || Object::new(deployment("web")).unwrap();
    let patch = |patch| Request::Patch { at: at(), patch, manager: manager(), validation: Validation::Ignore };
    let apply =
        |conflicts| Request::Apply { at: at(), object: object(), manager: manager(), conflicts, validation: Validation::Strict };
    let preconditions = Preconditions { uid: Some("u".to_owned()), resource_version: Some("7".to_owned()) };
    let cases = [
        (create(), DryRun::No),
        (create(), DryRun::Server),
        (Request::Replace { at: at(), object: object(), manager: manager(), validation: Validation::Ignore }, DryRun::No),
        (patch(PatchBody::Json(json!([{"op": "remove", "path": "/x"}]))), DryRun::No),
        (patch(PatchBody::Merge(json!({}))), DryRun::No),
        (patch(PatchBody::Strategic(json!({}))), DryRun::Server),
        (apply(Conflicts::Refuse), DryRun::No),
        (apply(Conflicts::Force), DryRun::Server),
        (Request::Delete { at: at(), propagation: Propagation::Foreground, preconditions }, DryRun::No),
        (
            Request::Delete { at: at(), propagation: Propagation::Background, preconditions: Preconditions::default() },
            DryRun::Server,
        ),
    ];
    let mut sent = String::new();
    for (request, dry_run) in cases {
        let (cluster, log) = cluster([ok(deployment("web"))]);
        let answer = cluster.write(&request, dry_run).await.unwrap();
        assert_eq!(answer.unwrap().name(), "web");
        let seen = log.all().remove(0);
        let line = seen.line.replace("/apis/apps/v1/namespaces/default/deployments", "…");
        let body = if matches!(request, Request::Delete { .. }) { format!(" {}", seen.body) } else { String::new() };
        writeln!(sent, "{line} {}{body}", seen.content_type).unwrap();
    }
    insta::assert_snapshot!(sent, @r#"
    POST …?fieldManager=helm&fieldValidation=Strict application/json
    POST …?fieldManager=helm&fieldValidation=Strict&dryRun=All application/json
    PUT …/web?fieldManager=helm&fieldValidation=Ignore application/json
    PATCH …/web?fieldManager=helm&fieldValidation=Ignore application/json-patch+json
    PATCH …/web?fieldManager=helm&fieldValidation=Ignore application/merge-patch+json
    PATCH …/web?fieldManager=helm&fieldValidation=Ignore&dryRun=All application/strategic-merge-patch+json
    PATCH …/web?force=false&fieldManager=helm&fieldValidation=Strict application/apply-patch+yaml
    PATCH …/web?force=true&fieldManager=helm&fieldValidation=Strict&dryRun=All application/apply-patch+yaml
    DELETE …/web application/json {"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"resourceVersion":"7","uid":"u"},"propagationPolicy":"Foreground"}
    DELETE …/web?dryRun=All application/json {"apiVersion":"v1","dryRun":["All"],"kind":"DeleteOptions","propagationPolicy":"Background"}
    "#);
}

#[tokio::test]
async fn a_delete_that_is_done_at_once_gives_no_object() {
    let at = deployments().at("default", "web");
    let request = Request::Delete { at, propagation: Propagation::Background, preconditions: Preconditions::default() };
    let (cluster, _) = cluster([ok(json!({"kind": "Status", "apiVersion": "v1", "status": "Success"}))]);
    assert!(cluster.write(&request, DryRun::No).await.unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_write_is_never_repeated_but_its_dry_run_is() {
    let (real, log) = cluster([Answer::Text(503, ""), ok(deployment("web"))]);
    let error = real.write(&create(), DryRun::No).await.unwrap_err();
    assert_eq!((error.kind, log.all().len()), (ClusterErrorKind::Ambiguous, 1));
    assert_eq!(error.to_string(), "create Deployment default/web: the server answered 503 Service Unavailable");

    let (dry, log) = cluster([Answer::Text(503, ""), ok(deployment("web"))]);
    dry.write(&create(), DryRun::Server).await.unwrap();
    assert_eq!(log.all().len(), 2);
}

#[tokio::test]
async fn an_accepted_write_with_an_unreadable_answer_is_ambiguous() {
    let (cluster, _) = cluster([Answer::Text(201, "<html>")]);
    assert_eq!(cluster.write(&create(), DryRun::No).await.unwrap_err().kind, ClusterErrorKind::Ambiguous);
}

#[tokio::test]
async fn no_error_text_repeats_the_value_of_a_secret() {
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {"password": "hunter2"}});
    let request = Request::Create {
        at: resource("v1", "Secret", "secrets", Scope::Namespaced).at("default", "s"),
        object: Object::new(secret).unwrap(),
        manager: "helm".to_owned(),
        validation: Validation::Strict,
    };
    let (cluster, _) = cluster([status(422, "Invalid", "Secret \"s\" is invalid: Invalid value: \"hunter2\"")]);
    let error = cluster.write(&request, DryRun::No).await.unwrap_err();
    assert_eq!(error.to_string(), "create Secret default/s: Secret \"s\" is invalid: Invalid value: \"***\"");
}

fn events(lines: &[Value]) -> Answer {
    Answer::Lines(lines.to_vec())
}

#[tokio::test]
async fn a_watch_tells_changes_and_ends_cleanly() {
    let object = |name: &str| json!({"metadata": {"name": name}});
    let (cluster, log) = cluster([events(&[
        json!({"type": "ADDED", "object": object("a")}),
        json!({"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": "9"}}}),
        json!({"type": "MODIFIED", "object": object("b")}),
        json!({"type": "DELETED", "object": object("c")}),
    ])]);
    let options = ListOptions::within(Some("default")).with_labels("app=web");
    let stream = cluster.watch(&deployments(), &options, "7").await.unwrap();
    let told: Vec<_> = stream
        .map(|event| match event.unwrap() {
            WatchEvent::Changed(object) => format!("changed {}", object.id()),
            WatchEvent::Deleted(object) => format!("deleted {}", object.id()),
        })
        .collect()
        .await;
    assert_eq!(told, ["changed Deployment a", "changed Deployment b", "deleted Deployment c"]);
    let query = "?labelSelector=app%3Dweb&watch=1&allowWatchBookmarks=true&timeoutSeconds=270&resourceVersion=7";
    assert_eq!(log.lines(), [format!("GET /apis/apps/v1/namespaces/default/deployments{query}")]);
}

#[tokio::test]
async fn a_watch_of_a_version_that_is_too_old_says_so() {
    let expired = json!({"kind": "Status", "code": 410, "reason": "Expired", "message": "too old resource version: 1 (9)"});
    let lines = [json!({"type": "ERROR", "object": expired}), json!({"type": "ADDED", "object": {}})];
    let (later, _) = cluster([events(&lines)]);
    let mut stream = later.watch(&deployments(), &ListOptions::default(), "1").await.unwrap();
    let error = stream.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind, ClusterErrorKind::Expired);
    assert_eq!(error.to_string(), "watch Deployment: too old resource version: 1 (9)");
    assert!(stream.next().await.is_none());

    let (at_once, _) = cluster([status(410, "Expired", "too old")]);
    let error = at_once.watch(&deployments(), &ListOptions::default(), "1").await.err().unwrap();
    assert_eq!(error.kind, ClusterErrorKind::Expired);
}

#[tokio::test]
async fn logs_are_text_and_an_unknown_container_is_not_found() {
    let (cluster, log) = cluster([
        Answer::Text(200, "one\ntwo\n"),
        status(400, "BadRequest", "container sidecar is not valid for pod web-0"),
        status(400, "BadRequest", "container \"app\" in pod \"web-0\" is waiting to start: ContainerCreating"),
    ]);
    let mut options = LogOptions::container("app");
    options.tail = Some(20);
    assert_eq!(cluster.logs("default", "web-0", &options).await.unwrap(), "one\ntwo\n");
    assert_eq!(log.lines(), ["GET /api/v1/namespaces/default/pods/web-0/log?container=app&tailLines=20"]);
    let unknown = cluster.logs("default", "web-0", &LogOptions::container("sidecar")).await.unwrap_err();
    assert_eq!(unknown.kind, ClusterErrorKind::NotFound);
    let waiting = cluster.logs("default", "web-0", &LogOptions::container("app")).await.unwrap_err();
    assert_eq!(waiting.kind, ClusterErrorKind::Invalid);
}

#[test]
fn lines_are_whole_however_they_arrive() {
    let mut lines = watch::Lines::default();
    let mut got = Vec::new();
    for part in ["{\"a\"", ":1}\n{\"b", "\":2}\n\n", "{\"c\":3}\n"] {
        lines.add(part.as_bytes());
        while let Some(line) = lines.next() {
            got.push(String::from_utf8(line).unwrap());
        }
    }
    assert_eq!(got, ["{\"a\":1}", "{\"b\":2}", "{\"c\":3}"]);
}
