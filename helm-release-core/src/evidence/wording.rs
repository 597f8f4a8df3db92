//! Small rules of how evidence is worded.

use std::borrow::Cow;

/// How many characters of a message a sentence repeats.
const SENTENCE: usize = 300;
/// How many characters of a line of a log are kept.
pub(super) const LINE: usize = 2000;

/// The beginning of a text; the cut is shown.
pub(super) fn shortened(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        None => Cow::Borrowed(text),
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
    }
}

/// A message on one line, not too long for a sentence, without a full stop at its end.
pub(super) fn in_a_sentence(message: &str) -> String {
    let line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    shortened(line.trim_end_matches('.'), SENTENCE).into_owned()
}

/// `1 restart`, `2 restarts`.
pub(super) fn counted(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// What stands between two marks.
pub(super) fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    Some(rest.split_once(after)?.0)
}
