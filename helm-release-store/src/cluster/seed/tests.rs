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

#[tokio::test]
async fn a_revision_takes_the_place_of_what_is_there_whichever_way_it_was_applied() {
    for method in ["", "apply_method: ssa, "] {
        let (cluster, storage) = (MemoryCluster::new(), MemoryStorage::new());
        let manifest =
            |color: &str| format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{name: conf}}, data: {{color: {color}}}}}");
        let releases = format!(
            "- {{name: web, version: 1, {method}info: {{status: deployed}}, manifest: '{}'}}\n\
             - {{name: web, version: 2, {method}info: {{status: failed}}, manifest: '{}'}}\n",
            manifest("blue"),
            manifest("red")
        );
        load_memory_data(&storage, &releases).await.unwrap();
        seed(&cluster, &storage).await.unwrap();
        let revision = helm_release_core::Revision::new(2).unwrap();
        let key = RecordKey { namespace: "default".parse().unwrap(), name: "web".parse().unwrap(), revision };
        let seeded = seed_revision(&cluster, &storage, &key).await.unwrap();
        assert_eq!((seeded.objects, seeded.left_out), (1, vec![]), "{method}");
        let conf = cluster.objects().into_iter().find(|object| object.name() == "conf").unwrap();
        assert_eq!(conf.at(&["data", "color"]), Some(&json!("red")), "{method}");
    }
}
