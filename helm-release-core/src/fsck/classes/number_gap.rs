//! Numbers that are missing between two revisions.

use jiff::Timestamp;

use crate::fsck::{Ailment, Class, Examination, ExaminedRecord};
use crate::history::is_pinned;

pub(super) fn look(examination: &Examination, _: Timestamp) -> Vec<Ailment> {
    let records = &examination.records;
    let pairs = records.iter().zip(records.iter().skip(1));
    let gaps = pairs.filter_map(|(before, after)| {
        let (from, to) = (before.revision(), after.revision());
        if from == to || from.next() == to {
            return None;
        }
        let older = records.iter().filter(|record| record.revision() <= from && !is_pinned(&record.head));
        let older: Vec<_> = older.map(ExaminedRecord::revision).collect();
        // A history limit takes the oldest first and spares what is deployed at that moment.
        if older.len() <= 1 && older.iter().all(|revision| examination.is_good(*revision)) {
            return None;
        }
        let (first, last) = (from.next().get(), to.get().saturating_sub(1));
        let numbers = if first == last { format!("revision {first} is") } else { format!("revisions {first} to {last} are") };
        let what = format!("{numbers} missing though older ones are there");
        let why = "Helm's own pruning leaves no such gap: the records were deleted by hand, or pruned with some spared";
        Some(Ailment::note(Class::NumberGap, what, why).of(to))
    });
    gaps.collect()
}
