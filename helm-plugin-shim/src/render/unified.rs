//! Two texts compared line by line, and what differs as a unified diff.
//!
//! One algorithm is called by its name: choosing at run time would bring all of them into the program.

use std::convert::Infallible;
use std::ops::Range;

use similar::algorithms::{Capture, Compact, Replace, myers};
use similar::{DiffOp, group_diff_ops};

/// How many equal lines stand around each change.
const CONTEXT: usize = 2;

/// The lines of a text, each with its end.
#[must_use]
pub(crate) fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// What turns the one list of lines into the other.
#[must_use]
pub(crate) fn differences(old: &[&str], new: &[&str]) -> Vec<DiffOp> {
    let mut found = Compact::new(Replace::new(Capture::new()), old, new);
    let Ok(()): Result<(), Infallible> = myers::diff(&mut found, old, 0..old.len(), new, 0..new.len());
    found.into_inner().into_inner().into_ops()
}

/// The unified diff of two texts, line by line, without the names of files.
#[must_use]
pub(crate) fn unified(old: &str, new: &str) -> Vec<String> {
    let (old, new) = (lines(old), lines(new));
    let mut shown = Vec::new();
    for group in group_diff_ops(differences(&old, &new), CONTEXT) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
        let old_range = range(first.old_range().start..last.old_range().end);
        let new_range = range(first.new_range().start..last.new_range().end);
        shown.push(format!("@@ -{old_range} +{new_range} @@"));
        for op in &group {
            let (gone, come) = (&old[op.old_range()], &new[op.new_range()]);
            if matches!(op, DiffOp::Equal { .. }) {
                write(&mut shown, ' ', gone);
            } else {
                write(&mut shown, '-', gone);
                write(&mut shown, '+', come);
            }
        }
    }
    shown
}

/// A range of lines as `diff -u` counts them: from 1, the length left out when it is 1, an empty range at the line before it.
fn range(lines: Range<usize>) -> String {
    match lines.len() {
        0 => format!("{},0", lines.start),
        1 => format!("{}", lines.start + 1),
        length => format!("{},{length}", lines.start + 1),
    }
}

fn write(shown: &mut Vec<String>, mark: char, lines: &[&str]) {
    for line in lines {
        shown.push(format!("{mark}{}", line.trim_end_matches('\n')));
        if !line.ends_with('\n') {
            shown.push("\\ No newline at end of file".to_owned());
        }
    }
}

#[cfg(test)]
mod tests;
