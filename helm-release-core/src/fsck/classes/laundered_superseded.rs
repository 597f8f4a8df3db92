//! A revision that failed and is called superseded.

use jiff::Timestamp;

use crate::fsck::{Ailment, Class, Examination, Remedy};
use crate::history::Judgement;
use crate::release::Status;

pub(super) fn look(examination: &Examination, _: Timestamp) -> Vec<Ailment> {
    let superseded = examination.records.iter().filter(|record| record.content.is_ok() && record.status() == Status::Superseded);
    let laundered = superseded.filter_map(|record| match examination.history.judge(record.revision())? {
        Judgement::Bad(reason) => Some((record, reason)),
        Judgement::Good => None,
    });
    laundered
        .map(|(record, reason)| {
            let why = "a rollback that failed has called it so; Helm takes it for a revision that worked, and --atomic and \
                       --rollback-on-failure may return to it";
            Ailment::serious(Class::LaunderedSuperseded, reason, why)
                .of(record.revision())
                .way_out("fsck --repair marks it failed again")
                .remedy(Remedy::Status { record: record.key().clone(), status: Status::Failed })
        })
        .collect()
}
