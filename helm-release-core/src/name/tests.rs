use super::*;

#[test]
fn release_names_follow_helms_rule() {
    for good in ["a", "web", "a.b-c.d", "0", &"x".repeat(53)] {
        assert!(ReleaseName::new(good).is_ok(), "{good}");
    }
    for bad in ["", "-a", "a-", "A", "a..b", ".a", "a_b", &"x".repeat(54)] {
        assert_eq!(ReleaseName::new(bad), Err(InvalidName::Release(bad.to_owned())));
    }
}

#[test]
fn a_namespace_has_no_dots() {
    assert!(Namespace::new("kube-system").is_ok());
    assert!(Namespace::new("a.b").is_err());
}

#[test]
fn revisions_begin_at_one() {
    assert!("0".parse::<Revision>().is_err());
    assert!("-1".parse::<Revision>().is_err());
    let seven: Revision = "7".parse().unwrap();
    assert_eq!(seven.next().get(), 8);
    assert_eq!(seven.previous(), Revision::new(6));
    assert_eq!(Revision::FIRST.previous(), None);
}
