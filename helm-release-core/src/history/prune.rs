//! Which old revisions a history limit removes.

use super::History;
use crate::Revision;
use crate::ports::Head;
use crate::release::Status;

/// The heads to delete so that at most `keep` revisions stay, oldest first.
///
/// The newest deployed revision and those in `protected` are never among them, so more than `keep` may stay
/// (`pkg/storage/storage.go`, `removeLeastRecent`, which protects the deployed one alone).
///
/// ```
/// use helm_release_core::Revision;
/// use helm_release_core::history::{History, prunable};
/// use helm_release_core::ports::{Head, RecordKey, Version};
///
/// let head = |(revision, status): (u32, &str)| Head {
///     key: RecordKey {
///         namespace: "shop".parse().unwrap(),
///         name: "web".parse().unwrap(),
///         revision: Revision::new(revision).unwrap(),
///     },
///     version: Version("1".to_owned()),
///     labels: [("status".to_owned(), status.to_owned())].into(),
/// };
/// let history = History::new([(1, "deployed"), (2, "failed"), (3, "failed"), (4, "failed")].map(head).to_vec());
/// let numbers: Vec<u32> = prunable(&history, 2, &[]).iter().map(|head| head.key.revision.get()).collect();
/// assert_eq!(numbers, [2, 3], "the deployed one stays, old as it is");
/// ```
#[must_use]
pub fn prunable<'a>(history: &'a History, keep: usize, protected: &[Revision]) -> Vec<&'a Head> {
    let surplus = history.heads().len().saturating_sub(keep);
    let deployed = history.heads().iter().rev().find(|head| head.status_label() == Status::Deployed.as_str());
    let is_protected =
        |head: &&Head| protected.contains(&head.key.revision) || deployed.is_some_and(|deployed| deployed.key == head.key);
    history.heads().iter().filter(|head| !is_protected(head)).take(surplus).collect()
}
