//! Fields that the server lets nobody change: what making the object anew costs, and where that is no way either.

use crate::plan::{Finding, FindingId, Mode, RollbackOptions, Rule, Severity, Step, Survey, Verdict};
use crate::reverse::{Fate, Loss};

/// Fields that the server lets nobody change.
#[derive(Debug, Clone, Copy)]
pub(super) struct ImmutableField;

impl Rule for ImmutableField {
    fn look(&self, _survey: &Survey, options: &RollbackOptions, steps: &[Step]) -> Vec<Finding> {
        let found = steps.iter().filter(|step| step.object().is_some()).flat_map(|step| of_step(step, options.mode));
        found.collect()
    }
}

/// One finding for each way in which fields of the object cannot be changed.
fn of_step(step: &Step, mode: Mode) -> Vec<Finding> {
    let impossible = paths_of(step, |fate| matches!(fate, Fate::Impossible { .. }));
    let anew = paths_of(step, |fate| matches!(fate, Fate::Recreate(_)));
    let unknown = paths_of(step, |fate| matches!(fate, Fate::Unknown { .. }));
    let Some(object) = step.object() else { return Vec::new() };
    let why = |is: fn(&Fate) -> bool| {
        let whys = step.fates.iter().filter(|field| is(&field.fate)).filter_map(|field| match &field.fate {
            Fate::Impossible { why } | Fate::Unknown { why } => Some(why.clone()),
            Fate::Recreate(how) => Some(how.why.clone()),
            _ => None,
        });
        whys.take(1).collect::<String>()
    };
    let mut findings = Vec::new();
    if let Some(first) = impossible.first() {
        let what = format!("{} cannot be changed", listed(&impossible));
        let finding =
            Finding::new(FindingId::IMMUTABLE_FIELD, refused(mode), what, why(|fate| matches!(fate, Fate::Impossible { .. })));
        let finding = finding.at(first.clone()).way_out("leave the field as it is, and repair the release by an upgrade");
        findings.push(finding.impossible().leading_to(Verdict::FixForward));
    } else if let Some(first) = anew.first() {
        let why = why(|fate| matches!(fate, Fate::Recreate(_)));
        findings.push(made_anew(step, &anew, why, mode).at(first.clone()));
    }
    if let Some(first) = unknown.first() {
        let what = format!("whether the server changes {} cannot be told from here", listed(&unknown));
        let why = why(|fate| matches!(fate, Fate::Unknown { .. }));
        let finding = Finding::new(FindingId::IMMUTABLE_FIELD, Severity::Note, what, why).at(first.clone());
        findings.push(finding.way_out("ask the server with plan --dry-run=server"));
    }
    findings.into_iter().map(|finding| finding.about(object.clone())).collect()
}

fn refused(mode: Mode) -> Severity {
    match mode {
        Mode::Safe => Severity::Block,
        Mode::Compat => Severity::Caution,
    }
}

fn made_anew(step: &Step, paths: &[String], why: String, mode: Mode) -> Finding {
    let id = FindingId::IMMUTABLE_FIELD;
    if mode == Mode::Compat {
        let what = format!("{} cannot be changed, and the server will refuse the change", listed(paths));
        return Finding::new(id, Severity::Caution, what, why).way_out("go without --compat: the object is made anew");
    }
    let loses = step.fates.iter().filter_map(|field| match &field.fate {
        Fate::Recreate(how) => Some(&how.loses),
        _ => None,
    });
    let object = step.object().map(|object| object.to_string()).unwrap_or_default();
    let accepted = format!("--accept '{id}={object}'");
    let accept = |lost: &str| format!("let it be deleted and made anew, at that price ({lost}): {accepted}");
    let what = format!("{} cannot be changed: the object is deleted and made anew", listed(paths));
    let forward = "leave the field as it is, and repair the release by an upgrade";
    match loses.max() {
        None | Some(Loss::Nothing(None)) => Finding::new(id, Severity::Caution, what, why),
        Some(Loss::Nothing(Some(beside))) => Finding::new(id, Severity::Caution, format!("{what}; {beside}"), why),
        Some(Loss::Work(lost)) => {
            Finding::new(id, Severity::Block, format!("{what}; lost: {lost}"), why).way_out(accept("what runs")).way_out(forward)
        }
        Some(Loss::Data(lost)) => Finding::new(id, Severity::Block, format!("{what}; lost: {lost}"), why)
            .way_out("back its data up first")
            .way_out(accept("data"))
            .way_out(forward)
            .leading_to(Verdict::BackUpFirst),
    }
}

fn paths_of(step: &Step, is: impl Fn(&Fate) -> bool) -> Vec<String> {
    step.fates.iter().filter(|field| is(&field.fate)).map(|field| field.path.clone()).collect()
}

/// `a, b and 3 more`.
fn listed(paths: &[String]) -> String {
    const SHOWN: usize = 3;
    match paths {
        [rest @ .., last] if paths.len() > 1 && paths.len() <= SHOWN => format!("{} and {last}", rest.join(", ")),
        paths if paths.len() > SHOWN => format!("{} and {} more", paths[..SHOWN].join(", "), paths.len() - SHOWN),
        paths => paths.join(""),
    }
}

#[cfg(test)]
mod tests;
