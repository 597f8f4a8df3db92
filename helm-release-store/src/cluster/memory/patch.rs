//! Carries out the server's patch languages.

use helm_release_core::patch::{PatchError, Schemas};
use helm_release_core::ports::{ClusterErrorKind, PatchBody};
use serde_json::Value;

use super::api::Served;
use super::refusal::Refusal;

/// The object after a patch.
pub(crate) fn apply(served: &Served, current: &Value, body: &PatchBody) -> Result<Value, Refusal> {
    let patched = helm_release_core::patch::apply(Schemas::built_in(), &served.resource.gvk, current, body);
    patched.map_err(|error| match error {
        PatchError::NoStrategicMerge { .. } => {
            let message = "the body of the request was in an unknown format - accepted media types include: \
                application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml, application/apply-patch+cbor";
            Refusal::new(ClusterErrorKind::Other, message)
        }
        PatchError::Operation { .. } => {
            Refusal::bad_request(format!("the server rejected our request due to an error in our request: {error}"))
        }
        error => Refusal::bad_request(error.to_string()),
    })
}
