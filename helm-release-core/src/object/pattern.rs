//! How people name objects: `Kind/name`, `Kind/namespace/name`, or as a finding prints it, with `*` for any signs.

use super::ObjectId;

/// Whether the pattern names the object. Kinds are compared without regard to case.
pub(crate) fn names(pattern: &str, object: &ObjectId) -> bool {
    let printed = object.to_string();
    let short = format!("{}/{}", object.kind, object.name);
    let small = with_small_kind(pattern);
    [printed.replace(' ', "/"), printed, short].iter().any(|name| fits(pattern, name) || fits(&small, &with_small_kind(name)))
}

/// Whether there can be an object that the pattern names.
pub(crate) fn can_name(pattern: &str) -> bool {
    let parts: Vec<&str> = pattern.split(['/', ' ']).collect();
    let [kind, rest @ ..] = &parts[..] else { return false };
    // A blank stands between the kind and the rest alone.
    let is_blank_elsewhere = pattern.find(['/', ' ']).is_some_and(|at| pattern[at + 1..].contains(' '));
    if rest.is_empty() {
        return pattern.contains('*');
    }
    if rest.len() > 2 || is_blank_elsewhere || parts.iter().any(|part| part.is_empty()) {
        return false;
    }
    // A star before may stand for a kind and more.
    let is_namespace = |part: &str| part.chars().all(|sign| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '-');
    let namespace_fits = kind.contains('*') || rest.len() == 1 || rest[0].contains('*') || is_namespace(rest[0]);
    // Findings print the group of a kind that Kubernetes does not bring.
    let group_fits = kind.contains('*') || kind.split_once('.').is_none_or(|(_, group)| ObjectId::prints_group(group));
    namespace_fits && group_fits
}

/// The pattern or name with its kind in small letters.
fn with_small_kind(text: &str) -> String {
    let end = text.find(['/', ' ']).unwrap_or(text.len());
    let (kind, rest) = text.split_at(end);
    kind.to_ascii_lowercase() + rest
}

/// Whether a text fits a pattern in which `*` stands for any signs.
pub(crate) fn fits(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(start) else { return false };
    let mut parts = rest.split('*').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return text.ends_with(part);
        }
        let Some(at) = text.find(part) else { return false };
        text = &text[at + part.len()..];
    }
    true
}

#[cfg(test)]
mod tests;
