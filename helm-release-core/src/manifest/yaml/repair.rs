//! Rewrites the spellings that Go's scanner accepts and the scanner used here does not.

use granit_parser::{ErrorKind, ScanError};

use super::YamlError;

/// How many spellings are rewritten in one document; each one means reading it again.
pub(super) const MAX_REPAIRS: usize = 64;

/// Why a text could not be read.
pub(super) enum Failure {
    /// Go would not read it either.
    Final(YamlError),
    /// Go would read it.
    Repairable(Repair),
}

/// A spelling to rewrite, and the error to report when that has been done too often.
pub(super) struct Repair {
    error: YamlError,
    at: usize,
    spelling: Spelling,
}

#[derive(Clone, Copy)]
enum Spelling {
    /// `"it\'s"`: an escaped single quote in double quotes.
    EscapedQuote,
    /// `[a]#comment`: a comment without a blank before it.
    TightComment,
    /// `[-]`: a dash alone inside brackets.
    LoneDash,
}

impl From<YamlError> for Failure {
    fn from(error: YamlError) -> Self {
        Self::Final(error)
    }
}

impl Failure {
    pub(super) fn into_error(self) -> YamlError {
        match self {
            Self::Final(error) | Self::Repairable(Repair { error, .. }) => error,
        }
    }

    /// Tells whether what the scanner stumbled over is one of those spellings.
    pub(super) fn of(text: &str, scan: &ScanError, error: YamlError) -> Self {
        let Some(at) = scan.marker().byte_offset() else { return Self::Final(error) };
        let found = match scan.kind() {
            ErrorKind::CommentNotSeparated if text[at..].starts_with('#') => Some((at, Spelling::TightComment)),
            ErrorKind::PlainScalarStartsWithDashFlowIndicator if text[at..].starts_with('-') => Some((at, Spelling::LoneDash)),
            ErrorKind::UnknownQuotedScalarEscape => escaped_quote(text, at).map(|at| (at, Spelling::EscapedQuote)),
            _ => None,
        };
        match found {
            Some((at, spelling)) => Self::Repairable(Repair { error, at, spelling }),
            None => Self::Final(error),
        }
    }
}

/// The first escape that the scanner does not know in the double-quoted scalar at `start`, when it is `\'`.
fn escaped_quote(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = start + usize::from(bytes.get(start) == Some(&b'"'));
    loop {
        match *bytes.get(at)? {
            b'"' => return None,
            b'\\' if bytes.get(at + 1) == Some(&b'\'') => return Some(at),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

impl Repair {
    /// Writes the spelling that both scanners read alike.
    pub(super) fn apply(&self, text: &mut String) {
        match self.spelling {
            Spelling::EscapedQuote => text.replace_range(self.at..self.at + 2, "'"),
            Spelling::TightComment => text.insert(self.at, ' '),
            Spelling::LoneDash => text.replace_range(self.at..=self.at, "'-'"),
        }
    }
}
