//! Writes as requests to the API server.

use std::fmt::Write as _;

use helm_release_core::Object;
use helm_release_core::ports::{Conflicts, DryRun, Location, PatchBody, Preconditions, Propagation, Request, Validation};
use http::Method;
use serde::Serialize;
use serde_json::Value;

use super::paths;
use crate::connection::{Call, Failure};

const JSON: &str = "application/json";

/// The request that does a write.
pub(super) fn call(request: &Request, dry_run: DryRun) -> Result<Call, Failure> {
    match request {
        Request::Create { at, object, manager, validation } => {
            let call = Call::new(Method::POST, paths::collection(at));
            options(call, manager, *validation, dry_run).body(JSON, object)
        }
        Request::Replace { at, object, manager, validation } => {
            let call = Call::new(Method::PUT, paths::object(at));
            options(call, manager, *validation, dry_run).body(JSON, object)
        }
        Request::Patch { at, patch, manager, validation } => {
            let content_type = match patch {
                PatchBody::Json(_) => "application/json-patch+json",
                PatchBody::Merge(_) => "application/merge-patch+json",
                PatchBody::Strategic(_) => "application/strategic-merge-patch+json",
            };
            let call = Call::new(Method::PATCH, paths::object(at));
            options(call, manager, *validation, dry_run).body(content_type, patch.value())
        }
        Request::Apply { at, object, manager, conflicts, validation } => {
            let force = if *conflicts == Conflicts::Force { "true" } else { "false" };
            let call = Call::new(Method::PATCH, paths::object(at)).param("force", force);
            let json = serde_json::to_string(object).map_err(|error| Failure::unusable(&error))?;
            Ok(options(call, manager, *validation, dry_run).text("application/apply-patch+yaml", json_as_yaml(&json)))
        }
        Request::Delete { at, propagation, preconditions } => delete(at, *propagation, preconditions, dry_run),
    }
}

fn options(call: Call, manager: &str, validation: Validation, dry_run: DryRun) -> Call {
    let validation = match validation {
        Validation::Ignore => "Ignore",
        Validation::Strict => "Strict",
    };
    let dry_run = (dry_run == DryRun::Server).then_some("All");
    call.param("fieldManager", manager).param("fieldValidation", validation).maybe_param("dryRun", dry_run)
}

/// JSON in the form that a YAML reader takes for the same.
///
/// JSON is YAML but for a few characters in texts: YAML refuses control characters and non-characters, and takes
/// U+0085, U+2028 and U+2029 for ends of lines, which it folds. Escaped they mean themselves in both.
fn json_as_yaml(json: &str) -> String {
    let mut yaml = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {
                // Writing to a String cannot fail.
                let _ = write!(yaml, "\\u{:04x}", u32::from(character));
            }
            other => yaml.push(other),
        }
    }
    yaml
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DeleteOptions<'a> {
    api_version: &'static str,
    kind: &'static str,
    propagation_policy: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    preconditions: Option<DeletePreconditions<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dry_run: Option<[&'static str; 1]>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DeletePreconditions<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    uid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_version: Option<&'a str>,
}

/// Everything is in the body: the API server ignores the query of a delete that has one.
fn delete(at: &Location, propagation: Propagation, preconditions: &Preconditions, dry_run: DryRun) -> Result<Call, Failure> {
    let propagation_policy = match propagation {
        Propagation::Background => "Background",
        Propagation::Foreground => "Foreground",
        Propagation::Orphan => "Orphan",
    };
    let Preconditions { uid, resource_version } = preconditions;
    let preconditions = (uid.is_some() || resource_version.is_some())
        .then_some(DeletePreconditions { uid: uid.as_deref(), resource_version: resource_version.as_deref() });
    let is_dry = dry_run == DryRun::Server;
    let dry_run = is_dry.then_some(["All"]);
    let options = DeleteOptions { api_version: "v1", kind: "DeleteOptions", propagation_policy, preconditions, dry_run };
    // The server goes by the body. Where something on the way drops the body of a DELETE, the query keeps a dry run one.
    Call::new(Method::DELETE, paths::object(at)).maybe_param("dryRun", is_dry.then_some("All")).body(JSON, &options)
}

/// The object in the answer; a delete that is done at once may be answered with a mere `Status`.
pub(super) fn answer(answer: &[u8]) -> Result<Option<Object>, Failure> {
    let value: Value = super::parse(answer)?;
    let is_status = value.get("kind").is_some_and(|kind| kind == "Status") && value.get("apiVersion").is_some_and(|v| v == "v1");
    if is_status {
        return Ok(None);
    }
    Object::new(value).map(Some).map_err(|error| Failure::unusable(&error))
}

#[cfg(test)]
mod tests;
