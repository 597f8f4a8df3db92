use super::MemoryCluster;
use crate::conformance::cluster::CHECKS;

fn namespace(name: &str) -> helm_release_core::Object {
    let namespace = serde_json::json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
    helm_release_core::Object::new(namespace).unwrap()
}

#[tokio::test(start_paused = true)]
async fn it_behaves_as_every_cluster_must() {
    let cluster = MemoryCluster::with_objects([namespace("checks")]).unwrap();
    let mut deviations = Vec::new();
    for check in CHECKS.iter().copied().flatten() {
        if let Err(deviation) = check.run(&cluster, "checks").await {
            deviations.push(deviation.to_string());
        }
    }
    assert!(deviations.is_empty(), "{}", deviations.join("\n"));
}

#[cfg(feature = "kubernetes")]
#[tokio::test]
async fn tmp_real() {
    let Ok(path) = std::env::var("TMP_KUBECONFIG") else { return };
    let mut options = crate::connection::ConnectionOptions::default();
    options.kubeconfig = Some(path.into());
    let connection = crate::connection::Connection::open(&options).unwrap();
    let cluster = crate::cluster::KubernetesCluster::new(&connection);
    use helm_release_core::ports::{Cluster, DryRun, Request, Validation};
    let name = format!("checks-{}", std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs());
    let kinds = cluster.kinds(false).await.unwrap();
    let at = kinds.versions("", "Namespace").next().unwrap().at("", &name);
    let request = Request::Create { at, object: namespace(&name), manager: "helm".into(), validation: Validation::Strict };
    cluster.write(&request, DryRun::No).await.unwrap();
    for check in CHECKS.iter().copied().flatten() {
        let began = std::time::Instant::now();
        match check.run(&cluster, &name).await {
            Ok(()) => println!("ok {} {:?}", check.name, began.elapsed()),
            Err(deviation) => println!("DEVIATES {deviation}"),
        }
    }
}
