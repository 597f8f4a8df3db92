//! Name, number or namespace in the payload are not those of the labels or the object.

use jiff::Timestamp;

use crate::fsck::{Ailment, Class, Examination, ExaminedRecord, Remedy};

pub(super) fn look(examination: &Examination, _: Timestamp) -> Vec<Ailment> {
    examination.records.iter().flat_map(of_record).collect()
}

fn of_record(record: &ExaminedRecord) -> Vec<Ailment> {
    let Ok(content) = &record.content else { return Vec::new() };
    let key = record.key();
    // A member that cannot be read is no claim; neither is one that Helm leaves out when it is empty.
    let name = content.record.name().unwrap_or_default();
    let version = content.record.version().unwrap_or_default();
    let namespace = content.record.namespace().unwrap_or_default();
    let name = if name.is_empty() { key.name.to_string() } else { name };
    let version = if version == 0 { key.revision.to_string() } else { version.to_string() };
    let claims = [("name", key.name.to_string(), name), ("version", key.revision.to_string(), version)];

    let mut found = Vec::new();
    let mut odd_labels = Vec::new();
    for (label, object, payload) in claims {
        let labelled = record.label(label);
        if labelled == Some(payload.as_str()) {
            // Where the object alone differs, its name is what is wrong.
            continue;
        }
        if payload == object {
            odd_labels.push(format!("label {label} is {}, not {payload}", labelled.unwrap_or("missing")));
        } else {
            let what =
                format!("payload says {label} {payload}, its object {object} and its label {}", labelled.unwrap_or("none"));
            let why = "Helm lists a record by its labels, reads it by its object's name and shows what the payload says";
            let ailment = Ailment::serious(Class::IdentityMismatch, what, why).of(record.revision());
            found.push(ailment.way_out("find out where the record comes from; restore it from a backup, or delete the object"));
        }
    }
    if !odd_labels.is_empty() {
        let why = "Helm finds a record by its labels: it overlooks this one, or takes it for another release's";
        let ailment = Ailment::serious(Class::IdentityMismatch, odd_labels.join(", "), why).of(record.revision());
        found.push(ailment.way_out("fsck --repair").remedy(Remedy::Labels { record: key.clone() }));
    }
    if !namespace.is_empty() && namespace != key.namespace.as_str() {
        let what = format!("payload says namespace {namespace}, its object lies in {}", key.namespace);
        let why = "the next upgrade or rollback marks its objects as those of a release in another namespace";
        let ailment = Ailment::serious(Class::IdentityMismatch, what, why).of(record.revision());
        found.push(ailment.way_out("records were copied from another namespace: install the release here instead"));
    }
    found
}
