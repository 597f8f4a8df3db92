//! How a rollback that did not happen, or did not end well, is told.

use helm_release_core::history::{NoTarget, PassedOver};
use helm_release_core::plan::{Finding, FindingId, Plan};
use helm_release_core::run::{FailedPhase, Failure, RunError};
use helm_release_core::survey::SurveyError;

use crate::{Report, ReportKind};

/// Tells why there is no plan.
pub(in crate::commands) fn no_plan(error: SurveyError) -> Report {
    match error {
        SurveyError::ReleaseNotFound { name, namespace } => super::super::fetch::no_release(&name, &namespace),
        SurveyError::NoTarget(none) => no_target(&none),
        SurveyError::Undecodable { key, reason } => crate::report::corrupt(&key, reason),
        SurveyError::Storage(error) => error.into(),
        SurveyError::Cluster(error) => error.into(),
        other => Report::new(ReportKind::Unexpected, other.to_string()),
    }
}

fn no_target(none: &NoTarget) -> Report {
    let report = Report::new(ReportKind::NotFound, none.to_string());
    match none {
        NoTarget::Missing { existing, .. } => {
            let existing: Vec<String> = existing.iter().map(ToString::to_string).collect();
            report.with_hint(format!("there are: {}", existing.join(", ")))
        }
        NoTarget::NoneFits { passed_over, .. } => {
            let because = |lost: &PassedOver| format!("revision {}: {}", lost.revision, lost.reason);
            let report = passed_over.iter().map(because).fold(report, Report::with_cause);
            report.with_hint("name a revision to return to it all the same; history lists them")
        }
        _ => report,
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

/// What stands in the cluster after a run stopped there.
fn what_is_left(phase: FailedPhase) -> &'static str {
    match phase {
        FailedPhase::Start => "nothing was changed",
        FailedPhase::PreHooks => "no object of the release was changed",
        FailedPhase::Apply => "some objects may be as the target wants them, others as before",
        FailedPhase::Wait | FailedPhase::PostHooks | FailedPhase::Records => "every object is as the target wants it",
        _ => "history tells what was recorded",
    }
}

/// Tells how a run failed.
pub(super) fn failed(plan: &Plan, failure: &Failure) -> Report {
    let (name, new) = (&plan.name, plan.new_revision);
    if let RunError::Overtaken { revision } = &failure.error {
        return Report::new(ReportKind::Held, format!("release \"{name}\" is not rolled back: {}", failure.error))
            .with_hint(format!("look at revision {revision} with history, then try again"));
    }
    let kind = if failure.phase == FailedPhase::Start { ReportKind::Unexpected } else { ReportKind::Failed };
    let message =
        format!("rollback of \"{name}\" to revision {} failed; {}", plan.target.revision(), what_is_left(failure.phase));
    let report = Report::new(kind, message).with_error(&failure.error);
    if failure.phase == FailedPhase::Start {
        return report;
    }
    match &failure.unrecorded {
        Some(error) => report.with_cause(format!("and revision {new} could not be marked failed: {error}")).with_hint(format!(
            "revision {new} stays pending-rollback: roll back again with --accept {}",
            FindingId::PENDING_REVISION
        )),
        None if failure.phase == FailedPhase::Records => {
            report.with_hint("history shows which record was not brought up to date")
        }
        None => report.with_hint(format!("revision {new} is marked failed; plan shows what another rollback would do")),
    }
}
