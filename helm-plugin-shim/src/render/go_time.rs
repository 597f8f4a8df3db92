//! Times in Go's layouts, in the zone that they were written with.

use helm_release_core::release::HelmTime;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

/// `Mon Jan _2 15:04:05 2006`.
pub(crate) const ANSIC: &str = "Mon Jan _2 15:04:05 2006";
/// The layout of Go's `Time.String`.
pub(crate) const STRING: &str = "2006-01-02 15:04:05.999999999 -0700 MST";
/// RFC 3339 in seconds.
pub(crate) const RFC3339: &str = "2006-01-02T15:04:05Z07:00";
/// RFC 3339 with the fraction that there is.
pub(crate) const RFC3339_NANO: &str = "2006-01-02T15:04:05.999999999Z07:00";

/// A moment with its offset and the name that Go gives its zone.
#[derive(Debug, Clone)]
pub(crate) struct GoTime {
    civil: DateTime,
    offset: Offset,
    zone: String,
}

/// Go's zero time, which Helm prints where a record has none.
const GO_ZERO: Timestamp = Timestamp::constant(-62_135_596_800, 0);

impl GoTime {
    /// A time of a record as Go reads it: a stored offset that is the local one at that moment takes the local zone's name.
    #[must_use]
    pub(crate) fn of(time: &HelmTime, local: &TimeZone) -> Self {
        let (timestamp, offset) = time.with_offset().unwrap_or((GO_ZERO, Offset::UTC));
        let zone = if time.is_zero() || time.as_str().ends_with('Z') {
            "UTC".to_owned()
        } else {
            let info = local.to_offset_info(timestamp);
            if info.offset() == offset { info.abbreviation().to_owned() } else { numeric(offset) }
        };
        Self { civil: offset.to_datetime(timestamp), offset, zone }
    }

    /// The time in a layout of Go's: `2006-01-02 15:04` and the like.
    #[must_use]
    pub(crate) fn format(&self, layout: &str) -> String {
        let mut text = String::new();
        let mut rest = layout;
        while !rest.is_empty() {
            if let Some((chunk, field)) = CHUNKS.iter().find(|(chunk, _)| starts(rest, chunk)) {
                self.push(&mut text, *field);
                rest = &rest[chunk.len()..];
            } else if let Some((digits, keeps_zeros)) = fraction(rest) {
                self.push_fraction(&mut text, &rest[..1], digits, keeps_zeros);
                rest = &rest[1 + digits..];
            } else {
                let end = rest.chars().next().map_or(rest.len(), char::len_utf8);
                text.push_str(&rest[..end]);
                rest = &rest[end..];
            }
        }
        text
    }

    fn push(&self, text: &mut String, field: Field) {
        let civil = self.civil;
        let hour12 = match civil.hour() % 12 {
            0 => 12,
            hour => hour,
        };
        let piece = match field {
            Field::LongMonth => civil.strftime("%B").to_string(),
            Field::ShortMonth => civil.strftime("%b").to_string(),
            Field::Month => civil.month().to_string(),
            Field::Month2 => format!("{:02}", civil.month()),
            Field::LongDay => civil.strftime("%A").to_string(),
            Field::ShortDay => civil.strftime("%a").to_string(),
            Field::Day => civil.day().to_string(),
            Field::DaySpaced => format!("{:>2}", civil.day()),
            Field::Day2 => format!("{:02}", civil.day()),
            Field::YearDaySpaced => format!("{:>3}", civil.day_of_year()),
            Field::YearDay3 => format!("{:03}", civil.day_of_year()),
            Field::Hour24 => format!("{:02}", civil.hour()),
            Field::Hour12 => hour12.to_string(),
            Field::Hour12Two => format!("{hour12:02}"),
            Field::Minute => civil.minute().to_string(),
            Field::Minute2 => format!("{:02}", civil.minute()),
            Field::Second => civil.second().to_string(),
            Field::Second2 => format!("{:02}", civil.second()),
            Field::Year => format!("{:04}", civil.year()),
            Field::Year2 => format!("{:02}", civil.year().rem_euclid(100)),
            Field::UpperHalf => if civil.hour() >= 12 { "PM" } else { "AM" }.to_owned(),
            Field::LowerHalf => if civil.hour() >= 12 { "pm" } else { "am" }.to_owned(),
            Field::Zone => self.zone.clone(),
            Field::Offset { separator, seconds, short, z } => {
                if z && self.offset == Offset::UTC {
                    "Z".to_owned()
                } else {
                    offset(self.offset, separator, seconds, short)
                }
            }
        };
        text.push_str(&piece);
    }

