//! The objects that belong to another one and decide with it.

use crate::readiness::Selector;
use crate::{Gvk, Object};

/// Objects to list before another object can be judged.
///
/// ```
/// use helm_release_core::Object;
/// use helm_release_core::ports::ListOptions;
/// use helm_release_core::readiness::watcher;
/// use serde_json::json;
///
/// let set = Object::new(json!({
///     "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "db", "namespace": "prod"},
///     "spec": {"selector": {"matchLabels": {"app": "db"}}},
/// }))?;
/// let need = watcher::needs(&set).expect("its pods decide");
/// assert_eq!(need.gvk.to_string(), "v1 Pod");
/// let request = ListOptions::within(need.namespace.as_deref()).with_labels(need.selector.to_string());
/// assert_eq!((request.namespace.as_deref(), request.labels.as_deref()), (Some("prod"), Some("app=db")));
/// # Ok::<(), helm_release_core::object::NotAnObject>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Need {
    /// Their kind.
    pub gvk: Gvk,
    /// Their namespace, which is that of the object.
    pub namespace: Option<String>,
    /// Which of them.
    pub selector: Selector,
}

impl Need {
    pub(super) fn new(api_version: &str, kind: &str, object: &Object, selector: Selector) -> Self {
        Self { gvk: Gvk::new(api_version, kind), namespace: object.namespace().map(str::to_owned), selector }
    }

    fn is_met_by(&self, object: &Object) -> bool {
        object.gvk() == self.gvk && object.namespace() == self.namespace.as_deref() && self.selector.matches(object)
    }
}

/// Candidates among which an object finds those that belong to it.
///
/// May hold more than needed, such as every pod of a namespace.
///
/// ```
/// use helm_release_core::readiness::{Related, legacy};
/// use helm_release_core::{HelmLine, Object};
/// use serde_json::json;
///
/// let labelled = |name: &str, app: &str| {
///     let metadata = json!({"name": name, "labels": {"app": app}});
///     Object::new(json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata}))
/// };
/// let controller = Object::new(json!({
///     "apiVersion": "v1", "kind": "ReplicationController", "metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}},
/// }))?;
/// let pods = [labelled("web-a", "web")?, labelled("db-a", "db")?];
/// let related: Related = pods.iter().collect();
/// let readiness = legacy::ready(&controller, &related, &legacy::Options::of(HelmLine::V3));
/// assert_eq!(readiness.reason, "0 of 1 pods are ready", "the other pod is none of its own");
/// # Ok::<(), helm_release_core::object::NotAnObject>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Related<'a> {
    objects: Vec<&'a Object>,
}

impl<'a> Related<'a> {
    /// No objects, for kinds that are judged alone.
    ///
    /// ```
    /// use helm_release_core::readiness::{Related, watcher};
    /// # use helm_release_core::Object;
    /// # use serde_json::json;
    ///
    /// # let service = Object::new(json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}}))?;
    /// assert_eq!(watcher::needs(&service), None);
    /// let options = watcher::Options::at("2026-11-20T08:00:00Z".parse()?);
    /// let readiness = watcher::status(&service, &Related::none(), &options);
    /// assert_eq!(readiness.unwrap().message, "Service is ready");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn none() -> Self {
        Self { objects: Vec::new() }
    }

    pub(super) fn meeting(&self, need: &Need) -> impl Iterator<Item = &'a Object> {
        self.objects.iter().copied().filter(|object| need.is_met_by(object))
    }
}

impl<'a> FromIterator<&'a Object> for Related<'a> {
    fn from_iter<I: IntoIterator<Item = &'a Object>>(objects: I) -> Self {
        Self { objects: objects.into_iter().collect() }
    }
}
