//! Autoscalers, which hold the number of replicas of a workload.

use std::collections::BTreeSet;

use serde_json::Value;

use super::FieldPath;
use super::managers::Managers;
use crate::ports::{Cluster, ClusterErrorKind, Kinds, ListOptions, Location};
use crate::{Gvk, Object, ObjectId};

/// The autoscalers around a release's workloads.
///
/// ```
/// use helm_release_core::plan::RollbackOptions;
/// # use helm_release_core::Object;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let autoscaler = serde_json::json!({
/// #     "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "shop", "namespace": "default"},
/// #     "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "shop"}, "maxReplicas": 9},
/// # });
/// # shop.cluster.insert(&Object::new(autoscaler)?, "default", "kubectl")?;
/// // A survey finds those of every namespace in which the release has a workload with replicas.
/// let survey = shop.survey(&RollbackOptions::default()).await?;
/// assert_eq!(survey.autoscalers.found[0].id().to_string(), "HorizontalPodAutoscaler default/shop");
/// assert_eq!(survey.autoscalers.hidden, None);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Autoscalers {
    /// Every one in the namespaces that were looked at.
    pub found: Vec<Object>,
    /// Why they could not be listed.
    pub hidden: Option<String>,
}

/// The field that an autoscaler holds.
#[must_use]
pub(crate) fn replicas() -> FieldPath {
    FieldPath::of_fields(&["spec", "replicas"])
}

impl Autoscalers {
    /// Autoscalers that were listed elsewhere.
    ///
    /// ```
    /// use helm_release_core::Object;
    /// use helm_release_core::drift::Autoscalers;
    /// use serde_json::json;
    ///
    /// // A cache of one's own may know them already.
    /// let known = json!([{"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "web"}}]);
    /// let known: Vec<Object> = serde_json::from_value(known)?;
    /// let autoscalers = Autoscalers::of(known);
    /// assert_eq!(autoscalers.found[0].name(), "web");
    /// assert!(autoscalers.hidden.is_none());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn of(found: impl IntoIterator<Item = Object>) -> Self {
        Self { found: found.into_iter().collect(), hidden: None }
    }

    /// Lists the autoscalers of namespaces. One that may not be listed is no error.
    ///
    /// # Cancellation
    /// Nothing is left behind: nothing is written.
    pub(crate) async fn look(cluster: &dyn Cluster, kinds: &Kinds, namespaces: BTreeSet<String>) -> Self {
        let mut autoscalers = Self::default();
        let served = ["autoscaling/v2", "autoscaling/v1"].map(|version| Gvk::new(version, "HorizontalPodAutoscaler"));
        let Some(resource) = served.iter().find_map(|gvk| kinds.find(gvk)) else { return autoscalers };
        for namespace in namespaces {
            match cluster.list(resource, &ListOptions::within(Some(&namespace))).await {
                Ok(listing) => autoscalers.found.extend(listing.items),
                Err(error) if error.kind == ClusterErrorKind::Forbidden => autoscalers.hidden = Some(error.message),
                // What is out of order shows again in what must be read.
                Err(error) => autoscalers.hidden = Some(error.to_string()),
            }
        }
        autoscalers
    }

    /// Who holds the replicas of a live workload: the autoscaler that names it, or, where those may not be listed, whoever scaled it
    /// as the autoscalers' controller does. An autoscaler leaves a workload alone that was scaled to nothing.
    ///
    /// ```
    /// use helm_release_core::{Gvk, Object};
    /// use helm_release_core::drift::Autoscalers;
    /// use helm_release_core::ports::{Resource, Scope};
    /// use serde_json::json;
    ///
    /// let autoscaler = Object::new(json!({
    ///     "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
    ///     "metadata": {"name": "web", "namespace": "default"},
    ///     "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}},
    /// }))?;
    /// let web = |replicas: u32| {
    ///     let spec = json!({"replicas": replicas});
    ///     Object::new(json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": spec}))
    /// };
    /// let deployments =
    ///     Resource { gvk: Gvk::new("apps/v1", "Deployment"), plural: "deployments".to_owned(), scope: Scope::Namespaced };
    /// let (autoscalers, at) = (Autoscalers::of([autoscaler]), deployments.at("default", "web"));
    /// assert_eq!(autoscalers.holder(&at, &web(3)?).as_deref(), Some("HorizontalPodAutoscaler default/web"));
    /// assert_eq!(autoscalers.holder(&at, &web(0)?), None);
    /// # Ok::<(), helm_release_core::object::NotAnObject>(())
    /// ```
    #[must_use]
    pub fn holder(&self, at: &Location, live: &Object) -> Option<String> {
        if live.at(&["spec", "replicas"]).and_then(Value::as_i64).unwrap_or_default() == 0 {
            return None;
        }
        if let Some(autoscaler) = self.found.iter().find(|autoscaler| scales(autoscaler, at)) {
            return Some(autoscaler.id().to_string());
        }
        self.hidden.as_ref()?;
        let managers = Managers::of(live);
        let owners = managers.owners(&replicas());
        let scaled = |owner: &&&super::Manager| {
            owner.manager == "kube-controller-manager" && owner.subresource.as_deref() == Some("scale")
        };
        owners.iter().find(scaled).map(|_| "an autoscaler that may not be listed".to_owned())
    }

    /// Leaves out those that a rollback deletes.
    #[must_use]
    pub(crate) fn without(&self, gone: impl Fn(&ObjectId) -> bool) -> Self {
        let found = self.found.iter().filter(|autoscaler| !gone(&autoscaler.id())).cloned().collect();
        Self { found, hidden: self.hidden.clone() }
    }
}

fn scales(autoscaler: &Object, at: &Location) -> bool {
    let Some(target) = autoscaler.at(&["spec", "scaleTargetRef"]) else { return false };
    let text = |key: &str| target.get(key).and_then(Value::as_str).unwrap_or_default();
    let gvk = Gvk::new(text("apiVersion"), text("kind"));
    autoscaler.namespace() == at.namespace.as_deref()
        && gvk.kind == at.resource.gvk.kind
        && text("name") == at.name
        && (text("apiVersion").is_empty() || gvk.group == at.resource.gvk.group)
}

#[cfg(test)]
mod tests;
