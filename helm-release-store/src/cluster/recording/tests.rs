use super::*;
use crate::cluster::MemoryCluster;
use helm_release_core::ports::{Preconditions, Propagation};

#[tokio::test]
async fn it_keeps_what_it_was_asked_and_how_that_ended() {
    let cluster = RecordingCluster::new(MemoryCluster::new());
    let kinds = cluster.kinds(false).await.unwrap();
    let at = kinds.find(&Gvk::new("v1", "ConfigMap")).unwrap().at("default", "absent");
    let (propagation, preconditions) = (Propagation::Background, Preconditions::default());
    let request = Request::Delete { at: at.clone(), propagation, preconditions };
    cluster.get(&at).await.unwrap_err();
    cluster.write(&request, DryRun::Server).await.unwrap_err();
    cluster.write(&request, DryRun::No).await.unwrap_err();
    assert_eq!(cluster.reads(), ["kinds", "get ConfigMap default/absent"]);
    assert_eq!(cluster.requests(), [request]);
    let failures: Vec<_> = cluster.writes().into_iter().map(|write| (write.dry_run, write.failure)).collect();
    assert_eq!(failures, [(DryRun::Server, Some(ClusterErrorKind::NotFound)), (DryRun::No, Some(ClusterErrorKind::NotFound))]);
    cluster.forget();
    assert!(cluster.writes().is_empty());
}
