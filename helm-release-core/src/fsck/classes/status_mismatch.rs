//! The status in the payload is not that of the label.

use jiff::Timestamp;

use crate::fsck::{Ailment, Class, Examination, Remedy};
use crate::release::Status;

pub(super) fn look(examination: &Examination, _: Timestamp) -> Vec<Ailment> {
    let differing = examination.records.iter().filter(|record| {
        let label = record.head.status_label();
        // A payload without status is labelled with nothing.
        let is_unsaid = record.status() == Status::Unknown && label.is_empty();
        record.content.is_ok() && !is_unsaid && record.status().as_str() != label
    });
    differing
        .map(|record| {
            let label = record.label("status").unwrap_or("missing");
            let what = format!("payload says {}, label status is {label}", record.status());
            let why = "Helm shows what the payload says, and looks for what is deployed by the label";
            Ailment::serious(Class::StatusMismatch, what, why)
                .of(record.revision())
                .way_out("fsck --repair makes the label say what the payload says")
                .remedy(Remedy::Labels { record: record.key().clone() })
        })
        .collect()
}
