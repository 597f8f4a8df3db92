//! A release's revisions: which of them really worked, and which one a rollback returns to.
//!
//! Everything here goes by heads (no payload) and asks for a payload only where a decision needs it:
//! a question is answered with [`Answer::Needs`] until [`History::learn`] was told what it names.

mod baseline;
mod choose;
mod good;
mod prune;
mod selector;

pub use choose::{Choice, NoTarget, PassedOver};
pub use good::Judgement;
pub use prune::{Fate, KEEP_GOOD, PruneRules, Selection, Spared, is_pinned, prunable, select};
pub use selector::{InvalidSelector, Selector};

use std::collections::BTreeMap;

use crate::Revision;
use crate::codec::Summary;
use crate::ports::Head;
use crate::release::Status;

/// An answer, or the revisions whose summaries must be learned before there is one.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer<T> {
    /// The answer.
    Known(T),
    /// Learn these, then ask again. Never empty, never names one already learned.
    Needs(Vec<Revision>),
}

/// The revisions of one release, oldest first, with what is known of each.
///
/// ```
/// use helm_release_core::Revision;
/// use helm_release_core::codec::Summary;
/// use helm_release_core::history::{Answer, History, Selector};
/// use helm_release_core::ports::{Head, RecordKey, Version};
/// use helm_release_core::release::Status;
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
/// let mut history = History::new([(1, "superseded"), (2, "failed"), (3, "failed")].map(head).to_vec());
///
/// // A superseded revision may have worked or not: its record tells.
/// let selector: Selector = "@good".parse()?;
/// let Answer::Needs(wanted) = history.choose(&selector)? else { panic!("a head does not tell") };
/// assert_eq!(wanted, [Revision::FIRST]);
/// let mut summary = Summary::default();
/// summary.info.status = Status::Superseded;
/// summary.info.description = "Install complete".to_owned();
/// history.learn(Revision::FIRST, Ok(summary));
///
/// let Answer::Known(choice) = history.choose(&selector)? else { panic!("all is known") };
/// assert_eq!(choice.revision, Revision::FIRST);
/// assert_eq!(choice.passed_over[0].reason, "its status is failed");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct History {
    heads: Vec<Head>,
    summaries: BTreeMap<Revision, Result<Summary, String>>,
}

impl History {
    /// Orders the heads of one release.
    #[must_use]
    pub fn new(mut heads: Vec<Head>) -> Self {
        heads.sort_by_key(|head| head.key.revision);
        Self { heads, summaries: BTreeMap::new() }
    }

    /// The heads, oldest first.
    #[must_use]
    pub fn heads(&self) -> &[Head] {
        &self.heads
    }

    /// The newest revision, whatever its status.
    #[must_use]
    pub fn latest(&self) -> Option<&Head> {
        self.heads.last()
    }

    /// The head of a revision.
    #[must_use]
    pub fn find(&self, revision: Revision) -> Option<&Head> {
        self.heads.iter().find(|head| head.key.revision == revision)
    }

    /// Remembers what a payload says, or why it cannot be read.
    pub fn learn(&mut self, revision: Revision, summary: Result<Summary, String>) {
        self.summaries.insert(revision, summary);
    }

    /// Takes a head that was read later than the list, in place of the listed one.
    pub fn refresh(&mut self, head: &Head) {
        if let Some(listed) = self.heads.iter_mut().find(|listed| listed.key == head.key) {
            listed.clone_from(head);
        }
    }

    /// What was learned of a revision.
    #[must_use]
    pub fn summary(&self, revision: Revision) -> Option<&Result<Summary, String>> {
        self.summaries.get(&revision)
    }

    /// The revisions whose `status` label says deployed, oldest first. There can be several after a race.
    pub fn deployed(&self) -> impl Iterator<Item = &Head> {
        self.heads.iter().filter(|head| head.status_label() == Status::Deployed.as_str())
    }
}

#[cfg(test)]
mod tests;
