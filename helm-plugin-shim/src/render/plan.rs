//! A plan for people.

use std::fmt::Write as _;

use helm_release_core::diff::mask;
use helm_release_core::mask::Masker;
use helm_release_core::plan::{Action, Finding, Plan, RevisionContent, Severity, Step, Subject};
use helm_release_core::release::ApplyMethod;
use helm_release_core::run::Preview;
use serde_json::{Value, json};

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
pub fn summary(plan: &Plan) -> String {
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
pub fn brief(plan: &Plan, color: bool) -> String {
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
pub fn whole(plan: &Plan, preview: Option<&Preview>, color: bool) -> String {
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
    if !plan.hooks_not_run.is_empty() {
        let _ = writeln!(text, "\nHooks that do not run:");
    }
    for hook in &plan.hooks_not_run {
        let _ = writeln!(text, "  {} {}: {}", hook.event, hook.hook, hook.reason);
    }
    if let Some(preview) = preview {
        write_preview(&mut text, preview, palette);
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

fn write_preview(text: &mut String, preview: &Preview, palette: Palette) {
    let _ = writeln!(text, "\nThe server's dry run of {} writes:", preview.steps.len());
    for step in preview.refusals() {
        let refusal = step.refusal.as_deref().unwrap_or_default();
        let _ = writeln!(text, "{}", palette.removed(&format!("  refused: {} {}: {refusal}", step.action, step.object)));
    }
    if preview.refusals().next().is_none() {
        let _ = writeln!(text, "  all accepted");
    }
}

/// What the server said to each write, as data.
#[must_use]
pub fn preview_json(preview: &Preview) -> Value {
    let each = preview.steps.iter().map(|step| {
        let mut json = json!({ "action": step.action, "object": step.object, "accepted": step.refusal.is_none() });
        if let Some(refusal) = &step.refusal {
            json["refusal"] = json!(refusal);
        }
        json
    });
    each.collect()
}
