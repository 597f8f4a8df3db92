use super::{emphasised, pair as pairs};

#[test]
fn lines_of_one_key_stand_beside_each_other() {
    let gone = ["- name: BETA", "  value: on", "  image: web:2"];
    assert_eq!(pairs(&gone, &["  image: web:1"]), [(Some(0), None), (Some(1), None), (Some(2), Some(0))]);
    assert_eq!(pairs(&["  image: web:1"], &gone), [(None, Some(0)), (None, Some(1)), (Some(0), Some(2))]);
}

#[test]
fn lines_without_their_like_stand_beside_each_other_one_by_one() {
    assert_eq!(pairs(&["a", "b", "c"], &["x"]), [(Some(0), Some(0)), (Some(1), None), (Some(2), None)]);
    assert_eq!(pairs(&["a", "k: 1"], &["x", "y", "k: 2"]), [(Some(0), Some(0)), (None, Some(1)), (Some(1), Some(2))]);
    assert_eq!(pairs(&[], &["x"]), [(None, Some(0))]);
    assert_eq!(pairs(&["x"], &[]), [(Some(0), None)]);
}

#[test]
fn no_line_is_lost_and_none_is_told_twice() {
    let (gone, come) = (["a: 1", "b: 1", "c: 1", "a: 2"], ["c: 3", "b: 3", "a: 3", "d: 3"]);
    let pairs = pairs(&gone, &come);
    let (old, new): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
    assert_eq!(old.into_iter().flatten().collect::<Vec<_>>(), [0, 1, 2, 3]);
    assert_eq!(new.into_iter().flatten().collect::<Vec<_>>(), [0, 1, 2, 3]);
}

#[test]
fn the_words_that_changed_are_told_from_those_that_stay() {
    let marked =
        |pieces: Vec<(bool, &str)>| pieces.into_iter().filter(|(is, _)| *is).map(|(_, word)| word.to_owned()).collect::<Vec<_>>();
    let (gone, come) = emphasised(Some("  image: \"web:1.2-a\"\n"), Some("  image: \"web:1.3\"\n"));
    assert_eq!((marked(gone), marked(come)), (vec!["1.2-a".to_owned()], vec!["1.3".to_owned()]));
    // Two lines of other keys have nothing in common but chance.
    let (gone, come) = emphasised(Some("a: same"), Some("b: same"));
    assert_eq!((marked(gone).len(), marked(come).len()), (0, 0));
    assert_eq!(emphasised(None, Some("x")), (vec![], vec![(false, "x")]));
}
