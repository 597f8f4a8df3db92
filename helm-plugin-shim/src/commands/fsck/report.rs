//! How an examination or repair that did not come to its end is told.

use helm_release_core::ReleaseName;
use helm_release_core::fsck::{ExamineError, RepairError, RepairFailure, Repaired};
use helm_release_core::hold::Hold;
use helm_release_core::lock::NotTaken;
use helm_release_core::ports::{JournalError, LockError};

use super::super::fetch;
use crate::{Report, ReportKind};

const RIGHTS: &str = "ask for the right, or choose another user or context with --kube-as-user or --kube-context";

pub(super) fn not_examined(error: ExamineError) -> Report {
    match error {
        ExamineError::ReleaseNotFound { name, namespace } => fetch::no_release(&name, &namespace),
        ExamineError::Storage(error) => error.into(),
        ExamineError::Cluster(error) => error.into(),
        ExamineError::Lock(error) => of_lock(error),
        ExamineError::Journal(error) => of_journal(error),
        other => Report::new(ReportKind::Unexpected, other.to_string()),
    }
}

pub(in crate::commands) fn of_lock(error: LockError) -> Report {
    let text = error.to_string();
    match error {
        LockError::Forbidden { action, message } => {
            Report::new(ReportKind::Forbidden, format!("no right to {action}")).with_cause(message).with_hint(RIGHTS)
        }
        LockError::Taken { .. } | LockError::Lost { .. } => Report::new(ReportKind::Held, text),
        _ => Report::new(ReportKind::Unexpected, text),
    }
}

pub(in crate::commands) fn not_taken(error: NotTaken) -> Report {
    match error {
        NotTaken::Failed(error) => of_lock(error),
        held => Report::new(ReportKind::Held, held.to_string()).with_hint("wait until the operation has ended"),
    }
}

pub(super) fn of_journal(error: JournalError) -> Report {
    let text = error.to_string();
    match error {
        JournalError::Forbidden { action, message } => {
            Report::new(ReportKind::Forbidden, format!("no right to {action}")).with_cause(message).with_hint(RIGHTS)
        }
        _ => Report::new(ReportKind::Unexpected, text),
    }
}

pub(super) fn of_failure(failure: RepairFailure) -> Report {
    match failure {
        RepairFailure::Storage(error) => error.into(),
        RepairFailure::Journal(error) => of_journal(error),
        RepairFailure::Lock(error) => of_lock(error),
        RepairFailure::NotTaken(error) => not_taken(error),
        other => Report::new(ReportKind::Unexpected, other.to_string()),
    }
}

/// Tells that somebody else is at work.
pub(in crate::commands) fn held(name: &ReleaseName, done: &str, hold: &Hold) -> Report {
    let report = Report::new(ReportKind::Held, format!("release \"{name}\" is not {done}: {hold}"));
    match hold {
        Hold::Pending { .. } => report
            .with_hint("wait until the operation has ended")
            .with_hint(format!("when nobody is at work any more: helm rollback-safe recover {name}")),
        _ => report.with_hint("wait until the operation has ended"),
    }
}

/// Tells which step failed, and hands back what was done before.
pub(super) fn stopped(name: &ReleaseName, done: &str, error: RepairError) -> (Vec<Repaired>, Report) {
    let RepairError { done: before, step, failure } = error;
    let mut report = of_failure(failure);
    let message = format!("release \"{name}\" is not wholly {done}: cannot {step}");
    report.causes.insert(0, std::mem::replace(&mut report.message, message));
    (before, report)
}
