//! Which old revisions a history limit removes.

use super::History;
use crate::Revision;
use crate::ports::Head;
use crate::release::Status;

/// The heads to delete so that at most `keep` revisions stay, oldest first; `keep` 0 means no limit.
///
/// The newest deployed revision and those in `protected` are never among them, so more than `keep` may stay.
#[must_use]
pub fn prunable<'a>(history: &'a History, keep: u32, protected: &[Revision]) -> Vec<&'a Head> {
    let keep = usize::try_from(keep).unwrap_or(usize::MAX);
    let total = history.heads().len();
    if keep == 0 || total <= keep {
        return Vec::new();
    }
    let deployed = history.heads().iter().rev().find(|head| head.status_label() == Status::Deployed.as_str());
    let is_protected =
        |head: &&Head| protected.contains(&head.key.revision) || deployed.is_some_and(|deployed| deployed.key == head.key);
    history.heads().iter().filter(|head| !is_protected(head)).take(total - keep).collect()
}
