//! Helm's times: text that is kept as written, in the zone of the machine that wrote it.

use std::borrow::Cow;
use std::fmt::Write as _;

use jiff::civil::DateTime;
use jiff::tz::Offset;
use jiff::{Timestamp, Zoned};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A text that is no time for Helm.
///
/// ```
/// use helm_release_core::release::{HelmTime, InvalidTime};
///
/// assert_eq!(HelmTime::parse("2026-11-20"), Err(InvalidTime));
/// assert_eq!(InvalidTime.to_string(), "not an RFC 3339 time");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 time")]
pub struct InvalidTime;

/// A time in a record: RFC 3339 with up to nine fraction digits and an offset, or nothing.
///
/// `""`, `null` and an absent member all mean "no time", as does Go's zero time written out. The text is kept, so that writing it back
/// changes nothing.
///
/// ```
/// use helm_release_core::release::HelmTime;
///
/// let text = r#"["2026-11-20T08:00:00.120+01:00","0001-01-01T00:00:00Z",""]"#;
/// let times: Vec<HelmTime> = serde_json::from_str(text)?;
/// assert_eq!(times.iter().map(HelmTime::is_zero).collect::<Vec<_>>(), [false, true, true]);
/// assert_eq!(serde_json::to_string(&times)?, text);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HelmTime {
    text: String,
    parsed: Option<(Timestamp, Offset)>,
}

impl HelmTime {
    /// No time.
    ///
    /// ```
    /// use helm_release_core::hook::{LastRun, Phase};
    /// use helm_release_core::release::HelmTime;
    ///
    /// # let now = jiff::Zoned::now();
    /// let running = LastRun { started_at: HelmTime::from_zoned(&now), completed_at: HelmTime::zero(), phase: Phase::Running };
    /// assert_eq!(running.completed_at.timestamp(), None);
    /// assert!(running.started_at.timestamp().is_some());
    /// ```
    #[must_use]
    pub fn zero() -> Self {
        Self::default()
    }

    /// Reads a time as Go does.
    ///
    /// # Errors
    /// [`InvalidTime`] for a text that Helm would refuse, which makes the whole record undecodable for it.
    ///
    /// ```
    /// use helm_release_core::release::HelmTime;
    ///
    /// let moment = HelmTime::parse("2026-11-20T09:30:00.5+01:30")?;
    /// assert_eq!(moment.timestamp(), Some("2026-11-20T08:00:00.5Z".parse()?));
    /// // ISO 8601, and nothing that Go would read.
    /// assert!(HelmTime::parse("2026-11-20T09:30:00+0130").is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, InvalidTime> {
        if text.is_empty() {
            return Ok(Self::zero());
        }
        let parsed = read_rfc3339(text).ok_or(InvalidTime)?;
        let is_go_zero = parsed.0 == GO_ZERO;
        Ok(Self { text: text.to_owned(), parsed: (!is_go_zero).then_some(parsed) })
    }

    /// A moment as Go writes it: trailing zeros of the fraction trimmed, the zone as `Z` or an offset.
    ///
    /// ```
    /// use helm_release_core::release::HelmTime;
    /// use jiff::Zoned;
    ///
    /// let moment: Zoned = "2026-11-20T08:00:00.120+01:00[Europe/Berlin]".parse()?;
    /// assert_eq!(HelmTime::from_zoned(&moment).as_str(), "2026-11-20T08:00:00.12+01:00");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn from_zoned(moment: &Zoned) -> Self {
        let (timestamp, offset) = (moment.timestamp(), moment.offset());
        Self { text: write_rfc3339(moment.datetime(), offset), parsed: Some((timestamp, offset)) }
    }

    /// The text as stored.
    ///
    /// ```
    /// use helm_release_core::release::HelmTime;
    ///
    /// // Not tidied up: a record that is written back must not change.
    /// assert_eq!(HelmTime::parse("2026-11-20T08:00:00.000+00:00")?.as_str(), "2026-11-20T08:00:00.000+00:00");
    /// # Ok::<(), helm_release_core::release::InvalidTime>(())
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether there is no time.
    ///
    /// ```
    /// use helm_release_core::release::HelmTime;
    ///
    /// // Go's zero time keeps its text and is no moment.
    /// let never = HelmTime::parse("0001-01-01T00:00:00Z")?;
    /// assert!(never.is_zero());
    /// assert_ne!(never, HelmTime::zero());
    /// assert!(!HelmTime::parse("1970-01-01T00:00:00Z")?.is_zero());
    /// # Ok::<(), helm_release_core::release::InvalidTime>(())
    /// ```
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.parsed.is_none()
    }

    /// The moment, when there is one.
    ///
    /// ```
    /// use helm_release_core::release::HelmTime;
    ///
    /// let (later, sooner) = (HelmTime::parse("2026-11-20T07:30:00Z")?, HelmTime::parse("2026-11-20T08:00:00+01:00")?);
    /// let mut times = [later, sooner, HelmTime::zero()];
    /// times.sort_by_key(HelmTime::timestamp);
    /// let texts = times.each_ref().map(HelmTime::as_str);
    /// assert_eq!(texts, ["", "2026-11-20T08:00:00+01:00", "2026-11-20T07:30:00Z"], "by the moment, not by the text");
    /// # Ok::<(), helm_release_core::release::InvalidTime>(())
    /// ```
    #[must_use]
    pub fn timestamp(&self) -> Option<Timestamp> {
        self.parsed.map(|(timestamp, _)| timestamp)
    }

    /// The moment and the offset that it was written with.
    ///
    /// ```
    /// use helm_release_core::release::HelmTime;
    ///
    /// let stored = HelmTime::parse("2026-11-20T08:00:00-03:30")?;
    /// let (moment, offset) = stored.with_offset().unwrap();
    /// // Shown where it was written, as Helm's tables do.
    /// assert_eq!(moment.to_zoned(offset.to_time_zone()).strftime("%H:%M %z").to_string(), "08:00 -0330");
    /// assert_eq!(moment.to_string(), "2026-11-20T11:30:00Z");
    /// # Ok::<(), helm_release_core::release::InvalidTime>(())
    /// ```
    #[must_use]
    pub fn with_offset(&self) -> Option<(Timestamp, Offset)> {
        self.parsed
    }
}

