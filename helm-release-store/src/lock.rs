//! Locks as `coordination.k8s.io` Leases, beside the release's records.
//!
//! ```
//! use std::sync::Arc;
//!
//! use helm_release_core::ports::{Holder, Lock as _, LockError, LockKey};
//! use helm_release_store::cluster::MemoryCluster;
//! use helm_release_store::lock::LeaseLock;
//!
//! # examples::run(async {
//! # let since = jiff::Timestamp::UNIX_EPOCH;
//! # let lasts = std::time::Duration::from_secs(15);
//! # let (id, who, command) = ("a1".to_owned(), "ann@bastion".to_owned(), "rollback web 3".to_owned());
//! # let holder = Holder { id, who, process: 4711, command, since, renewed: since, lasts };
//! let lock = LeaseLock::new(Arc::new(MemoryCluster::new()));
//! let key = LockKey { namespace: "default".parse()?, name: "web".parse()? };
//! let held = lock.create(&key, &holder).await?;
//! assert!(matches!(lock.create(&key, &holder).await, Err(LockError::Taken { .. })));
//! lock.delete(&held).await?;
//! assert_eq!(lock.find(&key).await?, None);
//! # Ok(()) });
//! ```

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use helm_release_core::ports::{
    Cluster, ClusterError, ClusterErrorKind, ClusterExt as _, Held, Holder, KeepersRights, ListOptions, Location, Lock,
    LockError, LockKey, Preconditions, Propagation, Request, Resource, Scope, Validation, Version,
};
use helm_release_core::{Gvk, Namespace, Object, ReleaseName};
use serde_json::json;

use crate::note::{MANAGER, OWNER, RELEASE_LABEL};

#[cfg(test)]
mod tests;

/// Who holds the lock, as JSON; the Lease's own fields say the same to whoever looks with kubectl.
const HOLDER: &str = "rollback-safe/holder";
const PREFIX: &str = "helm-rollback-safe.";

/// Keeps one Lease per locked release, named `helm-rollback-safe.<release>`, through any [`Cluster`].
///
/// ```
/// use std::sync::Arc;
/// use helm_release_store::cluster::MemoryCluster;
/// use helm_release_store::lock::LeaseLock;
///
/// let lock = LeaseLock::new(Arc::new(MemoryCluster::new()));
/// assert_eq!(lock.to_string(), "leases in memory");
/// ```
#[derive(Debug, Clone)]
pub struct LeaseLock {
    cluster: Arc<dyn Cluster>,
}

impl LeaseLock {
    /// Locks in that cluster.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use helm_release_core::ports::{Holder, Lock as _, LockKey};
    /// use helm_release_store::cluster::MemoryCluster;
    /// use helm_release_store::lock::LeaseLock;
    ///
    /// # examples::run(async {
    /// # let since = jiff::Timestamp::UNIX_EPOCH;
    /// # let lasts = std::time::Duration::from_secs(15);
    /// # let (id, who, command) = ("a1".to_owned(), "ann@bastion".to_owned(), "rollback web 3".to_owned());
    /// # let holder = Holder { id, who, process: 4711, command, since, renewed: since, lasts };
    /// let cluster = Arc::new(MemoryCluster::new());
    /// let lock = LeaseLock::new(cluster.clone());
    /// lock.create(&LockKey { namespace: "default".parse()?, name: "web".parse()? }, &holder).await?;
    /// let lease = cluster.objects().into_iter().find(|object| object.kind() == "Lease").ok_or("no Lease")?;
    /// assert_eq!(lease.name(), "helm-rollback-safe.web");
    /// assert_eq!(lease.at(&["spec", "holderIdentity"]).unwrap(), "ann@bastion/4711/a1");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn new(cluster: Arc<dyn Cluster>) -> Self {
        Self { cluster }
    }
}

impl fmt::Display for LeaseLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "leases in {}", self.cluster)
    }
}

fn resource() -> Resource {
    Resource { gvk: Gvk::new("coordination.k8s.io/v1", "Lease"), plural: "leases".to_owned(), scope: Scope::Namespaced }
}

fn location(key: &LockKey) -> Location {
    resource().at(key.namespace.as_str(), &format!("{PREFIX}{}", key.name))
}

fn lease(key: &LockKey, holder: &Holder, version: Option<&Version>) -> Result<Object, LockError> {
    let malformed = |reason: String| LockError::Malformed { key: key.clone(), reason };
    let text = serde_json::to_string(holder).map_err(|error| malformed(error.to_string()))?;
    let mut metadata = json!({
        "name": format!("{PREFIX}{}", key.name),
        "namespace": key.namespace,
        "labels": { "owner": OWNER, RELEASE_LABEL: key.name },
        "annotations": { HOLDER: text },
    });
    if let Some((uid, version)) = version.and_then(parts) {
        // The server makes a Lease that a PUT does not find, unless the uid says which one is meant.
        metadata["uid"] = json!(uid);
        metadata["resourceVersion"] = json!(version);
    }
    Object::new(json!({
        "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": metadata,
        "spec": {
            "holderIdentity": format!("{}/{}/{}", holder.who, holder.process, holder.id),
            "leaseDurationSeconds": holder.lasts.as_secs().max(1),
            "acquireTime": format!("{:.6}", holder.since),
            "renewTime": format!("{:.6}", holder.renewed),
        },
    }))
    .map_err(|error| malformed(error.to_string()))
}

