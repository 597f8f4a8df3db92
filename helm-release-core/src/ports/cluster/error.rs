//! Why a cluster did not do what it was asked.

/// What kind of failure it was, by what a caller can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClusterErrorKind {
    /// The object is not there (HTTP 404).
    NotFound,
    /// The object is there already (409, reason `AlreadyExists`).
    AlreadyExists,
    /// A precondition does not hold, or somebody wrote between (409).
    Conflict,
    /// A server-side apply met fields of other managers (409 with `FieldManagerConflict` causes).
    FieldManagers,
    /// The server refused the object as it is (400, 422).
    Invalid,
    /// The right to do it is missing (401, 403).
    Forbidden,
    /// The `resourceVersion` is too old: list again (410).
    Expired,
    /// The server asks to come later; nothing was done (429).
    Busy,
    /// The server cannot be reached; nothing was done.
    Unreachable,
    /// It is not known whether the write was done: connection lost, time-out, 5xx.
    Ambiguous,
    /// Anything else.
    Other,
}

/// A request that failed: what was tried, and what the server said. Never holds values of Secrets.
#[derive(Debug, thiserror::Error)]
#[error("{action}: {message}")]
#[non_exhaustive]
pub struct ClusterError {
    /// What kind of failure it was.
    pub kind: ClusterErrorKind,
    /// What was tried, such as `patch Deployment default/web`.
    pub action: String,
    /// What the server or the connection said, in one line.
    pub message: String,
}

impl ClusterError {
    /// A failure of that kind.
    pub fn new(kind: ClusterErrorKind, action: impl Into<String>, message: impl Into<String>) -> Self {
        Self { kind, action: action.into(), message: message.into() }
    }
}
