//! Every object that is written, before and after, side by side, with what stays folded away.

use std::io;

use helm_release_core::mask::Masker;
use helm_release_core::plan::{Action, Plan, Survey};
use serde_json::Value;
use similar::{Algorithm, ChangeTag, DiffOp, InlineChange, TextDiff};

use super::escape::Html;
use crate::render::plan::subject;
use crate::render::yaml;

/// How many lines that stay are shown around those that change.
const CONTEXT: usize = 3;

/// A stretch that stays is folded when it hides more lines than its own line takes.
const WORTH_FOLDING: usize = 3;

/// An object before and after a step, as YAML.
#[derive(Debug)]
pub(super) struct Change {
    /// The step's number.
    pub(super) number: usize,
    action: Action,
    subject: String,
    before: String,
    after: String,
}

/// What every step that writes an object makes of it, secret values masked.
pub(super) fn changes(survey: &Survey, plan: &Plan, masker: &mut Masker) -> io::Result<Vec<Change>> {
    let mut changes = Vec::new();
    for (index, step) in plan.steps.iter().enumerate() {
        let predicted = plan.predict(survey, step).map_err(|error| io::Error::other(error.to_string()))?;
        let (Some(found), Some(location)) = (predicted, step.location()) else { continue };
        let mut text = |value: Option<Value>| -> io::Result<String> {
            let Some(mut value) = value else { return Ok(String::new()) };
            masker.mask_object(&location.resource.gvk.kind, &mut value);
            let mut bytes = Vec::new();
            yaml::write(&mut bytes, &value)?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        };
        let (before, after) = (text(found.before)?, text(found.after)?);
        changes.push(Change { number: index + 1, action: step.action, subject: subject(step), before, after });
    }
    Ok(changes)
}

pub(super) fn write(page: &mut Html, plan: &Plan, changes: &[Change]) {
    page.raw("<section aria-labelledby=\"changes\">\n<h2 id=\"changes\">Changes</h2>\n");
    if changes.is_empty() {
        page.raw("<p class=\"empty\">No object changes.</p>\n");
    } else {
        page.raw("<p class=\"hint\">Live object on the left, what the rollback makes of it on the right: revision ");
        page.number(plan.target.revision()).raw(" as far as it can be told before the server has seen it.</p>\n");
        page.raw("<p class=\"tools\" hidden><button type=\"button\" data-fold=\"open\">Unfold all</button> ");
        page.raw("<button type=\"button\" data-fold=\"close\">Fold all</button></p>\n");
    }
    for change in changes {
        write_change(page, change);
    }
    page.raw("</section>\n");
}

fn write_change(page: &mut Html, change: &Change) {
    page.raw("<details class=\"change\" open id=\"change-").number(change.number).raw("\"><summary><h3><span class=\"number\">");
    page.number(change.number).raw("</span> <span class=\"badge\">").raw(change.action.as_str()).raw("</span> ");
    page.text(&change.subject).raw("</h3></summary>\n");
    let diff = TextDiff::configure().algorithm(Algorithm::Patience).diff_lines(change.before.as_str(), change.after.as_str());
    let lines = change.before.lines().collect();
    let mut stretches = Stretches { page, diff: &diff, lines, rows: 0 };
    for (index, op) in diff.ops().iter().enumerate() {
        match *op {
            DiffOp::Equal { old_index, new_index, len } => {
                let before = if index == 0 { 0 } else { CONTEXT.min(len) };
                let after = if index + 1 == diff.ops().len() { 0 } else { CONTEXT.min(len - before) };
                let hidden = len - before - after;
                if hidden <= WORTH_FOLDING {
                    stretches.equal(old_index, new_index, len);
                } else {
                    stretches.equal(old_index, new_index, before);
                    stretches.folded(old_index + before, new_index + before, hidden);
                    stretches.equal(old_index + before + hidden, new_index + before + hidden, after);
                }
            }
            op => stretches.changed(op),
        }
    }
    stretches.end_table();
    page.raw("</details>\n");
}

/// The table of one object, interrupted by folds.
struct Stretches<'p, 'd> {
    page: &'p mut Html,
    diff: &'d TextDiff<'d, 'd, str>,
    /// The lines before.
    lines: Vec<&'d str>,
    rows: usize,
}

