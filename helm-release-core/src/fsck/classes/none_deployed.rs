//! No revision is deployed although one runs.

use jiff::Timestamp;

use crate::fsck::{Ailment, Class, Examination, ExaminedRecord, Remedy};
use crate::patch::{self, ThreeWay};
use crate::plan::{Owner, Placed, RevisionContent, Seen, owner_of, stamp, with_string_data};
use crate::release::Status;

pub(super) fn look(examination: &Examination, _: Timestamp) -> Vec<Ailment> {
    // Of a release that is uninstalled nothing is deployed; one that never worked has nothing good.
    let newest = examination.newest().map(ExaminedRecord::status);
    let is_leaving = matches!(newest, Some(Status::Uninstalled | Status::Uninstalling));
    let good: Vec<&RevisionContent> =
        examination.readable().rev().filter(|revision| examination.is_good(revision.revision())).collect();
    if is_leaving || good.is_empty() || examination.deployed().next().is_some() {
        return Vec::new();
    }
    let ailment = Ailment::serious(
        Class::NoneDeployed,
        "no revision is deployed",
        "history limits protect nothing, and Helm's next upgrade compares with whatever failed last",
    );
    // The newest that runs as it is written, or else the newest whose objects are all there.
    let seen: Vec<(Evidence, &RevisionContent)> =
        good.iter().map(|revision| (evidence(examination, revision), *revision)).collect();
    let whole = seen.iter().find(|(evidence, _)| *evidence == Evidence::Unchanged);
    let there = || seen.iter().find(|(evidence, _)| matches!(evidence, Evidence::Edited(_)));
    let Some((evidence, revision)) = whole.or_else(there) else {
        let way = "none of the revisions that worked runs as a whole: roll back to the one that you want";
        return vec![ailment.way_out(way)];
    };
    let number = revision.revision();
    let runs = match evidence {
        Evidence::Edited(count) => {
            format!("every object of revision {number} is live and the release's own ({count} edited since)")
        }
        _ => format!("every object of revision {number} is live and as it says"),
    };
    let mut ailment = ailment.of(number);
    ailment.what = format!("{}, though {runs}", ailment.what);
    let key = examination.records.iter().find(|record| record.revision() == number).map(|record| record.key().clone());
    let ailment = ailment.way_out(format!("fsck --repair marks revision {number} deployed"));
    let ailment = ailment.way_out("roll back to the revision that you want");
    vec![match key {
        Some(record) => ailment.remedy(Remedy::Status { record, status: Status::Deployed }),
        None => ailment,
    }]
}

/// How much of a revision runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Evidence {
    /// Every object is live, the release's own, and as the manifest says.
    Unchanged,
    /// Every object is live and the release's own; that many are not as the manifest says.
    Edited(usize),
    /// Something is missing, somebody else's, or cannot be seen.
    None,
}

fn evidence(examination: &Examination, revision: &RevisionContent) -> Evidence {
    let contents = &revision.contents;
    // What has no object leaves no trace, and what cannot be read leaves an unknown one.
    if contents.placed.is_empty() || !contents.unplaced.is_empty() || !contents.unreadable.is_empty() {
        return Evidence::None;
    }
    let mut edited = 0;
    for placed in &contents.placed {
        let Some(Seen::Live(live)) = examination.live.get(&placed.location) else { return Evidence::None };
        if live.is_terminating() || owner_of(live, &examination.name, &examination.namespace) != Owner::Ours {
            return Evidence::None;
        }
        edited += usize::from(!is_unchanged(examination, placed, live));
    }
    if edited == 0 { Evidence::Unchanged } else { Evidence::Edited(edited) }
}

fn is_unchanged(examination: &Examination, placed: &Placed, live: &crate::Object) -> bool {
    let mut wanted = placed.object.unpack();
    stamp(&mut wanted, &examination.name, &examination.namespace);
    let live = with_string_data(live, &wanted);
    let gvk = wanted.gvk();
    let input = ThreeWay { gvk: &gvk, originals: &[], target: wanted.as_value(), live: live.as_value() };
    matches!(patch::three_way(&examination.schemas, input), Ok(None))
}
