use super::*;

fn matches(selector: &str, labels: &[(&str, &str)]) -> bool {
    let labels = labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    selector.parse::<Selector>().unwrap().matches(&labels)
}

fn error(selector: &str) -> String {
    selector.parse::<Selector>().unwrap_err().to_string()
}

#[test]
fn the_empty_selector_matches_everything() {
    assert!(matches("", &[]));
    assert!(matches("  ", &[("a", "1")]));
}

#[test]
fn equality_wants_the_label_with_that_value() {
    for selector in ["a=1", "a==1", " a = 1 ", "a in (1)", "a in (0, 1)"] {
        assert!(matches(selector, &[("a", "1")]), "{selector}");
        assert!(!matches(selector, &[("a", "2")]), "{selector}");
        assert!(!matches(selector, &[]), "{selector}");
    }
}

#[test]
fn inequality_is_satisfied_by_an_absent_label() {
    for selector in ["a!=1", "a notin (1)", "a notin (0,1)"] {
        assert!(!matches(selector, &[("a", "1")]), "{selector}");
        assert!(matches(selector, &[("a", "2")]), "{selector}");
        assert!(matches(selector, &[]), "{selector}");
    }
}

#[test]
fn existence_ignores_the_value() {
    assert!(matches("a", &[("a", "")]));
    assert!(!matches("a", &[("b", "1")]));
    assert!(matches("!a", &[("b", "1")]));
    assert!(!matches("! a", &[("a", "1")]));
}

#[test]
fn every_condition_must_hold() {
    assert!(matches("owner=helm,name=web,!old", &[("owner", "helm"), ("name", "web")]));
    assert!(!matches("owner=helm,name=web", &[("owner", "helm"), ("name", "api")]));
}

#[test]
fn values_may_be_empty() {
    assert!(matches("a=,b=1", &[("a", ""), ("b", "1")]));
    assert!(matches("a in (,x)", &[("a", "")]));
    assert!(!matches("a=", &[("a", "1")]));
}

#[test]
fn bounds_compare_whole_numbers() {
    assert!(matches("version>9", &[("version", "10")]));
    assert!(!matches("version>9", &[("version", "9")]));
    assert!(matches("version<10", &[("version", "9")]));
    assert!(!matches("version<10", &[("version", "new")]));
}

#[test]
fn in_and_notin_may_be_label_keys() {
    assert!(matches("in=1,notin", &[("in", "1"), ("notin", "x")]));
}

#[test]
fn keys_may_have_a_domain() {
    assert!(matches("app.kubernetes.io/name=web", &[("app.kubernetes.io/name", "web")]));
}

#[test]
fn what_kubernetes_refuses_is_refused_with_the_place() {
    assert_eq!(error("a,"), "found the end where a label key should be");
    assert_eq!(error(",a"), "found \",\" where a label key should be");
    assert_eq!(error("a b"), "found \"b\" where one of = == != in notin < > should be");
    assert_eq!(error("a in 1"), "found \"1\" where \"(\" should be");
    assert_eq!(error("a in (1"), "found the end where \",\" or \")\" should be");
    assert_eq!(error("!a=1"), "found \"=\" where \",\" or the end should be");
    assert_eq!(error("a=1=2"), "found \"=\" where \",\" or the end should be");
    assert_eq!(error("a>x"), "\"x\" is not a whole number");
    assert_eq!(error("a=-"), "\"-\" is no label value");
    assert_eq!(error("Bad.Domain/x"), "\"Bad.Domain/x\" is no label key");
    assert_eq!(error(&format!("a={}", "x".repeat(64))), format!("\"{}\" is no label value", "x".repeat(64)));
}
