//! A release's revisions: which of them really worked, and which one a rollback returns to.
//!
//! Everything here goes by heads (no payload) and asks for a payload only where a decision needs it:
//! a question is answered with [`Answer::Needs`] until [`History::learn`] was told what it names.
//!
//! ```
//! use helm_release_core::codec::{DecodeOptions, summary};
//! use helm_release_core::history::{Answer, History, Selector};
//! use helm_release_core::ports::{HeadQuery, Storage as _};
//!
//! # examples::run(async {
//! # let shop = examples::Shop::open().await?;
//! let mut history = History::new(shop.storage.heads(&HeadQuery::release(&shop.namespace, &shop.name)).await?);
//! let choice = loop {
//!     match history.choose(&Selector::default())? {
//!         Answer::Known(choice) => break choice,
//!         Answer::Needs(revisions) => {
//!             for revision in revisions {
//!                 let stored = shop.storage.get(&shop.key(revision.get())?).await?;
//!                 let summary = summary(&stored.payload.0, DecodeOptions::default());
//!                 history.learn(revision, summary.map_err(|error| error.to_string()));
//!             }
//!         }
//!     }
//! };
//! assert_eq!(choice.revision.get(), 2);
//! assert_eq!(choice.reason, "the newest revision before 3 that really was deployed");
//! # Ok(()) });
//! ```

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
///
/// ```
/// use helm_release_core::Revision;
/// use helm_release_core::history::{Answer, History};
/// # use helm_release_core::ports::{HeadQuery, Storage as _};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let heads = shop.storage.heads(&HeadQuery::release(&shop.namespace, &shop.name)).await?;
/// let history = History::new(heads);
/// // The label of revision 2 says that it is deployed; whether it ever worked its payload tells.
/// let needs: Vec<Revision> = vec!["2".parse()?];
/// assert_eq!(history.choose(&"@good".parse()?)?, Answer::Needs(needs));
/// // Whoever names a number wants that one, whatever became of it.
/// let Answer::Known(choice) = history.choose(&"1".parse()?)? else { panic!("nothing to learn") };
/// assert_eq!(choice.revision, Revision::FIRST);
/// # Ok(()) });
/// ```
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
    ///
    /// ```
    /// use helm_release_core::history::History;
    /// # use helm_release_core::ports::{HeadQuery, Storage as _};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let mut heads = shop.storage.heads(&HeadQuery::release(&shop.namespace, &shop.name)).await?;
    /// heads.sort_by_key(|head| std::cmp::Reverse(head.key.revision));
    /// let history = History::new(heads);
    /// let numbers: Vec<u32> = history.heads().iter().map(|head| head.key.revision.get()).collect();
    /// assert_eq!(numbers, [1, 2, 3], "in whatever order they were listed");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn new(mut heads: Vec<Head>) -> Self {
        heads.sort_by_key(|head| head.key.revision);
        Self { heads, summaries: BTreeMap::new() }
    }

    /// The heads, oldest first.
    ///
    /// ```
    /// use helm_release_core::plan::RollbackOptions;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let history = shop.survey(&RollbackOptions::default()).await?.history;
    /// let labels: Vec<&str> = history.heads().iter().map(|head| head.status_label()).collect();
    /// assert_eq!(labels, ["superseded", "deployed", "failed"]);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn heads(&self) -> &[Head] {
        &self.heads
    }

    /// The newest revision, whatever its status.
    ///
    /// ```
    /// use helm_release_core::history::History;
    /// use helm_release_core::plan::RollbackOptions;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let history = shop.survey(&RollbackOptions::default()).await?.history;
    /// let latest = history.latest().ok_or("no revision")?;
    /// assert_eq!((latest.key.revision.get(), latest.status_label()), (3, "failed"));
    /// assert_eq!(History::default().latest(), None);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn latest(&self) -> Option<&Head> {
        self.heads.last()
    }

    /// The head of a revision.
    ///
    /// ```
    /// use helm_release_core::plan::RollbackOptions;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let history = shop.survey(&RollbackOptions::default()).await?.history;
    /// let head = history.find("2".parse()?).ok_or("no revision 2")?;
    /// assert_eq!(head.key.object_name(), "sh.helm.release.v1.shop.v2");
    /// assert_eq!(history.find("4".parse()?), None);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn find(&self, revision: Revision) -> Option<&Head> {
        self.heads.iter().find(|head| head.key.revision == revision)
    }

    /// Remembers what a payload says, or why it cannot be read.
    ///
    /// ```
    /// use helm_release_core::history::{Answer, History};
    /// # use helm_release_core::ports::{HeadQuery, Storage as _};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let heads = shop.storage.heads(&HeadQuery::release(&shop.namespace, &shop.name)).await?;
    /// let mut history = History::new(heads);
    /// history.learn("2".parse()?, Err("payload is not base64".to_owned()));
    /// // A revision that cannot be read is none to return to: the one before it is looked at.
    /// assert_eq!(history.choose(&"@good".parse()?)?, Answer::Needs(vec!["1".parse()?]));
    /// # Ok(()) });
    /// ```
    pub fn learn(&mut self, revision: Revision, summary: Result<Summary, String>) {
        self.summaries.insert(revision, summary);
    }

    /// Takes a head that was read later than the list, in place of the listed one.
    ///
    /// ```
    /// use helm_release_core::history::History;
    /// # use helm_release_core::ports::{HeadQuery, Storage as _};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let heads = shop.storage.heads(&HeadQuery::release(&shop.namespace, &shop.name)).await?;
    /// let mut history = History::new(heads);
    /// // Somebody has ended the failed upgrade since the records were listed.
    /// let mut head = shop.storage.get(&shop.key(3)?).await?.head;
    /// head.labels.insert("status".to_owned(), "deployed".to_owned());
    /// history.refresh(&head);
    /// assert_eq!(history.latest().map(|head| head.status_label()), Some("deployed"));
    /// # Ok(()) });
    /// ```
    pub fn refresh(&mut self, head: &Head) {
        if let Some(listed) = self.heads.iter_mut().find(|listed| listed.key == head.key) {
            listed.clone_from(head);
        }
    }

    /// What was learned of a revision.
    ///
    /// ```
    /// use helm_release_core::Revision;
    /// use helm_release_core::plan::RollbackOptions;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let history = shop.survey(&RollbackOptions::default()).await?.history;
    /// let Some(Ok(summary)) = history.summary("2".parse()?) else { panic!("a survey reads its target") };
    /// assert_eq!(summary.info.description, "Upgrade complete");
    /// assert_eq!(history.summary(Revision::FIRST), None, "no decision needed it");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn summary(&self, revision: Revision) -> Option<&Result<Summary, String>> {
        self.summaries.get(&revision)
    }

    /// The revisions whose `status` label says deployed, oldest first. There can be several after a race.
    ///
    /// ```
    /// use helm_release_core::history::History;
    /// use helm_release_core::ports::HeadQuery;
    /// # use helm_release_core::ports::Storage as _;
    /// # use helm_release_store::storage::{MemoryStorage, load_memory_data};
    ///
    /// # examples::run(async {
    /// # let storage = MemoryStorage::new();
    /// let releases = "
    /// - {name: web, version: 1, info: {status: superseded}}
    /// - {name: web, version: 2, info: {status: deployed}}
    /// - {name: web, version: 3, info: {status: deployed}}
    /// ";
    /// load_memory_data(&storage, releases).await?;
    /// let history = History::new(storage.heads(&HeadQuery::all(None)).await?);
    /// let deployed: Vec<u32> = history.deployed().map(|head| head.key.revision.get()).collect();
    /// assert_eq!(deployed, [2, 3], "two upgrades ran at the same time");
    /// # Ok(()) });
    /// ```
    pub fn deployed(&self) -> impl Iterator<Item = &Head> {
        self.heads.iter().filter(|head| head.status_label() == Status::Deployed.as_str())
    }
}

#[cfg(test)]
mod tests;