/// `0001-01-01T00:00:00Z`, what Go's zero time is.
const GO_ZERO: Timestamp = Timestamp::constant(-62_135_596_800, 0);

/// Go's RFC 3339 is stricter than ISO 8601: upper-case `T` and `Z`, two-digit fields but for the hour, an offset with a colon.
fn read_rfc3339(text: &str) -> Option<(Timestamp, Offset)> {
    let short_hour = text.as_bytes().get("dddd-dd-ddTd".len()) == Some(&b':');
    let (date, clock) = text.split_at_checked("dddd-dd-ddT".len())?;
    let text = if short_hour { Cow::Owned(format!("{date}0{clock}")) } else { Cow::Borrowed(text) };
    let bytes = text.as_bytes();
    let shape = b"dddd-dd-ddTdd:dd:dd";
    let fits = |(byte, shape): (&u8, &u8)| if *shape == b'd' { byte.is_ascii_digit() } else { byte == shape };
    // Go knows no leap second.
    if bytes.len() <= shape.len() || !bytes.iter().zip(shape).all(fits) || text[..shape.len()].ends_with(":60") {
        return None;
    }
    let rest = &text[shape.len()..];
    let zone = match rest.strip_prefix(['.', ',']) {
        Some(fraction) => fraction.trim_start_matches(|character: char| character.is_ascii_digit()),
        None => rest,
    };
    // Go passes over what comes behind nanoseconds.
    let until = (text.len() - zone.len()).min(shape.len() + ".123456789".len());
    let civil = text[..until].replace(',', ".").parse::<DateTime>().ok()?;
    let offset = match zone.as_bytes() {
        b"Z" => Offset::UTC,
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let two = |a: &u8, b: &u8| Some(i32::from(a.checked_sub(b'0')?) * 10 + i32::from(b.checked_sub(b'0')?));
            let (hours, minutes) = (two(h1, h2)?, two(m1, m2)?);
            // Go lets both ends of the ranges pass (`time/format.go`).
            if hours > 24 || minutes > 60 {
                return None;
            }
            let seconds = (hours * 60 + minutes) * 60;
            Offset::from_seconds(if *sign == b'-' { -seconds } else { seconds }).ok()?
        }
        _ => return None,
    };
    Some((offset.to_timestamp(civil).ok()?, offset))
}

fn write_rfc3339(civil: DateTime, offset: Offset) -> String {
    let mut text = civil.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    let nanos = civil.subsec_nanosecond();
    if nanos != 0 {
        text.push('.');
        text.push_str(format!("{nanos:09}").trim_end_matches('0'));
    }
    if offset == Offset::UTC {
        text.push('Z');
    } else {
        let (sign, minutes) = if offset.seconds() < 0 { ('-', -offset.seconds() / 60) } else { ('+', offset.seconds() / 60) };
        let _ = write!(text, "{sign}{:02}:{:02}", minutes / 60, minutes % 60);
    }
    text
}

impl Serialize for HelmTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for HelmTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?.unwrap_or_default();
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}
