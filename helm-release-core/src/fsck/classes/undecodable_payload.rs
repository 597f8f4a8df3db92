//! A payload that is no record.

use jiff::Timestamp;

use crate::fsck::{Ailment, Class, Examination, Remedy};

pub(super) fn look(examination: &Examination, _: Timestamp) -> Vec<Ailment> {
    let broken = examination.records.iter().filter_map(|record| Some((record, record.content.as_ref().err()?)));
    let newest = examination.newest().map(|record| record.key().clone());
    broken
        .map(|(record, reason)| {
            let why = if newest.as_ref() == Some(record.key()) {
                "Helm overlooks it and takes its number for the next revision, so that every upgrade and rollback fails"
            } else {
                "Helm overlooks it in its history, cannot return to it, and Helm 3 ends with a crash when asked for it"
            };
            let what = format!("{} cannot be decoded: {reason}", record.key().object_name());
            let ailment = Ailment::serious(Class::UndecodablePayload, what, why).of(record.revision());
            let ailment = ailment.way_out("restore the object from a backup of the cluster");
            match record.payload {
                Some(_) => ailment
                    .way_out("have it removed, a backup kept: fsck --repair --remove-undecodable")
                    .remedy(Remedy::RemoveUndecodable { record: record.key().clone() }),
                None => ailment.way_out("look at the object with kubectl: it holds no data.release"),
            }
        })
        .collect()
}
