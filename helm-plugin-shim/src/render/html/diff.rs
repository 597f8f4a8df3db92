//! Every object that is written, before and after, side by side, with what stays folded away.

use std::io;

use helm_release_core::mask::Masker;
use helm_release_core::plan::{Action, Plan, Survey};
use serde_json::Value;
use similar::DiffOp;

use super::escape::Html;
use crate::render::plan::subject;
use crate::render::unified::{differences, lines};
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
        page.raw("<p class=\"hint\">Live object on the left, what the rollback to revision ").number(plan.target.revision());
        page.raw(
            " makes of it on the right: as the server's dry run says, or where it was not asked, as far as it can be told.</p>\n",
        );
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
    let (old, new) = (lines(&change.before), lines(&change.after));
    let ops = differences(&old, &new);
    let mut stretches = Stretches { page, old: &old, new: &new, rows: 0 };
    for (index, op) in ops.iter().enumerate() {
        match *op {
            DiffOp::Equal { old_index, new_index, len } => {
                let before = if index == 0 { 0 } else { CONTEXT.min(len) };
                let after = if index + 1 == ops.len() { 0 } else { CONTEXT.min(len - before) };
                let hidden = len - before - after;
                if hidden <= WORTH_FOLDING {
                    stretches.equal(old_index, new_index, len);
                } else {
                    stretches.equal(old_index, new_index, before);
                    stretches.folded(old_index + before, new_index + before, hidden);
                    stretches.equal(old_index + before + hidden, new_index + before + hidden, after);
                }
            }
            op => stretches.changed(&op),
        }
    }
    stretches.end_table();
    page.raw("</details>\n");
}

/// The table of one object, interrupted by folds.
struct Stretches<'p, 'd> {
    page: &'p mut Html,
    old: &'d [&'d str],
    new: &'d [&'d str],
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
            let text = self.old.get(old + offset).map_or("", |line| line.trim_end_matches('\n'));
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
    fn changed(&mut self, op: &DiffOp) {
        let (old_range, new_range) = (op.old_range(), op.new_range());
        let (gone, come) = (&self.old[old_range.clone()], &self.new[new_range.clone()]);
        for (old, new) in pair(gone, come) {
            let (before, after) = (old.map(|index| gone[index]), new.map(|index| come[index]));
            let (before, after) = emphasised(before, after);
            self.begin_table();
            self.page.raw("<tr>");
            side(self.page, "gone", "del", old.map(|index| old_range.start + index), &before);
            side(self.page, "come", "ins", new.map(|index| new_range.start + index), &after);
            self.page.raw("</tr>\n");
        }
    }
}

/// A line in pieces, each with whether it is what changed.
type Pieces<'a> = Vec<(bool, &'a str)>;

/// Two lines in pieces. Lines that have little in common are not compared word by word, and neither is one that stands alone.
fn emphasised<'a>(before: Option<&'a str>, after: Option<&'a str>) -> (Pieces<'a>, Pieces<'a>) {
    let whole = |line: Option<&'a str>| line.map(|line| vec![(false, line)]).unwrap_or_default();
    let (Some(old), Some(new)) = (before, after) else { return (whole(before), whole(after)) };
    if key(old) != key(new) {
        return (whole(before), whole(after));
    }
    let (old, new) = (words(old), words(new));
    let (mut gone, mut come) = (Pieces::new(), Pieces::new());
    for op in differences(&old, &new) {
        let is_changed = !matches!(op, DiffOp::Equal { .. });
        gone.extend(old[op.old_range()].iter().map(|word| (is_changed, *word)));
        come.extend(new[op.new_range()].iter().map(|word| (is_changed, *word)));
    }
    (gone, come)
}

/// Words, and what stands between them sign by sign.
fn words(line: &str) -> Vec<&str> {
    let is_of_word = |sign: char| sign.is_alphanumeric() || matches!(sign, '_' | '-' | '.');
    let mut words = Vec::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let length = if is_of_word(first) { rest.find(|sign| !is_of_word(sign)).unwrap_or(rest.len()) } else { first.len_utf8() };
        let (word, after) = rest.split_at(length);
        words.push(word);
        rest = after;
    }
    words
}

/// What a line of YAML is about: its key with what stands before it.
fn key(line: &str) -> &str {
    line.split_once(':').map_or(line, |(key, _)| key)
}

/// Which lines stand beside each other: those of one key, in order, and what is left between them one by one.
fn pair(gone: &[&str], come: &[&str]) -> Vec<(Option<usize>, Option<usize>)> {
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
        let like = |line: &str| (old..gone.len()).find(|index| key(gone[*index]) == key(line));
        let Some((next, other)) = (new..come.len()).find_map(|index| Some((index, like(come[index])?))) else { break };
        between(&mut pairs, old..other, new..next);
        pairs.push((Some(other), Some(next)));
        (old, new) = (other + 1, next + 1);
    }
    between(&mut pairs, old..gone.len(), new..come.len());
    pairs
}

fn side(page: &mut Html, class: &str, tag: &str, index: Option<usize>, pieces: &[(bool, &str)]) {
    let Some(index) = index else {
        page.raw("<td class=\"ln none\"></td><td class=\"none\"></td>");
        return;
    };
    page.raw("<td class=\"ln ").raw(class).raw("\">").number(index + 1).raw("</td><td class=\"").raw(class).raw("\"><");
    page.raw(tag).raw(">");
    for stretch in pieces.chunk_by(|(one, _), (other, _)| one == other) {
        let text: String = stretch.iter().map(|(_, piece)| *piece).collect();
        let is_marked = stretch.first().is_some_and(|(is_changed, _)| *is_changed);
        match text.trim_end_matches('\n') {
            text if is_marked && !text.is_empty() => page.raw("<mark>").text(text).raw("</mark>"),
            text => page.text(text),
        };
    }
    page.raw("</").raw(tag).raw("></td>");
}

#[cfg(test)]
mod tests;
