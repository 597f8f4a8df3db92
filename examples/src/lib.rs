//! Short programs, one per way of embedding the libraries; they are in `examples/`.
//!
//! All of them work on releases from [`SHOP`] and need no Kubernetes. Against a real cluster only the two lines change
//! that make the storage and the cluster: `SecretStorage::new(&connection)` and `KubernetesCluster::new(&connection)`.

use helm_release_store::storage::{MemoryDataError, MemoryStorage, load_memory_data};

/// Two revisions of a release called `shop`, in the form of `HELM_MEMORY_DRIVER_DATA`.
pub const SHOP: &str = r#"
- name: shop
  version: 1
  info: {status: superseded, description: Install complete, last_deployed: "2026-11-01T09:00:00Z"}
  chart: {metadata: {name: shop, version: 1.0.0, appVersion: "1.0"}}
  manifest: |
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: shop-config}
    data: {motd: welcome}
- name: shop
  version: 2
  info: {status: deployed, description: Upgrade complete, last_deployed: "2026-11-09T09:00:00Z"}
  chart: {metadata: {name: shop, version: 1.1.0, appVersion: "1.1"}}
  manifest: |
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: shop-config}
    data: {motd: welcome back}
    ---
    apiVersion: v1
    kind: PersistentVolumeClaim
    metadata: {name: shop-orders}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
"#;

/// A storage that holds [`SHOP`].
///
/// # Errors
/// None as long as [`SHOP`] is what it is.
pub async fn shop() -> Result<MemoryStorage, MemoryDataError> {
    let storage = MemoryStorage::new();
    load_memory_data(&storage, SHOP).await?;
    Ok(storage)
}
