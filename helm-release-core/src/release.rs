//! Helm's release record: an ordered map of raw JSON with typed views of what is interpreted.
//!
//! Nothing that is not interpreted is ever decoded, so big numbers, the order of keys and the fields
//! of a future Helm survive. A new revision is the old map with the few members replaced that an
//! operation sets ([`NewRevision`]).
//!
//! ```
//! use helm_release_core::release::Status;
//!
//! # examples::run(async {
//! # let shop = examples::Shop::open().await?;
//! let record = shop.record(3).await?;
//! let info = record.info()?;
//! assert_eq!(info.status, Status::Failed);
//! assert!(info.description.starts_with("Upgrade \"shop\" failed: "));
//! assert_eq!(record.chart()?.map(|chart| chart.full_name()).as_deref(), Some("shop-1.2.0"));
//! assert_eq!(record.config(), Some(r#"{"replicas":5}"#), "what the user set");
//! assert!(record.manifest()?.contains("image: registry.example/shop:1.2-typo"));
//! # Ok(()) });
//! ```

mod chart;
mod info;
mod json;
mod labels;
mod line;
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
pub use line::{ApplyMethod, HelmLine};
pub use new_revision::{NewRevision, RevisionUpdate};
pub(crate) use raw::in_known_case;
pub use status::Status;
pub use time::{HelmTime, InvalidTime};
pub use values::coalesce_values;

use std::borrow::Cow;
use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::hook::{Hook, LastRun};
use chart::PartsOfChart;
use raw::RawMap;

/// The members of a record, as Helm writes them (`pkg/release/v1/release.go`).
const MEMBERS: [&str; 9] = ["name", "info", "chart", "config", "manifest", "hooks", "version", "namespace", "apply_method"];

