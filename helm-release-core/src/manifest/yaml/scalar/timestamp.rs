//! The timestamps that Go accepts under the tag `!!timestamp`.

/// Whether the text is one of go-yaml's timestamp forms.
pub(super) fn is_timestamp(text: &str) -> bool {
    let Some((date, time)) = split_date(text) else { return false };
    if !is_date(date) {
        return false;
    }
    match time {
        None => true,
        Some((' ', clock)) => is_clock(clock),
        Some((_, zoned)) => match zoned.find(['Z', '+', '-']) {
            Some(at) => is_clock(&zoned[..at]) && is_zone(&zoned[at..]),
            None => false,
        },
    }
}

fn split_date(text: &str) -> Option<(&str, Option<(char, &str)>)> {
    match text.find(['T', 't', ' ']) {
        None => Some((text, None)),
        Some(at) => Some((&text[..at], Some((text[at..].chars().next()?, &text[at + 1..])))),
    }
}

fn is_date(date: &str) -> bool {
    let mut parts = date.split('-');
    let (Some(year), Some(month), Some(day), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let (Some(year), Some(month), Some(day)) = (digits(year, 4, 4), digits(month, 1, 2), digits(day, 1, 2)) else {
        return false;
    };
    let date = i16::try_from(year).ok().zip(i8::try_from(month).ok()).zip(i8::try_from(day).ok());
    date.is_some_and(|((year, month), day)| jiff::civil::Date::new(year, month, day).is_ok())
}

fn is_clock(clock: &str) -> bool {
    let (clock, fraction) = clock.split_once(['.', ',']).map_or((clock, None), |(clock, fraction)| (clock, Some(fraction)));
    let mut parts = clock.split(':');
    let (Some(hour), Some(minute), Some(second), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let below = |part: &str, limit: u32| digits(part, 1, 2).is_some_and(|number| number < limit);
    below(hour, 24)
        && below(minute, 60)
        && below(second, 60)
        && fraction.is_none_or(|fraction| !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_zone(zone: &str) -> bool {
    if zone == "Z" {
        return true;
    }
    let Some((hours, minutes)) = zone.get(1..).and_then(|offset| offset.split_once(':')) else { return false };
    digits(hours, 2, 2).is_some_and(|hours| hours <= 24) && digits(minutes, 2, 2).is_some_and(|minutes| minutes < 60)
}

fn digits(text: &str, least: usize, most: usize) -> Option<u32> {
    let fits = (least..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if fits { text.parse().ok() } else { None }
}
