use helm_release_core::Gvk;
use helm_release_core::ports::{Cluster as _, ListOptions, Resource, Scope};
use serde_json::json;

use super::*;
use crate::cluster::KubernetesCluster;
use crate::connection::scripted::{Answer, scripted};

fn pods() -> Resource {
    Resource { gvk: Gvk::new("v1", "Pod"), plural: "pods".to_owned(), scope: Scope::Namespaced }
}

#[tokio::test]
async fn a_table_is_asked_for_without_the_objects() {
    let table = json!({
        "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {"resourceVersion": "7"},
        "columnDefinitions": [{"name": "Name", "type": "string", "format": "name", "description": "x", "priority": 0}],
        "rows": [{"cells": ["web-1"], "object": null}],
    });
    let (connection, log) = scripted([Answer::Json(200, table)]);
    let chosen = TableOf::Chosen(pods(), ListOptions::within(Some("shop")).with_labels("app=web"));
    let table = KubernetesCluster::new(&connection).table(&chosen).await.unwrap();
    assert_eq!(table.columns[0].name, "Name");
    assert_eq!(table.rows, [["web-1"]]);
    let [asked] = &log.all()[..] else { panic!("{log:?}") };
    assert_eq!(asked.line, "GET /api/v1/namespaces/shop/pods?labelSelector=app%3Dweb&includeObject=None");
    assert!(asked.accept.starts_with("application/json;as=Table;v=v1;g=meta.k8s.io,"), "{}", asked.accept);
}

#[tokio::test]
async fn a_server_that_makes_no_tables_is_understood() {
    let pod = |name: &str| json!({"metadata": {"name": name, "creationTimestamp": "2026-11-20T08:00:00Z"}});
    let list = json!({"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": [pod("a"), pod("b")]});
    let (connection, _) = scripted([Answer::Json(200, list), Answer::Json(200, pod("c"))]);
    let cluster = KubernetesCluster::new(&connection);
    let all = cluster.table(&TableOf::Chosen(pods(), ListOptions::default())).await.unwrap();
    assert_eq!(all.rows, [["a", "2026-11-20T08:00:00Z"], ["b", "2026-11-20T08:00:00Z"]]);
    let one = cluster.table(&TableOf::One(pods().at("shop", "c"))).await.unwrap();
    assert_eq!(one.rows.len(), 1);
}

#[test]
fn a_table_without_rows_may_be_null() {
    let text = r#"{"kind": "Table", "apiVersion": "meta.k8s.io/v1", "columnDefinitions": null, "rows": null}"#;
    let table = answer(&TableOf::Chosen(pods(), ListOptions::default()), text.as_bytes()).unwrap();
    assert_eq!(table, Table::default());
}
