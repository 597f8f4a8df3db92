//! Which old revisions a history limit removes.

use super::History;
use crate::Revision;
use crate::ports::Head;
use crate::release::Status;

/// The heads to delete so that at most `keep` revisions stay, oldest first.
///
/// The newest deployed revision and those in `protected` are never among them, so more than `keep` may stay
/// (`pkg/storage/storage.go`, `removeLeastRecent`, which protects the deployed one alone).
#[must_use]
pub fn prunable<'a>(history: &'a History, keep: usize, protected: &[Revision]) -> Vec<&'a Head> {
    let surplus = history.heads().len().saturating_sub(keep);
    let deployed = history.heads().iter().rev().find(|head| head.status_label() == Status::Deployed.as_str());
    let is_protected =
        |head: &&Head| protected.contains(&head.key.revision) || deployed.is_some_and(|deployed| deployed.key == head.key);
    history.heads().iter().filter(|head| !is_protected(head)).take(surplus).collect()
}
