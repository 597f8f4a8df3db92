//! What `helm.sh/resource-policy` means, which depends on who reads it.

use crate::Object;

/// The annotation that keeps an object when its release no longer has it.
///
/// ```
/// use helm_release_core::manifest::RESOURCE_POLICY_ANNOTATION;
/// use helm_release_core::plan::{Action, RollbackOptions};
/// use serde_json::json;
/// # use helm_release_core::Gvk;
/// # use helm_release_core::ports::{Cluster as _, DryRun, PatchBody, Request, Validation};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let options = RollbackOptions::default();
/// assert_eq!(shop.plan(&options).await?.steps_of(Action::Delete).count(), 1);
///
/// // Somebody annotates the live ConfigMap that revision 2 does not have.
/// let keep = json!({"metadata": {"annotations": {RESOURCE_POLICY_ANNOTATION: "keep"}}});
/// # let kinds = shop.cluster.kinds(false).await?;
/// # let at = kinds.find(&Gvk::new("v1", "ConfigMap")).ok_or("not served")?.at("default", "shop-feature");
/// # let (patch, manager, validation) = (PatchBody::Merge(keep), "kubectl".to_owned(), Validation::Strict);
/// # shop.cluster.write(&Request::Patch { at, patch, manager, validation }, DryRun::No).await?;
/// let plan = shop.plan(&options).await?;
/// assert_eq!((plan.steps_of(Action::Delete).count(), plan.steps_of(Action::Keep).count()), (0, 1));
/// # Ok(()) });
/// ```
pub const RESOURCE_POLICY_ANNOTATION: &str = "helm.sh/resource-policy";

/// Whether upgrade or rollback may remove an object that the new revision does not have.
///
/// ```
/// use helm_release_core::Object;
/// use helm_release_core::manifest::{RemovalPolicy, removal_policy};
/// use serde_json::json;
///
/// let mut claim = Object::new(json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}}))?;
/// assert_eq!(removal_policy(&claim), RemovalPolicy::Remove);
/// let policies = ["keep", " keep ", "delete"].map(|text| {
///     claim.set_annotation("helm.sh/resource-policy", text);
///     removal_policy(&claim)
/// });
/// assert_eq!(policies, [RemovalPolicy::Keep, RemovalPolicy::RemoveDespiteIntent, RemovalPolicy::Remove]);
/// # Ok::<(), helm_release_core::object::NotAnObject>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RemovalPolicy {
    /// Helm keeps the object: the annotation is exactly `keep`.
    Keep,
    /// Helm removes the object although its annotation says `keep` in other letters or with blanks around it.
    RemoveDespiteIntent,
    /// Helm removes the object.
    Remove,
}

/// Reads the policy of a live object as upgrade and rollback do (`kube/client.go`): only the exact `keep` counts.
///
/// The tolerant reading comes along as [`RemovalPolicy::RemoveDespiteIntent`], because on
/// uninstall the same annotation does keep the object.
///
/// ```
/// use helm_release_core::Object;
/// use helm_release_core::manifest::{RemovalPolicy, removal_policy};
/// use serde_json::json;
///
/// let claim = |policy: &str| {
///     let metadata = json!({"name": "data", "annotations": {"helm.sh/resource-policy": policy}});
///     Object::new(json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata})).unwrap()
/// };
/// assert_eq!(removal_policy(&claim("keep")), RemovalPolicy::Keep);
/// assert_eq!(removal_policy(&claim("Keep")), RemovalPolicy::RemoveDespiteIntent);
/// ```
#[must_use]
pub fn removal_policy(live: &Object) -> RemovalPolicy {
    match live.annotation(RESOURCE_POLICY_ANNOTATION) {
        Some("keep") => RemovalPolicy::Keep,
        Some(text) if is_keep(text) => RemovalPolicy::RemoveDespiteIntent,
        _ => RemovalPolicy::Remove,
    }
}

/// What uninstall does with an object of the stored manifest.
///
/// ```
/// use helm_release_core::manifest::{StoredPolicy, read_objects, stored_policy};
///
/// let manifest = "
/// apiVersion: v1
/// kind: ConfigMap
/// metadata: {name: a}
/// ---
/// apiVersion: v1
/// kind: ConfigMap
/// metadata: {name: b, annotations: {helm.sh/resource-policy: keep}}
/// ---
/// apiVersion: v1
/// kind: ConfigMap
/// metadata: {name: c, annotations: {helm.sh/resource-policy: delete}}
/// ";
/// let mut policies = Vec::new();
/// read_objects(manifest).each(|found| policies.push(stored_policy(&found.object)))?;
/// assert_eq!(policies, [StoredPolicy::Delete, StoredPolicy::Keep, StoredPolicy::Forgotten]);
/// # Ok::<(), helm_release_core::manifest::ManifestErrors>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StoredPolicy {
    /// Helm deletes the object.
    Delete,
    /// Helm keeps the object and reports it.
    Keep,
    /// Helm neither deletes nor reports the object: the annotation is there with another value than `keep`.
    Forgotten,
}

/// Reads the policy of an object of the stored manifest as uninstall does (`action/resource_policy.go`):
/// trimmed and in lower case.
///
/// ```
/// use helm_release_core::Object;
/// use helm_release_core::manifest::{RemovalPolicy, StoredPolicy, removal_policy, stored_policy};
/// use serde_json::json;
///
/// let metadata = json!({"name": "data", "annotations": {"helm.sh/resource-policy": "Keep"}});
/// let claim = Object::new(json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata}))?;
/// assert_eq!(stored_policy(&claim), StoredPolicy::Keep);
/// assert_eq!(removal_policy(&claim), RemovalPolicy::RemoveDespiteIntent, "a rollback reads it more strictly");
/// # Ok::<(), helm_release_core::object::NotAnObject>(())
/// ```
#[must_use]
pub fn stored_policy(stored: &Object) -> StoredPolicy {
    match stored.annotation(RESOURCE_POLICY_ANNOTATION) {
        None => StoredPolicy::Delete,
        Some(text) if is_keep(text) => StoredPolicy::Keep,
        Some(_) => StoredPolicy::Forgotten,
    }
}

fn is_keep(text: &str) -> bool {
    text.trim().eq_ignore_ascii_case("keep") || text.trim().to_lowercase() == "keep"
}

#[cfg(test)]
mod tests;