    fn push_fraction(&self, text: &mut String, point: &str, digits: usize, keeps_zeros: bool) {
        let nanos = format!("{:09}", self.civil.subsec_nanosecond());
        let cut = &nanos[..digits.min(nanos.len())];
        let shown = if keeps_zeros { cut } else { cut.trim_end_matches('0') };
        if !shown.is_empty() {
            text.push_str(point);
            text.push_str(shown);
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Field {
    LongMonth,
    ShortMonth,
    Month,
    Month2,
    LongDay,
    ShortDay,
    Day,
    DaySpaced,
    Day2,
    YearDaySpaced,
    YearDay3,
    Hour24,
    Hour12,
    Hour12Two,
    Minute,
    Minute2,
    Second,
    Second2,
    Year,
    Year2,
    UpperHalf,
    LowerHalf,
    Zone,
    Offset { separator: &'static str, seconds: bool, short: bool, z: bool },
}

const fn zone(separator: &'static str, seconds: bool, short: bool, z: bool) -> Field {
    Field::Offset { separator, seconds, short, z }
}

/// Go's layout words, each before those that it begins with (`time/format.go`).
const CHUNKS: [(&str, Field); 33] = [
    ("January", Field::LongMonth),
    ("Jan", Field::ShortMonth),
    ("Monday", Field::LongDay),
    ("Mon", Field::ShortDay),
    ("MST", Field::Zone),
    ("002", Field::YearDay3),
    ("01", Field::Month2),
    ("02", Field::Day2),
    ("03", Field::Hour12Two),
    ("04", Field::Minute2),
    ("05", Field::Second2),
    ("06", Field::Year2),
    ("15", Field::Hour24),
    ("1", Field::Month),
    ("2006", Field::Year),
    ("2", Field::Day),
    ("__2", Field::YearDaySpaced),
    // An underscore before a year is an underscore.
    ("_2", Field::DaySpaced),
    ("3", Field::Hour12),
    ("4", Field::Minute),
    ("5", Field::Second),
    ("PM", Field::UpperHalf),
    ("pm", Field::LowerHalf),
    ("-070000", zone("", true, false, false)),
    ("-07:00:00", zone(":", true, false, false)),
    ("-0700", zone("", false, false, false)),
    ("-07:00", zone(":", false, false, false)),
    ("-07", zone("", false, true, false)),
    ("Z070000", zone("", true, false, true)),
    ("Z07:00:00", zone(":", true, false, true)),
    ("Z0700", zone("", false, false, true)),
    ("Z07:00", zone(":", false, false, true)),
    ("Z07", zone("", false, true, true)),
];

/// Whether a layout goes on with a word; `Jan` in `Janet` is text, and so is `_2006`.
fn starts(rest: &str, chunk: &str) -> bool {
    let Some(after) = rest.strip_prefix(chunk) else { return false };
    match chunk {
        "Jan" | "Mon" => !after.starts_with(|next: char| next.is_ascii_lowercase()),
        "_2" => !after.starts_with("006"),
        _ => true,
    }
}

/// `.000` or `.999` (or with a comma) that no digit follows: how many digits, and whether zeros at the end stay.
fn fraction(rest: &str) -> Option<(usize, bool)> {
    let after = rest.strip_prefix(['.', ','])?;
    let digit = after.chars().next().filter(|digit| matches!(digit, '0' | '9'))?;
    let digits = after.len() - after.trim_start_matches(digit).len();
    let follows_digit = after[digits..].starts_with(|next: char| next.is_ascii_digit());
    (!follows_digit).then_some((digits, digit == '0'))
}

fn offset(offset: Offset, separator: &str, seconds: bool, short: bool) -> String {
    let total = offset.seconds();
    let (sign, total) = if total < 0 { ('-', -total) } else { ('+', total) };
    let (hours, minutes) = (total / 3600, total / 60 % 60);
    match (short, seconds) {
        (true, _) => format!("{sign}{hours:02}"),
        (false, false) => format!("{sign}{hours:02}{separator}{minutes:02}"),
        (false, true) => format!("{sign}{hours:02}{separator}{minutes:02}{separator}{:02}", total % 60),
    }
}

/// `+0200`, which Go prints where a zone has no name.
fn numeric(of: Offset) -> String {
    offset(of, "", false, false)
}

#[cfg(test)]
mod tests;