/// A record that is JSON but not a release record.
///
/// ```
/// use helm_release_core::Record;
/// use helm_release_core::release::RecordError;
///
/// assert!(matches!(Record::parse(b"[]"), Err(RecordError::NotAnObject { .. })));
/// // The text quotes nothing of the record, which may hold secrets.
/// let error = Record::parse(br#"{"manifest":{"password":"x"}}"#)?.manifest().unwrap_err();
/// assert!(matches!(error, RecordError::Member { member: "manifest", .. }));
/// assert!(error.to_string().starts_with("member \"manifest\" cannot be read: invalid type: map, expected a string"));
/// # Ok::<(), RecordError>(())
/// ```
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
    /// Only the outermost braces are looked into; views check their own part when asked. Keys may be written in any case, as Go takes
    /// them, and are written back as Helm writes them.
    ///
    /// # Errors
    /// [`RecordError::NotAnObject`].
    ///
    /// ```
    /// use helm_release_core::Record;
    ///
    /// let record = Record::parse(br#"{"name":"web","version":"three"}"#)?;
    /// assert_eq!(record.name()?, "web");
    /// assert!(record.version().is_err(), "looked into when asked for");
    /// assert!(Record::parse(br#"{"name":"web""#).is_err());
    /// # Ok::<(), helm_release_core::release::RecordError>(())
    /// ```
    pub fn parse(json: &[u8]) -> Result<Self, RecordError> {
        Self::parse_owned(json.to_vec())
    }

    /// Reads a record from JSON without copying it.
    ///
    /// # Errors
    /// [`RecordError::NotAnObject`], as of [`Self::parse`].
    ///
    /// ```
    /// use helm_release_core::Record;
    /// use helm_release_core::codec::{DecodeOptions, decode_json};
    /// use helm_release_core::ports::Storage as _;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let stored = shop.storage.get(&shop.key(1)?).await?;
    /// let json = decode_json(&stored.payload.0, DecodeOptions::default())?;
    /// let record = Record::parse_owned(json)?;
    /// assert_eq!((record.name()?.as_str(), record.version()?), ("shop", 1));
    /// # Ok(()) });
    /// ```
    pub fn parse_owned(json: Vec<u8>) -> Result<Self, RecordError> {
        let members = RawMap::parse(json).map_err(|reason| RecordError::NotAnObject { reason })?;
        Ok(Self { members: members.in_known_case(&MEMBERS) })
    }

    /// The record as JSON, each member exactly as it was read.
    ///
    /// ```
    /// use helm_release_core::Record;
    ///
    /// let record = Record::parse(br#"{ "version": 1, "config": {"ratio": 1.50, "ratio2": 1e3} }"#)?;
    /// assert_eq!(record.to_json(), r#"{"version":1,"config":{"ratio": 1.50, "ratio2": 1e3}}"#);
    /// # Ok::<(), helm_release_core::release::RecordError>(())
    /// ```
    #[must_use]
    pub fn to_json(&self) -> String {
        self.members.to_json()
    }

    /// A member's JSON text, when the key is there.
    ///
    /// ```
    /// use helm_release_core::Record;
    ///
    /// let record = Record::parse(br#"{"name":"web","lock":null,"of_a_later_helm":{"since":5}}"#)?;
    /// assert_eq!(record.raw("of_a_later_helm"), Some(r#"{"since":5}"#));
    /// assert_eq!((record.raw("lock"), record.raw("key")), (Some("null"), None));
    /// # Ok::<(), helm_release_core::release::RecordError>(())
    /// ```
    #[must_use]
    pub fn raw(&self, key: &str) -> Option<&str> {
        self.members.get(key)
    }

    fn view<T: DeserializeOwned + Default>(&self, member: &'static str) -> Result<T, RecordError> {
        self.members.view(member).map_err(|reason| RecordError::Member { member, reason })
    }

    /// Reads a member that is an object itself, with its keys in any case.
    fn view_object<T: DeserializeOwned + Default>(&self, member: &'static str, known: &[&str]) -> Result<T, RecordError> {
        let text = self.raw(member).map(|text| in_known_case(text, known));
        raw::view(text.as_deref()).map_err(|reason| RecordError::Member { member, reason })
    }

    /// The members of `info`; none when it is no object.
    fn info_members(&self) -> RawMap {
        RawMap::parse_member(self.raw("info")).in_known_case(&Info::MEMBERS)
    }

    /// The release's name.
    ///
    /// # Errors
    /// [`RecordError::Member`] when it is not text.
    ///
    /// ```
    /// use helm_release_core::{Record, ReleaseName};
    ///
    /// // Text as it stands there; the type checks it.
    /// let record = Record::parse(br#"{"name":"Web Shop"}"#)?;
    /// assert_eq!(record.name()?, "Web Shop");
    /// assert!(ReleaseName::new(record.name()?).is_err());
    /// # Ok::<(), helm_release_core::release::RecordError>(())
    /// ```
    pub fn name(&self) -> Result<String, RecordError> {
        self.view("name")
    }

    /// The release's namespace.
    ///
    /// # Errors
    /// [`RecordError::Member`] when it is not text.
    ///
    /// ```
    /// use helm_release_core::Record;
    ///
    /// let record = Record::parse(br#"{"name":"web","namespace":"shop"}"#)?;
    /// assert_eq!(record.namespace()?, "shop");
    /// assert_eq!(Record::parse(br#"{"name":"web"}"#)?.namespace()?, "", "a record may name none");
    /// # Ok::<(), helm_release_core::release::RecordError>(())
    /// ```
    pub fn namespace(&self) -> Result<String, RecordError> {
        self.view("namespace")
    }

    /// The revision number; 0 when absent.
    ///
    /// # Errors
    /// [`RecordError::Member`] when it is not a number.
    ///
    /// ```
    /// use helm_release_core::ports::Storage as _;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let key = shop.key(3)?;
    /// let stored = shop.storage.get(&key).await?;
    /// let record = shop.record(3).await?;
    /// assert_eq!(record.version()?, stored.head.key.revision.get(), "what it says and where it lies are the same");
    /// # Ok(()) });
    /// ```
    pub fn version(&self) -> Result<u32, RecordError> {
        self.view("version")
    }

    /// What Helm says of the release: times, status, description, notes.
    ///
    /// # Errors
    /// [`RecordError::Member`] when a time or type is one that Helm would refuse.
    ///
    /// ```
    /// use helm_release_core::Record;
    ///
    /// let record = Record::parse(br#"{"info":{"status":"deployed","last_deployed":"2026-11-20T08:00:00Z","notes":null}}"#)?;
    /// let info = record.info()?;
    /// assert_eq!((info.status.as_str(), info.last_deployed.as_str()), ("deployed", "2026-11-20T08:00:00Z"));
    /// assert_eq!(info.notes, "", "null reads as nothing");
    /// // Helm could not read this record either.
    /// assert!(Record::parse(br#"{"info":{"last_deployed":"yesterday"}}"#)?.info().is_err());
    /// # Ok::<(), helm_release_core::release::RecordError>(())
    /// ```
    pub fn info(&self) -> Result<Info, RecordError> {
        self.view_object("info", &Info::MEMBERS)
    }

    /// The manifest of everything but hooks.
    ///
    /// # Errors
    /// [`RecordError::Member`] when it is not text.
    ///
    /// ```
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let manifest = shop.record(2).await?.manifest()?;
    /// assert!(manifest.starts_with("---\n# Source: shop/templates/secret.yaml\n"));
    /// assert!(!manifest.contains("kind: Job"), "the hook is elsewhere");
    /// # Ok(()) });
    /// ```
    pub fn manifest(&self) -> Result<String, RecordError> {
        self.view("manifest")
    }

    /// The stored hooks, in stored order.
    ///
    /// # Errors
    /// [`RecordError::Member`] when one has not Helm's form.
    ///
    /// ```
    /// use helm_release_core::hook::Event;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let hooks = shop.record(2).await?.hooks()?;
    /// assert_eq!(hooks.len(), 1);
    /// assert_eq!((hooks[0].kind.as_str(), hooks[0].name.as_str()), ("Job", "shop-check"));
    /// assert_eq!(hooks[0].events, [Event::PostRollback]);
    /// # Ok(()) });
    /// ```
    pub fn hooks(&self) -> Result<Vec<Hook>, RecordError> {
        match self.hooks_in_known_case() {
            Some(hooks) => raw::view(Some(&hooks)).map_err(|reason| RecordError::Member { member: "hooks", reason }),
            None => self.view("hooks"),
        }
    }

    /// The list of hooks where a key in one of them is written otherwise than Helm writes it.
    fn hooks_in_known_case(&self) -> Option<String> {
        let hooks: Vec<&RawValue> = serde_json::from_str(self.raw("hooks")?).ok()?;
        let hooks: Vec<Cow<'_, str>> = hooks.into_iter().map(|hook| hook_in_known_case(hook.get())).collect();
        hooks.iter().any(|hook| matches!(hook, Cow::Owned(_))).then(|| format!("[{}]", hooks.join(",")))
    }

    /// The chart's metadata; `None` when the chart or its metadata is missing.
    ///
    /// # Errors
    /// [`RecordError::Member`] when it has not Helm's form.
    ///
    /// ```
    /// use helm_release_core::Record;
    ///
    /// let record = Record::parse(br#"{"chart":{"metadata":{"name":"web","version":"1.2.0","appVersion":"4.5"}}}"#)?;
    /// let chart = record.chart()?.unwrap();
    /// assert_eq!((chart.full_name().as_str(), chart.app_version.as_str()), ("web-1.2.0", "4.5"));
    /// assert_eq!(Record::parse(br#"{"chart":null}"#)?.chart()?, None);
    /// # Ok::<(), helm_release_core::release::RecordError>(())
    /// ```
    pub fn chart(&self) -> Result<Option<ChartMetadata>, RecordError> {
        let chart: PartsOfChart = self.view_object("chart", &PartsOfChart::MEMBERS)?;
        let metadata = chart.metadata.as_ref().map(|metadata| in_known_case(metadata.get(), &ChartMetadata::MEMBERS));
        raw::view(metadata.as_deref()).map_err(|reason| RecordError::Member { member: "chart", reason })
    }

    /// The user's values as JSON text; `None` when there are none.
    ///
    /// ```
    /// use helm_release_core::Record;
    ///
    /// let record = Record::parse(br#"{"config":{"image":{"tag":"1.10"}}}"#)?;
    /// let values: serde_json::Value = serde_json::from_str(record.config().unwrap_or("{}"))?;
    /// assert_eq!(values["image"]["tag"], "1.10");
    /// assert_eq!(Record::parse(br#"{"config":null}"#)?.config(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn config(&self) -> Option<&str> {
        self.raw("config").filter(|config| *config != "null")
    }

    /// The chart's default values as JSON; `None` when the chart is missing.
    ///
    /// # Errors
    /// [`RecordError::Member`] when the chart is no mapping.
    ///
    /// ```
    /// use helm_release_core::Record;
    /// use helm_release_core::release::coalesce_values;
    /// use serde_json::json;
    ///
    /// let record = Record::parse(br#"{"chart":{"values":{"replicas":1,"debug":false}},"config":{"replicas":3}}"#)?;
    /// let defaults = record.chart_values()?.unwrap();
    /// assert_eq!(defaults.get(), r#"{"replicas":1,"debug":false}"#);
    /// // What the templates were given.
    /// let given = serde_json::from_str(record.config().unwrap())?;
    /// let values = coalesce_values(given, serde_json::from_str(defaults.get())?);
    /// assert_eq!(values, json!({ "replicas": 3, "debug": false }));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn chart_values(&self) -> Result<Option<Box<RawValue>>, RecordError> {
        Ok(self.view_object::<PartsOfChart>("chart", &PartsOfChart::MEMBERS)?.values)
    }

    /// The `apply_method` as written; empty when absent.
    ///
    /// # Errors
    /// [`RecordError::Member`] when it is not text.
    ///
    /// ```
    /// use helm_release_core::Record;
    ///
    /// let written = |json: &str| Record::parse(json.as_bytes())?.apply_method_text();
    /// // Both mean client-side; which of them was written can be told here alone.
    /// assert_eq!(written(r#"{"apply_method":"csa"}"#)?, "csa");
    /// assert_eq!(written(r#"{"name":"web"}"#)?, "");
    /// # Ok::<(), helm_release_core::release::RecordError>(())
    /// ```
    pub fn apply_method_text(&self) -> Result<String, RecordError> {
        self.view("apply_method")
    }

    /// How this revision's objects were written. Anything but `ssa` means client-side.
    ///
    /// # Errors
    /// [`RecordError::Member`] when it is not text.
    ///
    /// ```
    /// use helm_release_core::Record;
    /// use helm_release_core::release::ApplyMethod;
    ///
    /// let method = |json: &str| Record::parse(json.as_bytes())?.apply_method();
    /// assert_eq!(method(r#"{"apply_method":"ssa"}"#)?, ApplyMethod::Ssa);
    /// // Records of Helm 3 have no such member.
    /// assert_eq!(method(r#"{"name":"web"}"#)?, ApplyMethod::Csa);
    /// # Ok::<(), helm_release_core::release::RecordError>(())
    /// ```
    pub fn apply_method(&self) -> Result<ApplyMethod, RecordError> {
        Ok(if self.apply_method_text()? == "ssa" { ApplyMethod::Ssa } else { ApplyMethod::Csa })
    }

    /// Which line of Helm wrote the record.
    ///
    /// Helm 3 always writes `info.deleted`, empty until uninstall; Helm 4 leaves an empty one out and always writes
    /// `chart.schemamodtime` (`pkg/release/v1/info.go`, `pkg/chart/v2/chart.go`).
    ///
    /// ```
    /// use helm_release_core::{HelmLine, Record};
    ///
    /// let line = |json: &str| Record::parse(json.as_bytes()).map(|record| record.line());
    /// assert_eq!(line(r#"{"info":{"deleted":"","status":"deployed"}}"#)?, HelmLine::V3);
    /// assert_eq!(line(r#"{"info":{"status":"deployed"}}"#)?, HelmLine::V4);
    /// let uninstalled = r#"{"info":{"deleted":"2026-11-20T08:00:00Z"},"chart":{"schemamodtime":"0001-01-01T00:00:00Z"}}"#;
    /// assert_eq!(line(uninstalled)?, HelmLine::V4);
    /// # Ok::<(), helm_release_core::release::RecordError>(())
    /// ```
    #[must_use]
    pub fn line(&self) -> HelmLine {
        if self.raw("apply_method").is_some() {
            return HelmLine::V4;
        }
        match self.info_members().get("deleted") {
            None => HelmLine::V4,
            Some("\"\"") => HelmLine::V3,
            Some(_) if self.raw("chart").is_some_and(|chart| chart.contains("\"schemamodtime\"")) => HelmLine::V4,
            Some(_) => HelmLine::V3,
        }
    }
}

fn hook_in_known_case(hook: &str) -> Cow<'_, str> {
    let known = in_known_case(hook, &Hook::MEMBERS);
    let mut members = RawMap::parse_member(Some(&known));
    let last_run = members.get("last_run").map(|text| in_known_case(text, &LastRun::MEMBERS));
    match last_run {
        Some(Cow::Owned(last_run)) => {
            let last_run = RawValue::from_string(last_run).unwrap_or_else(|_| RawValue::NULL.to_owned());
            members.set("last_run", last_run, &[]);
            Cow::Owned(members.to_json())
        }
        _ => known,
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Record").field(&self.members.keys().collect::<Vec<_>>()).finish()
    }
}

#[cfg(test)]
mod tests;
