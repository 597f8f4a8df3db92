//! Versions of Kubernetes' APIs that were removed since 1.16, and how their objects are written in the version that took their place.
//!
//! Source of the table: the deprecated API migration guide of Kubernetes, and the `zz_generated.prerelease-lifecycle.go` files and
//! the defaults of the old versions in `k8s.io/api` and `k8s.io/kubernetes/pkg/apis`.
//!
//! ```
//! use helm_release_core::Object;
//! use helm_release_core::api::{removed, successor};
//! use helm_release_core::ports::Cluster;
//! use helm_release_store::cluster::MemoryCluster;
//! use serde_json::json;
//!
//! # examples::run(async {
//! let kinds = MemoryCluster::new().kinds(false).await?;
//! // What a chart of old days holds, and what a server of today takes instead.
//! let old = Object::new(json!({
//!     "apiVersion": "batch/v1beta1", "kind": "CronJob", "metadata": {"name": "report"}, "spec": {"schedule": "0 3 * * *"},
//! }))?;
//! assert!(removed(&old.gvk()).is_some());
//! let new = successor(&old, &kinds)?;
//! assert_eq!(new.object.gvk().api_version(), "batch/v1");
//! assert_eq!(new.object.at(&["spec"]), old.at(&["spec"]));
//! # Ok(()) });
//! ```

mod convert;

use crate::Gvk;
use crate::Object;
use crate::ports::{Kinds, Resource};
use convert::Convert;

/// A version of a kind that servers no longer serve.
///
/// ```
/// use helm_release_core::Gvk;
/// use helm_release_core::api::removed;
///
/// let budget = removed(&Gvk::new("policy/v1beta1", "PodDisruptionBudget")).unwrap();
/// assert_eq!((budget.removed_in, budget.successor), ("1.25", Some("policy/v1")));
/// let policy = removed(&Gvk::new("policy/v1beta1", "PodSecurityPolicy")).unwrap();
/// assert_eq!((policy.removed_in, policy.successor), ("1.25", None));
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct RemovedApi {
    /// Group and version, as in `apiVersion`.
    pub api_version: &'static str,
    /// The kind.
    pub kind: &'static str,
    /// The release of Kubernetes that no longer serves it.
    pub removed_in: &'static str,
    /// What took its place; `None` when nothing did.
    pub successor: Option<&'static str>,
    convert: Convert,
}

const fn row(
    api_version: &'static str,
    kind: &'static str,
    removed_in: &'static str,
    successor: Option<&'static str>,
    convert: Convert,
) -> RemovedApi {
    RemovedApi { api_version, kind, removed_in, successor, convert }
}

