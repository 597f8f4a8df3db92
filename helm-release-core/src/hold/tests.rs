use super::*;
use crate::ports::{LockKey, Version};

const NOW: &str = "2026-05-01T12:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn lock(renewed: &str) -> Held {
    let holder = Holder {
        id: "a".to_owned(),
        who: "ann@bastion".to_owned(),
        process: 1,
        command: "rollback web".to_owned(),
        since: at("2026-05-01T11:00:00Z"),
        renewed: at(renewed),
        lasts: Duration::from_secs(30),
    };
    let key = LockKey { namespace: "default".parse().unwrap(), name: "web".parse().unwrap() };
    Held { key, version: Version("1".to_owned()), holder }
}

fn newest(status: &Status, began: &str) -> Option<Hold> {
    hold(None, Some((Revision::FIRST, status, began.parse().ok())), at(NOW))
}

#[test]
fn a_lock_holds_until_it_expires() {
    let held = hold(Some(&lock("2026-05-01T11:59:45Z")), None, at(NOW)).unwrap();
    assert_eq!(held.to_string(), "it is held by rollback web by ann@bastion (process 1), since 2026-05-01T11:00:00Z");
    assert_eq!(hold(Some(&lock("2026-05-01T11:59:00Z")), None, at(NOW)), None);
}

#[test]
fn a_young_pending_revision_holds_and_an_old_one_does_not() {
    let held = newest(&Status::PendingUpgrade, "2026-05-01T11:30:00Z").unwrap();
    assert_eq!(held.to_string(), "revision 1 is pending-upgrade since 2026-05-01T11:30:00Z");
    assert_eq!(newest(&Status::PendingUpgrade, "2026-05-01T10:59:59Z"), None);
    assert_eq!(newest(&Status::PendingUpgrade, ""), None, "nobody knows when it began");
    assert_eq!(newest(&Status::Deployed, NOW), None);
}
