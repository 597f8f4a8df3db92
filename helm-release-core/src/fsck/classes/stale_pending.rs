//! An operation that has begun, and nobody is at work.

use jiff::Timestamp;

use crate::fsck::{Ailment, Class, Examination, ExaminedRecord};
use crate::hold;
use crate::ports::NoteKind;

pub(super) fn look(examination: &Examination, now: Timestamp) -> Vec<Ailment> {
    let holder = examination.lock.as_ref().map(|held| &held.holder).filter(|holder| !holder.is_expired(now));
    let has_journal = examination.notes.iter().any(|note| note.kind == NoteKind::Journal);
    let newest = examination.newest().map(ExaminedRecord::revision);
    let pending = examination.records.iter().filter(|record| record.status().is_pending());
    pending
        .map(|record| {
            let (revision, status) = (record.revision(), record.status());
            let written = record.last_written();
            let since = written.map_or_else(String::new, |written| format!(" since {written:.0}"));
            let what = format!("it is {status}{since}");
            if newest != Some(revision) {
                let why = "an operation that never ended; later ones went on over it, so that nothing is blocked";
                return Ailment::note(Class::StalePending, what, why).of(revision);
            }
            if let Some(holder) = holder {
                return Ailment::note(Class::StalePending, what, format!("at work: {holder}")).of(revision);
            }
            let recover = format!("helm rollback-safe recover {} finishes or undoes it", examination.name);
            if has_journal {
                let why = "a rollback of this tool was interrupted, and its journal tells how to go on";
                return Ailment::note(Class::StalePending, what, why).of(revision).way_out(recover);
            }
            if hold::is_abandoned(written, now) {
                let why = "nobody holds the release, and Helm refuses every upgrade until the revision has ended";
                return Ailment::serious(Class::StalePending, what, why).of(revision).way_out(recover);
            }
            let why = "an operation may still be at work; Helm leaves no trace of who it is";
            let later = "when it has not ended in an hour it counts as abandoned";
            Ailment::note(Class::StalePending, what, why).of(revision).way_out(later).way_out(recover)
        })
        .collect()
}
