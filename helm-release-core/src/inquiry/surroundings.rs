//! Lists what stands around a release and has a say in its rollback.

use std::collections::BTreeSet;

use super::{Action, Around, Cluster, Kinds, ListOptions, Plan, Resource, Step};
use futures::StreamExt as _;

/// Looked at in every namespace that the plan touches.
const NAMESPACED: [(&str, &str); 3] = [("", "ResourceQuota"), ("", "LimitRange"), ("policy", "PodDisruptionBudget")];

/// Looked at once.
const CLUSTER: [&str; 4] = [
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
];

/// The newest stable version of a kind that the server serves, or the newest of all.
///
/// ```
/// use helm_release_core::Gvk;
/// use helm_release_core::inquiry::newest;
/// use helm_release_core::ports::{Kinds, Resource, Scope};
///
/// let jobs = |version: &str| Resource {
///     gvk: Gvk::new(&format!("batch/{version}"), "CronJob"),
///     plural: "cronjobs".to_owned(),
///     scope: Scope::Namespaced,
/// };
/// let kinds: Kinds = ["v1", "v2alpha1", "v1beta1"].map(jobs).into_iter().collect();
/// assert_eq!(newest(&kinds, "batch", "CronJob"), Some(&jobs("v1")));
/// assert_eq!(newest(&kinds, "apps", "CronJob"), None);
/// ```
#[must_use]
pub fn newest<'a>(kinds: &'a Kinds, group: &'a str, kind: &'a str) -> Option<&'a Resource> {
    kinds.versions(group, kind).max_by_key(|resource| rank(&resource.gvk.version))
}

/// The newest version of a kind, of the core group before any other.
pub(super) fn newest_of_any_group<'a>(kinds: &'a Kinds, kind: &str) -> Option<&'a Resource> {
    let named = kinds.iter().filter(|resource| resource.gvk.kind == kind);
    named.max_by_key(|resource| (resource.gvk.group.is_empty(), !resource.gvk.group.contains('.'), rank(&resource.gvk.version)))
}

/// `v2` before `v1` before `v1beta2` before `v1alpha1`, as Kubernetes orders versions.
fn rank(version: &str) -> (u8, u32, u32) {
    let number = |text: &str| text.parse().unwrap_or(0);
    let rest = version.trim_start_matches('v');
    let (major, stage, minor) = match (rest.split_once("beta"), rest.split_once("alpha")) {
        (Some((major, minor)), _) => (major, 1, minor),
        (_, Some((major, minor))) => (major, 0, minor),
        _ => (rest, 2, "0"),
    };
    (stage, number(major), number(minor))
}

/// What to list for some of a plan's steps.
pub(super) fn questions(draft: &Plan, kinds: &Kinds, is_meant: &dyn Fn(&Step) -> bool) -> BTreeSet<(Resource, Option<String>)> {
    let mut asked = BTreeSet::new();
    if draft.is_idle() {
        return asked;
    }
    let mut ask = |group: &str, kind: &str, namespace: Option<&str>| {
        if let Some(resource) = newest(kinds, group, kind) {
            asked.insert((resource.clone(), namespace.map(str::to_owned)));
        }
    };
    let writes: Vec<_> = draft.steps.iter().filter(|step| step.action.writes_object() && is_meant(step)).collect();
    let mut namespaces: BTreeSet<&str> = writes.iter().filter_map(|step| step.location()?.namespace.as_deref()).collect();
    namespaces.insert(draft.namespace.as_str());
    for namespace in &namespaces {
        for (group, kind) in NAMESPACED {
            ask(group, kind, Some(namespace));
        }
    }
    for kind in CLUSTER {
        ask("admissionregistration.k8s.io", kind, None);
    }
    for step in writes {
        let Some(at) = step.location() else { continue };
        let (kind, namespace) = (at.resource.gvk.kind.as_str(), at.namespace.as_deref());
        if matches!(kind, "StatefulSet" | "PersistentVolumeClaim") {
            ask("", "PersistentVolumeClaim", namespace);
            ask("", "PersistentVolume", None);
        }
        if kind == "Namespace" && step.action == Action::Delete {
            ask("", "PersistentVolumeClaim", Some(&at.name));
            ask("", "PersistentVolume", None);
        }
    }
    asked
}

/// Lists them, and says how many lists that took.
pub(super) async fn look(
    cluster: &dyn Cluster,
    asked: BTreeSet<(Resource, Option<String>)>,
    concurrency: usize,
) -> (Around, usize) {
    let count = asked.len();
    let lists = futures::stream::iter(asked).map(|(resource, namespace)| async move {
        let listed = cluster.list(&resource, &ListOptions::within(namespace.as_deref())).await;
        (resource, namespace, listed)
    });
    let mut around = Around::default();
    let lists: Vec<_> = lists.buffered(concurrency).collect().await;
    for (resource, namespace, listed) in lists {
        match listed {
            Ok(listing) => around.objects.extend(listing.items),
            Err(error) => {
                let place = namespace.map_or_else(String::new, |namespace| format!(" in namespace {namespace}"));
                around.hidden.push((format!("{}{place}", resource.plural), error.message));
            }
        }
    }
    (around, count)
}
