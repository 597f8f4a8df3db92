//! Columns of equal width, as `github.com/liggitt/tabwriter` makes them with the settings of `kubectl`.

/// The least width of a column, with what is between it and the next.
const NARROWEST: usize = 6;
/// What is between a cell and the next column.
const GAP: usize = 3;

/// Aligns lines whose cells are separated by tabs. A column never becomes narrower than it was.
#[derive(Debug, Default)]
pub(super) struct Aligner {
    widest: Vec<usize>,
}

impl Aligner {
    /// Aligns lines with each other and writes them.
    pub(super) fn push(&mut self, text: &mut String, lines: &[String]) {
        let lines: Vec<Vec<&str>> = lines.iter().map(|line| line.split(['\t', '\u{b}']).collect()).collect();
        let mut widths: Vec<Vec<usize>> = vec![Vec::new(); lines.len()];
        for column in 0..lines.iter().map(Vec::len).max().unwrap_or(0) {
            self.widest.resize(self.widest.len().max(column + 1), NARROWEST);
            // A line that ends before the column ends the block of lines that share a width.
            let mut at = 0;
            for block in lines.split(|line| line.len() <= column + 1) {
                let width = block.iter().map(|line| line[column].chars().count() + GAP).max().unwrap_or(0);
                if !block.is_empty() {
                    self.widest[column] = width.max(self.widest[column]);
                }
                for widths in &mut widths[at..at + block.len()] {
                    widths.push(self.widest[column]);
                }
                at += block.len() + 1;
            }
        }
        for (line, widths) in lines.iter().zip(widths) {
            for (column, cell) in line.iter().enumerate() {
                text.push_str(cell);
                let width = widths.get(column).copied().unwrap_or(0);
                text.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.chars().count())));
            }
            text.push('\n');
        }
    }
}
