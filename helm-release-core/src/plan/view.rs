//! A plan as JSON: a documented form with every secret value masked.

use serde_json::{Value, json};

use super::{DryRunAnswer, Plan, Step, Subject};
use crate::diff::{changes_json, mask};
use crate::mask::Masker;
use crate::ports::{Location, Request};
use crate::reverse::{Fate, FieldFate, Loss};

/// Name and version of the JSON form. A reader refuses a higher version than it knows.
///
/// ```
/// use helm_release_core::plan::{PLAN_FORMAT, RollbackOptions};
/// use helm_release_core::seal::{Seal, SealError};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let text = shop.plan(&RollbackOptions::default()).await?.to_json().to_string();
/// // A plan tells what would happen; it is not the sealed one that can be applied.
/// let found = format!("{PLAN_FORMAT:?}");
/// assert_eq!(Seal::from_json(&text), Err(SealError::NoSealedPlan { found }));
/// # Ok(()) });
/// ```
pub const PLAN_FORMAT: &str = "helm-rollback-safe/plan/v1";

impl Plan {
    /// The plan as JSON, secret values masked.
    ///
    /// Members: `format`, `release`, `namespace`, `verdict`, `from`, `to` (revision, status, chart, appVersion, description),
    /// `choice`, `newRevision`, `applyMethod`, `mode`, `asked`, `findings`, `steps` (number, action, object or objects or record
    /// or hook, reason, changes, fates, requests, dryRun, precondition), `hooksNotRun`, `impact`.
    ///
    /// ```
    /// use helm_release_core::plan::{PLAN_FORMAT, RollbackOptions, Writing};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let mut options = RollbackOptions::default();
    /// options.writing = Writing::Replace;
    /// let json = shop.plan(&options).await?.to_json();
    /// assert_eq!((&json["format"], &json["to"]["revision"]), (&PLAN_FORMAT.into(), &2.into()));
    /// // The second step replaces a Secret.
    /// let body = &json["steps"][1]["requests"][0]["body"];
    /// let password = body["stringData"]["password"].as_str();
    /// assert!(password.is_some_and(|text| text.starts_with("(masked #") && text.ends_with(", 13 bytes)")));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut masker = Masker::default();
        let steps: Vec<Value> =
            self.steps.iter().enumerate().map(|(index, step)| step_json(index + 1, step, &mut masker)).collect();
        let revision = |content: &super::RevisionContent| {
            json!({
                "revision": content.revision(),
                "status": content.info.status,
                "chart": content.chart.as_ref().map(crate::release::ChartMetadata::full_name),
                "appVersion": content.chart.as_ref().map(|chart| chart.app_version.clone()),
                "description": content.info.description,
            })
        };
        json!({
            "format": PLAN_FORMAT,
            "release": self.name,
            "namespace": self.namespace,
            "verdict": self.verdict,
            "from": revision(&self.current),
            "to": revision(&self.target),
            "choice": self.choice,
            "newRevision": self.new_revision,
            "applyMethod": self.apply_method,
            "mode": self.options.mode,
            "asked": self.asked,
            "findings": self.findings,
            "steps": steps,
            "hooksNotRun": self.hooks_not_run,
            "impact": self.impact,
        })
    }
}

fn step_json(number: usize, step: &Step, masker: &mut Masker) -> Value {
    let mut json = json!({ "number": number, "action": step.action, "reason": step.reason });
    match &step.subject {
        Subject::Record(revision) => json["record"] = json!(revision),
        Subject::Object(location) => json["object"] = object_json(location),
        Subject::Objects(locations) => json["objects"] = locations.iter().map(object_json).collect(),
        Subject::Hook(planned) => {
            json["hook"] = json!({
                "event": planned.event,
                "name": planned.hook.name,
                "kind": planned.hook.kind,
                "path": planned.hook.path,
                "weight": planned.hook.weight,
                "deletePolicies": planned.hook.delete_policies,
                "outputLogPolicies": planned.hook.output_log_policies,
            });
        }
    }
    if !step.changes.is_empty() {
        let kind = step.location().map_or("", |location| location.resource.gvk.kind.as_str());
        let mut changes = step.changes.clone();
        for change in &mut changes {
            mask(kind, change, masker);
        }
        json["changes"] = changes_json(&changes);
    }
    if !step.fates.is_empty() {
        json["fates"] = step.fates.iter().map(fate_json).collect();
    }
    if !step.requests.is_empty() {
        json["requests"] = step.requests.iter().map(|request| request_json(request, masker)).collect();
    }
    if let Some(answer) = &step.dry_run {
        json["dryRun"] = match answer {
            DryRunAnswer::Accepted(_) => json!({ "answer": "accepted" }),
            DryRunAnswer::Refused { message, .. } => json!({ "answer": "refused", "message": message }),
            DryRunAnswer::Open(message) => json!({ "answer": "open", "message": message }),
        };
    }
    if let Some(precondition) = &step.precondition {
        json["precondition"] = json!({ "uid": precondition.uid, "resourceVersion": precondition.resource_version });
    }
    json
}

fn fate_json(field: &FieldFate) -> Value {
    let mut json = json!({ "path": field.path, "fate": field.fate.as_str() });
    match &field.fate {
        Fate::CarriedOver { why, is_named, .. } => {
            json["why"] = json!(why);
            json["named"] = json!(is_named);
        }
        Fate::Recreate(how) => {
            json["why"] = json!(how.why);
            let (loses, what) = match &how.loses {
                Loss::Nothing(beside) => ("nothing", beside.clone()),
                Loss::Work(what) => ("work", Some(what.clone())),
                Loss::Data(what) => ("data", Some(what.clone())),
            };
            json["loses"] = json!(loses);
            json["what"] = json!(what);
        }
        Fate::Impossible { why } | Fate::Unknown { why } => json["why"] = json!(why),
        Fate::InPlace => {}
    }
    json
}

fn object_json(location: &Location) -> Value {
    let gvk = &location.resource.gvk;
    let mut json = json!({ "apiVersion": gvk.api_version(), "kind": gvk.kind, "name": location.name });
    if let Some(namespace) = &location.namespace {
        json["namespace"] = json!(namespace);
    }
    json
}

fn request_json(request: &Request, masker: &mut Masker) -> Value {
    let kind = &request.at().resource.gvk.kind;
    let mut json = json!({ "verb": request.verb() });
    let mut body = |value: &Value| {
        let mut value = value.clone();
        masker.mask_object(kind, &mut value);
        value
    };
    match request {
        Request::Create { object, manager, .. } | Request::Replace { object, manager, .. } => {
            json["manager"] = json!(manager);
            json["body"] = body(object.as_value());
        }
        Request::Apply { object, manager, conflicts, .. } => {
            json["manager"] = json!(manager);
            json["force"] = json!(*conflicts == crate::ports::Conflicts::Force);
            json["body"] = body(object.as_value());
        }
        Request::Patch { patch, manager, .. } => {
            let (kind, value) = match patch {
                crate::ports::PatchBody::Json(value) => ("json", value),
                crate::ports::PatchBody::Merge(value) => ("merge", value),
                crate::ports::PatchBody::Strategic(value) => ("strategic", value),
            };
            json["manager"] = json!(manager);
            json["patch"] = json!(kind);
            json["body"] = body(value);
        }
        Request::Delete { propagation, preconditions, .. } => {
            json["propagation"] = json!(propagation);
            json["preconditions"] = json!(preconditions);
        }
    }
    json
}
