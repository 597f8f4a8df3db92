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
///
/// ```
/// use helm_release_core::seal::{SEALED_PLAN_FORMAT, Seal};
///
/// // An older file is refused too: a plan is applied as it was sealed, or not at all.
/// let older = Seal::from_json(r#"{"format": "helm-rollback-safe/sealed-plan/v0"}"#).unwrap_err();
/// let words = format!("and this version knows {SEALED_PLAN_FORMAT:?} alone");
/// assert!(older.to_string().ends_with(&words));
/// ```
pub const SEALED_PLAN_FORMAT: &str = "helm-rollback-safe/sealed-plan/v1";

/// What the names of all versions of the form begin with.
const FORMATS: &str = "helm-rollback-safe/sealed-plan/";

/// Why a file cannot be applied whatever the cluster is like.
///
/// ```
/// use helm_release_core::seal::{Seal, SealError};
///
/// let error = |text: &str| Seal::from_json(text).unwrap_err();
/// assert!(matches!(error("kind: ConfigMap"), SealError::NoJson(_)));
/// // The plan as people read it is no sealed one.
/// assert!(matches!(error(r#"{"format": "helm-rollback-safe/plan/v1"}"#), SealError::NoSealedPlan { .. }));
/// let newer = error(r#"{"format": "helm-rollback-safe/sealed-plan/v2"}"#);
/// assert_eq!(newer, SealError::OtherVersion { found: "helm-rollback-safe/sealed-plan/v2".to_owned() });
/// assert_eq!(error(r#"{"format": "helm-rollback-safe/sealed-plan/v1"}"#), SealError::Altered);
/// ```
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
    ///
    /// ```
    /// use helm_release_core::seal::SEALED_PLAN_FORMAT;
    /// # use helm_release_core::plan::RollbackOptions;
    /// # use helm_release_core::seal::{Place, Seal};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let options = RollbackOptions::default();
    /// # let survey = shop.survey(&options).await?;
    /// # let plan = shop.plan(&options).await?;
    /// # let place = Place { tool: "1.0.0".to_owned(), records: "memory".to_owned(), cluster: None };
    /// # let seal = Seal::of(&survey, &plan, place, "a salt of its own", jiff::Timestamp::now());
    /// let file = seal.to_json();
    /// assert_eq!(file["format"], SEALED_PLAN_FORMAT);
    /// assert_eq!((&file["release"], &file["tool"]), (&"shop".into(), &"1.0.0".into()));
    /// // SHA-256, in hexadecimal digits
    /// assert_eq!(file["digest"].as_str().map(str::len), Some(64));
    /// // No value of a Secret is in it.
    /// assert!(!file.to_string().contains("correct-horse"));
    /// # Ok(()) });
    /// ```
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
    ///
    /// ```
    /// use helm_release_core::seal::SealError;
    /// # use helm_release_core::plan::RollbackOptions;
    /// # use helm_release_core::seal::{Place, Seal};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let options = RollbackOptions::default();
    /// # let survey = shop.survey(&options).await?;
    /// # let plan = shop.plan(&options).await?;
    /// # let place = Place { tool: "1.0.0".to_owned(), records: "memory".to_owned(), cluster: None };
    /// # let seal = Seal::of(&survey, &plan, place, "a salt of its own", jiff::Timestamp::now());
    /// let mut file = seal.to_json();
    /// assert_eq!(Seal::from_json(&file.to_string())?, seal);
    /// // Blanks and the order of members do not matter, but whatever they say does.
    /// file["options"]["accept"] = serde_json::json!(["data-removed"]);
    /// assert_eq!(Seal::from_json(&file.to_string()), Err(SealError::Altered));
    /// # Ok(()) });
    /// ```
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
