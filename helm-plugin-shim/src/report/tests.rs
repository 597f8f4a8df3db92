use super::*;

#[test]
fn lines_of_a_cause_after_the_first_are_indented() {
    let report = Report::usage("bad").with_cause("one\ntwo").with_hint("do it");
    assert_eq!(report.to_string(), "Error: bad\nCause: one\n  two\nHint: do it");
}

#[test]
fn a_cause_that_an_earlier_one_contains_is_told_once() {
    #[derive(Debug, thiserror::Error)]
    #[error("outer: inner")]
    struct Outer(#[source] std::io::Error);
    let report = Report::usage("bad").with_error(&Outer(std::io::Error::other("inner")));
    assert_eq!(report.causes, ["outer: inner"]);
}

#[test]
fn input_that_is_wrong_exits_with_2_and_a_cluster_that_is_away_with_1() {
    assert_eq!(Report::usage("").exit_code.get(), 2);
    assert_eq!(Report::new(ReportKind::NotFound, "").exit_code.get(), 2);
    assert_eq!(Report::new(ReportKind::Unreachable, "").exit_code.get(), 1);
}
