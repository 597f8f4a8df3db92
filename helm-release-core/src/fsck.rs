//! Finds what is broken in a release's records and around them, and repairs what can be repaired without guessing.
//!
//! [`examine`] reads, and only reads; [`check`] judges what was read and is pure, one file per [`Class`] of ailment;
//! [`repair_plan`] writes down what a repair would do, and [`repair`] does it, each record kept as a backup before it is
//! replaced or removed. [`restore_plan`] and [`restore`] bring backups back.
//!
//! ```
//! use helm_release_core::fsck::Class;
//! assert_eq!(Class::SeveralDeployed.as_str(), "several-deployed");
//! assert!(Class::ALL.contains(&Class::NumberGap));
//! ```

mod ailment;
mod backup;
mod classes;
mod examination;
mod examine;
mod repair;
mod repair_plan;
mod restore;

pub use ailment::{Ailment, Class, Gravity, Remedy};
pub use backup::{BACKUP_FORMAT, Backup, UnreadableBackup};
pub use examination::{Examination, ExaminedRecord};
pub use examine::{ExamineError, Ports, examine, examine_listed, releases};
pub use repair::{Bench, RepairError, RepairFailure, Repaired, repair};
pub use repair_plan::{Left, RepairAction, RepairOptions, RepairPlan, RepairStep, repair_plan};
pub use restore::{RestorePlan, RestoreStep, backups, restore, restore_plan};

use jiff::Timestamp;

/// Judges what was read: every ailment and every note, by class and then by revision.
#[must_use]
pub fn check(examination: &Examination, now: Timestamp) -> Vec<Ailment> {
    let mut found: Vec<Ailment> = classes::ALL.iter().flat_map(|look| look(examination, now)).collect();
    found.sort_by(|a, b| b.gravity.cmp(&a.gravity).then(a.class.cmp(&b.class)).then(a.revision.cmp(&b.revision)));
    found
}

#[cfg(test)]
mod tests;
