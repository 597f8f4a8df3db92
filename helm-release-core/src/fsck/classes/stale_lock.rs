//! A lock that has expired.

use jiff::Timestamp;

use crate::fsck::{Ailment, Class, Examination, Remedy};

pub(super) fn look(examination: &Examination, now: Timestamp) -> Vec<Ailment> {
    let expired = examination.lock.iter().filter(|held| held.holder.is_expired(now));
    expired
        .map(|held| {
            let what = format!("the lock of {} has expired at {:.0}", held.holder, held.holder.expires());
            if examination.is_pending() {
                let why = "its operation was interrupted; the lock tells whose it was";
                let way = format!("helm rollback-safe recover {} takes it over", examination.name);
                return Ailment::note(Class::StaleLock, what, why).way_out(way);
            }
            let why = "it holds nothing off any more, and tells of an operation that is over";
            Ailment::serious(Class::StaleLock, what, why).way_out("fsck --repair removes it").remedy(Remedy::RemoveLock)
        })
        .collect()
}
