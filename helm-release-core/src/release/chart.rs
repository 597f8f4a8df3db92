//! The little that is read of a record's chart.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::info::null_is_default;

/// A chart's metadata as far as Helm's tables show it (`pkg/chart/v2/metadata.go`).
///
/// ```
/// use helm_release_core::Record;
///
/// let json = r#"{"name":"web","version":"1.2.0","annotations":{"team":"shop"},"dependencies":[{"name":"redis"}]}"#;
/// let record = format!(r#"{{"chart":{{"metadata":{json}}}}}"#);
/// let metadata = Record::parse(record.as_bytes())?.chart()?.unwrap();
/// assert_eq!(metadata.version, "1.2.0");
/// assert_eq!(metadata.app_version, "", "not every chart names one");
/// assert_eq!(metadata.annotations["team"], "shop");
/// assert_eq!(metadata.dependencies[0]["name"], "redis");
/// # Ok::<(), helm_release_core::release::RecordError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[non_exhaustive]
pub struct ChartMetadata {
    /// Name.
    #[serde(deserialize_with = "null_is_default")]
    pub name: String,
    /// Version of the chart.
    #[serde(deserialize_with = "null_is_default")]
    pub version: String,
    /// Version of the application inside.
    #[serde(deserialize_with = "null_is_default")]
    pub app_version: String,
    /// Free annotations.
    #[serde(deserialize_with = "null_is_default")]
    pub annotations: BTreeMap<String, String>,
    /// Dependencies as written.
    #[serde(deserialize_with = "null_is_default")]
    pub dependencies: Vec<Value>,
}

impl ChartMetadata {
    /// `name-version`, the form of Helm's tables.
    ///
    /// ```
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let chart = shop.record(3).await?.chart()?.ok_or("no chart")?;
    /// assert_eq!(chart.full_name(), "shop-1.2.0");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{}-{}", self.name, self.version)
    }
}

impl ChartMetadata {
    /// The members that are read, as Helm writes them.
    pub(crate) const MEMBERS: [&str; 5] = ["name", "version", "appVersion", "annotations", "dependencies"];
}

/// What is read of a chart, as text.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PartsOfChart {
    pub(super) metadata: Option<Box<RawValue>>,
    pub(super) values: Option<Box<RawValue>>,
}

impl PartsOfChart {
    /// Their names, as Helm writes them.
    pub(super) const MEMBERS: [&str; 2] = ["metadata", "values"];
}
