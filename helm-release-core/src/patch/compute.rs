//! Computes the patch that brings a live object to its target.

use serde_json::{Map, Value};

use super::error::PatchError;
use super::number;
use super::strategic::Strategic;
use super::{Schemas, apply, json_merge, union};
use crate::Gvk;
use crate::ports::PatchBody;

/// What [`three_way`] computes a patch from.
///
/// ```
/// use helm_release_core::Gvk;
/// use helm_release_core::patch::{PatchError, Schemas, ThreeWay, three_way};
/// use helm_release_core::ports::PatchBody;
/// use serde_json::{Value, json};
///
/// let gvk = Gvk::new("v1", "ConfigMap");
/// let (target, failed) = (json!({"data": {"motd": "welcome"}}), json!({"data": {"motd": "welcome", "beta": "on"}}));
/// let live = failed.clone();
/// let patch = |originals: &[&Value]| {
///     three_way(Schemas::built_in(), ThreeWay { gvk: &gvk, originals, target: &target, live: &live })
/// };
/// assert_eq!(patch(&[&target])?, None, "the field may be somebody else's");
/// assert_eq!(patch(&[&target, &failed])?, Some(PatchBody::Strategic(json!({"data": {"beta": null}}))));
/// # Ok::<(), PatchError>(())
/// ```
#[derive(Clone, Copy)]
pub struct ThreeWay<'a> {
    /// The kind, in the version of `target` and `live`.
    pub gvk: &'a Gvk,
    /// The object in every revision that may have been applied, oldest first.
    pub originals: &'a [&'a Value],
    /// The object as it shall be.
    pub target: &'a Value,
    /// The object as it is.
    pub live: &'a Value,
}

/// What [`helm_patch`] computes a patch from.
///
/// ```
/// use helm_release_core::Gvk;
/// use helm_release_core::patch::{HelmPatch, helm_patch};
/// use helm_release_core::ports::PatchBody;
/// use serde_json::json;
///
/// let gvk = Gvk::new("v1", "ConfigMap");
/// let manifest = json!({"data": {"motd": "welcome"}});
/// let edited = json!({"data": {"motd": "closed", "beta": "on"}});
/// let inputs = HelmPatch { gvk: &gvk, original: &manifest, target: &manifest, live: &edited };
/// assert_eq!(helm_patch(inputs)?, Some(PatchBody::Strategic(json!({"data": {"motd": "welcome"}}))));
/// assert_eq!(format!("{inputs:?}"), "HelmPatch(v1 ConfigMap)", "no value is printed");
/// # Ok::<(), helm_release_core::patch::PatchError>(())
/// ```
#[derive(Clone, Copy)]
pub struct HelmPatch<'a> {
    /// The kind, in the version of `target` and `live`.
    pub gvk: &'a Gvk,
    /// The object in the latest revision; where that has none, Helm takes the live one.
    pub original: &'a Value,
    /// The object in the revision to return to.
    pub target: &'a Value,
    /// The object as it is.
    pub live: &'a Value,
}

impl std::fmt::Debug for ThreeWay<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ThreeWay({}, {} originals)", self.gvk, self.originals.len())
    }
}

impl std::fmt::Debug for HelmPatch<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HelmPatch({})", self.gvk)
    }
}

