//! Scalars as go-yaml v2 writes them (`encode.go`, `emitterc.go`, `resolve.go`, `sorter.go`).

use std::cmp::Ordering;
use std::fmt::Write as _;

use serde_json::Number;

/// What may be done with a text (`yaml_emitter_analyze_scalar`).
#[expect(clippy::struct_excessive_bools, reason = "four answers that depend on each other in no simple way")]
struct Analysis {
    multiline: bool,
    plain: bool,
    single_quoted: bool,
    block: bool,
}

fn is_break(character: char) -> bool {
    matches!(character, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// What go-yaml takes for printable: no tab, no byte order mark, nothing beyond the basic plane.
fn is_printable(character: char) -> bool {
    matches!(character, '\n' | '\u{20}'..='\u{7e}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

fn analyze(value: &str) -> Analysis {
    if value.is_empty() {
        return Analysis { multiline: false, plain: true, single_quoted: true, block: false };
    }
    let mut indicators = value.starts_with("---") || value.starts_with("...");
    let (mut line_breaks, mut special, mut break_space, mut space_break) = (false, false, false, false);
    let (mut previous_space, mut previous_break, mut preceded_by_blank) = (false, false, true);
    let mut characters = value.chars().peekable();
    let mut first = true;
    while let Some(character) = characters.next() {
        let followed_by_blank = characters.peek().is_none_or(|next| matches!(next, ' ' | '\t'));
        indicators |= match character {
            '#' => first || preceded_by_blank,
            ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' => first,
            '?' | '-' => first && followed_by_blank,
            ':' => followed_by_blank,
            _ => false,
        };
        special |= !is_printable(character);
        if character == ' ' {
            break_space |= previous_break;
            (previous_space, previous_break) = (true, false);
        } else if is_break(character) {
            line_breaks = true;
            space_break |= previous_space;
            (previous_space, previous_break) = (false, true);
        } else {
            (previous_space, previous_break) = (false, false);
        }
        preceded_by_blank = matches!(character, ' ' | '\t' | '\0') || is_break(character);
        first = false;
    }
    let ends_in = |character: char| character == ' ' || is_break(character);
    let touches_edge = value.starts_with(ends_in) || value.ends_with(ends_in);
    Analysis {
        multiline: line_breaks,
        plain: !(touches_edge || break_space || space_break || special || line_breaks || indicators),
        single_quoted: !(break_space || space_break || special),
        block: !(value.ends_with(' ') || space_break || special),
    }
}

/// The column behind which a line is broken at the next space.
const BEST_WIDTH: usize = 80;

/// Writes a text that is no simple key; lines that it goes on in stand at `level`.
pub(super) fn push_string(text: &mut String, value: &str, level: usize) {
    let analysis = analyze(value);
    if value.contains('\n') {
        if analysis.block { push_literal(text, value, level) } else { push_double_quoted(text, value, Some(level)) }
    } else {
        push_line(text, value, &analysis, Some(level));
    }
}

/// Writes a key and says whether it is a simple one; others are introduced by a question mark.
pub(super) fn push_key(text: &mut String, key: &str, level: usize) -> bool {
    let analysis = analyze(key);
    if analysis.multiline || key.len() > 128 {
        text.push_str("? ");
        push_string(text, key, level + 1);
        return false;
    }
    push_line(text, key, &analysis, None);
    true
}

/// Writes a text without line breaks; with a level it may go on in further lines there, without one it is a simple key.
fn push_line(text: &mut String, value: &str, analysis: &Analysis, level: Option<usize>) {
    if resolves_to_text(value) && !is_base60(value) {
        if analysis.plain && !(value.is_empty() && level.is_none()) {
            return push_plain(text, value, level, String::push);
        }
        if analysis.single_quoted {
            text.push('\'');
            push_plain(text, value, level, |text, character| {
                if character == '\'' {
                    text.push('\'');
                }
                text.push(character);
            });
            return text.push('\'');
        }
    }
    push_double_quoted(text, value, level);
}

fn column(text: &str) -> usize {
    text.rsplit('\n').next().unwrap_or_default().chars().count()
}

/// Breaks the line in the place of a space behind the best width.
fn fold(text: &mut String, level: usize) {
    text.push('\n');
    text.extend(std::iter::repeat_n("  ", level));
}

/// Writes characters, folding at single spaces. Behind a break that is no line feed Helm's writer indents, as at the start of a line.
fn push_plain(text: &mut String, value: &str, level: Option<usize>, push: impl Fn(&mut String, char)) {
    let mut at = column(text);
    let (mut previous_space, mut previous_break) = (false, false);
    let mut characters = value.chars().peekable();
    while let Some(character) = characters.next() {
        if previous_break && !is_break(character) {
            let indent = 2 * level.unwrap_or_default();
            text.extend(std::iter::repeat_n(' ', indent));
            at = indent;
        }
        let may_fold = character == ' ' && !previous_space && at > BEST_WIDTH;
        match (level, characters.peek()) {
            (Some(level), Some(next)) if may_fold && *next != ' ' => {
                fold(text, level);
                at = 2 * level;
            }
            _ => {
                push(text, character);
                // A doubled quote takes two columns.
                at += 1 + usize::from(character == '\'' && text.ends_with("''"));
            }
        }
        previous_space = character == ' ';
        previous_break = is_break(character);
    }
}

fn push_double_quoted(text: &mut String, value: &str, level: Option<usize>) {
    text.push('"');
    // A text that begins with a byte order mark is escaped as a whole.
    let escapes_all = value.starts_with('\u{feff}');
    let mut previous_space = false;
    for (index, character) in value.char_indices() {
        if let (Some(level), ' ') = (level, character) {
            let rest = &value[index + 1..];
            if !previous_space && index > 0 && !rest.is_empty() && column(text) > BEST_WIDTH {
                fold(text, level);
                if rest.starts_with(' ') {
                    text.push('\\');
                }
                previous_space = true;
                continue;
            }
        }
        previous_space = character == ' ';
        let escape = match character {
            '\0' => "\\0",
            '\u{7}' => "\\a",
            '\u{8}' => "\\b",
            '\t' => "\\t",
            '\n' => "\\n",
            '\u{b}' => "\\v",
            '\u{c}' => "\\f",
            '\r' => "\\r",
            '\u{1b}' => "\\e",
            '"' => "\\\"",
            '\\' => "\\\\",
            '\u{85}' => "\\N",
            '\u{2028}' => "\\L",
            '\u{2029}' => "\\P",
            _ if is_printable(character) && !escapes_all => {
                text.push(character);
                continue;
            }
            _ => {
                let code = u32::from(character);
                // Writing into a string cannot fail.
                let _ = match code {
                    0..=0xff => write!(text, "\\x{code:02X}"),
                    0x100..=0xffff => write!(text, "\\u{code:04X}"),
                    _ => write!(text, "\\U{code:08X}"),
                };
                continue;
            }
        };
        text.push_str(escape);
    }
    text.push('"');
}

fn push_literal(text: &mut String, value: &str, level: usize) {
    text.push('|');
    if value.starts_with(|character: char| character == ' ' || is_break(character)) {
        text.push('2');
    }
    let mut from_end = value.chars().rev();
    match (from_end.next().is_some_and(is_break), from_end.next()) {
        (false, _) => text.push('-'),
        (true, None) => text.push('+'),
        (true, Some(character)) if is_break(character) => text.push('+'),
        (true, Some(_)) => {}
    }
    text.push('\n');
    let mut at_line_start = true;
    for character in value.chars() {
        if is_break(character) {
            at_line_start = true;
        } else if std::mem::take(&mut at_line_start) {
            text.extend(std::iter::repeat_n("  ", level));
        }
        text.push(character);
    }
}

/// A number as it comes out of JSON read as YAML: whole ones up to 64 bits as they are, others as floats.
pub(super) fn number(number: &Number) -> String {
    let json = helm_release_core::release::to_go_json(number).unwrap_or_default();
    if json == "-0" {
        return "0".to_owned();
    }
    if json.parse::<i64>().is_ok() || json.parse::<u64>().is_ok() {
        return json;
    }
    number.as_f64().map_or(json, go_float)
}

/// A float in Go's `%g` with as many digits as needed: an exponent below 1e-4 and from 1e6.
pub(in crate::render) fn go_float(value: f64) -> String {
    let scientific = format!("{value:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else { return scientific };
    let Ok(power) = exponent.parse::<i32>() else { return scientific };
    if (-4..6).contains(&power) {
        return format!("{value}");
    }
    let sign = if power < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", power.unsigned_abs())
}

/// Whether go-yaml would read this plain text as text.
fn resolves_to_text(value: &str) -> bool {
    const WORDS: [&str; 40] = [
        "", "~", "null", "Null", "NULL", "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON", "n", "N", "no",
        "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF", ".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf",
        "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF", "<<",
    ];
    match value.bytes().next() {
        Some(b'<') => true,
        Some(b'0'..=b'9' | b'+' | b'-') => !WORDS.contains(&value) && !is_timestamp(value) && !is_number(value),
        Some(b'.') => !WORDS.contains(&value) && !is_dotted_float(value),
        _ => !WORDS.contains(&value),
    }
}

/// After a point only Go's own float syntax decides.
fn is_dotted_float(value: &str) -> bool {
    let digits = value.trim_start_matches('.');
    value.len() == digits.len() + 1
        && digits.starts_with(|first: char| first.is_ascii_digit())
        && value.parse::<f64>().is_ok_and(f64::is_finite)
}

fn is_number(value: &str) -> bool {
    let plain = value.replace('_', "");
    let unsigned = plain.strip_prefix(['-', '+']).unwrap_or(&plain);
    is_go_int(&plain, unsigned) || is_yaml_float(unsigned)
}

/// What `strconv.ParseInt` and `ParseUint` take with base 0.
fn is_go_int(plain: &str, unsigned: &str) -> bool {
    let lower = unsigned.to_ascii_lowercase();
    let (digits, radix) = match lower.get(..2) {
        Some("0x") => (&lower[2..], 16),
        Some("0b") => (&lower[2..], 2),
        Some("0o") => (&lower[2..], 8),
        _ if lower.len() > 1 && lower.starts_with('0') => (&lower[1..], 8),
        _ => (lower.as_str(), 10),
    };
    if !digits.starts_with(|first: char| first.is_ascii_alphanumeric()) {
        return false;
    }
    match u64::from_str_radix(digits, radix) {
        // A sign leaves 63 bits, and one more below zero.
        Ok(size) if plain.starts_with('-') => size <= 1 << 63,
        Ok(size) if plain.starts_with('+') => i64::try_from(size).is_ok(),
        Ok(_) => true,
        Err(_) => false,
    }
}

/// `\.[0-9]+|[0-9]+(\.[0-9]*)?` with an exponent, within the range of a float.
fn is_yaml_float(unsigned: &str) -> bool {
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent_fits = exponent.is_none_or(|text| {
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        !digits.is_empty() && is_digits(digits)
    });
    is_digits(whole)
        && is_digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent_fits
        && unsigned.parse::<f64>().is_ok_and(f64::is_finite)
}

/// Dates and times that go-yaml reads as such: `2006-1-2`, `2006-1-2 15:4:5`, `2006-1-2T15:4:5Z`.
fn is_timestamp(value: &str) -> bool {
    let bytes = value.as_bytes();
    if bytes.len() < 5 || !bytes[..4].iter().all(u8::is_ascii_digit) || bytes[4] != b'-' {
        return false;
    }
    let (date, time) = match value.find(['T', 't', ' ']) {
        Some(at) => (&value[..at], Some((&value[at..=at], &value[at + 1..]))),
        None => (value, None),
    };
    is_date(date) && time.is_none_or(|(separator, time)| is_time(time, separator != " "))
}

fn is_date(date: &str) -> bool {
    let mut parts = date.split('-');
    let numbers: Option<Vec<i16>> = parts.by_ref().map(|part| go_number(part, if part.len() == 4 { 4 } else { 2 })).collect();
    match numbers.as_deref() {
        Some([year, month, day]) => {
            let (Ok(month), Ok(day)) = (i8::try_from(*month), i8::try_from(*day)) else { return false };
            jiff::civil::Date::new(*year, month, day).is_ok()
        }
        _ => false,
    }
}

fn is_time(time: &str, has_zone: bool) -> bool {
    let (clock, zone) = match time.find(['Z', '+', '-']) {
        Some(at) => time.split_at(at),
        None => (time, ""),
    };
    let zone_fits = match (has_zone, zone.as_bytes()) {
        (false, []) | (true, [b'Z']) => true,
        (true, [_, h1, h2, b':', m1, m2]) => [h1, h2, m1, m2].iter().all(|byte| byte.is_ascii_digit()),
        _ => false,
    };
    let (clock, fraction) = clock.split_once(['.', ',']).unwrap_or((clock, "0"));
    let parts: Option<Vec<i16>> = clock.split(':').map(|part| go_number(part, 2)).collect();
    let clock_fits = matches!(parts.as_deref(), Some([hour, minute, second]) if *hour < 24 && *minute < 60 && *second < 60);
    zone_fits && clock_fits && !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit())
}

/// A number of one up to `digits` digits, as Go's time parser takes it.
fn go_number(text: &str, digits: usize) -> Option<i16> {
    let fits = (1..=digits).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if fits { text.parse().ok() } else { None }
}

/// `1:20` would be 80 in YAML 1.1: go-yaml reads it as text and quotes it for others.
fn is_base60(value: &str) -> bool {
    let unsigned = value.strip_prefix(['-', '+']).unwrap_or(value);
    let starts_with_digit = unsigned.starts_with(|first: char| first.is_ascii_digit());
    let (main, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let mut parts = main.split(':');
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let first_fits = parts.next().is_some_and(is_digits);
    let rest: Vec<&str> = parts.collect();
    let sixtieth = |part: &&str| match part.as_bytes() {
        [one] => one.is_ascii_digit(),
        [tens, ones] => (b'0'..=b'5').contains(tens) && ones.is_ascii_digit(),
        _ => false,
    };
    starts_with_digit && first_fits && !rest.is_empty() && rest.iter().all(sixtieth) && is_digits(fraction)
}

/// Orders keys as go-yaml does: letters after everything else, numbers inside by their value.
pub(super) fn compare_keys(left: &str, right: &str) -> Ordering {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let Some(at) = left.iter().zip(&right).position(|(one, other)| one != other) else {
        return left.len().cmp(&right.len());
    };
    let (one, other) = (left[at], right[at]);
    match (one.is_alphabetic(), other.is_alphabetic()) {
        (true, true) => return one.cmp(&other),
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    // Zeros behind another digit are part of a longer number, not in front of one.
    let continues = (one == '0' || other == '0')
        && left[..at].iter().rev().take_while(|character| character.is_numeric()).any(|character| *character != '0');
    let start = u64::from(continues);
    let (one_number, one_end) = number_at(&left, at, start);
    let (other_number, other_end) = number_at(&right, at, start);
    one_number.cmp(&other_number).then(one_end.cmp(&other_end)).then(one.cmp(&other))
}

fn number_at(characters: &[char], at: usize, start: u64) -> (u64, usize) {
    let mut value = start;
    let mut end = at;
    while let Some(digit) = characters.get(end).and_then(|character| character.to_digit(10)) {
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
        end += 1;
    }
    (value, end)
}
