//! Objects that the server refuses for what they hold (`pkg/util/validation/field/errors.go` of apimachinery).

use serde::de::IgnoredAny;

use super::{CauseKind, Words};
use crate::evidence::wording::in_a_sentence;

/// How the server says that a field cannot be changed: API machinery's own word, and those of the kinds that have others.
const UNCHANGEABLE: [&str; 12] = [
    "field is immutable",
    "is immutable",
    "may not change once set",
    "may not be changed",
    "may not be updated",
    "cannot be changed",
    "cannot change roleRef",
    "updates to statefulset spec for fields other than",
    "pod updates may not change fields other than",
    "updates to parameters are forbidden",
    "updates to provisioner are forbidden",
    "field can not be less than",
];

/// What kind of complaint a field can meet.
const COMPLAINTS: [&str; 9] = [
    ": Invalid value",
    ": Forbidden",
    ": Required value",
    ": Duplicate value",
    ": Unsupported value",
    ": Not found",
    ": Too many",
    ": Too long",
    ": Internal error",
];

/// `Deployment.apps "web" is invalid: spec.selector: Invalid value: {…}: field is immutable`
///
/// The value is left out: it may be as long as a whole pod template, and may be nobody's business.
pub(super) fn of(message: &str) -> Option<Words> {
    let (_, rest) = message.split_once(" is invalid: ")?;
    let (rest, is_list) = rest.strip_prefix('[').map_or((rest, false), |rest| (rest.trim_end().trim_end_matches(']'), true));
    let Some((end, complaint)) = next_complaint(rest) else {
        return Some(Words::new(CauseKind::Invalid, format!("the API server refuses it: {}", in_a_sentence(rest))));
    };
    let (path, behind) = (&rest[..end], &rest[end + complaint.len()..]);
    let why = without_value(behind.trim_start_matches(':').trim_start(), complaint);
    let why = if is_list { first_of_list(why) } else { why };
    if let Some(rule) = UNCHANGEABLE.iter().find(|rule| why.contains(*rule)) {
        // The longer rules name the fields that may change.
        let why = if rule.starts_with("updates to") || rule.starts_with("pod updates") || rule.starts_with("field can") {
            format!(": {}", in_a_sentence(why))
        } else {
            String::new()
        };
        let text = format!("the API server does not let {path} be changed on an object that exists{why}");
        return Some(Words::new(CauseKind::Immutable, text));
    }
    let complaint = complaint.trim_start_matches(": ").to_lowercase();
    let why = in_a_sentence(why);
    let why = if why.is_empty() { String::new() } else { format!(", {why}") };
    Some(Words::new(CauseKind::Invalid, format!("the API server refuses {path}: {complaint}{why}")))
}

/// Where the next complaint stands, and which.
fn next_complaint(text: &str) -> Option<(usize, &'static str)> {
    COMPLAINTS.iter().filter_map(|complaint| Some((text.find(complaint)?, *complaint))).min()
}

/// The text of the first complaint of a list; the next one begins with a path behind a comma.
fn first_of_list(text: &str) -> &str {
    let next = next_complaint(text).and_then(|(next, _)| text[..next].rfind(", "));
    next.map_or(text, |end| &text[..end])
}

/// What stands behind the value that a complaint repeats.
fn without_value<'a>(text: &'a str, complaint: &str) -> &'a str {
    if !matches!(complaint, ": Invalid value" | ": Duplicate value" | ": Unsupported value" | ": Not found") {
        return text;
    }
    let rest = text.strip_prefix('"').map_or_else(|| behind_json(text), behind_quoted);
    rest.trim_start_matches(':').trim_start()
}

/// What stands behind a text as Go quotes it, whose escapes are more than JSON's.
fn behind_quoted(text: &str) -> &str {
    let mut escaped = false;
    for (at, sign) in text.char_indices() {
        match sign {
            '"' if !escaped => return &text[at + 1..],
            sign => escaped = sign == '\\' && !escaped,
        }
    }
    ""
}

/// What stands behind any other value.
fn behind_json(text: &str) -> &str {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    match values.next() {
        Some(Ok(_)) => &text[values.byte_offset()..],
        // What is printed in Go's own form has no end that can be told.
        _ if text.starts_with(['{', '[', '&']) => "",
        _ => text.split_once(": ").map_or("", |(_, rest)| rest),
    }
}
