//! The order in which Helm installs and uninstalls kinds (`releaseutil/kind_sorter.go`).

use crate::HelmLine;

/// Install order of Helm 3; Helm 4 has [`WEBHOOKS`] behind it.
const INSTALL: [&str; 36] = [
    "PriorityClass",
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
];

/// Uninstall order of Helm 3; Helm 4 has [`WEBHOOKS`] before it, backwards. It is not quite the install order backwards: a Service
/// goes before what it leads to.
const UNINSTALL: [&str; 36] = [
    "APIService",
    "Ingress",
    "IngressClass",
    "Service",
    "CronJob",
    "Job",
    "StatefulSet",
    "HorizontalPodAutoscaler",
    "Deployment",
    "ReplicaSet",
    "ReplicationController",
    "Pod",
    "DaemonSet",
    "RoleBindingList",
    "RoleBinding",
    "RoleList",
    "Role",
    "ClusterRoleBindingList",
    "ClusterRoleBinding",
    "ClusterRoleList",
    "ClusterRole",
    "CustomResourceDefinition",
    "PersistentVolumeClaim",
    "PersistentVolume",
    "StorageClass",
    "ConfigMap",
    "SecretList",
    "Secret",
    "ServiceAccount",
    "PodDisruptionBudget",
    "PodSecurityPolicy",
    "LimitRange",
    "ResourceQuota",
    "NetworkPolicy",
    "Namespace",
    "PriorityClass",
];

const WEBHOOKS: [&str; 2] = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

/// The rank of a kind on install; unknown kinds all have the rank behind the last known one.
///
/// The API group plays no part. Among unknown kinds Helm goes by the name of the kind, which [`sort_for_install`] does.
///
/// ```
/// use helm_release_core::HelmLine;
/// use helm_release_core::manifest::install_rank;
///
/// let rank = |kind| install_rank(kind, HelmLine::V3);
/// assert!(rank("Secret") < rank("Deployment"));
/// assert!(rank("APIService") < rank("Widget"));
/// assert_eq!(rank("ValidatingWebhookConfiguration"), rank("Widget"), "only Helm 4 knows it");
/// ```
#[must_use]
pub fn install_rank(kind: &str, line: HelmLine) -> usize {
    let known = || INSTALL.iter().chain(webhooks(line));
    known().position(|known| *known == kind).unwrap_or_else(|| known().count())
}

/// The rank of a kind on uninstall: about the install order backwards, and unknown kinds last all the same.
///
/// ```
/// use helm_release_core::HelmLine;
/// use helm_release_core::manifest::uninstall_rank;
///
/// let rank = |kind| uninstall_rank(kind, HelmLine::V4);
/// assert_eq!(rank("ValidatingWebhookConfiguration"), 0);
/// assert!(rank("Deployment") < rank("Secret"));
/// assert!(rank("Service") < rank("Deployment"), "not the install order backwards");
/// assert!(rank("PriorityClass") < rank("Widget"));
/// ```
#[must_use]
pub fn uninstall_rank(kind: &str, line: HelmLine) -> usize {
    let known = || webhooks(line).iter().rev().chain(&UNINSTALL);
    known().position(|known| *known == kind).unwrap_or_else(|| known().count())
}

/// Sorts by install order, unknown kinds last and by name, equal kinds in the order they came in.
///
/// ```
/// use helm_release_core::HelmLine;
/// use helm_release_core::manifest::{sort_for_install, sort_for_uninstall};
///
/// let mut kinds = ["Widget", "Deployment", "ConfigMap", "Namespace"];
/// sort_for_install(&mut kinds, HelmLine::V4, |kind| *kind);
/// assert_eq!(kinds, ["Namespace", "ConfigMap", "Deployment", "Widget"]);
/// sort_for_uninstall(&mut kinds, HelmLine::V4, |kind| *kind);
/// assert_eq!(kinds, ["Deployment", "ConfigMap", "Namespace", "Widget"]);
/// ```
pub fn sort_for_install<T>(items: &mut [T], line: HelmLine, kind: impl Fn(&T) -> &str) {
    sort(items, &kind, |kind| install_rank(kind, line), INSTALL.len() + webhooks(line).len());
}

/// Sorts by uninstall order, unknown kinds last and by name, equal kinds in the order they came in.
///
/// ```
/// use helm_release_core::HelmLine;
/// use helm_release_core::manifest::sort_for_uninstall;
///
/// let mut objects = [("ConfigMap", "b"), ("Widget", "w"), ("ConfigMap", "a"), ("Gadget", "g"), ("Deployment", "web")];
/// sort_for_uninstall(&mut objects, HelmLine::V4, |(kind, _)| kind);
/// assert_eq!(objects.map(|(_, name)| name), ["web", "b", "a", "g", "w"]);
/// ```
pub fn sort_for_uninstall<T>(items: &mut [T], line: HelmLine, kind: impl Fn(&T) -> &str) {
    sort(items, &kind, |kind| uninstall_rank(kind, line), UNINSTALL.len() + webhooks(line).len());
}

/// What only Helm 4 knows, in install order.
fn webhooks(line: HelmLine) -> &'static [&'static str] {
    match line {
        HelmLine::V3 => &[],
        HelmLine::V4 => &WEBHOOKS,
    }
}

fn sort<T>(items: &mut [T], kind: &impl Fn(&T) -> &str, rank: impl Fn(&str) -> usize, unknown: usize) {
    items.sort_by(|left, right| {
        let (left, right) = (kind(left), kind(right));
        let (left_rank, right_rank) = (rank(left), rank(right));
        let by_name = if left_rank == unknown { left.cmp(right) } else { std::cmp::Ordering::Equal };
        left_rank.cmp(&right_rank).then(by_name)
    });
}

#[cfg(test)]
mod tests;
