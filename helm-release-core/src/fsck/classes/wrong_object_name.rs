//! Payload and labels agree, and the object has another name.

use jiff::Timestamp;

use crate::fsck::{Ailment, Class, Examination, ExaminedRecord, Remedy};

const WHY: &str = "Helm lists the record, and does not find it when it reads or updates it by name";

pub(super) fn look(examination: &Examination, _: Timestamp) -> Vec<Ailment> {
    let named = examination.records.iter().filter_map(|record| of_record(examination, record));
    let misnamed = examination.misnamed.iter().map(|object| {
        let what = format!("{object} carries the labels of a record of this release, and no record is called so");
        Ailment::serious(Class::WrongObjectName, what, WHY)
            .way_out("a copy that was kept: take its label owner=helm away, or delete it")
            .way_out("a record that was renamed: create it again under its right name")
    });
    named.chain(misnamed).collect()
}

fn of_record(examination: &Examination, record: &ExaminedRecord) -> Option<Ailment> {
    let (key, to) = (record.key().clone(), record.proper_key());
    if key == to {
        return None;
    }
    let what = format!("{} holds {}, by payload and labels", key.object_name(), to.object_name());
    let ailment = Ailment::serious(Class::WrongObjectName, what, WHY).of(to.revision);
    Some(match examination.find(&to) {
        None => ailment.way_out("fsck --repair").remedy(Remedy::Rename { record: key, to }),
        Some(other) if other.payload == record.payload => {
            ailment.way_out("it is a copy: fsck --repair removes it").remedy(Remedy::RemoveCopy { record: key })
        }
        Some(_) => ailment.way_out(format!("compare it with {}, which is there too, and delete one", to.object_name())),
    })
}
