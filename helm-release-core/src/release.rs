//! Helm's release record: an ordered map of raw JSON with typed views of what is interpreted.
//!
//! Nothing that is not interpreted is ever decoded, so big numbers, the order of keys and the fields
//! of a future Helm survive. A new revision is the old map with the few members replaced that an
//! operation sets ([`NewRevision`]).

mod chart;
mod info;
mod json;
mod labels;
mod new_revision;
mod raw;
mod scan;
mod status;
mod time;
mod values;

pub use chart::ChartMetadata;
pub use info::Info;
pub(crate) use info::null_is_default;
pub use json::{GoFormatter, to_go_json};
pub use labels::{PIN_LABEL, custom_labels, labels_for_create, labels_for_update};
pub use new_revision::{NewRevision, RevisionUpdate};
pub use status::Status;
pub use time::{HelmTime, InvalidTime};
pub use values::coalesce_values;

use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::hook::Hook;
use raw::RawMap;

/// Which line of Helm wrote something, where the two lines differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HelmLine {
    /// Helm 3.
    V3,
    /// Helm 4.
    V4,
}

/// How a release's objects are written: the record's `apply_method`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ApplyMethod {
    /// Client-side three-way merge; what an absent `apply_method` means.
    Csa,
    /// Server-side apply.
    Ssa,
}

/// A record that is JSON but not a release record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The text is not one JSON object.
    #[error("not a JSON object: {reason}")]
    NotAnObject {
        /// What the parser said, without content.
        reason: String,
    },
    /// A member has not the form that Helm gives it.
    #[error("member {member:?} cannot be read: {reason}")]
    Member {
        /// Key of the member.
        member: &'static str,
        /// What the parser said, without content.
        reason: String,
    },
}

/// One release record. `Debug` prints its keys only.
///
/// ```
/// use helm_release_core::Record;
///
/// let json = r#"{"name":"web","version":3,"info":{"status":"deployed","notes":"hello"},"next":{"big":12345678901234567890123}}"#;
/// let record = Record::parse(json.as_bytes())?;
/// assert_eq!((record.name()?.as_str(), record.version()?), ("web", 3));
/// assert_eq!(record.info()?.notes, "hello");
/// assert_eq!(record.raw("next").unwrap(), r#"{"big":12345678901234567890123}"#);
/// assert_eq!(record.to_json(), json);
/// # Ok::<(), helm_release_core::release::RecordError>(())
/// ```
#[derive(Clone)]
pub struct Record {
    members: RawMap,
}

impl Record {
    /// Reads a record from JSON.
    ///
    /// Only the outermost braces are looked into; views check their own part when asked.
    ///
    /// # Errors
    /// [`RecordError::NotAnObject`].
    pub fn parse(json: &[u8]) -> Result<Self, RecordError> {
        Self::parse_owned(json.to_vec())
    }

    /// Reads a record from JSON without copying it.
    ///
    /// # Errors
    /// [`RecordError::NotAnObject`], as of [`Self::parse`].
    pub fn parse_owned(json: Vec<u8>) -> Result<Self, RecordError> {
        let members = RawMap::parse(json).map_err(|reason| RecordError::NotAnObject { reason })?;
        Ok(Self { members })
    }

    /// The record as JSON, each member exactly as it was read.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.members.to_json()
    }

    /// A member's JSON text, when the key is there.
    #[must_use]
    pub fn raw(&self, key: &str) -> Option<&str> {
        self.members.get(key)
    }

    fn view<T: DeserializeOwned + Default>(&self, member: &'static str) -> Result<T, RecordError> {
        self.members.view(member).map_err(|reason| RecordError::Member { member, reason })
    }

    /// The release's name.
    ///
    /// # Errors
    /// [`RecordError::Member`] when it is not text.
    pub fn name(&self) -> Result<String, RecordError> {
        self.view("name")
    }

    /// The release's namespace.
    ///
    /// # Errors
    /// [`RecordError::Member`] when it is not text.
    pub fn namespace(&self) -> Result<String, RecordError> {
        self.view("namespace")
    }

    /// The revision number; 0 when absent.
    ///
    /// # Errors
    /// [`RecordError::Member`] when it is not a number.
    pub fn version(&self) -> Result<u32, RecordError> {
        self.view("version")
    }

    /// What Helm says of the release: times, status, description, notes.
    ///
    /// # Errors
    /// [`RecordError::Member`] when a time or type is one that Helm would refuse.
    pub fn info(&self) -> Result<Info, RecordError> {
        self.view("info")
    }

    /// The manifest of everything but hooks.
    ///
    /// # Errors
    /// [`RecordError::Member`] when it is not text.
    pub fn manifest(&self) -> Result<String, RecordError> {
        self.view("manifest")
    }

    /// The stored hooks, in stored order.
    ///
    /// # Errors
    /// [`RecordError::Member`] when one has not Helm's form.
    pub fn hooks(&self) -> Result<Vec<Hook>, RecordError> {
        self.view("hooks")
    }

    /// The chart's metadata; `None` when the chart or its metadata is missing.
    ///
    /// # Errors
    /// [`RecordError::Member`] when it has not Helm's form.
    pub fn chart(&self) -> Result<Option<ChartMetadata>, RecordError> {
        Ok(self.view::<chart::MetadataOfChart>("chart")?.metadata)
    }

    /// The user's values as JSON text; `None` when there are none.
    #[must_use]
    pub fn config(&self) -> Option<&str> {
        self.raw("config").filter(|config| *config != "null")
    }

    /// The chart's default values as JSON; `None` when the chart is missing.
    ///
    /// # Errors
    /// [`RecordError::Member`] when the chart is no mapping.
    pub fn chart_values(&self) -> Result<Option<Box<RawValue>>, RecordError> {
        Ok(self.view::<chart::ValuesOfChart>("chart")?.values)
    }

    /// The `apply_method` as written; empty when absent.
    ///
    /// # Errors
    /// [`RecordError::Member`] when it is not text.
    pub fn apply_method_text(&self) -> Result<String, RecordError> {
        self.view("apply_method")
    }

    /// How this revision's objects were written. Anything but `ssa` means client-side.
    ///
    /// # Errors
    /// [`RecordError::Member`] when it is not text.
    pub fn apply_method(&self) -> Result<ApplyMethod, RecordError> {
        Ok(if self.apply_method_text()? == "ssa" { ApplyMethod::Ssa } else { ApplyMethod::Csa })
    }

    /// Which line of Helm wrote the record.
    ///
    /// Helm 3 always writes `info.deleted`, empty until uninstall; Helm 4 leaves an empty one out and always writes
    /// `chart.schemamodtime` (`pkg/release/v1/info.go`, `pkg/chart/v2/chart.go`).
    #[must_use]
    pub fn line(&self) -> HelmLine {
        if self.raw("apply_method").is_some() {
            return HelmLine::V4;
        }
        match RawMap::parse_member(self.raw("info")).get("deleted") {
            None => HelmLine::V4,
            Some("\"\"") => HelmLine::V3,
            Some(_) if self.raw("chart").is_some_and(|chart| chart.contains("\"schemamodtime\"")) => HelmLine::V4,
            Some(_) => HelmLine::V3,
        }
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Record").field(&self.members.keys().collect::<Vec<_>>()).finish()
    }
}

#[cfg(test)]
mod tests;
