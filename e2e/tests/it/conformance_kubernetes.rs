//! What every storage and every cluster must do, done on the real API server.

use std::sync::Arc;

use e2e::{Chart, Namespace, World};
use helm_release_core::ports::{HeadQuery, NewRecord, Storage, StorageExt as _};
use helm_release_store::cluster::KubernetesCluster;
use helm_release_store::conformance;
use helm_release_store::connection::{Connection, ConnectionOptions};
use helm_release_store::journal::SecretJournal;
use helm_release_store::lock::LeaseLock;
use helm_release_store::storage::{ConfigMapStorage, SecretStorage};
use serde_json::json;

pub(crate) const TESTS: &[crate::Test] = crate::tests![
    secrets_keep_records_as_every_storage_must,
    configmaps_keep_records_as_every_storage_must,
    the_api_server_behaves_as_every_cluster_must,
    leases_lock_as_every_lock_must,
    secrets_keep_notes_as_every_journal_must,
    heads_of_helms_records_come_without_payloads,
    a_replace_leaves_alone_what_others_put_on_helms_record,
    a_missing_right_is_told,
];

/// Runs what needs Tokio.
fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime can be made")
        .block_on(work)
}

fn connect(ns: &Namespace<'_>, context: &str) -> Connection {
    let mut options = ConnectionOptions::default();
    options.kubeconfig = Some(ns.kubeconfig().display().to_string());
    options.context = Some(context.to_owned());
    Connection::open(&options).expect("the test's kubeconfig can be used")
}

fn secrets_keep_records_as_every_storage_must(world: &World) {
    let ns = world.namespace("conformance");
    run(async {
        let connection = connect(&ns, "test");
        let storage = SecretStorage::new(&connection);
        conformance::storage::run_all(&storage, connection.namespace()).await.unwrap();
    });
}

fn configmaps_keep_records_as_every_storage_must(world: &World) {
    let ns = world.namespace("conformance");
    run(async {
        let connection = connect(&ns, "test");
        let storage = ConfigMapStorage::new(&connection);
        conformance::storage::run_all(&storage, connection.namespace()).await.unwrap();
    });
}

fn the_api_server_behaves_as_every_cluster_must(world: &World) {
    let ns = world.namespace("conformance");
    run(async {
        let cluster = KubernetesCluster::new(&connect(&ns, "test"));
        conformance::cluster::run_all(&cluster, ns.name()).await.unwrap();
    });
}

fn leases_lock_as_every_lock_must(world: &World) {
    let ns = world.namespace("conformance");
    run(async {
        let connection = connect(&ns, "test");
        let lock = LeaseLock::new(Arc::new(KubernetesCluster::new(&connection)));
        conformance::lock::run_all(&lock, connection.namespace()).await.unwrap();
    });
}

fn secrets_keep_notes_as_every_journal_must(world: &World) {
    let ns = world.namespace("conformance");
    run(async {
        let connection = connect(&ns, "test");
        let journal = SecretJournal::new(Arc::new(KubernetesCluster::new(&connection)));
        conformance::journal::run_all(&journal, connection.namespace()).await.unwrap();
    });
}

/// Installs a release with Helm 4 and gives its first record's name.
fn installed(ns: &Namespace<'_>) -> &'static str {
    let chart = Chart::new("web", "1.0.0").template("cm.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n");
    let _ = ns.helm4().args(["install", "web"]).arg(ns.chart(&chart)).ok();
    "sh.helm.release.v1.web.v1"
}

fn heads_of_helms_records_come_without_payloads(world: &World) {
    let ns = world.namespace("conformance");
    let name = installed(&ns);
    let mark = ns.mark();
    run(async {
        let connection = connect(&ns, "test");
        let storage = SecretStorage::new(&connection);
        let heads = storage.heads(&HeadQuery::all(Some(connection.namespace().clone()))).await.unwrap();
        assert_eq!(heads.iter().map(|head| head.key.object_name()).collect::<Vec<_>>(), [name]);
        assert_eq!(heads[0].status_label(), "deployed");
    });
    let requests = ns.requests_since(mark);
    assert_eq!(requests.len(), 1, "{requests:?}");
    assert_eq!(requests[0].verb, "list");
    assert!(requests[0].answer["items"][0].get("data").is_none(), "{:?}", requests[0].answer);
}

fn a_replace_leaves_alone_what_others_put_on_helms_record(world: &World) {
    let ns = world.namespace("conformance");
    let name = installed(&ns);
    let marks =
        json!({"metadata": {"annotations": {"backup": "done"}, "labels": {"team": "a"}, "finalizers": ["example.com/hold"]}});
    let _ = ns.patch("v1/secrets", name, &marks);
    run(async {
        let connection = connect(&ns, "test");
        let storage = SecretStorage::new(&connection);
        let heads = storage.heads(&HeadQuery::all(Some(connection.namespace().clone()))).await.unwrap();
        let stored = storage.find(&heads[0].key).await.unwrap().unwrap();
        let mut labels = stored.head.labels.clone();
        labels.retain(|label, _| label != "createdAt" && label != "team");
        labels.insert("status".to_owned(), "superseded".to_owned());
        storage.replace(&stored.head.key, &stored.head.version, &NewRecord { payload: stored.payload, labels }).await.unwrap();
    });
    let secret = ns.get("v1/secrets", name).unwrap();
    let metadata = &secret["metadata"];
    assert_eq!(metadata["annotations"], json!({"backup": "done"}));
    assert_eq!(metadata["finalizers"], json!(["example.com/hold"]));
    assert_eq!((&metadata["labels"]["team"], &metadata["labels"]["status"]), (&json!("a"), &json!("superseded")));
    assert_eq!(metadata["labels"].get("createdAt"), None);
    assert_eq!(secret["type"], json!("helm.sh/release.v1"));
    // Helm still reads it.
    let history = ns.helm4().args(["history", "web", "-o", "json"]).ok();
    assert!(format!("{history:?}").contains("web-1.0.0"), "{history:?}");
}

fn a_missing_right_is_told(world: &World) {
    let ns = world.namespace("conformance");
    run(async {
        let connection = connect(&ns, "viewer");
        let query = HeadQuery::all(Some(connection.namespace().clone()));
        let error = SecretStorage::new(&connection).heads(&query).await.unwrap_err();
        assert!(error.to_string().starts_with(&format!("no right to list secrets in namespace {:?}: ", ns.name())), "{error}");
    });
}
