//! Fields that somebody changed since the current revision was applied.

use serde_json::Value;

use crate::drift::{DriftChoice, Drifted};
use crate::plan::kept::{Decision, decisions};
use crate::plan::{Action, Finding, FindingId, Mode, RollbackOptions, Rule, Severity, Step, Survey};
use crate::ports::{Conflicts, Head, Request};

/// Fields that somebody changed since the current revision was applied.
#[derive(Debug, Clone, Copy)]
pub(super) struct Drift;

/// How many fields of an object are told one by one.
const TOLD: usize = 3;
/// A value longer than this is shortened.
const LONGEST: usize = 40;

const WHY: &str = "somebody had a reason, which the revisions do not know";

impl Rule for Drift {
    fn look(&self, survey: &Survey, options: &RollbackOptions, steps: &[Step]) -> Vec<Finding> {
        steps.iter().filter_map(|step| look_at(survey, options, step)).collect()
    }
}

fn look_at(survey: &Survey, options: &RollbackOptions, step: &Step) -> Option<Finding> {
    let at = step.location()?;
    match step.action {
        Action::Create => gone(survey, options, step),
        Action::Patch | Action::Replace | Action::Unchanged | Action::Delete | Action::Keep => {
            let found = decisions(survey, options, at).into_iter();
            let found: Vec<Decision> =
                found.filter(|decision| decision.field.held_by.is_none() && !is_secret_value(step, &decision.field)).collect();
            if found.is_empty() { None } else { Some(changed(survey, options, step, &found)) }
        }
        _ => None,
    }
}

/// What Secrets hold is the matter of `rotated-secret`.
fn is_secret_value(step: &Step, field: &Drifted) -> bool {
    let is_secret = step.location().is_some_and(|at| at.resource.gvk.kind == "Secret");
    is_secret && field.path.to_string().starts_with("data")
}

/// An object of the current revision that is not there any more.
fn gone(survey: &Survey, options: &RollbackOptions, step: &Step) -> Option<Finding> {
    let at = step.location()?;
    let is_absent = *survey.seen(at) == crate::plan::Seen::Absent;
    // What a failed revision was to make may never have been made.
    let was_applied = survey.baseline().last().is_some_and(|deployed| deployed.find(at).is_some());
    // What an uninstallation took away nobody else did.
    let was_removed = survey.history.latest().is_some_and(Head::is_removed);
    if !is_absent || !was_applied || was_removed || options.mode == Mode::Compat {
        return None;
    }
    let stops = options.drift == DriftChoice::Stop;
    let severity = if stops { Severity::Block } else { Severity::Note };
    let what = format!("revision {} applied it and it is gone: somebody deleted it", survey.current);
    Some(with_ways_out(Finding::new(FindingId::DRIFT, severity, what, "the rollback makes it again").about(at.id()), stops))
}

fn changed(survey: &Survey, options: &RollbackOptions, step: &Step, found: &[Decision]) -> Finding {
    let id = step.object();
    let is_overwritten = |decision: &&Decision| {
        let is_deleted = step.action == Action::Delete;
        is_deleted || step.changes.iter().any(|change| decision.field.path.overlaps_text(&change.path))
    };
    let overwritten: Vec<&Decision> = found.iter().filter(is_overwritten).collect();
    let live = step.location().and_then(|at| survey.seen(at).object());
    let is_by_hand = |decision: &&&Decision| live.is_none_or(|live| !decision.field.is_controllers(live));
    let by_hand = overwritten.iter().filter(is_by_hand).count();
    let stops = overwritten.iter().any(|decision| decision.choice == DriftChoice::Stop);
    let (severity, why) = match (step.action, by_hand) {
        _ if stops => (Severity::Block, format!("the rollback would overwrite it, and was asked to stop then; {WHY}")),
        (Action::Delete, _) => (Severity::Note, "the rollback deletes the object, and the change with it".to_owned()),
        (_, 0) if overwritten.is_empty() => (Severity::Note, "the rollback leaves it as it is".to_owned()),
        (_, 0) => (Severity::Note, "the rollback overwrites it, and the controller will set it again".to_owned()),
        _ => (Severity::Caution, format!("the rollback overwrites it; {WHY}")),
    };
    let told = if overwritten.is_empty() { found.iter().collect() } else { overwritten.clone() };
    let mut finding = Finding::new(FindingId::DRIFT, severity, sentence(survey, step, &told), why);
    finding.object = id;
    if let Some(first) = told.first() {
        finding = finding.at(first.field.path.to_string());
    }
    if severity == Severity::Note {
        return finding;
    }
    finding = with_ways_out(finding, stops);
    let is_applied = step.requests.iter().any(|request| matches!(request, Request::Apply { .. }));
    if is_applied && options.conflicts == Conflicts::Refuse && overwritten.iter().any(|decision| !decision.field.by.is_empty()) {
        finding =
            finding.way_out("--force-conflicts takes the fields back: the server refuses to while another manager owns them");
    }
    finding
}

fn with_ways_out(finding: Finding, stops: bool) -> Finding {
    let rule = match (&finding.object, &finding.path) {
        (Some(object), Some(path)) => format!(" (for one field: --drift-rule '{}/{}:{path}=keep')", object.kind, object.name),
        _ => String::new(),
    };
    let accept = finding.object.as_ref().filter(|_| stops);
    let accept = accept.map(|object| format!("overwrite it all the same: --accept '{}={object}'", FindingId::DRIFT));
    let finding = match &finding.path {
        Some(_) => finding
            .way_out(format!("leave it as it is: --drift keep{rule}"))
            .way_out("take it into the chart first: the command drift shows it, with --adopt as YAML"),
        None => finding,
    };
    accept.into_iter().fold(finding, Finding::way_out)
}

/// What differs, by whom and since when: `spec.replicas 3 -> 5 (kubectl-edit, 2026-11-27T08:00:00Z)`.
fn sentence(survey: &Survey, step: &Step, found: &[&Decision]) -> String {
    let is_secret = step.location().is_some_and(|at| at.resource.gvk.kind == "Secret");
    let each = found.iter().take(TOLD).map(|decision| {
        let field = &decision.field;
        let values = match (&field.was, &field.is) {
            (Some(_), Some(_)) if is_secret => "changed".to_owned(),
            (Some(was), Some(is)) => format!("{} -> {}", short(was), short(is)),
            (_, None) => "removed".to_owned(),
            (None, Some(_)) => "added".to_owned(),
        };
        format!("{} {values} ({})", field.path, authors(field))
    });
    let mut each: Vec<String> = each.collect();
    if found.len() > TOLD {
        each.push(format!("and {} more", found.len() - TOLD));
    }
    format!("it is not as revision {} applied it: {}", survey.current, each.join(", "))
}

/// Who and when, as far as the server keeps it.
pub(super) fn authors(field: &Drifted) -> String {
    if field.by.is_empty() {
        return "by whom is not known".to_owned();
    }
    let each = field.by.iter().map(|manager| match &manager.time {
        Some(time) => format!("{manager}, {time}"),
        None => manager.to_string(),
    });
    each.collect::<Vec<_>>().join("; ")
}

fn short(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned).replace('\n', "\\n");
    if text.chars().count() <= LONGEST {
        return text;
    }
    text.chars().take(LONGEST).chain(['…']).collect()
}

#[cfg(test)]
mod tests;
