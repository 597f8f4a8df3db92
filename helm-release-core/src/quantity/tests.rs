use super::*;

#[test]
fn every_suffix_and_sign_is_read_as_kubernetes_reads_it() {
    let billion = 1_000_000_000;
    let cases = [
        ("0", 0),
        ("1", billion),
        ("500m", billion / 2),
        ("0.5", billion / 2),
        (".5", billion / 2),
        ("-1", -billion),
        ("+2", 2 * billion),
        ("1n", 1),
        ("1u", 1_000),
        ("1k", 1_000 * billion),
        ("1Ki", 1_024 * billion),
        ("1.5Gi", 1_610_612_736 * billion),
        ("1e3", 1_000 * billion),
        ("1E-3", billion / 1_000),
        ("1E", 1_000_000_000_000_000_000 * billion),
        ("0.1n", 1),
    ];
    for (text, expected) in cases {
        assert_eq!(nanos(text), Some(expected), "{text}");
    }
    for text in ["", "m", "1x", "1.2.3", "--1", "1 Gi", "e3", "9".repeat(60).as_str()] {
        assert_eq!(nanos(text), None, "{text}");
    }
}

#[test]
fn a_quantity_is_shown_in_the_largest_unit_that_keeps_it_whole() {
    for text_ in ["0", "1", "500m", "3Gi", "1536Mi", "1000"] {
        assert_eq!(text(nanos(text_).unwrap()), text_);
    }
}
