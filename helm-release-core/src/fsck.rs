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

/// Judges what was read: every ailment, then every note, by class and by revision.
///
/// ```
/// use std::sync::Arc;
/// use helm_release_core::fsck::{Class, ExaminedRecord, Examination, RepairOptions, check, repair_plan};
/// use helm_release_core::plan::RevisionContent;
/// use helm_release_core::ports::{Head, Kinds, RecordKey, Version};
/// use helm_release_core::{Record, codec};
///
/// // A record whose label says something else than its payload.
/// let record = Record::parse(br#"{"name":"web","info":{"status":"deployed"},"version":1,"namespace":"shop"}"#)?;
/// let labels = [("name", "web"), ("owner", "helm"), ("status", "failed"), ("version", "1")];
/// let head = Head {
///     key: RecordKey { namespace: "shop".parse()?, name: "web".parse()?, revision: "1".parse()? },
///     version: Version("42".to_owned()),
///     labels: labels.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
/// };
/// let (kinds, payload) = (Arc::new(Kinds::default()), codec::encode(&record));
/// let content = RevisionContent::read(head.clone(), payload.0.len(), record, &kinds)?;
/// let record = ExaminedRecord { head, payload: Some(payload), content: Ok(content) };
/// let examination = Examination::of_records("shop".parse()?, "web".parse()?, vec![record], kinds);
///
/// let now = "2026-05-01T12:00:00Z".parse()?;
/// let ailments = check(&examination, now);
/// assert_eq!(ailments[0].class, Class::StatusMismatch);
/// let plan = repair_plan(&examination, &ailments, RepairOptions::default(), now);
/// assert_eq!(plan.steps[0].action.describe(), "write the labels of revision 1 anew (status deployed)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn check(examination: &Examination, now: Timestamp) -> Vec<Ailment> {
    let mut found: Vec<Ailment> = classes::ALL.iter().flat_map(|look| look(examination, now)).collect();
    found.sort_by(|a, b| b.gravity.cmp(&a.gravity).then(a.class.cmp(&b.class)).then(a.revision.cmp(&b.revision)));
    found
}

#[cfg(test)]
mod tests;