/// Computes the patch after which every field of the target is live, every field that an original had and the target
/// has not is gone, and everything else is as it was. `None` when that is so already.
///
/// Kinds that take it get a strategic merge, all others a JSON merge; either sees the live object, so a field that
/// somebody edited by hand is restored.
///
/// # Errors
/// [`PatchError`] when an object is no mapping, or a list that is merged by a key has entries without it.
///
/// ```
/// use helm_release_core::Gvk;
/// use helm_release_core::patch::{Schemas, ThreeWay, apply, three_way};
/// use serde_json::json;
///
/// let gvk = Gvk::new("v1", "ConfigMap");
/// let failed = json!({"data": {"color": "red", "extra": "left by a failed upgrade"}});
/// let target = json!({"data": {"color": "blue"}});
/// let live = json!({"data": {"color": "red", "extra": "left by a failed upgrade", "other": "somebody else's"}});
///
/// let inputs = ThreeWay { gvk: &gvk, originals: &[&target, &failed], target: &target, live: &live };
/// let patch = three_way(Schemas::built_in(), inputs)?.expect("something is to change");
/// assert_eq!(patch.value(), &json!({"data": {"color": "blue", "extra": null}}));
/// let after = apply(Schemas::built_in(), &gvk, &live, &patch)?;
/// assert_eq!(after, json!({"data": {"color": "blue", "other": "somebody else's"}}));
/// # Ok::<(), helm_release_core::patch::PatchError>(())
/// ```
pub fn three_way(schemas: &Schemas, inputs: ThreeWay<'_>) -> Result<Option<PatchBody>, PatchError> {
    let ThreeWay { gvk, originals, target, live } = inputs;
    let original = union(schemas, gvk, originals);
    let original = number::normalised(&original);
    let empty = Map::new();
    let original = original.as_object().unwrap_or(&empty);
    let (target, live) = (number::normalised(target), number::normalised(live));
    let target = mapping(&target, "target object")?;
    let live_fields = mapping(&live, "live object")?;
    let patch = if schemas.takes_strategic_merge(gvk) {
        let patch = Strategic::lenient().three_way(original, target, live_fields, schemas.find(gvk))?;
        PatchBody::Strategic(Value::Object(patch))
    } else {
        PatchBody::Merge(Value::Object(json_merge::three_way(Some(original), target, live_fields)))
    };
    // A patch may consist of nothing but orders that are kept already and deletions of what is gone.
    let changes = apply(schemas, gvk, &live, &patch)? != live;
    Ok(changes.then_some(patch))
}

/// Computes the patch that Helm sends: for kinds compiled into Helm a strategic three-way merge in which the target
/// wins, for all others a JSON merge from original to target that does not look at the live object. `None` when
/// that patch is `{}`, for which Helm sends no request.
///
/// The table of kinds is [`Schemas::built_in`], because Helm asks its own types and not the server.
///
/// # Errors
/// [`PatchError`] where Helm fails too: a changed mapping or list that the kind does not have, or a list entry
/// without its merge key.
///
/// ```
/// use helm_release_core::Gvk;
/// use helm_release_core::patch::{HelmPatch, helm_patch};
/// use serde_json::json;
///
/// let gvk = Gvk::new("example.com/v1", "Widget");
/// let (original, target) = (json!({"spec": {"size": 2}}), json!({"spec": {"size": 2}}));
/// let live = json!({"spec": {"size": 9}});
/// let inputs = HelmPatch { gvk: &gvk, original: &original, target: &target, live: &live };
/// assert_eq!(helm_patch(inputs)?, None, "Helm does not see what somebody did to a custom resource by hand");
/// # Ok::<(), helm_release_core::patch::PatchError>(())
/// ```
pub fn helm_patch(inputs: HelmPatch<'_>) -> Result<Option<PatchBody>, PatchError> {
    let HelmPatch { gvk, original, target, live } = inputs;
    let [original, target, live] = [original, target, live].map(number::normalised);
    let patch = if is_compiled_into_helm(gvk) {
        let patch = Strategic::strict().three_way(
            mapping(&original, "original object")?,
            mapping(&target, "target object")?,
            mapping(&live, "live object")?,
            Schemas::built_in().find(gvk),
        )?;
        PatchBody::Strategic(Value::Object(patch))
    } else {
        // Helm 3 rounds whole numbers beyond 2^53 here, Helm 4 does not.
        let patch = json_merge::two_way(mapping(&original, "original object")?, mapping(&target, "target object")?);
        PatchBody::Merge(Value::Object(patch))
    };
    let is_empty = patch.value().as_object().is_none_or(Map::is_empty);
    Ok((!is_empty).then_some(patch))
}

/// Helm's types are those of client-go and the definitions of custom resources in version 1. The server has a few
/// more: the aggregation layer's, and alpha versions that client-go has dropped.
fn is_compiled_into_helm(gvk: &Gvk) -> bool {
    let only_server = match (gvk.group.as_str(), gvk.version.as_str()) {
        ("apiregistration.k8s.io", _) => true,
        ("scheduling.k8s.io", "v1alpha2") => gvk.kind == "PodGroup" || gvk.kind == "Workload",
        _ => false,
    };
    !only_server && Schemas::built_in().takes_strategic_merge(gvk)
}

fn mapping<'a>(value: &'a Value, what: &'static str) -> Result<&'a Map<String, Value>, PatchError> {
    value.as_object().ok_or(PatchError::NotAMapping { what })
}

#[cfg(test)]
mod tests;
