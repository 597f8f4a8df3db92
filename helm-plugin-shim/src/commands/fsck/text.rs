//! What was found, for people.

use std::fmt::Write as _;

use helm_release_core::fsck::{Ailment, Repaired};

use super::Told;
use crate::render::color::Palette;

/// Everything that is told of all releases.
pub(super) fn whole(told: &[Told], color: bool) -> String {
    let palette = Palette::new(color);
    let mut text = String::new();
    let mut was_short = true;
    for (index, told) in told.iter().enumerate() {
        let is_short = is_short(told);
        // An empty line around everything that is more than one line.
        if index > 0 && !(was_short && is_short) {
            text.push('\n');
        }
        release(&mut text, told, palette);
        was_short = is_short;
    }
    if told.is_empty() { "No releases.\n".to_owned() } else { text }
}

/// Whether one line says everything.
fn is_short(told: &Told) -> bool {
    told.ailments.is_empty()
        && told.unseen.is_empty()
        && told.done.is_none()
        && told.restore.as_ref().is_none_or(|plan| plan.steps.is_empty())
}

// Writing to a String cannot fail, so the results of `writeln!` are dropped in this file.
fn release(text: &mut String, told: &Told, palette: Palette) {
    let Told { namespace, name, revisions, ailments, .. } = told;
    let serious = ailments.iter().filter(|ailment| ailment.is_serious()).count();
    let notes = ailments.len() - serious;
    let health = match (&told.restore, serious, notes) {
        (Some(plan), ..) if plan.steps.is_empty() => "no backups".to_owned(),
        (Some(plan), ..) => counted(plan.steps.len(), "backup"),
        (None, 0, 0) => palette.added("healthy"),
        (None, 0, notes) => format!("{}, {}", palette.added("healthy"), counted(notes, "note")),
        (None, serious, 0) => palette.removed(&counted(serious, "ailment")),
        (None, serious, notes) => format!("{}, {}", palette.removed(&counted(serious, "ailment")), counted(notes, "note")),
    };
    let _ = writeln!(text, "{name} in namespace {namespace} ({}): {health}", counted(*revisions, "revision"));
    for found in ailments {
        ailment(text, found, palette);
    }
    for unseen in &told.unseen {
        let _ = writeln!(text, "not looked at: {unseen}");
    }
    match &told.done {
        Some(done) => steps_done(text, done, if told.restore.is_some() { "Restored" } else { "Repaired" }),
        None => steps_planned(text, told),
    }
    let remaining = told.remaining.iter().flatten().filter(|ailment| ailment.is_serious());
    for (index, left) in remaining.enumerate() {
        if index == 0 {
            text.push_str("Still ailing:\n");
        }
        let revision = left.revision.map_or_else(String::new, |revision| format!("revision {revision}: "));
        let _ = writeln!(text, "  {}: {revision}{}", palette.removed(left.class.as_str()), left.what);
    }
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

fn ailment(text: &mut String, found: &Ailment, palette: Palette) {
    let title = format!("{} {}", found.gravity, found.class);
    let title = if found.is_serious() { palette.removed(&title) } else { title };
    let subject = match (&found.revision, &found.object) {
        (Some(revision), Some(object)) => format!("{object} (revision {revision}): "),
        (Some(revision), None) => format!("revision {revision}: "),
        (None, Some(object)) => format!("{object}: "),
        (None, None) => String::new(),
    };
    let _ = writeln!(text, "{title}: {subject}{}", found.what);
    let _ = writeln!(text, "  why: {}", found.why);
    for way in &found.ways_out {
        let _ = writeln!(text, "  way out: {way}");
    }
}

fn steps_planned(text: &mut String, told: &Told) {
    if let Some(plan) = told.repair.as_ref().filter(|plan| !plan.is_idle()) {
        text.push_str("A repair would:\n");
        for (index, step) in plan.steps.iter().enumerate() {
            let backup = if step.keeps_backup { ", a backup kept" } else { "" };
            let _ = writeln!(text, "  {}. {}{backup}: {}", index + 1, step.action.describe(), step.reasons.join("; "));
        }
    }
    if let Some(plan) = told.restore.as_ref().filter(|plan| !plan.steps.is_empty()) {
        text.push_str("A restore would:\n");
        for (index, step) in plan.steps.iter().enumerate() {
            let now = step.status.as_deref().map_or("it is gone".to_owned(), |status| format!("it is {status}"));
            let _ = writeln!(
                text,
                "  {}. {} from backup {}: {now}, and a repair did this: {}",
                index + 1,
                step.describe(),
                step.backup,
                step.undoes
            );
        }
    }
}

fn steps_done(text: &mut String, done: &[Repaired], title: &str) {
    if done.is_empty() {
        return;
    }
    let _ = writeln!(text, "{title}:");
    for (index, step) in done.iter().enumerate() {
        let backup = match (&step.backup, title) {
            (Some(id), "Repaired") => format!(" (backup {id})"),
            (Some(id), _) => format!(" (from backup {id})"),
            (None, _) => String::new(),
        };
        let _ = writeln!(text, "  {}. {}{backup}", index + 1, step.action);
    }
}
