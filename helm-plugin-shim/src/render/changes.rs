//! Changed fields for people: one line each, long texts as a unified diff.

use std::fmt::Write as _;

use helm_release_core::patch::FieldChange;
use serde_json::Value;

use super::color::Palette;
use super::unified::unified;

/// A value longer than this is shortened in the middle.
const LONGEST: usize = 120;

/// A value in one line.
pub(crate) fn short(value: &Value) -> String {
    let text = match value {
        Value::String(text) if !text.is_empty() && !text.contains(['\n', '"']) && text.trim() == text => text.clone(),
        other => other.to_string(),
    };
    let count = text.chars().count();
    if count <= LONGEST {
        return text;
    }
    let half = LONGEST / 2 - 2;
    let (start, end): (String, String) = (text.chars().take(half).collect(), text.chars().skip(count - half).collect());
    format!("{start} … {end}")
}

fn lines(value: Option<&Value>) -> Option<&str> {
    value.and_then(Value::as_str).filter(|text| text.contains('\n'))
}

/// Writes changes, each line behind `indent`: `+` for what appears, `-` for what goes, `~` for what becomes something else.
pub(crate) fn write(text: &mut String, changes: &[FieldChange], indent: &str, palette: Palette) {
    for change in changes {
        let (before, after) = (change.before.as_ref(), change.after.as_ref());
        let line = match (before, after) {
            (None, Some(after)) if lines(Some(after)).is_none() => palette.added(&format!("+ {}: {}", change.path, short(after))),
            (Some(before), None) if lines(Some(before)).is_none() => {
                palette.removed(&format!("- {}: {}", change.path, short(before)))
            }
            (Some(before), Some(after)) if lines(Some(before)).is_none() || lines(Some(after)).is_none() => {
                palette.changed(&format!("~ {}: {} -> {}", change.path, short(before), short(after)))
            }
            _ => {
                let old = lines(before).unwrap_or_default();
                let new = lines(after).unwrap_or_default();
                write_text(text, &change.path, (old, new), indent, palette);
                continue;
            }
        };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{indent}{line}");
    }
}

/// Writes a change of a text of several lines as a unified diff.
fn write_text(text: &mut String, path: &str, (old, new): (&str, &str), indent: &str, palette: Palette) {
    let _ = writeln!(text, "{indent}{}", palette.changed(&format!("~ {path}:")));
    for line in unified(old, new) {
        let line = match line.as_bytes().first() {
            Some(b'+') => palette.added(&line),
            Some(b'-') => palette.removed(&line),
            _ => line,
        };
        let _ = writeln!(text, "{indent}  {line}");
    }
}

#[cfg(test)]
mod tests;
