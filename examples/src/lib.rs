//! Short programs, one per way of embedding the libraries; they are in `examples/`. [`Shop`] is what the examples inside the
//! libraries' documentation begin with.
//!
//! All of them work on releases from [`SHOP`] and need no Kubernetes. Against a real cluster only the two lines change
//! that make the storage and the cluster: `SecretStorage::new(&connection)` and `KubernetesCluster::new(&connection)`.

use std::error::Error;
use std::sync::Arc;

use helm_release_core::codec::{DecodeOptions, decode};
use helm_release_core::plan::{Plan, RollbackOptions, Survey, plan};
use helm_release_core::ports::{RecordKey, Storage as _};
use helm_release_core::survey::{SurveyError, survey};
use helm_release_core::{Namespace, Record, ReleaseName, Revision};
use helm_release_store::cluster::{MemoryCluster, seed, seed_revision};
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

/// Three revisions of a release called `shop`: one that worked, a better one, and one whose upgrade failed. It is the demo's.
///
/// Each is a Secret, a ConfigMap, a Service, a Deployment and a hook, a Job that runs after a rollback and is deleted when it
/// has succeeded.
pub const INCIDENT: &str = include_str!("../../helm-plugin-shim/src/commands/demo/shop.yaml");

/// The release of [`INCIDENT`] and the cluster in memory that it runs on: the world that the documentation's examples begin with.
#[derive(Debug)]
pub struct Shop {
    /// The records.
    pub storage: MemoryStorage,
    /// The live objects, as the failed upgrade left them.
    pub cluster: Arc<MemoryCluster>,
    /// `default`
    pub namespace: Namespace,
    /// `shop`
    pub name: ReleaseName,
}

impl Shop {
    /// Opens the shop: a world of its own for each caller.
    ///
    /// # Errors
    /// None as long as [`INCIDENT`] is what it is.
    pub async fn open() -> Result<Self, Box<dyn Error + Send + Sync>> {
        let (storage, cluster) = (MemoryStorage::new(), Arc::new(MemoryCluster::new()));
        load_memory_data(&storage, INCIDENT).await?;
        seed(&cluster, &storage).await?;
        let shop = Self { storage, cluster, namespace: Namespace::new("default")?, name: ReleaseName::new("shop")? };
        seed_revision(&shop.cluster, &shop.storage, &shop.key(3)?).await?;
        Ok(shop)
    }

    /// The key of a revision's record.
    ///
    /// # Errors
    /// Revisions begin at 1.
    pub fn key(&self, revision: u32) -> Result<RecordKey, Box<dyn Error + Send + Sync>> {
        let revision = Revision::new(revision).ok_or("revisions begin at 1")?;
        Ok(RecordKey { namespace: self.namespace.clone(), name: self.name.clone(), revision })
    }

    /// Reads what a plan needs.
    ///
    /// # Errors
    /// See [`survey`].
    pub async fn survey(&self, options: &RollbackOptions) -> Result<Survey, SurveyError> {
        survey(&self.storage, &self.cluster, &self.namespace, &self.name, options).await
    }

    /// Plans the way back.
    ///
    /// # Errors
    /// See [`survey`].
    pub async fn plan(&self, options: &RollbackOptions) -> Result<Plan, SurveyError> {
        Ok(plan(&self.survey(options).await?, options))
    }

    /// Reads the record of a revision.
    ///
    /// # Errors
    /// When there is no such revision.
    pub async fn record(&self, revision: u32) -> Result<Record, Box<dyn Error + Send + Sync>> {
        Ok(decode(&self.storage.get(&self.key(revision)?).await?.payload.0, DecodeOptions::default())?)
    }
}

/// Runs an example of the documentation to its end.
///
/// # Panics
/// When the example fails.
pub fn run(example: impl Future<Output = Result<(), Box<dyn Error + Send + Sync>>>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let ran = runtime.map_err(Box::from).and_then(|runtime| runtime.block_on(example));
    assert!(ran.is_ok(), "{}", ran.err().map(|error| error.to_string()).unwrap_or_default());
}
