use proptest::prelude::*;

use super::split_helm;
use crate::HelmLine::{V3, V4};

#[test]
fn what_follows_the_separator_on_its_line_stays_in_the_next_document() {
    let text = "---apiVersion: v1\na: 1\n--- # comment\nb: 2\n";
    assert_eq!(split_helm(text, V3), ["apiVersion: v1\na: 1", "# comment\nb: 2"]);
    assert_eq!(split_helm(text, V4), ["apiVersion: v1\na: 1\n", "# comment\nb: 2\n"]);
}

#[test]
fn helm_3_trims_both_ends_and_helm_4_the_left_one() {
    let text = "\n a: 1\n\n\n---\n\n  b: 2  \n\n";
    assert_eq!(split_helm(text, V3), ["a: 1", "b: 2"]);
    assert_eq!(split_helm(text, V4), ["a: 1\n\n\n", "b: 2  \n\n"]);
}

#[test]
fn empty_documents_are_skipped() {
    assert_eq!(split_helm("---\n\n \n---\na: 1\n---\n", V4), ["a: 1\n"]);
    assert_eq!(split_helm("---\n# c\n---\na: 1\n---\n", V3), ["# c", "a: 1"]);
    for line in [V3, V4] {
        assert!(split_helm("", line).is_empty());
        assert!(split_helm(" \n---\n", line).is_empty());
    }
}

#[test]
fn separators_that_share_their_line_break_are_told_apart_as_in_go() {
    // The first separator takes the line break, so the second dashes are text in Helm 3 and a separator in Helm 4.
    assert_eq!(split_helm("a: 1\n---\n---\nb: 2", V3), ["a: 1", "---\nb: 2"]);
    assert_eq!(split_helm("a: 1\n---\n---\nb: 2", V4), ["a: 1\n", "b: 2"]);
    assert_eq!(split_helm("------\nb: 2", V4), ["---\nb: 2"]);
}

proptest! {
    #[test]
    fn nothing_but_separators_and_blanks_is_lost(text in "[-a \t\r\n]{0,60}") {
        for line in [V3, V4] {
            let kept: String = split_helm(&text, line).concat();
            let letters = |text: &str| text.matches('a').count();
            prop_assert_eq!(letters(&kept), letters(&text));
        }
    }
}
