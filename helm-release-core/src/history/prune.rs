//! Which old revisions are removed, and which are spared.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::{History, Judgement};
use crate::Revision;
use crate::ports::Head;
use crate::release::{PIN_LABEL, Status};

/// What a history limit spares beside the newest deployed revision, which it always does.
///
/// ```
/// use helm_release_core::history::{History, Spared, prunable};
/// # use helm_release_core::ports::{HeadQuery, Storage as _};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let heads = shop.storage.heads(&HeadQuery::release(&shop.namespace, &shop.name)).await?;
/// // Revision 1 is superseded, 2 deployed, 3 failed.
/// let history = History::new(heads);
/// let goes = |spared: Spared<'_>| prunable(&history, 1, &spared).iter().map(|head| head.key.revision.get()).collect::<Vec<_>>();
/// assert_eq!(goes(Spared::default()), [1, 3]);
/// // Whoever has returned to revision 2 may want to go back further.
/// assert_eq!(goes(Spared { good: 1, good_before: Some("2".parse()?), ..Spared::default() }), [3]);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spared<'a> {
    /// These revisions.
    pub revisions: &'a [Revision],
    /// That many of the newest good ones, to which a rollback could return.
    pub good: usize,
    /// Only those before this one count as good; `None` is all.
    pub good_before: Option<Revision>,
    /// Revisions whose record is pinned.
    pub pinned: bool,
}

/// How many good revisions stay unless something else is said.
///
/// ```
/// use helm_release_core::history::KEEP_GOOD;
/// use helm_release_core::plan::{Action, RollbackOptions, Subject};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let mut options = RollbackOptions::default();
/// options.history_max = 3;
/// assert_eq!(options.keep_good, KEEP_GOOD);
/// // Revisions 1 and 2 have worked, so the failed one has to go; if no good one is spared, the oldest.
/// for (good, pruned) in [(KEEP_GOOD, 3), (0, 1)] {
///     options.keep_good = good;
///     let plan = shop.plan(&options).await?;
///     let step = plan.steps_of(Action::PruneRecord).next().ok_or("nothing is pruned")?;
///     assert!(matches!(step.subject, Subject::Record(revision) if revision.get() == pruned));
/// }
/// # Ok(()) });
/// ```
pub const KEEP_GOOD: usize = 3;

/// Whether somebody has pinned a record: its label [`PIN_LABEL`] is there, with any value.
///
/// ```
/// use helm_release_core::history::is_pinned;
/// use helm_release_core::ports::Storage as _;
/// use helm_release_core::release::PIN_LABEL;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let mut head = shop.storage.get(&shop.key(1)?).await?.head;
/// assert!(!is_pinned(&head));
/// head.labels.insert(PIN_LABEL.to_owned(), "no".to_owned());
/// assert!(is_pinned(&head), "the label counts, whatever its value");
/// # Ok(()) });
/// ```
#[must_use]
pub fn is_pinned(head: &Head) -> bool {
    head.labels.contains_key(PIN_LABEL)
}

/// The heads to delete so that at most `keep` revisions stay, oldest first.
///
/// What is spared is never among them, so more than `keep` may stay (`pkg/storage/storage.go`, `removeLeastRecent`, which
/// spares the deployed one alone: that is what `Spared::default()` does).
///
/// ```
/// use helm_release_core::Revision;
/// use helm_release_core::history::{History, Spared, prunable};
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
/// let numbers = |spared| prunable(&history, 2, &spared).iter().map(|head| head.key.revision.get()).collect::<Vec<_>>();
/// assert_eq!(numbers(Spared::default()), [2, 3], "the deployed one stays, old as it is");
/// let target = [Revision::new(2).unwrap()];
/// assert_eq!(numbers(Spared { revisions: &target, ..Spared::default() }), [3, 4]);
/// ```
#[must_use]
pub fn prunable<'a>(history: &'a History, keep: usize, spared: &Spared<'_>) -> Vec<&'a Head> {
    let surplus = history.heads().len().saturating_sub(keep);
    let deployed = newest_deployed(history);
    let good = history.newest_good_before(spared.good_before, spared.good);
    let is_spared = |head: &&Head| {
        let revision = head.key.revision;
        spared.revisions.contains(&revision)
            || deployed == Some(revision)
            || good.contains(&revision)
            || (spared.pinned && is_pinned(head))
    };
    history.heads().iter().filter(|head| !is_spared(head)).take(surplus).collect()
}

fn newest_deployed(history: &History) -> Option<Revision> {
    history.deployed().last().map(|head| head.key.revision)
}

