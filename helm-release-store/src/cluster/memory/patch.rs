//! Carries out the server's patch languages.

use helm_release_core::ports::{ClusterErrorKind, PatchBody};
use serde_json::Value;

use super::api::Served;
use super::refusal::Refusal;

/// The object after a patch.
pub(crate) fn apply(served: &Served, current: &Value, body: &PatchBody) -> Result<Value, Refusal> {
    match body {
        PatchBody::Json(operations) => {
            let operations: json_patch::Patch =
                serde_json::from_value(operations.clone()).map_err(|error| Refusal::bad_request(error.to_string()))?;
            let mut patched = current.clone();
            let refused = |error: json_patch::PatchError| {
                Refusal::bad_request(format!("the server rejected our request due to an error in our request: {error}"))
            };
            json_patch::patch(&mut patched, &operations).map_err(refused)?;
            Ok(patched)
        }
        PatchBody::Merge(patch) => {
            let mut patched = current.clone();
            json_patch::merge(&mut patched, patch);
            Ok(patched)
        }
        PatchBody::Strategic(_) if served.custom => {
            let message = "the body of the request was in an unknown format - accepted media types include: \
                application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml";
            Err(Refusal::new(ClusterErrorKind::Other, message))
        }
        PatchBody::Strategic(_) => Err(Refusal::new(ClusterErrorKind::Other, "strategic merge patches are not known here")),
    }
}
