use std::time::Duration;

use super::*;
use crate::plan::tests::world::World;
use crate::ports::{Held, Holder, LockKey, Version};

fn held() -> LockSeen {
    let since = "2026-05-01T12:00:00Z".parse().unwrap();
    let holder = Holder {
        id: "x".to_owned(),
        who: "ann@bastion".to_owned(),
        process: 4711,
        command: "rollback web 3".to_owned(),
        since,
        renewed: since,
        lasts: Duration::from_secs(15),
    };
    let key = LockKey { namespace: "default".parse().unwrap(), name: "web".parse().unwrap() };
    LockSeen::Held(Held { key, version: Version("1".to_owned()), holder })
}

fn found(lock: LockSeen, looked: &str) -> Vec<String> {
    let survey = World::default().revision("superseded", &[]).revision("deployed", &[]).survey();
    let survey = survey.with_lock(lock, looked.parse().unwrap());
    let findings = ReleaseLock.look(&survey, &RollbackOptions::default(), &[]);
    findings.iter().map(|finding| format!("{} {}: {}", finding.severity, finding.id, finding.what)).collect()
}

#[test]
fn a_holder_is_named_until_its_lock_has_expired() {
    let told = "caution release-held: another operation holds the release: \
                rollback web 3 by ann@bastion (process 4711), since 2026-05-01T12:00:00Z";
    assert_eq!(found(held(), "2026-05-01T12:00:14Z"), [told]);
    assert_eq!(found(held(), "2026-05-01T12:00:16Z"), [] as [&str; 0]);
}

#[test]
fn a_missing_right_to_locks_is_a_caution() {
    let hidden = LockSeen::Hidden("no right to get Lease default/helm-rollback-safe.web: forbidden".to_owned());
    let told = "caution no-lock: no right to get Lease default/helm-rollback-safe.web: forbidden";
    assert_eq!(found(hidden, "2026-05-01T12:00:00Z"), [told]);
}

#[test]
fn a_free_release_and_one_that_nobody_looked_at_are_no_danger() {
    assert_eq!(found(LockSeen::Free, "2026-05-01T12:00:00Z"), [] as [&str; 0]);
    assert_eq!(found(LockSeen::NotLookedAt, "2026-05-01T12:00:00Z"), [] as [&str; 0]);
}
