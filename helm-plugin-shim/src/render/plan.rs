//! A plan for people.

use std::fmt::Write as _;

use helm_release_core::diff::mask;
use helm_release_core::mask::Masker;
use helm_release_core::plan::{Action, Asked, Finding, Impact, Plan, PodsFate, RevisionContent, Severity, Step, Subject};
use helm_release_core::release::ApplyMethod;

use super::changes;
use super::color::Palette;

/// `revision 3 (web-1.2.0, app 1.4)`.
pub(super) fn revision(content: &RevisionContent) -> String {
    let number = content.revision();
    match &content.chart {
        Some(chart) if chart.app_version.is_empty() => format!("revision {number} ({})", chart.full_name()),
        Some(chart) => format!("revision {number} ({}, app {})", chart.full_name(), chart.app_version),
        None => format!("revision {number}"),
    }
}

/// The one line that sums a plan up.
#[must_use]
pub(crate) fn summary(plan: &Plan) -> String {
    let count = |actions: &[Action]| plan.steps.iter().filter(|step| actions.contains(&step.action)).count();
    let parts = [
        (count(&[Action::Create]), "to create"),
        (count(&[Action::Patch, Action::Replace]), "to change"),
        (count(&[Action::Recreate]), "to recreate"),
        (count(&[Action::Delete]), "to delete"),
        (count(&[Action::Keep]), "kept"),
        (count(&[Action::Unchanged]), "unchanged"),
    ];
    let mut parts: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    match count(&[Action::RunHook]) {
        0 => {}
        1 => parts.push("1 hook".to_owned()),
        hooks => parts.push(format!("{hooks} hooks")),
    }
    if parts.is_empty() { "no objects".to_owned() } else { parts.join(", ") }
}

/// A plan in short: verdict, from where to where, what weighs.
#[must_use]
pub(crate) fn brief(plan: &Plan, color: bool) -> String {
    let palette = Palette::new(color);
    let mut text = String::new();
    head(&mut text, plan);
    findings(&mut text, plan.findings.iter().filter(|finding| finding.severity > Severity::Note), palette);
    text
}

// Writing to a String cannot fail, so the results of `writeln!` are dropped in this file.
fn head(text: &mut String, plan: &Plan) {
    let condition = match plan.blocking().count() {
        0 => String::new(),
        1 => ", but not before 1 blocking finding is settled or accepted".to_owned(),
        blocking => format!(", but not before {blocking} blocking findings are settled or accepted"),
    };
    let _ = writeln!(text, "Verdict: {}{condition}", plan.verdict);
    let _ = writeln!(
        text,
        "Release: {} in namespace {}, from {} to {}",
        plan.name,
        plan.namespace,
        revision(&plan.current),
        revision(&plan.target)
    );
    let _ = writeln!(text, "Target:  {}", plan.choice.reason);
    for lost in &plan.choice.passed_over {
        let _ = writeln!(text, "         not {}: {}", lost.revision, lost.reason);
    }
    let method = match plan.apply_method {
        ApplyMethod::Ssa => "server-side apply",
        ApplyMethod::Csa => "client-side apply",
    };
    if !plan.asked.is_nothing() {
        let Asked { rights, lists, dry_runs } = plan.asked;
        let _ = writeln!(text, "Asked:   {rights} rights, {lists} lists, {dry_runs} dry runs");
    }
    if plan.is_idle() {
        let _ = writeln!(text, "Steps:   none; {}", summary(plan));
    } else {
        let _ = writeln!(text, "Steps:   {}; becomes revision {}, by {method}", summary(plan), plan.new_revision);
    }
}

fn findings<'a>(text: &mut String, findings: impl Iterator<Item = &'a Finding>, palette: Palette) {
    for finding in findings {
        let accepted = if finding.accepted && finding.acceptable { " (accepted)" } else { "" };
        let title = format!("{}{accepted} {}", finding.severity, finding.id);
        let title = match finding.severity {
            Severity::Block => palette.removed(&title),
            Severity::Caution => palette.changed(&title),
            Severity::Note => title,
        };
        let object = finding.object.as_ref().map_or_else(String::new, |object| format!("{object}: "));
        let _ = writeln!(text, "\n{title}: {object}{}", finding.what);
        let _ = writeln!(text, "  why: {}", finding.why);
        for way in &finding.ways_out {
            let _ = writeln!(text, "  way out: {way}");
        }
    }
}

/// A whole plan: findings, every step with its reason and its changes, the hooks that stay silent.
#[must_use]
pub(crate) fn whole(plan: &Plan, color: bool) -> String {
    let palette = Palette::new(color);
    let mut text = String::new();
    let mut masker = Masker::default();
    head(&mut text, plan);
    findings(&mut text, plan.findings.iter(), palette);
    if plan.steps.iter().any(|step| step.action != Action::Unchanged) {
        let _ = writeln!(text, "\nSteps:");
    }
    for (index, step) in plan.steps.iter().enumerate().filter(|(_, step)| step.action != Action::Unchanged) {
        write_step(&mut text, index + 1, step, &mut masker, palette);
    }
    if !plan.impact.is_empty() {
        let _ = writeln!(text, "\nPods:");
    }
    for impact in &plan.impact {
        let _ = writeln!(text, "  {}: {}", impact.object, pods(impact));
    }
    if !plan.hooks_not_run.is_empty() {
        let _ = writeln!(text, "\nHooks that do not run:");
    }
    for hook in &plan.hooks_not_run {
        let _ = writeln!(text, "  {} {}: {}", hook.event, hook.hook, hook.reason);
    }
    text
}

/// What becomes of the pods of a workload: `every pod is replaced, 3 before, 5 after, at most 1 missing at once`
pub(super) fn pods(impact: &Impact) -> String {
    let mut text = impact.pods.as_str().to_owned();
    match (impact.before, impact.after) {
        (Some(before), Some(after)) if before != after => {
            let _ = write!(text, ", {before} before, {after} after");
        }
        (_, Some(after)) => {
            let _ = write!(text, ", {after} of them");
        }
        _ => {}
    }
    if let (Some(missing), PodsFate::Replaced) = (impact.unavailable, impact.pods) {
        let _ = write!(text, ", at most {missing} missing at once");
    }
    text
}

/// What a step is about.
pub(super) fn subject(step: &Step) -> String {
    match &step.subject {
        Subject::Record(revision) => format!("revision {revision}"),
        Subject::Object(location) => location.to_string(),
        Subject::Objects(locations) => format!("for {} objects", locations.len()),
        Subject::Hook(planned) => format!("{} {}", planned.hook.kind, planned.hook.name),
    }
}

fn write_step(text: &mut String, number: usize, step: &Step, masker: &mut Masker, palette: Palette) {
    let line = format!("{number:>4}. {} {}", step.action, subject(step));
    let line = match step.action {
        Action::Create => palette.added(&line),
        Action::Delete | Action::Recreate => palette.removed(&line),
        _ => line,
    };
    let _ = writeln!(text, "{line}: {}", step.reason);
    let mut shown = step.changes.clone();
    let kind = step.location().map_or("", |location| location.resource.gvk.kind.as_str());
    for change in &mut shown {
        mask(kind, change, masker);
    }
    changes::write(text, &shown, "        ", palette);
    if let Subject::Hook(planned) = &step.subject {
        let policies: Vec<&str> =
            planned.hook.delete_policies.iter().map(helm_release_core::hook::DeletePolicy::as_str).collect();
        let policies = if policies.is_empty() { "before-hook-creation (default)".to_owned() } else { policies.join(", ") };
        let _ = writeln!(text, "        deleted: {policies}");
    }
}
