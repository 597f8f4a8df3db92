use std::time::Duration;

use jiff::Timestamp;

use super::{Life, Signs, Traces, Vitality};
use crate::ports::{Held, Holder, LockKey, Version};

fn now() -> Timestamp {
    "2026-11-27T03:00:00Z".parse().unwrap()
}

fn held(renewed_seconds_ago: u64) -> Held {
    let renewed = now() - Duration::from_secs(renewed_seconds_ago);
    let holder = Holder {
        id: "x".to_owned(),
        who: "ann@bastion".to_owned(),
        process: 4711,
        command: "rollback web 3".to_owned(),
        since: now() - Duration::from_secs(60),
        renewed,
        lasts: Duration::from_secs(15),
    };
    let key = LockKey { namespace: "default".parse().unwrap(), name: "web".parse().unwrap() };
    Held { key, version: Version("1".to_owned()), holder }
}

fn judged(lock: Option<&Held>, has_journal: bool, seconds_ago: Option<u64>) -> (Vitality, String) {
    let last_written = seconds_ago.map(|seconds| now() - Duration::from_secs(seconds));
    let life = Life::judge(Signs { lock, has_journal, last_written, traces: &Traces::default() }, now());
    (life.vitality, life.reasons.join("; "))
}

fn judged_by_traces(seconds_ago: u64, traces: &Traces) -> (Vitality, String) {
    let last_written = Some(now() - Duration::from_secs(seconds_ago));
    let life = Life::judge(Signs { lock: None, has_journal: false, last_written, traces }, now());
    (life.vitality, life.reasons.join("; "))
}

#[test]
fn an_old_operation_whose_hook_still_runs_may_be_alive() {
    let traces = Traces { running_hooks: vec!["Job shop/migrate".to_owned()], ..Traces::default() };
    let (vitality, reason) = judged_by_traces(7200, &traces);
    assert_eq!(vitality, Vitality::Unknown);
    assert_eq!(
        reason,
        "its hook Job shop/migrate is still running, and Helm waits for hooks; \
         its record was written 120 minutes ago, and Helm tells nobody how long it may take"
    );
}

#[test]
fn what_helm_wrote_after_the_record_is_a_sign_of_life_and_what_it_wrote_before_is_none() {
    let wrote = |seconds: u64| Traces {
        last_write: Some((now() - Duration::from_secs(seconds), "Deployment shop/web".to_owned())),
        ..Traces::default()
    };
    let (vitality, reason) = judged_by_traces(7200, &wrote(40));
    assert_eq!(vitality, Vitality::Unknown);
    assert!(reason.starts_with("Helm wrote Deployment shop/web 40 seconds ago; "), "{reason}");
    assert_eq!(judged_by_traces(7200, &wrote(7300)).0, Vitality::Dead);
    assert_eq!(judged_by_traces(7200, &wrote(4000)).0, Vitality::Dead);
}

#[test]
fn objects_on_their_way_are_named_and_do_not_keep_an_old_operation_alive() {
    let changing = ["Deployment shop/web".to_owned(), "Service shop/web".to_owned()];
    let traces = Traces { changing: changing.to_vec(), ..Traces::default() };
    let (vitality, reason) = judged_by_traces(60, &traces);
    assert_eq!(vitality, Vitality::Unknown);
    assert!(
        reason.ends_with("; Deployment shop/web and 1 more are not yet as wanted: a Helm that waits for that may be at work"),
        "{reason}"
    );
    assert_eq!(judged_by_traces(7200, &traces).0, Vitality::Dead);
}

#[test]
fn a_lock_that_is_renewed_means_alive_however_old_the_record_is() {
    let (vitality, reason) = judged(Some(&held(3)), true, Some(100_000));
    assert_eq!(vitality, Vitality::Alive);
    assert_eq!(reason, "its lock is held: rollback web 3 by ann@bastion (process 4711), since 2026-11-27T02:59:00Z");
}

#[test]
fn an_expired_lock_or_a_journal_without_one_means_dead() {
    assert_eq!(judged(Some(&held(16)), true, Some(1)).0, Vitality::Dead);
    assert_eq!(judged(None, true, Some(1)).0, Vitality::Dead);
}

#[test]
fn of_helms_own_operations_only_age_speaks() {
    assert_eq!(judged(None, false, Some(60)).0, Vitality::Unknown);
    assert_eq!(judged(None, false, Some(1200)).0, Vitality::Unknown);
    assert_eq!(judged(None, false, Some(7200)).0, Vitality::Dead);
    assert_eq!(judged(None, false, None).0, Vitality::Unknown);
}
