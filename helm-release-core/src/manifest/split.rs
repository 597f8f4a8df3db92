//! The API machinery's splitter, which decides what is applied (`util/yaml/decoder.go`).

use std::borrow::Cow;
use std::ops::Range;

use super::json;

/// One document of a manifest.
///
/// ```
/// use helm_release_core::manifest::split_documents;
///
/// let manifest = "# Source: web/a.yaml\r\nkind: Service\r\n---\nkind: Pod";
/// let chunks = split_documents(manifest)?;
/// assert_eq!(chunks[0].text, "# Source: web/a.yaml\nkind: Service\n");
/// assert_eq!((chunks[0].source, chunks[0].is_json), (Some("web/a.yaml"), false));
/// assert_eq!((&manifest[chunks[1].range.clone()], chunks[1].text.as_ref()), ("kind: Pod", "kind: Pod\n"));
/// assert!(split_documents(r#"{"kind": "Pod"}"#)?[0].is_json);
/// # Ok::<(), helm_release_core::manifest::ManifestError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Chunk<'a> {
    /// The text that the reader gets: line breaks folded to `\n`, the last one always there.
    pub text: Cow<'a, str>,
    /// Whether the API machinery reads the text as JSON instead of YAML.
    pub is_json: bool,
    /// The line of the manifest on which the text begins, from 1.
    pub line: usize,
    /// `chart/path` of the comment `# Source: chart/path` that Helm writes above each document.
    pub source: Option<&'a str>,
    /// The bytes of the manifest that the text was taken from.
    pub range: Range<usize>,
}

/// `Debug` says where the document is and never what it holds.
impl std::fmt::Debug for Chunk<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chunk").field("line", &self.line).field("source", &self.source).finish_non_exhaustive()
    }
}

/// A manifest that cannot be taken apart.
///
/// ```
/// use helm_release_core::manifest::{ManifestError, split_documents};
///
/// let error = split_documents("kind: Service\n---kind: Pod\n").unwrap_err();
/// assert_eq!(error, ManifestError::Separator { line: 2 });
/// let error = split_documents("{\"kind\": \"Service\"}\n{\"kind\": \"Pod\"}\n{\"kind\":\n").unwrap_err();
/// assert!(matches!(error, ManifestError::Json { .. }));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// Something else than blanks or a comment stands behind `---`.
    #[error("line {line}: invalid Yaml document separator")]
    Separator {
        /// The line of the separator, from 1.
        line: usize,
    },
    /// A stream of JSON objects that breaks off where it can no longer be YAML.
    #[error("line {line}: invalid JSON")]
    Json {
        /// The line on which the broken part begins, from 1.
        line: usize,
    },
}

/// How many bytes the API machinery looks at to guess whether a text is JSON.
const GUESS_BYTES: usize = 4096;

/// Splits a manifest into documents as the API machinery does.
///
/// A line that begins with `---` ends a document; only blanks or a comment may follow on it. A text whose
/// first character is `{` is taken as JSON values first. The first value that is not JSON turns the rest of
/// the text into YAML, unless two values have been read before. Documents without content are left out where
/// they have no line at all; what is empty otherwise is for the reader to find out.
///
/// # Errors
/// [`ManifestError`] at the first place where the API machinery gives up on the text.
///
/// # Examples
/// ```
/// use helm_release_core::manifest::split_documents;
///
/// let chunks = split_documents("---\n# Source: web/svc.yaml\nkind: Service\n--- # next\nkind: Pod\n")?;
/// assert_eq!(chunks[0].source, Some("web/svc.yaml"));
/// assert_eq!((chunks[1].text.as_ref(), chunks[1].line), ("kind: Pod\n", 5));
/// # Ok::<(), helm_release_core::manifest::ManifestError>(())
/// ```
pub fn split_documents(text: &str) -> Result<Vec<Chunk<'_>>, ManifestError> {
    let mut chunks = Vec::new();
    let mut start = 0;
    if guesses_json(text) {
        let stream = json::take_stream(text);
        let mut lines = LineCount::default();
        for range in stream.values {
            let line = lines.at(text, range.start);
            chunks.push(Chunk { text: Cow::Borrowed(&text[range.clone()]), is_json: true, line, source: None, range });
        }
        match stream.rest {
            json::Rest::Nothing => return Ok(chunks),
            json::Rest::Yaml(from) => start = from,
            json::Rest::Broken(from) => return Err(ManifestError::Json { line: lines.at(text, from) }),
        }
    }
    split_yaml(text, start, &mut chunks)?;
    Ok(chunks)
}

fn guesses_json(text: &str) -> bool {
    let trimmed = text.trim_start();
    trimmed.starts_with('{') && text.len() - trimmed.len() < GUESS_BYTES
}

/// Splits what is read as YAML, line by line.
fn split_yaml<'a>(text: &'a str, start: usize, chunks: &mut Vec<Chunk<'a>>) -> Result<(), ManifestError> {
    let mut line = text[..start].matches('\n').count() + 1;
    let mut begin = (start, line);
    let mut at = start;
    while at < text.len() {
        let next = text[at..].find('\n').map_or(text.len(), |newline| at + newline + 1);
        if let Some(behind) = text[at..next].strip_prefix("---") {
            let behind = behind.trim();
            if !behind.is_empty() && !behind.starts_with('#') {
                return Err(ManifestError::Separator { line });
            }
            // A separator at the start of a document stays in it, as in Go, where it does no harm.
            if at > begin.0 {
                chunks.push(yaml_chunk(text, begin, at));
                begin = (next, line + 1);
            }
        }
        at = next;
        line += 1;
    }
    if begin.0 < text.len() {
        chunks.push(yaml_chunk(text, begin, text.len()));
    }
    Ok(())
}

fn yaml_chunk(text: &str, (start, line): (usize, usize), end: usize) -> Chunk<'_> {
    let raw = &text[start..end];
    let mut folded = if raw.contains("\r\n") { Cow::Owned(raw.replace("\r\n", "\n")) } else { Cow::Borrowed(raw) };
    if !folded.ends_with('\n') {
        folded.to_mut().push('\n');
    }
    Chunk { text: folded, is_json: false, line, source: source_of(raw), range: start..end }
}

/// The `# Source:` comment among the comments above the content.
fn source_of(text: &str) -> Option<&str> {
    text.lines()
        .take_while(|line| line.is_empty() || line.starts_with("---") || line.starts_with('#'))
        .find_map(|line| line.strip_prefix("# Source: "))
        .map(str::trim)
}

/// Counts lines up to places that only move on.
#[derive(Default)]
struct LineCount {
    place: usize,
    newlines: usize,
}

impl LineCount {
    fn at(&mut self, text: &str, place: usize) -> usize {
        self.newlines += text[self.place..place].matches('\n').count();
        self.place = place;
        self.newlines + 1
    }
}

#[cfg(test)]
mod tests;
