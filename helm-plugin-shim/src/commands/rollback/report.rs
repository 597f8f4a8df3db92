//! How a rollback that did not happen, or did not end well, is told.

use helm_release_core::history::{NoTarget, PassedOver};
use helm_release_core::lock::NotTaken;
use helm_release_core::plan::{Finding, FindingId, Plan};
use helm_release_core::run::{FailedPhase, Failure, Left, RunError};
use helm_release_core::survey::SurveyError;
use helm_release_core::{Namespace, ReleaseName, Revision};

use crate::{Report, ReportKind};

/// Tells why there is no plan.
pub(in crate::commands) fn no_plan(error: SurveyError) -> Report {
    match error {
        SurveyError::ReleaseNotFound { name, namespace } => super::super::fetch::no_release(&name, &namespace),
        SurveyError::NoTarget(none) => no_target(&none),
        SurveyError::NoneReadable { name, namespace, unreadable } => none_readable(&name, &namespace, &unreadable),
        SurveyError::Undecodable { key, reason } => crate::report::corrupt(&key, reason),
        SurveyError::Storage(error) => error.into(),
        SurveyError::Cluster(error) => error.into(),
        other => Report::new(ReportKind::Unexpected, other.to_string()),
    }
}

fn none_readable(name: &ReleaseName, namespace: &Namespace, unreadable: &[(Revision, String)]) -> Report {
    let message = format!("no record of release \"{name}\" in namespace \"{namespace}\" can be read");
    let because = |(revision, reason): &(Revision, String)| format!("revision {revision}: {reason}");
    let report = unreadable.iter().map(because).fold(Report::new(ReportKind::Corrupt, message), Report::with_cause);
    report.with_hint(format!("`helm rollback-safe fsck {name} --namespace {namespace}` looks at them, and at what they left"))
}

fn no_target(none: &NoTarget) -> Report {
    let report = |message: String| Report::new(ReportKind::NotFound, message);
    match none {
        NoTarget::Missing { existing, .. } => {
            let existing: Vec<String> = existing.iter().map(ToString::to_string).collect();
            report(none.to_string()).with_hint(format!("there are: {}", existing.join(", ")))
        }
        NoTarget::NoneFits { selector, latest, passed_over } => {
            let because = |lost: &PassedOver| format!("revision {}: {}", lost.revision, lost.reason);
            // Each that was passed over has a line of its own.
            let report = report(format!("no revision before {latest} fits {selector}"));
            let report = passed_over.iter().map(because).fold(report, Report::with_cause);
            report.with_hint("name a revision to return to it all the same; history lists them")
        }
        _ => report(none.to_string()),
    }
}

/// Tells that a plan is blocked.
pub(super) fn refused(plan: &Plan) -> Report {
    let blocking: Vec<&Finding> = plan.blocking().collect();
    let is_held = blocking.iter().all(|finding| finding.id == FindingId::PENDING_REVISION);
    let kind = if is_held { ReportKind::Held } else { ReportKind::Refused };
    let message = format!("release \"{}\" is not rolled back, and nothing was changed", plan.name);
    let mut report = Report::new(kind, message);
    for finding in blocking {
        let object = finding.object.as_ref().map_or_else(String::new, |object| format!("{object}: "));
        report = report.with_cause(format!("{} ({}): {object}{}; {}", finding.severity, finding.id, finding.what, finding.why));
        for way in &finding.ways_out {
            report = report.with_hint(way.clone());
        }
    }
    report
}

/// What stands in the cluster after a run failed.
fn what_is_left(failure: &Failure) -> &'static str {
    match (failure.left, failure.phase) {
        (Left::Untouched, _) | (_, FailedPhase::Start) => "nothing was changed",
        (Left::Returned, _) => "every object was brought back",
        (_, FailedPhase::PreHooks) => "no object of the release was changed",
        (_, FailedPhase::Apply) => "some objects may be as the target wants them, others as before",
        _ => "every object is as the target wants it",
    }
}

/// Tells that somebody else is at work.
pub(in crate::commands) fn held(name: &ReleaseName, by: &NotTaken) -> Report {
    Report::new(ReportKind::Held, format!("release \"{name}\" is held, and nothing was changed"))
        .with_cause(by)
        .with_hint("wait for it with --wait-lock 5m, or look with lock status; a holder that died loses its lock by itself")
}

/// Tells that a wait for somebody else was ended.
pub(super) fn not_begun(name: &ReleaseName, why: &NotTaken) -> Report {
    Report::new(ReportKind::Unexpected, format!("rollback of \"{name}\" was not begun, and nothing was changed")).with_cause(why)
}

/// Tells how a run failed.
pub(super) fn failed(plan: &Plan, failure: &Failure) -> Report {
    let (name, new) = (&plan.name, plan.new_revision);
    match &failure.error {
        RunError::NotLocked(error @ NotTaken::Held(_)) => return held(name, error),
        RunError::Overtaken { .. } | RunError::Moved { .. } if failure.phase == FailedPhase::Start => {
            return Report::new(ReportKind::Held, format!("release \"{name}\" is not rolled back: {}", failure.error))
                .with_hint("look at what happened with history, then try again");
        }
        _ => {}
    }
    let kind = match failure.left {
        Left::Untouched => ReportKind::Unexpected,
        Left::Returned if failure.unrecorded.is_none() => ReportKind::Returned,
        _ => ReportKind::Failed,
    };
    let message = format!("rollback of \"{name}\" to revision {} failed; {}", plan.target.revision(), what_is_left(failure));
    let mut report = Report::new(kind, message).with_error(failure);
    if failure.left == Left::Untouched {
        return report;
    }
    if let Some(error) = &failure.unreturned {
        report = report.with_cause(format!("and not every object could be brought back: {error}"));
    }
    if let Some(error) = &failure.unrecorded {
        report = report.with_cause(format!("and revision {new} could not be marked failed: {error}"));
    }
    let recover = format!("`helm rollback-safe recover {name} --dry-run` shows how to finish or undo it");
    match failure.left {
        Left::Returned if failure.unrecorded.is_none() => {
            report.with_hint(format!("revision {new} is marked failed and says why"))
        }
        Left::AtTarget => report.with_hint(format!("the release is at its target; {recover}")),
        _ => report.with_hint(recover),
    }
}
