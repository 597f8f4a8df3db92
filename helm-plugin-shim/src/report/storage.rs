//! How a storage's failures are told.

use helm_release_core::codec::CodecError;
use helm_release_core::ports::{ClusterError, ClusterErrorKind, RecordKey, StorageError};

use super::{Report, ReportKind};

impl From<StorageError> for Report {
    fn from(error: StorageError) -> Self {
        let text = error.to_string();
        match error {
            StorageError::NotFound { key } => Self::new(
                ReportKind::NotFound,
                format!("revision {} of release \"{}\" not found in namespace \"{}\"", key.revision, key.name, key.namespace),
            )
            .with_hint(format!("`helm history {} --namespace {}` lists the revisions that there are", key.name, key.namespace)),
            StorageError::Forbidden { action, message } => Self::new(ReportKind::Forbidden, format!("no right to {action}"))
                .with_cause(message)
                .with_hint("ask for the right, or choose another user or context with --kube-as-user or --kube-context"),
            StorageError::Malformed { key, reason } => corrupt(&key, reason),
            StorageError::Selector { .. } => Self::usage(text),
            StorageError::Conflict { .. } | StorageError::AlreadyExists { .. } => Self::new(ReportKind::Held, text)
                .with_hint("another operation is at work on this release; try again when it has ended"),
            StorageError::Other { source, .. } => match source.downcast_ref::<ClusterError>() {
                Some(error) => Self::from_cluster(text, error),
                None => Self::new(ReportKind::Unexpected, text).with_error(source.as_ref()),
            },
            _ => Self::new(ReportKind::Unexpected, text),
        }
    }
}

impl Report {
    /// Tells a failed request to the API server.
    #[must_use]
    pub(crate) fn from_cluster(message: String, error: &ClusterError) -> Self {
        match error.kind {
            ClusterErrorKind::Unreachable => Self::new(ReportKind::Unreachable, "kubernetes cluster unreachable")
                .with_cause(format!("{message}: {}", error.message))
                .with_hint("check that the server is up, and the context: --kube-context, --kubeconfig, KUBECONFIG"),
            ClusterErrorKind::Forbidden => Self::new(ReportKind::Forbidden, message)
                .with_cause(&error.message)
                .with_hint("ask for the right, or choose another user or context with --kube-as-user or --kube-context"),
            _ => Self::new(ReportKind::Unexpected, message).with_cause(&error.message),
        }
    }
}

impl From<ClusterError> for Report {
    fn from(error: ClusterError) -> Self {
        Self::from_cluster(format!("cannot {}", error.action), &error)
    }
}

/// A record that cannot be read.
#[must_use]
pub(crate) fn corrupt(key: &RecordKey, reason: impl std::fmt::Display) -> Report {
    Report::new(
        ReportKind::Corrupt,
        format!(
            "record {} of release \"{}\", revision {}, in namespace \"{}\" cannot be read",
            key.object_name(),
            key.name,
            key.revision,
            key.namespace
        ),
    )
    .with_cause(reason)
    .with_hint(format!(
        "the other revisions are unharmed: `helm rollback-safe history {} --namespace {}` names them",
        key.name, key.namespace
    ))
}

/// Tells that the payload of a record is none.
pub(crate) fn undecodable(key: &RecordKey, error: &CodecError) -> Report {
    let mut report = corrupt(key, error);
    if let Some(source) = std::error::Error::source(error) {
        report = report.with_error(source);
    }
    report
}
