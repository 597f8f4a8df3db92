//! Chooses the revision to return to, and says why each newer one lost.

use serde::Serialize;

use super::{Answer, History, Judgement, Selector};
use crate::Revision;
use crate::codec::Summary;

/// A revision that was looked at and not chosen.
///
/// ```
/// use helm_release_core::plan::RollbackOptions;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let options = RollbackOptions::default().with_selector("@app=1.0".parse()?);
/// let choice = shop.survey(&options).await?.choice;
/// let lost = &choice.passed_over[0];
/// let sentence = format!("revision {} was not chosen: {}", lost.revision, lost.reason);
/// assert_eq!(sentence, "revision 2 was not chosen: its application version is \"1.1\"");
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PassedOver {
    /// Which one.
    pub revision: Revision,
    /// Why not, as the end of the sentence "revision N was not chosen: ".
    pub reason: String,
}

/// The revision to return to.
///
/// ```
/// use helm_release_core::plan::RollbackOptions;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let options = RollbackOptions::default().with_selector("@good~1".parse()?);
/// let choice = shop.survey(&options).await?.choice;
/// assert_eq!(choice.revision.get(), 1);
/// assert_eq!(choice.reason, "the newest good revision before 3 that fits @good~1");
/// assert_eq!(choice.passed_over[0].reason, "it is good, but @good~1 asks for an earlier one");
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Choice {
    /// Which one.
    pub revision: Revision,
    /// Why this one.
    pub reason: String,
    /// Newer ones that lost, newest first.
    pub passed_over: Vec<PassedOver>,
}

/// There is no revision to return to.
///
/// ```
/// use helm_release_core::history::{History, NoTarget, Selector};
/// # use helm_release_core::ports::{HeadQuery, Storage as _};
/// # use helm_release_store::storage::{MemoryStorage, load_memory_data};
///
/// # examples::run(async {
/// # let storage = MemoryStorage::new();
/// let releases = "
/// - {name: web, version: 1, info: {status: failed}}
/// - {name: web, version: 2, info: {status: failed}}
/// ";
/// load_memory_data(&storage, releases).await?;
/// let history = History::new(storage.heads(&HeadQuery::all(None)).await?);
/// assert_eq!(History::default().choose(&Selector::default()), Err(NoTarget::Empty));
/// let missing = NoTarget::Missing { revision: "7".to_owned(), existing: vec!["1".parse()?, "2".parse()?] };
/// assert_eq!(history.choose(&"7".parse()?), Err(missing));
/// let error = history.choose(&"@good".parse()?).unwrap_err();
/// assert_eq!(error.to_string(), "no revision before 2 fits @good (revision 1: its status is failed)");
/// let NoTarget::NoneFits { passed_over, .. } = error else { panic!("{error}") };
/// assert_eq!(passed_over[0].reason, "its status is failed");
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoTarget {
    /// The release has no revision at all.
    #[error("the release has no revision")]
    Empty,
    /// The number that was named is not in the history.
    #[error("release has no {revision} version")]
    Missing {
        /// What was asked for.
        revision: String,
        /// What there is, oldest first.
        existing: Vec<Revision>,
    },
    /// No revision fits.
    #[error("no revision before {latest} fits {selector}{}", why(passed_over))]
    NoneFits {
        /// What was asked for.
        selector: String,
        /// The latest revision.
        latest: Revision,
        /// Why each lost, newest first.
        passed_over: Vec<PassedOver>,
    },
}

/// How many revisions that were passed over the text of an error names.
const TOLD: usize = 3;

/// Why the newest ones lost, in brackets; nothing where there was none.
fn why(passed_over: &[PassedOver]) -> String {
    if passed_over.is_empty() {
        return String::new();
    }
    let told = passed_over.iter().take(TOLD).map(|lost| format!("revision {}: {}", lost.revision, lost.reason));
    let more = passed_over.len().saturating_sub(TOLD);
    let more = (more > 0).then(|| format!("and {more} more"));
    format!(" ({})", told.chain(more).collect::<Vec<_>>().join("; "))
}

