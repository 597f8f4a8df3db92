//! Reads of a record only what a table shows, inflating no further than that.

use std::fmt;
use std::io::{BufReader, Read};

use base64::read::DecoderReader;
use flate2::read::MultiGzDecoder;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer as _, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{CodecError, DecodeOptions, GO_BASE64, decode, is_gzip};
use crate::release::{ChartMetadata, Info, in_known_case};

/// What a table shows of a revision.
///
/// ```
/// use helm_release_core::codec::{self, DecodeOptions, Summary};
/// use helm_release_core::ports::Storage as _;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let stored = shop.storage.get(&shop.key(2)?).await?;
/// let Summary { info, chart, .. } = codec::summary(&stored.payload.0, DecodeOptions::default())?;
/// let chart = chart.ok_or("no chart")?;
/// let row = [info.last_deployed.as_str(), info.status.as_str(), &chart.full_name(), &chart.app_version].join(" ");
/// assert_eq!(row, "2026-11-09T09:00:00Z deployed shop-1.1.0 1.1");
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Summary {
    /// Times, status, description.
    pub info: Info,
    /// The chart's metadata, when the record has any.
    pub chart: Option<ChartMetadata>,
}

/// Reads a summary. Helm writes `info` first and `metadata` as the chart's first member, so a few
/// kilobytes of a large record are enough; records in another order are read whole.
///
/// # Errors
/// [`CodecError`] as of [`decode`]; what lies behind the summary is not looked at.
///
/// ```
/// use helm_release_core::Record;
/// use helm_release_core::codec::{self, DecodeOptions};
///
/// let json = r#"{"info":{"status":"deployed"},"chart":{"metadata":{"name":"web","version":"1.2.0"}},"manifest":"…"}"#;
/// let payload = codec::encode(&Record::parse(json.as_bytes())?);
/// let summary = codec::summary(&payload.0, DecodeOptions::default())?;
/// assert_eq!(summary.info.status.as_str(), "deployed");
/// assert_eq!(summary.chart.unwrap().full_name(), "web-1.2.0");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn summary(payload: &[u8], options: DecodeOptions) -> Result<Summary, CodecError> {
    if let Some(summary) = read_front(payload, options) {
        return Ok(summary);
    }
    let record = decode(payload, options)?;
    Ok(Summary { info: record.info()?, chart: record.chart()? })
}

/// The summary, when it lies at the record's front and nothing is wrong there.
fn read_front(payload: &[u8], options: DecodeOptions) -> Option<Summary> {
    let mut start = [0; 4];
    DecoderReader::new(payload, &GO_BASE64).read_exact(&mut start).ok()?;
    if !is_gzip(&start) {
        return None;
    }
    let inflated = MultiGzDecoder::new(DecoderReader::new(payload, &GO_BASE64)).take(options.inflate_limit);
    let mut front = Front::default();
    let mut json = serde_json::Deserializer::from_reader(BufReader::with_capacity(4096, inflated));
    // The visitor leaves with an error as soon as it has all it wants: that is how reading stops.
    let _ = json.deserialize_map(&mut front);
    let Front { info, chart } = front;
    Some(Summary { info: info?, chart: chart?.0 })
}

/// Reads the value of a member, an object whose keys Go takes in any case, or `null`.
fn read_as_known<'de, A: MapAccess<'de>, T: DeserializeOwned>(map: &mut A, known: &[&str]) -> Result<Option<T>, A::Error> {
    let text: Box<RawValue> = map.next_value()?;
    serde_json::from_str(&in_known_case(text.get(), known)).map_err(A::Error::custom)
}

#[derive(Default)]
struct Front {
    info: Option<Info>,
    chart: Option<FrontChart>,
}

/// What stands at the front of a chart: metadata, or `null` in its place.
struct FrontChart(Option<ChartMetadata>);

impl<'de> Visitor<'de> for &mut Front {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a release record")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "info" => self.info = Some(read_as_known(&mut map, &Info::MEMBERS)?.unwrap_or_default()),
                "chart" => map.next_value_seed(Chart(&mut self.chart))?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            if self.info.is_some() && self.chart.is_some() {
                return Err(A::Error::custom("read enough"));
            }
        }
        Ok(())
    }
}

/// Reads a chart no further than its metadata.
struct Chart<'a>(&'a mut Option<FrontChart>);

impl<'de> DeserializeSeed<'de> for Chart<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Chart<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a chart")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if key == "metadata" {
                *self.0 = Some(FrontChart(read_as_known(&mut map, &ChartMetadata::MEMBERS)?));
                return Err(A::Error::custom("read enough"));
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}
