//! Who wrote which field: the entries of `metadata.managedFields`.

use serde::Serialize;
use serde_json::Value;

use super::{FieldPath, Segment};
use crate::Object;
use crate::patch::FieldChange;

/// Somebody who owns fields of a live object.
///
/// ```
/// use helm_release_core::Object;
/// use helm_release_core::drift::drifted;
/// use helm_release_core::patch::Schemas;
/// use serde_json::json;
///
/// let web = |replicas: u32| {
///     json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {"replicas": replicas}})
/// };
/// let mut live = web(8);
/// live["metadata"]["managedFields"] = json!([{
///     "manager": "kubectl", "operation": "Update", "subresource": "scale", "time": "2026-11-27T08:00:00Z",
///     "fieldsV1": {"f:spec": {"f:replicas": {}}},
/// }]);
/// let found = drifted(Schemas::built_in(), &Object::new(web(3))?, &Object::new(live)?);
/// let manager = &found[0].by[0];
/// assert_eq!(manager.to_string(), "kubectl/scale");
/// assert_eq!(manager.operation, "Update");
/// assert_eq!(manager.time.as_deref(), Some("2026-11-27T08:00:00Z"));
/// # Ok::<(), helm_release_core::object::NotAnObject>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Manager {
    /// The name of the field manager, such as `kubectl-edit`.
    pub manager: String,
    /// `Apply` or `Update`.
    pub operation: String,
    /// The subresource that it wrote through, such as `scale`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subresource: Option<String>,
    /// When it last changed what it owns of the object, as the server wrote it (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
}

impl std::fmt::Display for Manager {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.manager)?;
        self.subresource.as_ref().map_or(Ok(()), |subresource| write!(f, "/{subresource}"))
    }
}

/// Names under which releases are written: Helm's own, and those of programs that embed Helm and name themselves.
const APPLIERS: [&str; 2] = ["helm", "helm-controller"];
const APPLIER_PREFIX: &str = "terraform-provider-helm";

/// Whether releases are written under that name.
#[must_use]
pub(crate) fn writes_releases(manager: &str) -> bool {
    APPLIERS.contains(&manager) || manager.starts_with(APPLIER_PREFIX)
}

/// The control plane's own programs.
const CONTROL_PLANE: [&str; 4] = ["kube-apiserver", "kube-scheduler", "kubelet", "cloud-controller-manager"];

#[derive(Debug)]
pub(super) struct Entry<'a> {
    pub(super) who: Manager,
    pub(super) fields: &'a Value,
}

/// Everybody who owns fields of one live object.
#[derive(Debug)]
pub(crate) struct Managers<'a> {
    entries: Vec<Entry<'a>>,
}

impl<'a> Managers<'a> {
    /// Reads the entries of a live object.
    pub(crate) fn of(live: &'a Object) -> Self {
        let entries = live.at(&["metadata", "managedFields"]).and_then(Value::as_array).into_iter().flatten();
        let text = |entry: &Value, key: &str| entry.get(key).and_then(Value::as_str).map(str::to_owned);
        let read = |entry: &'a Value| {
            let who = Manager {
                manager: text(entry, "manager").unwrap_or_default(),
                operation: text(entry, "operation").unwrap_or_default(),
                subresource: text(entry, "subresource").filter(|subresource| !subresource.is_empty()),
                time: text(entry, "time"),
            };
            Some(Entry { who, fields: entry.get("fieldsV1")? })
        };
        Self { entries: entries.filter_map(read).collect() }
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry<'a>> {
        self.entries.iter()
    }

    /// Everybody who owns any field.
    pub(crate) fn writers(&self) -> impl Iterator<Item = &Manager> {
        self.entries.iter().map(|entry| &entry.who)
    }

    /// Those who own a field or something below it.
    pub(crate) fn owners(&self, path: &FieldPath) -> Vec<&Manager> {
        let of_object = self.entries.iter().filter(|entry| entry.who.subresource.as_deref() != Some("status"));
        of_object.filter(|entry| path.is_in(entry.fields)).map(|entry| &entry.who).collect()
    }

    /// What a release's server-side apply owns; `None` when the object was never applied so.
    pub(super) fn applied(&self) -> Option<&'a Value> {
        let mut applies = self.entries.iter().filter(|entry| entry.who.operation == "Apply" && entry.who.subresource.is_none());
        applies.find(|entry| writes_releases(&entry.who.manager)).map(|entry| entry.fields)
    }

    /// Whether somebody other than Helm owns a field that changes.
    pub(crate) fn contend(&self, changes: &[FieldChange]) -> bool {
        let others = self.entries.iter().filter(|entry| !writes_releases(&entry.who.manager));
        others.filter(|entry| entry.who.subresource.as_deref() != Some("status")).any(|entry| {
            let mut leaves = Vec::new();
            collect_leaves(&FieldPath::default(), entry.fields, &mut leaves);
            leaves.iter().any(|leaf| changes.iter().any(|change| leaf.overlaps_text(&change.path)))
        })
    }

    /// Whether somebody of that name owns any field.
    pub(crate) fn has(&self, manager: &str) -> bool {
        self.entries.iter().any(|entry| entry.who.manager == manager)
    }

    /// Whether a manager is a controller: a part of the control plane, or one that keeps the object's status.
    pub(crate) fn is_controller(&self, manager: &str) -> bool {
        let keeps_status =
            |entry: &Entry<'_>| entry.who.subresource.as_deref() == Some("status") || entry.fields.get("f:status").is_some();
        CONTROL_PLANE.contains(&manager)
            || manager.ends_with("controller-manager")
            || self.entries.iter().any(|entry| entry.who.manager == manager && keeps_status(entry))
    }
}

/// The places that a tree of `fieldsV1` names.
fn collect_leaves(path: &FieldPath, tree: &Value, leaves: &mut Vec<FieldPath>) {
    for (name, below) in tree.as_object().into_iter().flatten() {
        let Some(segment) = Segment::of_name(name) else { continue };
        let path = path.then(segment);
        if below.as_object().is_some_and(|below| !below.is_empty()) {
            collect_leaves(&path, below, leaves);
        } else {
            leaves.push(path);
        }
    }
}

#[cfg(test)]
mod tests;
