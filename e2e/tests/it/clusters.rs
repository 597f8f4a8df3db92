//! The real API server is the judge of what every cluster must do, and of the in-memory one.

use std::path::Path;
use std::sync::Arc;

use e2e::World;
use helm_release_store::cluster::KubernetesCluster;
use helm_release_store::conformance::cluster::CHECKS;
use helm_release_store::connection::{Connection, ConnectionOptions};
use tokio::task::JoinSet;

mod twins;

pub(crate) const TESTS: &[crate::Test] =
    crate::tests![the_kubernetes_cluster_behaves_as_every_cluster_must, the_memory_cluster_answers_as_the_real_server_does,];

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime can be made")
}

/// Must be called within a runtime.
fn connect(kubeconfig: &Path) -> KubernetesCluster {
    let mut options = ConnectionOptions::default();
    options.kubeconfig = Some(kubeconfig.display().to_string());
    KubernetesCluster::new(&Connection::open(&options).expect("the kubeconfig is read"))
}

fn the_kubernetes_cluster_behaves_as_every_cluster_must(world: &World) {
    let namespace = world.namespace("conformance");
    let (kubeconfig, name): (_, Arc<str>) = (namespace.kubeconfig(), namespace.name().into());
    let deviations = runtime().block_on(async {
        let cluster = Arc::new(connect(&kubeconfig));
        let mut checks = JoinSet::new();
        // Checks use objects of their own, so they can wait for the controllers together.
        for check in CHECKS.iter().copied().flatten() {
            let (cluster, name) = (Arc::clone(&cluster), Arc::clone(&name));
            checks.spawn(async move { check.run(&cluster, &name).await });
        }
        checks.join_all().await.into_iter().filter_map(Result::err).map(|deviation| deviation.to_string()).collect::<Vec<_>>()
    });
    assert!(deviations.is_empty(), "{}", deviations.join("\n"));
}

fn the_memory_cluster_answers_as_the_real_server_does(world: &World) {
    let namespace = world.namespace("twins");
    let kubeconfig = namespace.kubeconfig();
    let differences = runtime().block_on(async { twins::compare(&connect(&kubeconfig), namespace.name()).await });
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
