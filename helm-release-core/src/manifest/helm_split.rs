//! Helm's own splitter of files into documents, which is not the one that applies them.

use crate::HelmLine;

/// Splits a text into documents as Helm does when it renders, sorts and uninstalls.
///
/// `---` counts at the start of every line, whatever follows it on that line, and what follows stays in the
/// next document (`releaseutil.SplitManifests`). Helm 3 trims both ends of a document, Helm 4 the left end only.
/// Helm 3 leaves out documents that are exactly empty, so a document of blanks can come out as an empty text.
///
/// ```
/// use helm_release_core::HelmLine;
/// use helm_release_core::manifest::split_helm;
///
/// assert_eq!(split_helm("a: 1\n---\nb: 2\n", HelmLine::V4), ["a: 1\n", "b: 2\n"]);
/// assert_eq!(split_helm("a: 1\n---\nb: 2\n", HelmLine::V3), ["a: 1", "b: 2"]);
/// ```
#[must_use]
pub fn split_helm(text: &str, line: HelmLine) -> Vec<&str> {
    match line {
        HelmLine::V3 => split_v3(text.trim_matches(is_go_space)),
        HelmLine::V4 => split_v4(text.trim_start_matches(is_go_space)),
    }
}

/// `(?:^|\s*\n)---\s*`
fn split_v3(text: &str) -> Vec<&str> {
    let mut documents = Vec::new();
    let mut from = 0;
    let mut push = |document: &'_ str, range: (usize, usize)| {
        if !document.is_empty() {
            documents.push(range);
        }
    };
    let mut search = 0;
    while let Some(mark) = next_mark(text, search) {
        // The whitespace before the separator belongs to it, but not what an earlier separator has taken.
        let end = from + text[from..mark].trim_end_matches(is_regexp_space).len();
        let after = mark + 3;
        push(&text[from..end], (from, end));
        from = after + (text[after..].len() - text[after..].trim_start_matches(is_regexp_space).len());
        search = from;
    }
    push(&text[from..], (from, text.len()));
    documents.into_iter().map(|(from, to)| text[from..to].trim_matches(is_go_space)).collect()
}

/// The next `---` behind a line break, or at the very start; the line break must not be before `from`.
fn next_mark(text: &str, from: usize) -> Option<usize> {
    if from == 0 && text.starts_with("---") {
        return Some(0);
    }
    text[from..].find("\n---").map(|at| from + at + 1)
}

/// `(?m)^---[ \t]*`
fn split_v4(text: &str) -> Vec<&str> {
    let mut documents = Vec::new();
    let mut from = 0;
    let mut search = 0;
    loop {
        let mark =
            if search == 0 && text.starts_with("---") { Some(0) } else { text[search..].find("\n---").map(|at| search + at + 1) };
        let Some(mark) = mark else { break };
        documents.push(&text[from..mark]);
        let after = &text[mark + 3..];
        from = text.len() - after.trim_start_matches([' ', '\t']).len();
        search = from;
    }
    documents.push(&text[from..]);
    documents
        .into_iter()
        .filter(|document| !document.trim_matches(is_go_space).is_empty())
        .map(|document| document.trim_start_matches(is_go_space))
        .collect()
}

/// `\s` of Go's regular expressions.
fn is_regexp_space(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\u{c}' | '\r' | ' ')
}

/// Go's `unicode.IsSpace`.
pub(super) fn is_go_space(character: char) -> bool {
    character.is_whitespace()
}

#[cfg(test)]
mod tests;
