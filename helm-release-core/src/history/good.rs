//! Whether a revision ever really was deployed.

use super::History;
use crate::Revision;
use crate::codec::Summary;
use crate::release::Status;

/// What the evidence says of a revision.
///
/// ```
/// use helm_release_core::history::Judgement;
/// use helm_release_core::plan::RollbackOptions;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let history = shop.survey(&RollbackOptions::default()).await?.history;
/// assert_eq!(history.judge("2".parse()?), Some(Judgement::Good));
/// assert_eq!(history.judge("3".parse()?), Some(Judgement::Bad("its status is failed".to_owned())));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// It was deployed.
    Good,
    /// It was not, and why.
    Bad(String),
}

/// Beginnings of the descriptions that Helm writes when an operation fails, and while one has not ended
/// (`pkg/action/install.go`, `upgrade.go`, `rollback.go`).
const FAILED: [&str; 3] = ["Release \"", "Upgrade \"", "Rollback \""];
const UNFINISHED: [&str; 2] = ["Initial install underway", "Preparing upgrade"];

/// Judges by the payload.
///
/// A rollback of Helm's that fails calls the revision before it `superseded`, whether it ever worked or not,
/// and leaves the description as the only evidence (`pkg/action/rollback.go`).
fn judge_summary(summary: &Summary) -> Judgement {
    let (status, description) = (&summary.info.status, summary.info.description.as_str());
    if !matches!(status, Status::Deployed | Status::Superseded) {
        return Judgement::Bad(format!("its status is {status}"));
    }
    if FAILED.iter().any(|start| description.starts_with(start)) && description.contains("\" failed: ") {
        return Judgement::Bad(format!("it is called {status}, but its description says that it failed: {description}"));
    }
    if UNFINISHED.contains(&description) {
        return Judgement::Bad(format!("it is called {status}, but its operation never ended ({description})"));
    }
    Judgement::Good
}

impl History {
    /// Judges a revision; `None` when its summary must be learned first.
    ///
    /// ```
    /// use helm_release_core::codec::Summary;
    /// use helm_release_core::history::{History, Judgement};
    /// use helm_release_core::release::Status;
    /// # use helm_release_core::ports::{HeadQuery, Storage as _};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let heads = shop.storage.heads(&HeadQuery::release(&shop.namespace, &shop.name)).await?;
    /// let mut history = History::new(heads);
    /// let second = shop.key(2)?.revision;
    /// assert_eq!(history.judge(second), None, "the label is no proof");
    /// // A failed rollback of Helm's has called it superseded; its description still tells the truth.
    /// let mut summary = Summary::default();
    /// summary.info.status = Status::Superseded;
    /// summary.info.description = "Upgrade \"shop\" failed: timed out".to_owned();
    /// history.learn(second, Ok(summary));
    /// assert!(matches!(history.judge(second), Some(Judgement::Bad(why)) if why.contains("says that it failed")));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn judge(&self, revision: Revision) -> Option<Judgement> {
        let head = self.find(revision)?;
        match self.summary(revision) {
            Some(Ok(summary)) => Some(judge_summary(summary)),
            Some(Err(reason)) => Some(Judgement::Bad(format!("it cannot be read: {reason}"))),
            None => {
                let label = head.status_label();
                let hopeful = [Status::Deployed.as_str(), Status::Superseded.as_str()].contains(&label);
                (!hopeful).then(|| Judgement::Bad(format!("its status is {label}")))
            }
        }
    }
}
