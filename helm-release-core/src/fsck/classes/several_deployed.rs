//! More than one revision is deployed.

use jiff::Timestamp;

use crate::fsck::{Ailment, Class, Examination, Remedy};
use crate::release::Status;

pub(super) fn look(examination: &Examination, _: Timestamp) -> Vec<Ailment> {
    // One that cannot be read is none for Helm, whatever its label says, and must not outlive one that can.
    let deployed: Vec<_> = examination.deployed().filter(|record| record.content.is_ok()).collect();
    let Some((newest, older)) = deployed.split_last().filter(|(_, older)| !older.is_empty()) else { return Vec::new() };
    let numbers: Vec<String> = deployed.iter().map(|record| record.revision().to_string()).collect();
    let what = format!("revisions {} are all deployed", numbers.join(", "));
    let why = "Helm's next upgrade supersedes one of them only, and history limits keep the others for ever";
    let ailment = Ailment::serious(Class::SeveralDeployed, what, why).of(newest.revision());
    let ailment = ailment.way_out(format!("fsck --repair leaves the newest, {}, and supersedes the others", newest.revision()));
    let remedy =
        |record: &&crate::fsck::ExaminedRecord| Remedy::Status { record: record.key().clone(), status: Status::Superseded };
    vec![older.iter().map(remedy).fold(ailment, Ailment::remedy)]
}
