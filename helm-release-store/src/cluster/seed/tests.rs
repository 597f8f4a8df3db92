use helm_release_core::ports::{Cluster, ListOptions};

use super::*;
use crate::storage::{MemoryStorage, load_memory_data};

const DATA: &str = r#"
- name: web
  namespace: shop
  version: 1
  info: {status: deployed}
  manifest: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: old}\n"
- name: web
  namespace: shop
  version: 2
  apply_method: ssa
  info: {status: deployed}
  manifest: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: conf}\n---\napiVersion: x.io/v1\nkind: Thing\nmetadata: {name: t}\n"
- name: web
  namespace: shop
  version: 3
  info: {status: failed}
  manifest: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: never}\n"
"#;

#[tokio::test]
async fn the_newest_deployed_revision_runs_and_what_cannot_is_named() {
    let (cluster, storage) = (MemoryCluster::new(), MemoryStorage::new());
    load_memory_data(&storage, DATA).await.unwrap();
    let seeded = seed(&cluster, &storage).await.unwrap();
    assert_eq!(seeded.objects, 1);
    assert_eq!(seeded.left_out, ["release shop/web: Thing t is left out: the cluster does not know x.io/v1 Thing"]);
    let kinds = cluster.kinds(false).await.unwrap();
    let maps = kinds.find(&helm_release_core::Gvk::new("v1", "ConfigMap")).unwrap();
    let found = cluster.list(maps, &ListOptions::within(Some("shop"))).await.unwrap().items;
    let names: Vec<_> = found.iter().map(Object::name).filter(|name| !name.starts_with("kube-root")).collect();
    assert_eq!(names, ["conf"]);
    assert_eq!(found.iter().find(|map| map.name() == "conf").unwrap().annotation("meta.helm.sh/release-name"), Some("web"));
}
