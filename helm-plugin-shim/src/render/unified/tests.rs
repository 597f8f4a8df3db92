use super::*;

#[test]
fn changes_stand_between_lines_that_stay() {
    let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n";
    let new = "1\n2\nthree\n4\n5\n6\n7\n8\n10\n";
    assert_eq!(
        unified(old, new),
        ["@@ -1,5 +1,5 @@", " 1", " 2", "-3", "+three", " 4", " 5", "@@ -7,4 +7,3 @@", " 7", " 8", "-9", " 10"]
    );
}

#[test]
fn a_missing_end_of_line_is_a_difference() {
    assert_eq!(unified("a\n", "a"), ["@@ -1 +1 @@", "-a", "+a", "\\ No newline at end of file"]);
}

#[test]
fn a_text_that_comes_or_goes_has_an_empty_side() {
    assert_eq!(unified("", "a\nb\n"), ["@@ -0,0 +1,2 @@", "+a", "+b"]);
    assert_eq!(unified("a\n", ""), ["@@ -1 +0,0 @@", "-a"]);
    assert_eq!(unified("a\n", "a\n"), Vec::<String>::new());
}