impl History {
    /// Chooses the revision that `selector` names.
    ///
    /// # Errors
    /// [`NoTarget`] when there is none.
    ///
    /// ```
    /// use helm_release_core::history::{Answer, Selector};
    /// use helm_release_core::plan::RollbackOptions;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let history = shop.survey(&RollbackOptions::default()).await?.history;
    /// let Answer::Known(choice) = history.choose(&Selector::Back(2))? else { panic!("numbers need no payload") };
    /// assert_eq!((choice.revision.get(), choice.reason.as_str()), (1, "-2 from the latest revision, 3"));
    /// // What the survey has read tells of revision 2, and only its record tells of revision 1.
    /// let Answer::Known(choice) = history.choose(&"@chart=shop-1.1.0".parse()?)? else { panic!("it was read") };
    /// assert_eq!(choice.revision.get(), 2);
    /// assert_eq!(history.choose(&"@chart=shop-1.0.0".parse()?)?, Answer::Needs(vec!["1".parse()?]));
    /// # Ok(()) });
    /// ```
    pub fn choose(&self, selector: &Selector) -> Result<Answer<Choice>, NoTarget> {
        let latest = self.latest().ok_or(NoTarget::Empty)?.key.revision;
        match selector {
            Selector::Revision(revision) => self.exactly(*revision),
            Selector::Back(steps) => {
                let steps_back = usize::try_from(*steps).unwrap_or(usize::MAX);
                let head = self.heads().iter().rev().nth(steps_back).ok_or_else(|| self.missing(selector.to_string()))?;
                Ok(named(head.key.revision, format!("{selector} from the latest revision, {latest}")))
            }
            Selector::Good(steps) => self.newest_good(selector, latest, *steps, |_| Ok(())),
            Selector::Before(moment) => {
                self.newest_good(selector, latest, 0, |summary| match summary.info.last_deployed.timestamp() {
                    Some(deployed) if deployed < *moment => Ok(()),
                    _ => Err(format!("it was not deployed before {moment}")),
                })
            }
            Selector::App(version) => self.newest_good(selector, latest, 0, |summary| {
                let found = summary.chart.as_ref().map_or("", |chart| chart.app_version.as_str());
                if found == version { Ok(()) } else { Err(format!("its application version is {found:?}")) }
            }),
            Selector::Chart(version) => self.newest_good(selector, latest, 0, |summary| {
                let fits = |chart: &crate::release::ChartMetadata| chart.version == *version || chart.full_name() == *version;
                let found = summary.chart.as_ref().map_or("", |chart| chart.version.as_str());
                if summary.chart.as_ref().is_some_and(fits) { Ok(()) } else { Err(format!("its chart version is {found:?}")) }
            }),
        }
    }

    /// Helm's default: the number before the latest one, whatever became of it (`pkg/action/rollback.go`).
    ///
    /// # Errors
    /// [`NoTarget::Missing`] when that number is not in the history.
    ///
    /// ```
    /// use helm_release_core::history::{History, Judgement};
    /// # use helm_release_core::ports::{HeadQuery, Storage as _};
    /// # use helm_release_store::storage::{MemoryStorage, load_memory_data};
    ///
    /// # examples::run(async {
    /// # let storage = MemoryStorage::new();
    /// let releases = "
    /// - {name: web, version: 1, info: {status: deployed}}
    /// - {name: web, version: 2, info: {status: failed}}
    /// - {name: web, version: 3, info: {status: failed}}
    /// ";
    /// load_memory_data(&storage, releases).await?;
    /// let history = History::new(storage.heads(&HeadQuery::all(None)).await?);
    /// let choice = history.choose_like_helm()?;
    /// assert_eq!(choice.revision.get(), 2);
    /// assert_eq!(history.judge(choice.revision), Some(Judgement::Bad("its status is failed".to_owned())));
    /// # Ok(()) });
    /// ```
    pub fn choose_like_helm(&self) -> Result<Choice, NoTarget> {
        let latest = self.latest().ok_or(NoTarget::Empty)?.key.revision;
        let number = latest.get() - 1;
        let revision = Revision::new(number).filter(|revision| self.find(*revision).is_some());
        let revision = revision.ok_or_else(|| self.missing(number.to_string()))?;
        Ok(Choice { revision, reason: "the number before the latest, as helm chooses".to_owned(), passed_over: Vec::new() })
    }

    fn missing(&self, revision: String) -> NoTarget {
        NoTarget::Missing { revision, existing: self.heads().iter().map(|head| head.key.revision).collect() }
    }

    fn exactly(&self, revision: Revision) -> Result<Answer<Choice>, NoTarget> {
        match self.find(revision) {
            Some(_) => Ok(named(revision, "asked for by its number".to_owned())),
            None => Err(self.missing(revision.to_string())),
        }
    }

    /// The newest good revision before the latest that fits, after skipping `skip` that fit too.
    fn newest_good(
        &self,
        selector: &Selector,
        latest: Revision,
        skip: u32,
        fits: impl Fn(&Summary) -> Result<(), String>,
    ) -> Result<Answer<Choice>, NoTarget> {
        let mut passed_over = Vec::new();
        let mut to_skip = skip;
        for head in self.heads().iter().rev().filter(|head| head.key.revision < latest) {
            let revision = head.key.revision;
            let judgement = match self.judge(revision) {
                Some(Judgement::Bad(reason)) => Err(reason),
                None => return Ok(Answer::Needs(vec![revision])),
                Some(Judgement::Good) => match self.summary(revision) {
                    Some(Ok(summary)) => fits(summary),
                    _ => return Ok(Answer::Needs(vec![revision])),
                },
            };
            match judgement {
                Err(reason) => passed_over.push(PassedOver { revision, reason }),
                Ok(()) if to_skip > 0 => {
                    to_skip -= 1;
                    passed_over
                        .push(PassedOver { revision, reason: format!("it is good, but {selector} asks for an earlier one") });
                }
                Ok(()) => {
                    let reason = match selector {
                        Selector::Good(0) => format!("the newest revision before {latest} that really was deployed"),
                        _ => format!("the newest good revision before {latest} that fits {selector}"),
                    };
                    return Ok(Answer::Known(Choice { revision, reason, passed_over }));
                }
            }
        }
        Err(NoTarget::NoneFits { selector: selector.to_string(), latest, passed_over })
    }
}

fn named(revision: Revision, reason: String) -> Answer<Choice> {
    Answer::Known(Choice { revision, reason, passed_over: Vec::new() })
}