const TABLE: &str = "<table class=\"diff\"><colgroup><col class=\"ln\"><col><col class=\"ln\"><col></colgroup><thead class=\"vh\"><tr><th scope=\"col\">line</th><th scope=\"col\">live</th>\
    <th scope=\"col\">line</th><th scope=\"col\">after the rollback</th></tr></thead><tbody>\n";

impl Stretches<'_, '_> {
    fn begin_table(&mut self) {
        if self.rows == 0 {
            self.page.raw(TABLE);
        }
        self.rows += 1;
    }

    fn end_table(&mut self) {
        if self.rows > 0 {
            self.page.raw("</tbody></table>\n");
        }
        self.rows = 0;
    }

    fn equal(&mut self, old: usize, new: usize, count: usize) {
        for offset in 0..count {
            self.begin_table();
            let text = self.lines.get(old + offset).copied().unwrap_or_default();
            self.page.raw("<tr>");
            for number in [old + offset + 1, new + offset + 1] {
                self.page.raw("<td class=\"ln\">").number(number).raw("</td><td>").text(text).raw("</td>");
            }
            self.page.raw("</tr>\n");
        }
    }

    fn folded(&mut self, old: usize, new: usize, count: usize) {
        self.end_table();
        self.page.raw("<details class=\"fold\"><summary>").number(count).raw(" lines that stay</summary>\n");
        self.equal(old, new, count);
        self.end_table();
        self.page.raw("</details>\n");
    }

    /// Lines that go beside those that come in their place.
    fn changed(&mut self, op: DiffOp) {
        let all: Vec<InlineChange<'_, str>> = self.diff.iter_inline_changes(&op).collect();
        let (gone, come): (Vec<_>, Vec<_>) = all.into_iter().partition(|change| change.tag() == ChangeTag::Delete);
        let texts = |changes: &[InlineChange<'_, str>]| -> Vec<String> {
            changes.iter().map(|change| change.iter_strings_lossy().map(|(_, text)| text).collect()).collect()
        };
        for (old, new) in pair(&texts(&gone), &texts(&come)) {
            let (old, new) = (old.and_then(|index| gone.get(index)), new.and_then(|index| come.get(index)));
            self.begin_table();
            self.page.raw("<tr>");
            side(self.page, "gone", "del", old, old.and_then(InlineChange::old_index));
            side(self.page, "come", "ins", new, new.and_then(InlineChange::new_index));
            self.page.raw("</tr>\n");
        }
    }
}

/// What a line of YAML is about: its key with what stands before it.
fn key(line: &str) -> &str {
    line.split_once(':').map_or(line, |(key, _)| key)
}

/// Which lines stand beside each other: those of one key, in order, and what is left between them one by one.
fn pair(gone: &[String], come: &[String]) -> Vec<(Option<usize>, Option<usize>)> {
    let mut pairs = Vec::new();
    let (mut old, mut new) = (0, 0);
    let between = |pairs: &mut Vec<_>, olds: std::ops::Range<usize>, news: std::ops::Range<usize>| {
        for offset in 0..olds.len().max(news.len()) {
            let at = |range: &std::ops::Range<usize>| (offset < range.len()).then_some(range.start + offset);
            pairs.push((at(&olds), at(&news)));
        }
    };
    while new < come.len() {
        // The first line from here on that has its like on the other side.
        let like = |line: &String| (old..gone.len()).find(|index| key(&gone[*index]) == key(line));
        let Some((next, other)) = (new..come.len()).find_map(|index| Some((index, like(&come[index])?))) else { break };
        between(&mut pairs, old..other, new..next);
        pairs.push((Some(other), Some(next)));
        (old, new) = (other + 1, next + 1);
    }
    between(&mut pairs, old..gone.len(), new..come.len());
    pairs
}

fn side(page: &mut Html, class: &str, tag: &str, change: Option<&InlineChange<'_, str>>, index: Option<usize>) {
    let (Some(change), Some(index)) = (change, index) else {
        page.raw("<td class=\"ln none\"></td><td class=\"none\"></td>");
        return;
    };
    page.raw("<td class=\"ln ").raw(class).raw("\">").number(index + 1).raw("</td><td class=\"").raw(class).raw("\"><");
    page.raw(tag).raw(">");
    for (is_emphasised, text) in change.iter_strings_lossy() {
        let text = text.trim_end_matches('\n');
        if is_emphasised && !text.is_empty() {
            page.raw("<mark>").text(text).raw("</mark>");
        } else {
            page.text(text);
        }
    }
    page.raw("</").raw(tag).raw("></td>");
}

#[cfg(test)]
mod tests;
