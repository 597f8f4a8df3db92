//! `status` on a server: live objects beside the record.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use helm_release_core::{Record, codec};
use insta::assert_snapshot;
use serde_json::{Value, json};

use super::server::{Answer, Server};
use super::{program, shown};

const MANIFEST: &str = "apiVersion: v1
kind: ConfigMap
metadata: {name: web}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: gone}
---
apiVersion: v1
kind: Secret
metadata: {name: hidden}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {selector: {matchLabels: {tier: front, app: web}}}
---
apiVersion: example.com/v1
kind: Widget
metadata: {name: web}
";

/// The Secret with the record of revision 1.
fn record() -> Value {
    let record = json!({
        "name": "web", "namespace": "shop", "version": 1, "manifest": MANIFEST,
        "info": {"status": "deployed", "description": "Install complete", "last_deployed": "2026-11-01T09:00:00Z"},
    });
    let payload = codec::encode(&Record::parse(record.to_string().as_bytes()).expect("it is a record"));
    json!({
        "kind": "Secret", "apiVersion": "v1", "type": "helm.sh/release.v1", "data": {"release": STANDARD.encode(payload.0)},
        "metadata": {
            "name": "sh.helm.release.v1.web.v1", "namespace": "shop", "resourceVersion": "5", "uid": "u",
            "labels": {"name": "web", "owner": "helm", "status": "deployed", "version": "1"},
        },
    })
}

/// Discovery of kinds: plural and kind of each.
fn kinds(group: &str, kinds: &[(&str, &str)]) -> Value {
    let resources: Vec<Value> = kinds
        .iter()
        .map(|(plural, kind)| json!({"resource": plural, "responseKind": {"kind": kind}, "scope": "Namespaced"}))
        .collect();
    let versions = json!([{"version": "v1", "resources": resources}]);
    json!({"kind": "APIGroupDiscoveryList", "items": [{"metadata": {"name": group}, "versions": versions}]})
}

fn table(columns: &[&str], rows: &[&[&str]]) -> Value {
    let columns: Vec<Value> = columns.iter().map(|name| json!({"name": name, "type": "string", "priority": 0})).collect();
    let rows: Vec<Value> = rows.iter().map(|cells| json!({"cells": cells})).collect();
    json!({"kind": "Table", "apiVersion": "meta.k8s.io/v1", "columnDefinitions": columns, "rows": rows})
}

const FORBIDDEN: &str = r#"{"kind": "Status", "code": 403, "reason": "Forbidden", "message": "secrets \"hidden\" is forbidden"}"#;

