//! Points of no return between the target and the current revision.

use crate::history::Judgement;
use crate::plan::rules::block_unless_compat;
use crate::plan::{Finding, FindingId, PointOfNoReturn, RollbackOptions, Rule, Step, Survey, Verdict, crossed, points};

/// Points of no return between the target and the current revision.
#[derive(Debug, Clone, Copy)]
pub(super) struct NoReturn;

impl Rule for NoReturn {
    fn look(&self, survey: &Survey, options: &RollbackOptions, _steps: &[Step]) -> Vec<Finding> {
        let (current, target) = (survey.current(), survey.target());
        let crossed = crossed(current, target);
        let nearest = (!crossed.is_empty()).then(|| nearest(survey)).flatten();
        crossed.iter().map(|point| finding(point, nearest.as_deref(), survey, options)).collect()
    }
}

/// The newest revision before the current one that lies beyond every point too, among those that were read.
fn nearest(survey: &Survey) -> Option<String> {
    let current = survey.current();
    let passed = points(current);
    let beyond = survey.revisions.values().rev().filter(|revision| revision.revision() < current.revision()).find(|revision| {
        let theirs = points(revision);
        survey.history.judge(revision.revision()) == Some(Judgement::Good) && passed.keys().all(|name| theirs.contains_key(name))
    });
    beyond.map(|revision| revision.revision().to_string())
}

fn finding(point: &PointOfNoReturn, nearest: Option<&str>, survey: &Survey, options: &RollbackOptions) -> Finding {
    let reason = if point.reason.is_empty() { String::new() } else { format!(": {}", point.reason) };
    let what = format!(
        "{} of revision {} marks a point of no return, {}{reason}; revision {} lies before it",
        point.source,
        survey.current().revision(),
        point.name,
        survey.target().revision()
    );
    let finding = Finding::new(
        FindingId::NO_RETURN,
        block_unless_compat(options),
        what,
        "what was changed for good there is not changed back by a rollback of objects",
    );
    let finding = match nearest {
        Some(revision) => finding.way_out(format!("return to revision {revision}, the nearest that lies beyond it")),
        None => finding,
    };
    match &point.reverse {
        Some(how) => {
            finding.way_out(format!("run the reverse migration first, then accept this: {how}")).leading_to(Verdict::BackUpFirst)
        }
        None => finding.way_out("repair the release by a new upgrade").leading_to(Verdict::FixForward),
    }
}

#[cfg(test)]
mod tests;
