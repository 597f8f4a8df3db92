//! Helm's times: text that is kept as written, in the zone of the machine that wrote it.

use std::fmt::Write as _;

use jiff::civil::DateTime;
use jiff::tz::Offset;
use jiff::{Timestamp, Zoned};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A text that is no time for Helm.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 time")]
pub struct InvalidTime;

/// A time in a record: RFC 3339 with up to nine fraction digits and an offset, or nothing.
///
/// `""`, `null` and an absent member all mean "no time", as does Go's zero time written out. The text is kept, so that writing it back
/// changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HelmTime {
    text: String,
    parsed: Option<(Timestamp, Offset)>,
}

impl HelmTime {
    /// No time.
    #[must_use]
    pub fn zero() -> Self {
        Self::default()
    }

    /// Reads a time as Go does.
    ///
    /// # Errors
    /// [`InvalidTime`] for a text that Helm would refuse, which makes the whole record undecodable for it.
    pub fn parse(text: &str) -> Result<Self, InvalidTime> {
        if text.is_empty() {
            return Ok(Self::zero());
        }
        let parsed = read_rfc3339(text).ok_or(InvalidTime)?;
        let is_go_zero = parsed.0 == GO_ZERO;
        Ok(Self { text: text.to_owned(), parsed: (!is_go_zero).then_some(parsed) })
    }

    /// A moment as Go writes it: trailing zeros of the fraction trimmed, the zone as `Z` or an offset.
    #[must_use]
    pub fn from_zoned(moment: &Zoned) -> Self {
        let (timestamp, offset) = (moment.timestamp(), moment.offset());
        Self { text: write_rfc3339(moment.datetime(), offset), parsed: Some((timestamp, offset)) }
    }

    /// The text as stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether there is no time.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.parsed.is_none()
    }

    /// The moment, when there is one.
    #[must_use]
    pub fn timestamp(&self) -> Option<Timestamp> {
        self.parsed.map(|(timestamp, _)| timestamp)
    }

    /// The moment and the offset that it was written with.
    #[must_use]
    pub fn with_offset(&self) -> Option<(Timestamp, Offset)> {
        self.parsed
    }
}

/// `0001-01-01T00:00:00Z`, what Go's zero time is.
const GO_ZERO: Timestamp = Timestamp::constant(-62_135_596_800, 0);

/// Go's RFC 3339 is stricter than ISO 8601: upper-case `T` and `Z`, two-digit fields, an offset with a colon.
fn read_rfc3339(text: &str) -> Option<(Timestamp, Offset)> {
    let bytes = text.as_bytes();
    let shape = b"dddd-dd-ddTdd:dd:dd";
    let fits = |(byte, shape): (&u8, &u8)| if *shape == b'd' { byte.is_ascii_digit() } else { byte == shape };
    if bytes.len() <= shape.len() || !bytes.iter().zip(shape).all(fits) {
        return None;
    }
    let rest = &text[shape.len()..];
    let zone = match rest.strip_prefix(['.', ',']) {
        Some(fraction) => fraction.trim_start_matches(|character: char| character.is_ascii_digit()),
        None => rest,
    };
    let civil = text[..text.len() - zone.len()].replace(',', ".").parse::<DateTime>().ok()?;
    let offset = match zone.as_bytes() {
        b"Z" => Offset::UTC,
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let two = |a: &u8, b: &u8| Some(i32::from(a.checked_sub(b'0')?) * 10 + i32::from(b.checked_sub(b'0')?));
            let (hours, minutes) = (two(h1, h2)?, two(m1, m2)?);
            if hours > 24 || minutes > 59 {
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
