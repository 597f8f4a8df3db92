//! Patches: how the server applies them, and how Helm and this crate compute them.
//!
//! A built-in kind is patched by a *strategic merge*, which merges some lists by a key: [`Schemas`] say which.
//! Every other kind is patched by a JSON merge, which replaces lists.
//!
//! ```
//! use helm_release_core::Gvk;
//! use helm_release_core::patch::{HelmPatch, Schemas, apply, changed_fields, helm_patch};
//! use serde_json::{Value, json};
//!
//! let gvk = Gvk::new("apps/v1", "Deployment");
//! let pod = |containers: Value| json!({"spec": {"template": {"spec": {"containers": containers}}}});
//! let (latest, target) = (pod(json!([{"name": "web", "image": "web:2"}])), pod(json!([{"name": "web", "image": "web:1"}])));
//! let live = pod(json!([{"name": "web", "image": "web:2"}, {"name": "injected", "image": "proxy:7"}]));
//!
//! let patch = helm_patch(HelmPatch { gvk: &gvk, original: &latest, target: &target, live: &live })?.expect("the image differs");
//! let after = apply(Schemas::built_in(), &gvk, &live, &patch)?;
//! let changes = changed_fields(Schemas::built_in(), &gvk, &live, &after);
//! assert_eq!(changes.len(), 1, "the container that somebody injected stays");
//! assert_eq!(changes[0].path, "spec.template.spec.containers[name=web].image");
//! # Ok::<(), helm_release_core::patch::PatchError>(())
//! ```

use serde_json::Value;

use crate::Gvk;
use crate::ports::PatchBody;

mod change;
mod compute;
mod error;
mod json_merge;
mod number;
mod ownership;
mod schema;
mod strategic;
mod union;

pub use change::{FieldChange, changed_fields};
pub(crate) use change::{entry_path, field_path};
pub use compute::{HelmPatch, ThreeWay, helm_patch, three_way};
pub use error::{PatchError, PatchProblem};
pub use ownership::apply_is_noop;
pub use schema::{ListMerge, ListType, MapType, Node, OpenApiError, Schemas};
pub use union::union;

use strategic::Strategic;

/// Applies a patch to a live object as the server does, before the server fills in defaults.
///
/// A field that the schema does not know is merged as in a JSON merge, since a server drops it.
///
/// # Errors
/// [`PatchError`] when the server would refuse the patch itself: a strategic merge patch for a kind that takes none,
/// a malformed directive, a list entry without its merge key, a JSON patch operation that does not fit.
///
/// ```
/// use helm_release_core::Gvk;
/// use helm_release_core::patch::{Schemas, apply};
/// use helm_release_core::ports::PatchBody;
/// use serde_json::json;
///
/// let live = json!({"spec": {"ports": [{"port": 80}, {"port": 443}]}});
/// let ports = json!({"spec": {"ports": [{"port": 80, "name": "http"}]}});
/// let patched = |body| apply(Schemas::built_in(), &Gvk::new("v1", "Service"), &live, &body);
///
/// let merged = json!({"spec": {"ports": [{"port": 80, "name": "http"}, {"port": 443}]}});
/// assert_eq!(patched(PatchBody::Strategic(ports.clone()))?, merged);
/// assert_eq!(patched(PatchBody::Merge(ports.clone()))?, ports);
/// let operations = json!([{"op": "remove", "path": "/spec/ports/0"}]);
/// assert_eq!(patched(PatchBody::Json(operations))?, json!({"spec": {"ports": [{"port": 443}]}}));
/// # Ok::<(), helm_release_core::patch::PatchError>(())
/// ```
pub fn apply(schemas: &Schemas, gvk: &Gvk, live: &Value, patch: &PatchBody) -> Result<Value, PatchError> {
    match patch {
        PatchBody::Json(operations) => apply_operations(live, operations),
        PatchBody::Merge(patch) => {
            let mut result = live.clone();
            json_merge::apply(&mut result, patch);
            Ok(result)
        }
        PatchBody::Strategic(patch) => {
            if !schemas.takes_strategic_merge(gvk) {
                return Err(PatchError::NoStrategicMerge { gvk: gvk.clone() });
            }
            let node = schemas.find(gvk);
            let live = live.as_object().ok_or(PatchError::NotAMapping { what: "live object" })?;
            let patch = patch.as_object().ok_or(PatchError::NotAMapping { what: "patch" })?;
            let result = Strategic::lenient().apply(live.clone(), patch.clone(), node);
            result.map(Value::Object).map_err(PatchError::from)
        }
    }
}

fn apply_operations(live: &Value, operations: &Value) -> Result<Value, PatchError> {
    let operations: json_patch::Patch = serde::Deserialize::deserialize(operations).map_err(|_| PatchError::NotOperations)?;
    let mut result = live.clone();
    json_patch::patch(&mut result, &operations).map_err(|error| PatchError::Operation {
        index: error.operation,
        path: error.path.to_string(),
        problem: error.kind.to_string(),
    })?;
    Ok(result)
}

#[cfg(test)]
mod tests;
