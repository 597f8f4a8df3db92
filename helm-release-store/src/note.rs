//! What the objects have in common that this tool keeps for itself.

use std::time::Duration;

use helm_release_core::Object;
use helm_release_core::ports::{Cluster, ClusterError, ClusterErrorKind, DryRun, Request};

/// The value of the label `owner` that keeps Helm, which lists `owner=helm`, from seeing them.
pub(crate) const OWNER: &str = "helm-rollback-safe";
/// The label that names the release, as Helm's records have it.
pub(crate) const RELEASE_LABEL: &str = "name";
/// Field manager of their writes.
pub(crate) const MANAGER: &str = "helm-rollback-safe";

const ATTEMPTS: u32 = 5;

/// Sends a write, again a few times when the server was too busy to look at it.
pub(crate) async fn send(cluster: &dyn Cluster, request: &Request) -> Result<Option<Object>, ClusterError> {
    let mut pause = Duration::from_millis(20);
    for _ in 1..ATTEMPTS {
        match cluster.write(request, DryRun::No).await {
            Err(error) if error.kind == ClusterErrorKind::Busy => {
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
            result => return result,
        }
    }
    cluster.write(request, DryRun::No).await
}
