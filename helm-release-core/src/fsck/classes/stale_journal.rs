//! A journal whose operation has ended.

use jiff::Timestamp;

use crate::Revision;
use crate::fsck::{Ailment, Class, Examination, ExaminedRecord, Remedy};
use crate::ports::{NoteKey, NoteKind};
use crate::release::Status;

pub(super) fn look(examination: &Examination, now: Timestamp) -> Vec<Ailment> {
    if examination.lock.as_ref().is_some_and(|held| !held.holder.is_expired(now)) {
        // Whoever holds the release is between its last write and the end of its journal.
        return Vec::new();
    }
    let journals = examination.notes.iter().filter(|note| note.kind == NoteKind::Journal);
    journals.filter_map(|note| of_journal(examination, note)).collect()
}

/// The revision that a journal is about: its id begins with `v` and the number.
fn revision_of(note: &NoteKey) -> Option<Revision> {
    let number = note.id.strip_prefix('v')?;
    let end = number.find(|character: char| !character.is_ascii_digit()).unwrap_or(number.len());
    Revision::new(number[..end].parse().ok()?)
}

fn of_journal(examination: &Examination, note: &NoteKey) -> Option<Ailment> {
    let revision = revision_of(note)?;
    let record = examination.records.iter().find(|record| record.revision() == revision);
    let stale = |what: String| {
        let why = "it tells how to undo what is over, and keeps old objects in the cluster";
        Ailment::serious(Class::StaleJournal, what, why)
            .of(revision)
            .way_out("fsck --repair removes it")
            .remedy(Remedy::RemoveNote(note.clone()))
    };
    match record.map(ExaminedRecord::status) {
        Some(status @ (Status::Deployed | Status::Superseded | Status::Uninstalled)) => {
            Some(stale(format!("journal {} is there though revision {revision} is {status}", note.id)))
        }
        None if examination.newest().is_some_and(|newest| newest.revision() > revision) => {
            Some(stale(format!("journal {} is there though revision {revision} is not", note.id)))
        }
        Some(Status::Failed) => {
            let what = format!("journal {} is there, and revision {revision} failed", note.id);
            let why = "what that rollback changed can still be undone";
            let way = format!("helm rollback-safe recover {} decides", examination.name);
            Some(Ailment::note(Class::StaleJournal, what, why).of(revision).way_out(way))
        }
        // A pending revision is told as such.
        _ => None,
    }
}
