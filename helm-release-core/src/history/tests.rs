use std::collections::BTreeMap;

use super::*;
use crate::ports::{RecordKey, Version};
use crate::release::Info;

/// A history of (revision, status, description), everything learned.
fn history(revisions: &[(u32, &str, &str)]) -> History {
    let heads = revisions.iter().map(|(number, status, _)| Head {
        key: RecordKey {
            namespace: "ns".parse().unwrap(),
            name: "web".parse().unwrap(),
            revision: Revision::new(*number).unwrap(),
        },
        version: Version(number.to_string()),
        labels: BTreeMap::from([("status".to_owned(), (*status).to_owned())]),
    });
    let mut history = History::new(heads.collect());
    for (number, status, description) in revisions {
        let info: Info = serde_json::from_value(serde_json::json!({
            "status": status, "description": description, "last_deployed": format!("2026-01-0{number}T00:00:00Z"),
        }))
        .unwrap();
        let chart =
            serde_json::from_value(serde_json::json!({"name": "c", "version": format!("{number}.0.0"), "appVersion": "1.4"}))
                .unwrap();
        let summary = Summary { info, chart: Some(chart) };
        history.learn(Revision::new(*number).unwrap(), Ok(summary));
    }
    history
}

fn choose(history: &History, selector: &str) -> Result<Choice, NoTarget> {
    match history.choose(&selector.parse().unwrap())? {
        Answer::Known(choice) => Ok(choice),
        Answer::Needs(revisions) => panic!("everything was learned, asks for {revisions:?}"),
    }
}

const UPGRADED: &str = "Upgrade complete";