/// Every version of a kind that was removed, of those that charts hold.
///
/// ```
/// use helm_release_core::api::REMOVED;
///
/// // What stops to work when the servers go from 1.24 to 1.25.
/// let gone = REMOVED.iter().filter(|row| row.removed_in == "1.25" && row.api_version.starts_with("policy/"));
/// let kinds: Vec<&str> = gone.map(|row| row.kind).collect();
/// assert_eq!(kinds, ["PodDisruptionBudget", "PodSecurityPolicy"]);
/// ```
pub const REMOVED: &[RemovedApi] = &[
    row("extensions/v1beta1", "Deployment", "1.16", Some("apps/v1"), convert::old_deployment),
    row("extensions/v1beta1", "DaemonSet", "1.16", Some("apps/v1"), convert::old_daemon_set),
    row("extensions/v1beta1", "ReplicaSet", "1.16", Some("apps/v1"), convert::with_selector),
    row("extensions/v1beta1", "NetworkPolicy", "1.16", Some("networking.k8s.io/v1"), convert::same),
    row("extensions/v1beta1", "PodSecurityPolicy", "1.16", None, convert::same),
    row("apps/v1beta1", "Deployment", "1.16", Some("apps/v1"), convert::beta_deployment),
    row("apps/v1beta1", "StatefulSet", "1.16", Some("apps/v1"), convert::beta_stateful_set),
    row("apps/v1beta1", "ControllerRevision", "1.16", Some("apps/v1"), convert::same),
    row("apps/v1beta2", "Deployment", "1.16", Some("apps/v1"), convert::same),
    row("apps/v1beta2", "DaemonSet", "1.16", Some("apps/v1"), convert::same),
    row("apps/v1beta2", "ReplicaSet", "1.16", Some("apps/v1"), convert::same),
    row("apps/v1beta2", "StatefulSet", "1.16", Some("apps/v1"), convert::same),
    row("apps/v1beta2", "ControllerRevision", "1.16", Some("apps/v1"), convert::same),
    row("batch/v2alpha1", "CronJob", "1.21", Some("batch/v1"), convert::same),
    row(
        "admissionregistration.k8s.io/v1beta1",
        "MutatingWebhookConfiguration",
        "1.22",
        Some("admissionregistration.k8s.io/v1"),
        convert::webhooks,
    ),
    row(
        "admissionregistration.k8s.io/v1beta1",
        "ValidatingWebhookConfiguration",
        "1.22",
        Some("admissionregistration.k8s.io/v1"),
        convert::webhooks,
    ),
    row("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", "1.22", Some("apiextensions.k8s.io/v1"), convert::definition),
    row("apiregistration.k8s.io/v1beta1", "APIService", "1.22", Some("apiregistration.k8s.io/v1"), convert::same),
    row(
        "certificates.k8s.io/v1beta1",
        "CertificateSigningRequest",
        "1.22",
        Some("certificates.k8s.io/v1"),
        convert::signing_request,
    ),
    row("coordination.k8s.io/v1beta1", "Lease", "1.22", Some("coordination.k8s.io/v1"), convert::same),
    row("extensions/v1beta1", "Ingress", "1.22", Some("networking.k8s.io/v1"), convert::ingress),
    row("networking.k8s.io/v1beta1", "Ingress", "1.22", Some("networking.k8s.io/v1"), convert::ingress),
    row("networking.k8s.io/v1beta1", "IngressClass", "1.22", Some("networking.k8s.io/v1"), convert::same),
    row("rbac.authorization.k8s.io/v1alpha1", "ClusterRole", "1.22", Some("rbac.authorization.k8s.io/v1"), convert::same),
    row(
        "rbac.authorization.k8s.io/v1alpha1",
        "ClusterRoleBinding",
        "1.22",
        Some("rbac.authorization.k8s.io/v1"),
        convert::alpha_binding,
    ),
    row("rbac.authorization.k8s.io/v1alpha1", "Role", "1.22", Some("rbac.authorization.k8s.io/v1"), convert::same),
    row(
        "rbac.authorization.k8s.io/v1alpha1",
        "RoleBinding",
        "1.22",
        Some("rbac.authorization.k8s.io/v1"),
        convert::alpha_binding,
    ),
    row("rbac.authorization.k8s.io/v1beta1", "ClusterRole", "1.22", Some("rbac.authorization.k8s.io/v1"), convert::same),
    row("rbac.authorization.k8s.io/v1beta1", "ClusterRoleBinding", "1.22", Some("rbac.authorization.k8s.io/v1"), convert::same),
    row("rbac.authorization.k8s.io/v1beta1", "Role", "1.22", Some("rbac.authorization.k8s.io/v1"), convert::same),
    row("rbac.authorization.k8s.io/v1beta1", "RoleBinding", "1.22", Some("rbac.authorization.k8s.io/v1"), convert::same),
    row("scheduling.k8s.io/v1alpha1", "PriorityClass", "1.22", Some("scheduling.k8s.io/v1"), convert::same),
    row("scheduling.k8s.io/v1beta1", "PriorityClass", "1.22", Some("scheduling.k8s.io/v1"), convert::same),
    row("storage.k8s.io/v1beta1", "CSIDriver", "1.22", Some("storage.k8s.io/v1"), convert::same),
    row("storage.k8s.io/v1beta1", "CSINode", "1.22", Some("storage.k8s.io/v1"), convert::same),
    row("storage.k8s.io/v1beta1", "StorageClass", "1.22", Some("storage.k8s.io/v1"), convert::same),
    row("storage.k8s.io/v1beta1", "VolumeAttachment", "1.22", Some("storage.k8s.io/v1"), convert::same),
    row("autoscaling/v2beta1", "HorizontalPodAutoscaler", "1.25", Some("autoscaling/v2"), convert::autoscaler),
    row("batch/v1beta1", "CronJob", "1.25", Some("batch/v1"), convert::same),
    row("discovery.k8s.io/v1beta1", "EndpointSlice", "1.25", Some("discovery.k8s.io/v1"), convert::endpoint_slice),
    row("node.k8s.io/v1beta1", "RuntimeClass", "1.25", Some("node.k8s.io/v1"), convert::same),
    row("policy/v1beta1", "PodDisruptionBudget", "1.25", Some("policy/v1"), convert::budget),
    row("policy/v1beta1", "PodSecurityPolicy", "1.25", None, convert::same),
    row("autoscaling/v2beta2", "HorizontalPodAutoscaler", "1.26", Some("autoscaling/v2"), convert::same),
    row("flowcontrol.apiserver.k8s.io/v1beta1", "FlowSchema", "1.26", Some("flowcontrol.apiserver.k8s.io/v1"), convert::same),
    row(
        "flowcontrol.apiserver.k8s.io/v1beta1",
        "PriorityLevelConfiguration",
        "1.26",
        Some("flowcontrol.apiserver.k8s.io/v1"),
        convert::priority_level,
    ),
    row("storage.k8s.io/v1beta1", "CSIStorageCapacity", "1.27", Some("storage.k8s.io/v1"), convert::same),
    row("flowcontrol.apiserver.k8s.io/v1beta2", "FlowSchema", "1.29", Some("flowcontrol.apiserver.k8s.io/v1"), convert::same),
    row(
        "flowcontrol.apiserver.k8s.io/v1beta2",
        "PriorityLevelConfiguration",
        "1.29",
        Some("flowcontrol.apiserver.k8s.io/v1"),
        convert::priority_level,
    ),
    row("flowcontrol.apiserver.k8s.io/v1beta3", "FlowSchema", "1.32", Some("flowcontrol.apiserver.k8s.io/v1"), convert::same),
    row(
        "flowcontrol.apiserver.k8s.io/v1beta3",
        "PriorityLevelConfiguration",
        "1.32",
        Some("flowcontrol.apiserver.k8s.io/v1"),
        convert::priority_level,
    ),
];

