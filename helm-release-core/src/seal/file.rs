//! A sealed plan as a file.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::binding::Binding;
use super::digest::{canonical, whole};
use super::options::Form;
use super::{Place, Seal};
use crate::plan::RollbackOptions;
use crate::{Namespace, ReleaseName};

/// Name and version of the file's form. A reader refuses every other.
pub const SEALED_PLAN_FORMAT: &str = "helm-rollback-safe/sealed-plan/v1";

/// What the names of all versions of the form begin with.
const FORMATS: &str = "helm-rollback-safe/sealed-plan/";

/// Why a file cannot be applied whatever the cluster is like.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// It is no JSON.
    #[error("it is no JSON: {0}")]
    NoJson(String),
    /// It is something else than a sealed plan.
    #[error("it is no sealed plan: its format is {found}, not {SEALED_PLAN_FORMAT:?}")]
    NoSealedPlan {
        /// What it says it is.
        found: String,
    },
    /// It is a sealed plan in a form that this version does not know.
    #[error("its format is {found:?}, and this version knows {SEALED_PLAN_FORMAT:?} alone")]
    OtherVersion {
        /// Its form.
        found: String,
    },
    /// Somebody changed it, or it is not whole.
    #[error("it was changed after it was sealed")]
    Altered,
    /// A member is missing, unknown, or not of the form that it must have.
    #[error("it cannot be read: {0}")]
    Malformed(String),
}

/// The members of the file, but for the digest of them all.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct FileForm {
    format: String,
    tool: String,
    sealed_at: jiff::Timestamp,
    release: ReleaseName,
    namespace: Namespace,
    records: String,
    cluster: Option<String>,
    options: Form,
    plan: Value,
    salt: String,
    bindings: Vec<Binding>,
}

impl Seal {
    /// The file: `format`, `tool`, `sealedAt`, `release`, `namespace`, `records`, `cluster`, `options`, `plan`, `salt`,
    /// `bindings`, and `digest`, the SHA-256 of all the others in one line with their members in order.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let form = FileForm {
            format: SEALED_PLAN_FORMAT.to_owned(),
            tool: self.place.tool.clone(),
            sealed_at: self.sealed_at,
            release: self.release.clone(),
            namespace: self.namespace.clone(),
            records: self.place.records.clone(),
            cluster: self.place.cluster.clone(),
            options: Form::from(&self.options),
            plan: self.plan.clone(),
            salt: self.salt.clone(),
            bindings: self.bindings.clone(),
        };
        let mut json = json!(form);
        json["digest"] = Value::from(whole(&canonical(&json)));
        json
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`SealError`] when it is none of this version, or was changed.
    pub fn from_json(text: &str) -> Result<Self, SealError> {
        let mut json: Value = serde_json::from_str(text).map_err(|error| SealError::NoJson(error.to_string()))?;
        match json.get("format").and_then(Value::as_str) {
            Some(SEALED_PLAN_FORMAT) => {}
            Some(found) if found.starts_with(FORMATS) => return Err(SealError::OtherVersion { found: found.to_owned() }),
            Some(found) => return Err(SealError::NoSealedPlan { found: format!("{found:?}") }),
            None => return Err(SealError::NoSealedPlan { found: "missing".to_owned() }),
        }
        let digest = json.as_object_mut().and_then(|members| members.remove("digest"));
        if digest != Some(Value::from(whole(&canonical(&json)))) {
            return Err(SealError::Altered);
        }
        let form: FileForm = serde_json::from_value(json).map_err(|error| SealError::Malformed(error.to_string()))?;
        Ok(Self {
            place: Place { tool: form.tool, records: form.records, cluster: form.cluster },
            sealed_at: form.sealed_at,
            namespace: form.namespace,
            release: form.release,
            options: RollbackOptions::try_from(form.options).map_err(SealError::Malformed)?,
            plan: form.plan,
            salt: form.salt,
            bindings: form.bindings,
        })
    }
}