impl History {
    /// The newest good revisions, at most `count`, those from `before` on left out. One of which only the label is known
    /// is taken for what that says.
    fn newest_good_before(&self, before: Option<Revision>, count: usize) -> Vec<Revision> {
        let revisions = self.heads().iter().rev().map(|head| head.key.revision);
        let earlier = revisions.filter(|revision| before.is_none_or(|before| *revision < before));
        earlier.filter(|revision| matches!(self.judge(*revision), None | Some(Judgement::Good))).take(count).collect()
    }
}

/// What a person asks to be removed. Filters must all hold; limits are met by removing the oldest that the filters leave.
/// Without any limit everything that fits the filters goes.
///
/// ```
/// use helm_release_core::history::{PruneRules, select};
/// # use helm_release_core::plan::RollbackOptions;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let history = shop.survey(&RollbackOptions::default().with_selector("1".parse()?)).await?.history;
/// // All is known of the revisions: 1 is superseded, 2 deployed, 3 failed.
/// let mut rules = PruneRules::default();
/// rules.older_than = Some("2026-11-10T00:00:00Z".parse()?);
/// assert_eq!(rules.keep_good, 3);
/// // Revisions 1 and 2 are that old, and a rollback could return to 1.
/// assert!(select(&history, &[].into(), &rules).remove.is_empty());
/// rules.keep_good = 0;
/// let removed = select(&history, &[].into(), &rules).remove;
/// assert_eq!((removed.len(), removed[0].revision.get()), (1, 1));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PruneRules {
    /// A limit: at most that many revisions stay.
    pub keep: Option<usize>,
    /// A limit: the payloads that stay have at most that many bytes together.
    pub max_size: Option<usize>,
    /// A filter: only what was deployed before that moment.
    pub older_than: Option<Timestamp>,
    /// A filter: only these statuses; empty means all.
    pub statuses: Vec<Status>,
    /// How many good revisions before the latest stay.
    pub keep_good: usize,
}

impl Default for PruneRules {
    /// Nothing is asked for, so all revisions stay; with a limit or a filter at least three good ones do.
    fn default() -> Self {
        Self { keep: None, max_size: None, older_than: None, statuses: Vec::new(), keep_good: KEEP_GOOD }
    }
}

/// A revision, and why it goes or stays.
///
/// ```
/// use helm_release_core::history::{Fate, PruneRules, select};
/// # use helm_release_core::plan::RollbackOptions;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let history = shop.survey(&RollbackOptions::default().with_selector("1".parse()?)).await?.history;
/// // All is known of the revisions: 1 is superseded, 2 deployed, 3 failed.
/// let mut rules = PruneRules::default();
/// rules.keep = Some(2);
/// let kept = select(&history, &[].into(), &rules).keep;
/// let Fate { revision, reason } = &kept[0];
/// assert_eq!(format!("revision {revision} stays: {reason}"), "revision 1 stays: a rollback could return to it");
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fate {
    /// Which one.
    pub revision: Revision,
    /// Why.
    pub reason: String,
}

/// What pruning does to each revision.
///
/// ```
/// use helm_release_core::history::{PruneRules, select};
/// # use helm_release_core::plan::RollbackOptions;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let history = shop.survey(&RollbackOptions::default().with_selector("1".parse()?)).await?.history;
/// // All is known of the revisions: 1 is superseded, 2 deployed, 3 failed.
/// let mut rules = PruneRules::default();
/// (rules.keep, rules.keep_good) = (Some(1), 0);
/// let selection = select(&history, &[].into(), &rules);
/// assert_eq!(selection.remove[0].reason, "3 revisions are more than 1");
/// let kept: Vec<&str> = selection.keep.iter().map(|fate| fate.reason.as_str()).collect();
/// assert_eq!(kept, ["it is deployed", "it is the latest"]);
/// assert_eq!(selection.unmet, ["2 revisions stay, not 1"]);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Selection {
    /// What goes, oldest first.
    pub remove: Vec<Fate>,
    /// What stays, oldest first.
    pub keep: Vec<Fate>,
    /// The limits that cannot be met, in words.
    pub unmet: Vec<String>,
}