#[test]
fn the_default_is_the_newest_that_really_was_deployed() {
    let history = history(&[
        (1, "superseded", "Install complete"),
        (2, "superseded", UPGRADED),
        (3, "superseded", "Upgrade \"web\" failed: boom"),
        (4, "failed", "Rollback \"web\" failed: boom"),
        (5, "pending-upgrade", "Preparing upgrade"),
    ]);
    let choice = choose(&history, "@good").unwrap();
    insta::assert_json_snapshot!(choice, @r#"
    {
      "revision": 2,
      "reason": "the newest revision before 5 that really was deployed",
      "passedOver": [
        {
          "revision": 4,
          "reason": "its status is failed"
        },
        {
          "revision": 3,
          "reason": "it is called superseded, but its description says that it failed: Upgrade \"web\" failed: boom"
        }
      ]
    }
    "#);
    assert_eq!(choose(&history, "@good~1").unwrap().revision, Revision::FIRST);
    assert_eq!(history.choose_like_helm().unwrap().revision, Revision::new(4).unwrap());
}

#[test]
fn a_failure_text_inside_a_users_description_is_no_failure() {
    let history = history(&[(1, "superseded", "Release \"web\" of Monday"), (2, "deployed", UPGRADED)]);
    assert_eq!(choose(&history, "@good").unwrap().revision, Revision::FIRST);
}

#[test]
fn selectors_by_time_and_versions_look_at_good_revisions_only() {
    let history = history(&[(1, "superseded", ""), (2, "superseded", ""), (3, "failed", ""), (4, "deployed", "")]);
    assert_eq!(choose(&history, "@before=2026-01-02T00:00:00Z").unwrap().revision.get(), 1);
    assert_eq!(choose(&history, "@before=2026-01-09T00:00:00+02:00").unwrap().revision.get(), 2);
    assert_eq!(choose(&history, "@chart=1.0.0").unwrap().revision.get(), 1);
    assert_eq!(choose(&history, "@chart=c-1.0.0").unwrap().revision.get(), 1);
    assert_eq!(choose(&history, "@app=1.4").unwrap().revision.get(), 2);
    assert_eq!(choose(&history, "-3").unwrap().revision.get(), 1);
    assert!(matches!(choose(&history, "@chart=3.0.0"), Err(NoTarget::NoneFits { .. })));
    assert_eq!(choose(&history, "9").unwrap_err().to_string(), "release has no 9 version");
    assert_eq!(choose(&history, "-4").unwrap_err().to_string(), "release has no -4 version");
}

#[test]
fn a_selector_that_nothing_fits_says_why_the_newest_do_not() {
    let mut history = history(&[
        (1, "failed", ""),
        (2, "failed", ""),
        (3, "failed", ""),
        (4, "failed", ""),
        (5, "superseded", ""),
        (6, "failed", ""),
    ]);
    history.learn(Revision::new(5).unwrap(), Err("payload is not base64".to_owned()));
    let text = "no revision before 6 fits @good (revision 5: it cannot be read: payload is not base64; \
                revision 4: its status is failed; revision 3: its status is failed; and 2 more)";
    assert_eq!(choose(&history, "@good").unwrap_err().to_string(), text);
}

#[test]
fn only_what_a_decision_needs_is_asked_for() {
    let full = history(&[(1, "superseded", ""), (2, "failed", ""), (3, "superseded", ""), (4, "deployed", "")]);
    let bare = History::new(full.heads().to_vec());
    let three = Answer::Needs(vec![Revision::new(3).unwrap()]);
    assert_eq!(bare.choose(&Selector::default()).unwrap(), three);
    let mut some = bare.clone();
    some.learn(Revision::new(3).unwrap(), Err("broken".to_owned()));
    assert_eq!(some.choose(&Selector::default()).unwrap(), Answer::Needs(vec![Revision::FIRST]));
    assert!(matches!(bare.choose(&Selector::Revision(Revision::FIRST)).unwrap(), Answer::Known(_)));
}

#[test]
fn the_baseline_reaches_back_to_the_last_that_was_deployed() {
    let numbers = |history: &History| match history.baseline() {
        Answer::Known(revisions) => revisions.into_iter().map(Revision::get).collect::<Vec<_>>(),
        Answer::Needs(_) => panic!("everything was learned"),
    };
    assert_eq!(numbers(&history(&[(1, "superseded", ""), (2, "deployed", "")])), [2]);
    assert_eq!(
        numbers(&history(&[(1, "superseded", ""), (2, "deployed", ""), (3, "failed", ""), (4, "pending-upgrade", "")])),
        [4, 3, 2]
    );
    assert_eq!(numbers(&history(&[(1, "failed", "")])), [1]);
}

#[test]
fn pruning_keeps_the_deployed_and_the_protected() {
    let history = history(&[(1, "deployed", ""), (2, "superseded", ""), (3, "failed", ""), (4, "failed", ""), (5, "failed", "")]);
    let numbers = |keep, protected: &[u32]| {
        let protected: Vec<_> = protected.iter().filter_map(|number| Revision::new(*number)).collect();
        let spared = Spared { revisions: &protected, ..Spared::default() };
        prunable(&history, keep, &spared).iter().map(|head| head.key.revision.get()).collect::<Vec<_>>()
    };
    assert_eq!(numbers(5, &[]), [] as [u32; 0]);
    assert_eq!(numbers(0, &[]), [2, 3, 4, 5]);
    assert_eq!(numbers(3, &[]), [2, 3]);
    assert_eq!(numbers(3, &[2]), [3, 4]);
    assert_eq!(numbers(1, &[]), [2, 3, 4, 5]);
}

#[test]
fn what_names_no_revision_is_refused_with_the_forms_that_do() {
    for text in ["", "x", "-0", "@", "@good~", "@before=", "@app=", "1.5", "@bad"] {
        assert!(text.parse::<Selector>().is_err(), "{text}");
    }
    assert_eq!("0".parse::<Selector>().unwrap(), Selector::Good(0));
    for text in ["3", "-1", "@good", "@good~2", "@app=1.4", "@chart=c-1"] {
        assert_eq!(text.parse::<Selector>().unwrap().to_string(), text);
    }
}

#[test]
fn a_head_that_was_read_later_takes_the_place_of_the_listed_one() {
    let mut history = history(&[(1, "deployed", ""), (2, "pending-rollback", "")]);
    let mut later = history.heads()[1].clone();
    later.labels.insert("status".to_owned(), "deployed".to_owned());
    history.refresh(&later);
    assert_eq!(history.deployed().map(|head| head.key.revision.get()).collect::<Vec<_>>(), [1, 2]);
}

/// A history whose revisions are so many bytes large, and what `select` makes of it: what goes, and why the rest stays.
fn selected(history: &History, size: usize, rules: &PruneRules) -> (Vec<u32>, Vec<(u32, String)>) {
    let sizes = history.heads().iter().map(|head| (head.key.revision, size)).collect();
    let selection = select(history, &sizes, rules);
    let stays = selection.keep.into_iter().map(|fate| (fate.revision.get(), fate.reason)).collect();
    (selection.remove.into_iter().map(|fate| fate.revision.get()).collect(), stays)
}

fn pin(history: &mut History, number: u32) {
    let mut head = history.find(Revision::new(number).unwrap()).unwrap().clone();
    head.labels.insert(crate::release::PIN_LABEL.to_owned(), String::new());
    history.refresh(&head);
}

#[test]
fn a_limit_spares_pins_and_what_a_rollback_would_choose() {
    let mut history = history(&[(1, "superseded", ""), (2, "superseded", ""), (3, "superseded", "Upgrade \"w\" failed: x")]);
    pin(&mut history, 1);
    let numbers =
        |spared: Spared<'_>| prunable(&history, 0, &spared).iter().map(|head| head.key.revision.get()).collect::<Vec<_>>();
    assert_eq!(numbers(Spared::default()), [1, 2, 3], "as Helm does it");
    assert_eq!(numbers(Spared { pinned: true, ..Spared::default() }), [2, 3]);
    assert_eq!(numbers(Spared { good: 1, ..Spared::default() }), [1, 3]);
    let bare = History::new(history.heads().to_vec());
    let spared = Spared { good: 1, ..Spared::default() };
    let left: Vec<_> = prunable(&bare, 0, &spared).iter().map(|head| head.key.revision.get()).collect();
    assert_eq!(left, [1, 2], "what was not read is taken for what its label says");
}

#[test]
fn pruning_to_a_number_never_takes_what_is_needed() {
    let mut history = history(&[
        (1, "superseded", ""),
        (2, "superseded", ""),
        (3, "failed", ""),
        (4, "pending-upgrade", ""),
        (5, "superseded", ""),
        (6, "superseded", ""),
        (7, "deployed", ""),
        (8, "failed", ""),
    ]);
    pin(&mut history, 1);
    let rules = PruneRules { keep: Some(1), keep_good: 2, ..PruneRules::default() };
    let (goes, stays) = selected(&history, 1, &rules);
    assert_eq!(goes, [2, 3, 5]);
    let stays: Vec<_> = stays.iter().map(|(number, why)| (*number, why.as_str())).collect();
    assert_eq!(
        stays,
        [
            (1, "it is pinned"),
            (4, "it is pending-upgrade"),
            (6, "a rollback could return to it"),
            (7, "it is deployed"),
            (8, "it is the latest"),
        ]
    );
    let sizes = BTreeMap::new();
    assert_eq!(select(&history, &sizes, &rules).unmet, ["5 revisions stay, not 1"]);
}

#[test]
fn who_asks_for_nothing_loses_nothing() {
    let history = history(&[(1, "superseded", ""), (2, "failed", ""), (3, "deployed", "")]);
    let (goes, stays) = selected(&history, 1, &PruneRules { keep_good: 0, ..PruneRules::default() });
    assert!(goes.is_empty());
    assert_eq!(stays[1], (2, "nothing was asked for".to_owned()));
}

#[test]
fn filters_choose_and_limits_take_the_oldest_of_those() {
    let history = history(&[(1, "failed", ""), (2, "superseded", ""), (3, "failed", ""), (4, "failed", ""), (5, "deployed", "")]);
    let none = PruneRules { keep_good: 0, ..PruneRules::default() };
    let failed = PruneRules { statuses: vec![Status::Failed], ..none.clone() };
    assert_eq!(selected(&history, 1, &failed).0, [1, 3, 4]);
    assert_eq!(selected(&history, 1, &PruneRules { keep: Some(3), ..failed.clone() }).0, [1, 3]);
    let old = PruneRules { older_than: Some("2026-01-03T00:00:00Z".parse().unwrap()), ..none.clone() };
    assert_eq!(selected(&history, 1, &old).0, [1, 2]);
    assert_eq!(selected(&history, 100, &PruneRules { max_size: Some(250), ..none.clone() }).0, [1, 2, 3]);
    assert_eq!(selected(&history, 100, &PruneRules { max_size: Some(500), keep: Some(4), ..none }).0, [1]);
}

#[test]
fn what_cannot_be_read_is_left_to_fsck() {
    let mut history = history(&[(1, "superseded", ""), (2, "failed", ""), (3, "deployed", "")]);
    history.learn(Revision::FIRST, Err("broken".to_owned()));
    let (goes, stays) = selected(&history, 1, &PruneRules { keep: Some(0), keep_good: 0, ..PruneRules::default() });
    assert_eq!((goes, stays[0].1.as_str()), (vec![2], "it cannot be read; fsck tells more"));
}
