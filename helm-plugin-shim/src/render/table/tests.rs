use super::*;

fn drawn(rows: &[&[&str]]) -> String {
    let mut table = Table::new();
    for row in rows {
        table.row(row.iter().copied());
    }
    let mut out = Vec::new();
    table.write(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn columns_are_padded_and_joined_with_tabs_and_the_last_is_padded_too() {
    assert_eq!(drawn(&[&["A", "LONG"], &["bbb", "c"]]), "A  \tLONG\nbbb\tc   \n");
}

#[test]
fn a_cell_of_several_lines_is_cut_to_the_width_of_its_longest_line() {
    // The whole text is wider than the column, so that it is cut at the column's width less three, whatever line that is in.
    assert_eq!(
        drawn(&[&["X", "Y"], &["1", "line one\nline two is long"]]),
        "X\tY               \n1\tline one        \n \tline ...        \n"
    );
}

#[test]
fn colour_codes_have_no_width_and_wide_characters_have_two() {
    assert_eq!(drawn(&[&["\u{1b}[36mab\u{1b}[0m", "x"], &["日本", "y"]]), "\u{1b}[36mab\u{1b}[0m  \tx\n日本\ty\n");
}

#[test]
fn control_characters_and_separators_have_no_width() {
    assert_eq!(drawn(&[&["a\u{2028}b\u{1}"], &["abc"]]), "a\u{2028}b\u{1} \nabc\n");
}

#[test]
fn no_rows_are_one_empty_line() {
    assert_eq!(drawn(&[]), "\n");
}
