//! How a failure is told: what, why, and the way out.

mod storage;

pub(crate) use storage::corrupt;
pub(crate) use storage::undecodable;

use std::error::Error;
use std::fmt;

use crate::exit_code::ExitCode;

/// What kind of failure it is; each kind has one exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReportKind {
    /// A wrong flag, argument, variable or file.
    Usage,
    /// A release or revision that is not there.
    NotFound,
    /// A record that cannot be read.
    Corrupt,
    /// A missing right.
    Forbidden,
    /// A cluster that does not answer.
    Unreachable,
    /// A plan with blocking findings.
    Refused,
    /// Something that a sealed plan rests on moved.
    Stale,
    /// Another operation holds the release.
    Held,
    /// An operation that failed after its first write and was brought back.
    Returned,
    /// An operation that failed after its first write.
    Failed,
    /// Anything else.
    Unexpected,
}

impl ReportKind {
    /// The exit code of this kind.
    #[must_use]
    pub(crate) fn exit_code(self) -> ExitCode {
        match self {
            Self::Usage | Self::NotFound => ExitCode::USAGE,
            Self::Refused => ExitCode::REFUSED,
            Self::Stale => ExitCode::STALE,
            Self::Held => ExitCode::HELD,
            Self::Returned => ExitCode::RETURNED,
            Self::Failed => ExitCode::FAILED,
            Self::Corrupt | Self::Forbidden | Self::Unreachable | Self::Unexpected => ExitCode::UNEXPECTED,
        }
    }
}

/// A failure as people read it: `Error:`, then `Cause:` and `Hint:` lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Report {
    /// What kind of failure it is.
    pub kind: ReportKind,
    /// What failed, with the object and the place.
    pub message: String,
    /// Why, from near to far.
    pub causes: Vec<String>,
    /// Ways out.
    pub hints: Vec<String>,
    /// What the shell sees.
    pub exit_code: ExitCode,
}

impl Report {
    /// A failure of that kind, with its exit code.
    #[must_use]
    pub(crate) fn new(kind: ReportKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), causes: Vec::new(), hints: Vec::new(), exit_code: kind.exit_code() }
    }

    /// A wrong flag, argument, variable or file.
    #[must_use]
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(ReportKind::Usage, message)
    }

    /// Adds a reason.
    #[must_use]
    pub(crate) fn with_cause(mut self, cause: impl fmt::Display) -> Self {
        self.causes.push(cause.to_string());
        self
    }

    /// Adds an error and everything behind it as reasons.
    #[must_use]
    pub(crate) fn with_error(mut self, error: &(dyn Error + 'static)) -> Self {
        let mut next = Some(error);
        while let Some(error) = next {
            self.push_new_cause(error.to_string());
            next = error.source();
        }
        self
    }

    /// Adds everything behind an error, not the error itself.
    #[must_use]
    pub(crate) fn with_sources_of(self, error: &(dyn Error + 'static)) -> Self {
        match error.source() {
            Some(source) => self.with_error(source),
            None => self,
        }
    }

    /// Adds a way out.
    #[must_use]
    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Client libraries repeat a source's text in their own; each fact is told once.
    fn push_new_cause(&mut self, cause: String) {
        if !cause.is_empty() && !self.causes.iter().any(|told| told.contains(&cause)) && !self.message.contains(&cause) {
            self.causes.push(cause);
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Continuation lines are indented, so that every line in column 0 says what it is.
        let indented = |text: &str| text.trim_end().replace('\n', "\n  ");
        write!(f, "Error: {}", indented(&self.message))?;
        for cause in &self.causes {
            write!(f, "\nCause: {}", indented(cause))?;
        }
        for hint in &self.hints {
            write!(f, "\nHint: {}", indented(hint))?;
        }
        Ok(())
    }
}

impl From<std::io::Error> for Report {
    fn from(error: std::io::Error) -> Self {
        Self::new(ReportKind::Unexpected, "cannot write the output").with_cause(error)
    }
}

#[cfg(test)]
mod tests;