/// Chooses what to remove. Everything of the history must be learned; `sizes` are those of the payloads.
///
/// Never chosen: the deployed, the latest, a pending, a pinned, an unreadable revision, and the newest good ones.
///
/// ```
/// use helm_release_core::Revision;
/// use helm_release_core::history::{History, PruneRules, select};
/// use helm_release_core::ports::{Head, RecordKey, Version};
///
/// let key = RecordKey { namespace: "shop".parse()?, name: "web".parse()?, revision: Revision::FIRST };
/// let labels = [("status".to_owned(), "deployed".to_owned())].into();
/// let history = History::new(vec![Head { key, version: Version("1".to_owned()), labels }]);
/// let mut rules = PruneRules::default();
/// rules.keep = Some(0);
/// let selection = select(&history, &[(Revision::FIRST, 1000)].into(), &rules);
/// assert!(selection.remove.is_empty());
/// assert_eq!(selection.unmet, ["1 revision stays, not 0"]);
/// # Ok::<(), helm_release_core::InvalidName>(())
/// ```
#[must_use]
pub fn select(history: &History, sizes: &BTreeMap<Revision, usize>, rules: &PruneRules) -> Selection {
    let latest = history.latest().map(|head| head.key.revision);
    let good = history.newest_good_before(latest, rules.keep_good);
    let size_of = |revision: Revision| sizes.get(&revision).copied().unwrap_or(0);
    let mut count = history.heads().len();
    let mut size: usize = history.heads().iter().map(|head| size_of(head.key.revision)).sum();
    let has_limit = rules.keep.is_some() || rules.max_size.is_some();
    let asks_for_nothing = !has_limit && rules.older_than.is_none() && rules.statuses.is_empty();
    let mut selection = Selection::default();
    for head in history.heads() {
        let revision = head.key.revision;
        let is_over = |count: usize, size: usize| {
            rules.keep.is_some_and(|keep| count > keep) || rules.max_size.is_some_and(|limit| size > limit)
        };
        let stays = protection(history, head, latest, &good).or_else(|| missed_filter(history, head, rules));
        let stays = stays.or_else(|| asks_for_nothing.then(|| "nothing was asked for".to_owned()));
        let stays = stays.or_else(|| (has_limit && !is_over(count, size)).then(|| "it is within the limits".to_owned()));
        if let Some(reason) = stays {
            selection.keep.push(Fate { revision, reason });
            continue;
        }
        let status =
            history.summary(revision).and_then(|summary| summary.as_ref().ok()).map(|summary| summary.info.status.as_str());
        let reason = reason_to_go(status.unwrap_or_else(|| head.status_label()), rules, count, size);
        selection.remove.push(Fate { revision, reason });
        count -= 1;
        size -= size_of(revision);
    }
    if let Some(keep) = rules.keep.filter(|keep| count > *keep) {
        let noun = if count == 1 { "revision stays" } else { "revisions stay" };
        selection.unmet.push(format!("{count} {noun}, not {keep}"));
    }
    if let Some(limit) = rules.max_size.filter(|limit| size > *limit) {
        selection.unmet.push(format!("{size} bytes stay, not {limit}"));
    }
    selection
}

/// Why a revision is never removed, when it is not.
fn protection(history: &History, head: &Head, latest: Option<Revision>, good: &[Revision]) -> Option<String> {
    let revision = head.key.revision;
    let status = match history.summary(revision) {
        Some(Ok(summary)) => summary.info.status.clone(),
        Some(Err(_)) => return Some("it cannot be read; fsck tells more".to_owned()),
        None => return Some("it was not read".to_owned()),
    };
    // Label and payload may disagree; either is enough to spare a revision.
    let labelled = Status::from(head.status_label().to_owned());
    if [&status, &labelled].contains(&&Status::Deployed) {
        return Some("it is deployed".to_owned());
    }
    if latest == Some(revision) {
        return Some("it is the latest".to_owned());
    }
    if status.is_pending() || labelled.is_pending() {
        return Some(format!("it is {status}"));
    }
    if is_pinned(head) {
        return Some("it is pinned".to_owned());
    }
    good.contains(&revision).then(|| "a rollback could return to it".to_owned())
}

fn missed_filter(history: &History, head: &Head, rules: &PruneRules) -> Option<String> {
    let summary = history.summary(head.key.revision)?.as_ref().ok()?;
    let status = &summary.info.status;
    if !rules.statuses.is_empty() && !rules.statuses.contains(status) {
        return Some(format!("its status is {status}"));
    }
    let moment = rules.older_than?;
    let deployed = summary.info.last_deployed.timestamp();
    deployed.is_none_or(|deployed| deployed >= moment).then(|| "it is not that old".to_owned())
}

fn reason_to_go(status: &str, rules: &PruneRules, count: usize, size: usize) -> String {
    if let Some(keep) = rules.keep.filter(|keep| count > *keep) {
        return format!("{count} revisions are more than {keep}");
    }
    if let Some(limit) = rules.max_size.filter(|limit| size > *limit) {
        return format!("{size} bytes are more than {limit}");
    }
    match rules.older_than {
        Some(moment) => format!("it was deployed before {moment:.0}"),
        None => format!("its status is {status}"),
    }
}
