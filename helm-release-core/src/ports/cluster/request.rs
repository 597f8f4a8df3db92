//! A write to the cluster as data: what a plan lists is exactly what is sent.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Location;
use crate::Object;

/// Whether a write is for real.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DryRun {
    /// For real.
    No,
    /// The server does everything but store it (`dryRun=All`).
    Server,
}

/// What a server-side apply does when another manager owns a field with another value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Conflicts {
    /// It fails.
    Refuse,
    /// It takes the field over.
    Force,
}

/// What the server does with fields that it does not know (`fieldValidation`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Validation {
    /// Drops them.
    Ignore,
    /// Refuses the write.
    Strict,
}

/// What happens to the objects that a deleted object owns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Propagation {
    /// They are deleted afterwards.
    Background,
    /// They are deleted first.
    Foreground,
    /// They stay.
    Orphan,
}

/// What must still be so for a delete to be done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preconditions {
    /// The object must have this uid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// The object must have this `resourceVersion`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_version: Option<String>,
}

/// A patch in one of the server's patch languages.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "body")]
pub enum PatchBody {
    /// RFC 6902, `application/json-patch+json`: a list of operations.
    #[serde(rename = "application/json-patch+json")]
    Json(Value),
    /// RFC 7386, `application/merge-patch+json`.
    #[serde(rename = "application/merge-patch+json")]
    Merge(Value),
    /// Kubernetes' own, `application/strategic-merge-patch+json`, for built-in kinds only.
    #[serde(rename = "application/strategic-merge-patch+json")]
    Strategic(Value),
}

impl PatchBody {
    /// The patch itself.
    #[must_use]
    pub fn value(&self) -> &Value {
        match self {
            Self::Json(value) | Self::Merge(value) | Self::Strategic(value) => value,
        }
    }
}

impl std::fmt::Debug for PatchBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Json(_) => "Json(..)",
            Self::Merge(_) => "Merge(..)",
            Self::Strategic(_) => "Strategic(..)",
        })
    }
}

/// One write.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Request {
    /// POST: makes an object that must not exist.
    Create {
        /// Where.
        at: Location,
        /// The object.
        object: Object,
        /// Field manager.
        manager: String,
        /// What happens to unknown fields.
        validation: Validation,
    },
    /// PATCH of an object that must exist.
    Patch {
        /// Where.
        at: Location,
        /// The patch.
        patch: PatchBody,
        /// Field manager.
        manager: String,
        /// What happens to unknown fields.
        validation: Validation,
    },
    /// PATCH with `application/apply-patch+yaml`: server-side apply, makes the object when it is absent.
    Apply {
        /// Where.
        at: Location,
        /// The configuration to apply, without server-set fields.
        object: Object,
        /// Field manager.
        manager: String,
        /// What happens when another manager owns a field with another value.
        conflicts: Conflicts,
        /// What happens to unknown fields.
        validation: Validation,
    },
    /// PUT over an object that must exist; its `metadata.resourceVersion` is the precondition.
    Replace {
        /// Where.
        at: Location,
        /// The whole object.
        object: Object,
        /// Field manager.
        manager: String,
        /// What happens to unknown fields.
        validation: Validation,
    },
    /// DELETE.
    Delete {
        /// Where.
        at: Location,
        /// What happens to objects that it owns.
        propagation: Propagation,
        /// What must still be so.
        preconditions: Preconditions,
    },
}

impl Request {
    /// Where the object is that this writes.
    #[must_use]
    pub fn at(&self) -> &Location {
        match self {
            Self::Create { at, .. }
            | Self::Patch { at, .. }
            | Self::Apply { at, .. }
            | Self::Replace { at, .. }
            | Self::Delete { at, .. } => at,
        }
    }

    /// The verb in words: `create`, `patch`, `apply`, `replace`, `delete`.
    #[must_use]
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Create { .. } => "create",
            Self::Patch { .. } => "patch",
            Self::Apply { .. } => "apply",
            Self::Replace { .. } => "replace",
            Self::Delete { .. } => "delete",
        }
    }
}

/// `patch Deployment default/web`
impl std::fmt::Display for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.verb(), self.at())
    }
}
