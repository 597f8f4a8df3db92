use super::*;
use crate::cluster::{MemoryCluster, RecordingCluster};
use helm_release_core::ports::Validation;
use serde_json::json;

async fn create(cluster: &dyn Cluster, name: &str, dry_run: DryRun) -> Result<Option<Object>, ClusterError> {
    let object = Object::new(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}})).unwrap();
    let kinds = cluster.kinds(false).await?;
    let at = kinds.find(&object.gvk()).unwrap().locate(&object, "default");
    let request = Request::Create { at, object, manager: "test".to_owned(), validation: Validation::Strict };
    cluster.write(&request, dry_run).await
}

async fn exists(cluster: &dyn Cluster, name: &str) -> bool {
    let kinds = cluster.kinds(false).await.unwrap();
    let at = kinds.find(&Gvk::new("v1", "ConfigMap")).unwrap().at("default", name);
    cluster.get(&at).await.is_ok()
}

#[tokio::test]
async fn a_refused_or_lost_request_is_not_done() {
    let cluster = FaultyCluster::new(MemoryCluster::new());
    cluster.fail_next(Fault::Refuse(ClusterErrorKind::Busy));
    cluster.fail_nth(2, Fault::LoseRequest);
    assert_eq!(create(&cluster, "a", DryRun::No).await.unwrap_err().kind, ClusterErrorKind::Busy);
    assert_eq!(create(&cluster, "b", DryRun::No).await.unwrap_err().kind, ClusterErrorKind::Ambiguous);
    assert!(!exists(&cluster, "a").await && !exists(&cluster, "b").await);
    create(&cluster, "a", DryRun::No).await.unwrap();
    assert_eq!(cluster.writes(), 3);
}

#[tokio::test]
async fn a_lost_answer_hides_what_was_done() {
    let cluster = FaultyCluster::new(MemoryCluster::new());
    cluster.fail_next(Fault::LoseAnswer);
    assert_eq!(create(&cluster, "a", DryRun::No).await.unwrap_err().kind, ClusterErrorKind::Ambiguous);
    assert!(exists(&cluster, "a").await);
}

#[tokio::test]
async fn a_fault_meets_only_the_writes_that_are_meant() {
    let cluster = FaultyCluster::new(MemoryCluster::new());
    cluster.fail_where(1, Fault::Refuse(ClusterErrorKind::Forbidden), |request| request.at().name == "b");
    create(&cluster, "b", DryRun::Server).await.unwrap();
    create(&cluster, "a", DryRun::No).await.unwrap();
    assert_eq!(create(&cluster, "b", DryRun::No).await.unwrap_err().kind, ClusterErrorKind::Forbidden);
    create(&cluster, "b", DryRun::No).await.unwrap();
}

#[tokio::test]
async fn a_cut_off_server_answers_nothing_until_it_is_healed() {
    let cluster = FaultyCluster::new(MemoryCluster::new());
    cluster.fail_nth(2, Fault::CutOff);
    create(&cluster, "a", DryRun::No).await.unwrap();
    assert_eq!(create(&cluster, "b", DryRun::No).await.unwrap_err().kind, ClusterErrorKind::Unreachable);
    assert_eq!(create(&cluster, "c", DryRun::No).await.unwrap_err().kind, ClusterErrorKind::Unreachable);
    cluster.heal();
    assert!(exists(&cluster, "a").await && !exists(&cluster, "b").await);
}

#[tokio::test(start_paused = true)]
async fn a_delayed_write_is_done_after_its_time() {
    let cluster = FaultyCluster::new(RecordingCluster::new(MemoryCluster::new()));
    cluster.fail_next(Fault::Delay(Duration::from_secs(5)));
    let began = tokio::time::Instant::now();
    create(&cluster, "a", DryRun::No).await.unwrap();
    assert_eq!(began.elapsed(), Duration::from_secs(5));
    assert_eq!(cluster.inner().requests().len(), 1);
}
