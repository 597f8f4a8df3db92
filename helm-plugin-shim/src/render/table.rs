//! Tables as Helm draws them (`uitable`): columns padded to their widest cell and joined with tabs.

use std::io::{self, Write};

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr};

/// A table under construction.
#[derive(Debug, Clone, Default)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table without rows.
    #[must_use]
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = impl Into<String>>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// Draws the table, with one newline at its end; a table without rows is that newline alone.
    ///
    /// # Errors
    /// What the writer says.
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut widths: Vec<usize> = Vec::new();
        for row in &self.rows {
            for (column, cell) in row.iter().enumerate() {
                let width = cell.split('\n').map(width).max().unwrap_or(0);
                match widths.get_mut(column) {
                    Some(widest) => *widest = width.max(*widest),
                    None => widths.push(width),
                }
            }
        }
        let lines: Vec<String> = self.rows.iter().map(|row| draw_row(row, &widths)).collect();
        writeln!(out, "{}", lines.join("\n"))
    }
}

/// A cell of several lines spreads over as many lines of the table.
fn draw_row(row: &[String], widths: &[usize]) -> String {
    let columns: Vec<Vec<String>> =
        row.iter().zip(widths).map(|(cell, width)| resize(cell, *width).split('\n').map(str::to_owned).collect()).collect();
    let height = columns.iter().map(Vec::len).max().unwrap_or(0);
    let mut lines = Vec::with_capacity(height);
    for line in 0..height {
        let cells: Vec<String> = columns
            .iter()
            .zip(widths)
            .map(|(cell, width)| match cell.get(line) {
                Some(text) => resize(text, *width),
                // An absent line is drawn as one space at least.
                None => " ".repeat((*width).max(1)),
            })
            .collect();
        lines.push(cells.join("\t"));
    }
    lines.join("\n")
}

/// Pads a cell, or cuts it: the column is as wide as the longest *line*, and a whole cell of several lines can be wider.
fn resize(cell: &str, target: usize) -> String {
    let actual = width(cell);
    if target == 0 || actual == target {
        return cell.to_owned();
    }
    if actual < target {
        return format!("{cell}{}", " ".repeat(target - actual));
    }
    let mut cut = String::new();
    let mut used = 0;
    for character in cell.chars() {
        cut.push(character);
        let wide = if is_widthless(character) { 0 } else { character.width().unwrap_or(0) };
        // A column narrower than three leaves room for nothing, after the first character.
        if used + wide + 3 >= target {
            break;
        }
        used += wide;
    }
    cut + "..."
}

/// Width on a terminal: wide characters count two, colour codes and control characters nothing.
fn width(text: &str) -> usize {
    let mut total = 0;
    let mut rest = text;
    while let Some(start) = rest.find('\u{1b}') {
        total += plain_width(&rest[..start]);
        rest = &rest[start + 1..];
        if let Some(code) = rest.strip_prefix('[') {
            let end = code.find(|character: char| !character.is_ascii_digit() && character != ';').unwrap_or(code.len());
            rest = code[end..].strip_prefix('m').unwrap_or(&code[end..]);
        }
    }
    total + plain_width(rest)
}

fn plain_width(text: &str) -> usize {
    if text.contains(is_widthless) { text.split(is_widthless).map(UnicodeWidthStr::width).sum() } else { text.width() }
}

/// Control characters, and the separators of lines and paragraphs.
fn is_widthless(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests;
