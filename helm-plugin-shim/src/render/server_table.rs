//! Tables that the API server made, printed as `kubectl get` and Helm print them (`k8s.io/cli-runtime/pkg/printers`).

mod align;

use helm_release_core::ports::{Table, TableColumn};
use serde_json::Value;

use super::yaml::go_float;
use align::Aligner;

/// After so many rows the printer aligns what it has and keeps only the widths of the columns.
const ROWS_AT_ONCE: usize = 100;

/// Prints one table after another; the headline is left out where the columns are those of the table before.
#[derive(Debug, Default)]
pub(crate) struct TablePrinter {
    columns: Vec<TableColumn>,
    is_headed: bool,
}

impl TablePrinter {
    /// A printer that has printed nothing so far.
    #[must_use]
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Prints a table without the columns that are for wide tables; one without rows leaves nothing, not even a headline.
    pub(crate) fn print(&mut self, text: &mut String, table: &Table) {
        if !table.columns.is_empty() && table.columns != self.columns {
            self.columns.clone_from(&table.columns);
            self.is_headed = false;
        }
        if table.rows.is_empty() {
            return;
        }
        let shown: Vec<usize> = (0..self.columns.len()).filter(|index| self.columns[*index].priority == 0).collect();
        let headline = shown.iter().map(|index| self.columns[*index].name.to_uppercase()).collect();
        let headline = (!self.is_headed).then_some(headline);
        self.is_headed = true;
        let row = |cells: &Vec<Value>| shown.iter().filter_map(|index| cells.get(*index)).map(cell).collect();
        push_rows(text, shown.len(), headline.as_ref(), &table.rows.iter().map(row).collect::<Vec<_>>());
    }
}

fn push_rows(text: &mut String, columns: usize, headline: Option<&Vec<String>>, rows: &[Vec<String>]) {
    let at_once = ROWS_AT_ONCE + usize::from(headline.is_some());
    // The first line is as wide as the widest row, so that rows after the first hundred find their columns wide enough.
    let mut room = widths(rows);
    room.truncate(columns.saturating_sub(1));
    let lines = headline.into_iter().chain(rows).enumerate().map(|(at, cells)| line(cells, if at == 0 { &room } else { &[] }));
    let lines: Vec<String> = lines.collect();
    let (first, others) = lines.split_at(at_once.min(lines.len()));
    let mut aligner = Aligner::default();
    aligner.push(text, first);
    for lines in others.chunks(ROWS_AT_ONCE) {
        aligner.push(text, lines);
    }
}

/// The widest cell of each column, in bytes.
fn widths(rows: &[Vec<String>]) -> Vec<usize> {
    let mut widths = Vec::new();
    for row in rows {
        widths.resize(row.len().max(widths.len()), 0);
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.len().max(*width);
        }
    }
    widths
}

/// Cells with tabs between them, each at least as wide as `room` says.
fn line(cells: &[String], room: &[usize]) -> String {
    let padded = cells.iter().enumerate().map(|(column, cell)| {
        let room = room.get(column).copied().unwrap_or(0);
        harmless(cell) + &" ".repeat(room.saturating_sub(cell.len()))
    });
    padded.collect::<Vec<_>>().join("\t")
}

/// A cell ends where its first line ends, and moves no cursor.
fn harmless(cell: &str) -> String {
    let unescaped = match cell.split_once(['\u{c}', '\n', '\r']) {
        Some((line, _)) => format!("{line}..."),
        None => cell.to_owned(),
    };
    unescaped.replace('\u{1b}', "^[")
}

/// A cell as Go's `fmt.Sprint` prints it; an absent one is empty.
fn cell(value: &Value) -> String {
    if value.is_null() { String::new() } else { go_text(value) }
}

fn go_text(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (None, Some(float)) => go_float(float),
            _ => number.to_string(),
        },
        Value::String(text) => text.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(go_text).collect::<Vec<_>>().join(" ")),
        Value::Object(members) => {
            let members = members.iter().map(|(key, value)| format!("{key}:{}", go_text(value)));
            format!("map[{}]", members.collect::<Vec<_>>().join(" "))
        }
    }
}

#[cfg(test)]
mod tests;