/// A version is the Lease's uid and its `resourceVersion`.
fn parts(version: &Version) -> Option<(&str, &str)> {
    version.0.split_once('/')
}

fn held(key: &LockKey, lease: &Object) -> Result<Held, LockError> {
    let malformed = |reason: &dyn fmt::Display| LockError::Malformed { key: key.clone(), reason: reason.to_string() };
    let text = lease.annotation(HOLDER).ok_or_else(|| malformed(&format!("annotation {HOLDER} is missing")))?;
    let holder = serde_json::from_str(text).map_err(|error| malformed(&format!("annotation {HOLDER}: {error}")))?;
    let (Some(uid), Some(version)) = (lease.uid(), lease.resource_version()) else {
        return Err(malformed(&"it has no uid or resourceVersion"));
    };
    Ok(Held { key: key.clone(), version: Version(format!("{uid}/{version}")), holder })
}

fn failed(key: &LockKey, error: ClusterError) -> LockError {
    let ClusterError { kind, action, message, .. } = error;
    match kind {
        ClusterErrorKind::AlreadyExists => LockError::Taken { key: key.clone() },
        ClusterErrorKind::Conflict | ClusterErrorKind::NotFound => LockError::Lost { key: key.clone() },
        ClusterErrorKind::Forbidden => LockError::Forbidden { action, message },
        _ => LockError::Other { action, message },
    }
}

impl LeaseLock {
    async fn write(&self, key: &LockKey, request: &Request) -> Result<Held, LockError> {
        let written = crate::note::send(self.cluster.as_ref(), request).await.map_err(|error| match (request, error.kind) {
            // What a create does not find is the namespace.
            (Request::Create { .. }, ClusterErrorKind::NotFound) => {
                LockError::Other { action: error.action, message: error.message }
            }
            _ => failed(key, error),
        })?;
        let nothing = || LockError::Malformed { key: key.clone(), reason: "the server said nothing of it".to_owned() };
        held(key, &written.ok_or_else(nothing)?)
    }
}

#[async_trait]
impl Lock for LeaseLock {
    async fn find(&self, key: &LockKey) -> Result<Option<Held>, LockError> {
        let lease = self.cluster.find(&location(key)).await.map_err(|error| failed(key, error))?;
        lease.map(|lease| held(key, &lease)).transpose()
    }

    async fn list(&self, namespace: Option<&Namespace>) -> Result<Vec<Held>, LockError> {
        let options = ListOptions::within(namespace.map(Namespace::as_str)).with_labels(format!("owner={OWNER}"));
        let listing = self.cluster.list(&resource(), &options).await.map_err(|error| match error.kind {
            ClusterErrorKind::Forbidden => LockError::Forbidden { action: error.action, message: error.message },
            _ => LockError::Other { action: error.action, message: error.message },
        })?;
        let read = |lease: &Object| {
            let namespace = lease.namespace()?.parse().ok()?;
            let name: ReleaseName = lease.name().strip_prefix(PREFIX)?.parse().ok()?;
            held(&LockKey { namespace, name }, lease).ok()
        };
        Ok(listing.items.iter().filter_map(read).collect())
    }

    async fn create(&self, key: &LockKey, holder: &Holder) -> Result<Held, LockError> {
        let (at, object) = (location(key), lease(key, holder, None)?);
        let request = Request::Create { at, object, manager: MANAGER.to_owned(), validation: Validation::Ignore };
        match self.write(key, &request).await {
            // What is stored tells whether a write whose answer was lost was done.
            Err(error @ LockError::Other { .. }) => match self.find(key).await {
                Ok(Some(held)) if held.holder.id == holder.id => Ok(held),
                _ => Err(error),
            },
            result => result,
        }
    }

    async fn replace(&self, before: &Held, holder: &Holder) -> Result<Held, LockError> {
        let key = &before.key;
        let (at, object) = (location(key), lease(key, holder, Some(&before.version))?);
        let request = Request::Replace { at, object, manager: MANAGER.to_owned(), validation: Validation::Ignore };
        match self.write(key, &request).await {
            Err(error @ LockError::Other { .. }) => match self.find(key).await {
                Ok(Some(held)) if held.holder == *holder => Ok(held),
                _ => Err(error),
            },
            result => result,
        }
    }

    async fn delete(&self, held: &Held) -> Result<(), LockError> {
        let key = &held.key;
        let (uid, resource_version) = parts(&held.version).map(|(uid, version)| (uid.to_owned(), version.to_owned())).unzip();
        let preconditions = Preconditions { uid, resource_version };
        let request = Request::Delete { at: location(key), propagation: Propagation::Background, preconditions };
        match crate::note::send(self.cluster.as_ref(), &request).await {
            Ok(_) => Ok(()),
            Err(error) if error.kind == ClusterErrorKind::Ambiguous => match self.cluster.find(&location(key)).await {
                Ok(None) => Ok(()),
                _ => Err(failed(key, error)),
            },
            Err(error) => Err(failed(key, error)),
        }
    }

    fn rights(&self, namespace: &Namespace) -> KeepersRights {
        KeepersRights::over("coordination.k8s.io", "leases", namespace.as_str())
    }
}
