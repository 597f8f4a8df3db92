use std::time::Duration;

use jiff::Timestamp;

use super::{Life, Signs, Vitality};
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
    let life = Life::judge(Signs { lock, has_journal, last_written }, now());
    (life.vitality, life.reasons.join("; "))
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