/// What is known of a version of a kind that is no longer served; `None` when nothing is.
///
/// ```
/// use helm_release_core::Gvk;
/// use helm_release_core::api::removed;
///
/// let row = removed(&Gvk::new("extensions/v1beta1", "Ingress"));
/// assert!(row.is_some_and(|row| row.removed_in == "1.22"));
/// assert!(removed(&Gvk::new("networking.k8s.io/v1", "Ingress")).is_none());
/// // Custom resources are in no table.
/// assert!(removed(&Gvk::new("example.com/v1beta1", "Widget")).is_none());
/// ```
#[must_use]
pub fn removed(gvk: &Gvk) -> Option<&'static RemovedApi> {
    let api_version = gvk.api_version();
    REMOVED.iter().find(|row| row.api_version == api_version && row.kind == gvk.kind)
}

/// An object in the version that took the place of its own.
///
/// ```
/// use helm_release_core::Object;
/// use helm_release_core::api::successor;
/// use helm_release_core::ports::Cluster;
/// use helm_release_store::cluster::MemoryCluster;
/// use serde_json::json;
///
/// # examples::run(async {
/// # let mut old = json!({"apiVersion": "extensions/v1beta1", "kind": "Deployment", "metadata": {"name": "web"}});
/// # old["spec"] = json!({"template": {"metadata": {"labels": {"app": "web"}}}});
/// # let old = Object::new(old)?;
/// let kinds = MemoryCluster::new().kinds(false).await?;
/// // `old` is a Deployment of `extensions/v1beta1` that names no selector: its Pods' labels were the default.
/// let new = successor(&old, &kinds)?;
/// assert_eq!(new.object.at(&["spec", "selector", "matchLabels", "app"]), Some(&json!("web")));
/// // The kind says where requests for the object go.
/// assert_eq!((new.resource.gvk.api_version(), new.resource.plural), ("apps/v1".to_owned(), "deployments".to_owned()));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Converted {
    /// The object.
    pub object: Object,
    /// The kind that the server serves.
    pub resource: Resource,
}

/// Writes an object of a removed version in the one that took its place.
///
/// # Errors
/// Why it cannot be: nothing took its place, the server does not serve that either, or a field has no counterpart.
///
/// ```
/// use helm_release_core::Object;
/// use helm_release_core::api::successor;
/// use helm_release_core::ports::{Cluster, Kinds};
/// use helm_release_store::cluster::MemoryCluster;
/// use serde_json::json;
///
/// # examples::run(async {
/// let kinds = MemoryCluster::new().kinds(false).await?;
/// let old = Object::new(json!({
///     "apiVersion": "extensions/v1beta1", "kind": "Ingress", "metadata": {"name": "web"},
///     "spec": {"backend": {"serviceName": "web", "servicePort": 80}},
/// }))?;
/// let new = successor(&old, &kinds)?.object;
/// let backend = json!({"service": {"name": "web", "port": {"number": 80}}});
/// assert_eq!(new.at(&["spec", "defaultBackend"]), Some(&backend));
///
/// let refused = successor(&old, &Kinds::default()).unwrap_err();
/// assert_eq!(refused, "the server does not serve networking.k8s.io/v1 Ingress either");
/// # Ok(()) });
/// ```
pub fn successor(object: &Object, kinds: &Kinds) -> Result<Converted, String> {
    let gvk = object.gvk();
    let row = removed(&gvk).ok_or_else(|| "it is in no table of removed APIs".to_owned())?;
    let Some(successor) = row.successor else {
        return Err(format!("it was removed in Kubernetes {} and nothing took its place", row.removed_in));
    };
    let wanted = Gvk::new(successor, row.kind);
    let resource = kinds.find(&wanted).ok_or_else(|| format!("the server does not serve {wanted} either"))?;
    let mut value = object.as_value().clone();
    (row.convert)(&mut value).map_err(|why| format!("it cannot be written as {wanted}: {why}"))?;
    value["apiVersion"] = successor.into();
    let object = Object::new(value).map_err(|error| error.to_string())?;
    Ok(Converted { object, resource: resource.clone() })
}

#[cfg(test)]
mod tests;