/// A server with the record, the kinds, and what it says of the live objects: ConfigMap, Deployment, Pods.
fn server(live: [Value; 3]) -> Server {
    let [map, deployment, pods] = live.map(|value| value.to_string());
    let at = |path: &'static str, status: u16, body: String| -> Answer { (path, status, body) };
    Server::start(vec![
        at("/api/v1/namespaces/shop/secrets/sh.helm.release.v1.web.v1", 200, record().to_string()),
        at("/api/v1/namespaces/shop/secrets/hidden", 403, FORBIDDEN.to_owned()),
        at("/api/v1/namespaces/shop/configmaps/web", 200, map),
        at("/api/v1/namespaces/shop/pods", 200, pods),
        at("/apis/apps/v1/namespaces/shop/deployments/web", 200, deployment),
        at("/apis/", 404, "{}".to_owned()),
        at("/apis", 200, kinds("apps", &[("deployments", "Deployment")]).to_string()),
        at("/api/", 404, r#"{"kind": "Status", "code": 404, "reason": "NotFound", "message": "not found"}"#.to_owned()),
        at("/api", 200, kinds("", &[("configmaps", "ConfigMap"), ("secrets", "Secret"), ("pods", "Pod")]).to_string()),
    ])
}

fn status(server: &Server, more: &[&str]) -> String {
    let url = server.url();
    let words = ["status", "web", "--revision", "1", "-n", "shop", "--kube-apiserver", &url];
    shown(program(&words).args(more)).replace(&url, "http://SERVER")
}

#[test]
fn live_objects_come_as_tables_and_what_is_missing_is_told() {
    let server = server([
        table(&["Name", "Data", "Age"], &[&["web", "1", "5s"]]),
        table(&["Name", "Ready"], &[&["web", "2/2"]]),
        table(&["Name", "Ready"], &[&["web-1", "1/1"], &["web-2-with-a-name", "1/1"]]),
    ]);
    assert_snapshot!(status(&server, &[]), @r##"
    exit 0
    NAME: web
    LAST DEPLOYED: Sun Nov  1 09:00:00 2026
    NAMESPACE: shop
    STATUS: deployed
    REVISION: 1
    DESCRIPTION: Install complete
    RESOURCES:
    ==> v1/ConfigMap
    NAME   DATA   AGE
    web    1      5s

    ==> v1/Deployment
    NAME   READY
    web    2/2

    ==> v1/Pod(related)
    web-1               1/1
    web-2-with-a-name   1/1


    TEST SUITE: None
    Warning: the server does not know example.com/v1 Widget: "web" is left out
    Warning: not in the cluster: ConfigMap shop/gone
    Warning: cannot be read: Secret shop/hidden (secrets "hidden" is forbidden)
    "##);
    let asked = server.requests();
    let pods = "GET /api/v1/namespaces/shop/pods?labelSelector=app%3Dweb%2Ctier%3Dfront&includeObject=None";
    assert!(asked.iter().any(|request| request == pods), "{asked:#?}");
    assert!(asked.iter().all(|request| request.starts_with("GET ")), "{asked:#?}");
}

#[test]
fn live_objects_come_as_they_are_in_data() {
    let object = |kind: &str, more: &Value| json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": "web"}, "x": more});
    let big = json!([9_007_199_254_740_993_i64, 0.5, "<&>", null]);
    let pods = json!({"kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": "7"}, "items": [{"metadata": {}}]});
    let server = server([object("ConfigMap", &big), object("Deployment", &json!({})), pods]);
    assert_snapshot!(status(&server, &["-o", "json"]), @r##"
    exit 0
    {"name":"web","info":{"last_deployed":"2026-11-01T09:00:00Z","description":"Install complete","status":"deployed","resources":{"v1/ConfigMap":[{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"web"},"x":[9007199254740993,0.5,"\u003c\u0026\u003e",null]}],"v1/Deployment":[{"apiVersion":"v1","kind":"Deployment","metadata":{"name":"web"},"x":{}}],"v1/Pod(related)":[{"apiVersion":"v1","items":[{"apiVersion":"v1","kind":"Pod","metadata":{}}],"kind":"PodList","metadata":{"resourceVersion":"7"}}]}},"manifest":"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: gone}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: hidden}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {selector: {matchLabels: {tier: front, app: web}}}\n---\napiVersion: example.com/v1\nkind: Widget\nmetadata: {name: web}\n","version":1,"namespace":"shop"}
    Warning: the server does not know example.com/v1 Widget: "web" is left out
    Warning: not in the cluster: ConfigMap shop/gone
    Warning: cannot be read: Secret shop/hidden (secrets "hidden" is forbidden)
    "##);
}

#[test]
fn what_secrets_hold_is_hidden_when_asked_for() {
    let object = |kind: &str, data: &Value| json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": "web"}, "data": data});
    let secret = object("Secret", &json!({"password": "aHVudGVyMg=="}));
    // What the server answers for another kind serves as well.
    let server = server([secret.clone(), object("ConfigMap", &json!({"open": "door"})), json!({"items": [secret]})]);
    let shown = status(&server, &["-o", "json", "--mask-secrets"]);
    assert_eq!(shown.matches(r#""password":"(masked #1, 12 bytes)""#).count(), 2, "{shown}");
    assert!(shown.contains(r#""open":"door""#) && !shown.contains("aHVudGVyMg"), "{shown}");
}
