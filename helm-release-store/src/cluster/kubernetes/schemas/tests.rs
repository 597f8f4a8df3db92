use serde_json::json;

use super::*;
use crate::connection::scripted::{Answer, scripted, status};

fn gvk(api_version: &str, kind: &str) -> Gvk {
    Gvk::new(api_version, kind)
}

fn document(group: &str, kind: &str) -> Answer {
    let name = format!("io.k8s.api.{kind}");
    Answer::Json(
        200,
        json!({
            "openapi": "3.0.0",
            "paths": {format!("/apis/{group}/v9/things/{{name}}"): {"patch": {
                "x-kubernetes-group-version-kind": {"group": group, "version": "v9", "kind": kind},
                "requestBody": {"content": {"application/strategic-merge-patch+json": {}}}
            }}},
            "components": {"schemas": {name: {
                "type": "object",
                "x-kubernetes-group-version-kind": [{"group": group, "version": "v9", "kind": kind}],
                "properties": {"ports": {
                    "type": "array", "items": {"type": "object"},
                    "x-kubernetes-patch-merge-key": "port", "x-kubernetes-patch-strategy": "merge"
                }}
            }}}
        }),
    )
}

fn index() -> Answer {
    Answer::Json(
        200,
        json!({"paths": {"apis/future.k8s.io/v9": {"serverRelativeURL": "/openapi/v3/apis/future.k8s.io/v9?hash=A%2FB"}}}),
    )
}

#[tokio::test]
async fn known_and_custom_kinds_ask_nothing() {
    let (connection, log) = scripted([]);
    let kinds = [gvk("apps/v1", "Deployment"), gvk("v1", "Service"), gvk("example.com/v1", "Widget")];
    let schemas = Learnt::default().of(&connection, &kinds).await.unwrap();
    assert!(schemas.takes_strategic_merge(&kinds[0]));
    assert!(schemas.find(&kinds[2]).is_none());
    assert_eq!(log.all().len(), 0);
}

#[tokio::test]
async fn an_unknown_kind_of_the_server_is_learnt_once() {
    let (connection, log) = scripted([index(), document("future.k8s.io", "Thing")]);
    let (mut learnt, thing) = (Learnt::default(), gvk("future.k8s.io/v9", "Thing"));
    let schemas = learnt.of(&connection, std::slice::from_ref(&thing)).await.unwrap();
    assert!(schemas.takes_strategic_merge(&thing));
    learnt.of(&connection, &[thing, gvk("future.k8s.io/v9", "Unheard")]).await.unwrap();
    assert_eq!(log.lines(), ["GET /openapi/v3", "GET /openapi/v3/apis/future.k8s.io/v9?hash=A%2FB"]);
}

#[tokio::test]
async fn a_server_without_documents_leaves_the_table_as_it_is() {
    let (connection, _) = scripted([status(404, "NotFound", "no")]);
    let schemas = Learnt::default().of(&connection, &[gvk("future.k8s.io/v9", "Thing")]).await.unwrap();
    assert_eq!(*schemas, *Schemas::built_in());
}
