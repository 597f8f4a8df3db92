//! How a run ended: well, or with an error and with what is left.

use std::fmt;

use super::{FailedPhase, RunError};
use crate::Revision;
use crate::evidence::Evidence;

/// How a run ended that ended well.
///
/// ```
/// use helm_release_core::history::Selector;
/// use helm_release_core::plan::RollbackOptions;
/// use helm_release_core::ports::NoObserver;
/// use helm_release_core::run::{Engine, Outcome};
/// use helm_release_store::clock::SystemClock;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let engine = Engine::new(&shop.storage, &shop.cluster, &SystemClock, &NoObserver);
/// let plan = shop.plan(&RollbackOptions::default()).await?;
/// let Outcome::RolledBack(new) = engine.run(&plan).await? else { panic!("there was something to do") };
/// assert_eq!(new.get(), 4);
///
/// let once_more = shop.plan(&RollbackOptions::default().with_selector(Selector::Revision(new))).await?;
/// let outcome = engine.run(&once_more).await?;
/// assert_eq!(outcome, Outcome::NothingToDo);
/// assert_eq!((outcome.to_string(), Outcome::RolledBack(new).to_string()), ("nothing-to-do".to_owned(), "rolled-back".to_owned()));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The release is at the target, under this new revision.
    RolledBack(Revision),
    /// There was nothing to do, and nothing was done.
    NothingToDo,
}

/// The word for it, without the revision.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RolledBack(_) => "rolled-back",
            Self::NothingToDo => "nothing-to-do",
        })
    }
}

/// What became of the objects after a failure.
///
/// ```
/// use helm_release_core::plan::{OnFailure, RollbackOptions};
/// use helm_release_core::ports::{ClusterErrorKind, NoObserver};
/// use helm_release_core::run::{Engine, Left};
/// use helm_release_store::clock::SystemClock;
/// use helm_release_store::cluster::{Fault, FaultyCluster};
///
/// # examples::run(async {
/// for (on_failure, left) in [(OnFailure::Return, Left::Returned), (OnFailure::Stop, Left::Between)] {
///     # let shop = examples::Shop::open().await?;
///     let plan = shop.plan(&RollbackOptions::default().with_on_failure(on_failure)).await?;
///     let cluster = FaultyCluster::new(shop.cluster.clone());
///     // One of the objects is refused.
///     cluster.fail_where(1, Fault::Refuse(ClusterErrorKind::Forbidden), |write| write.at().resource.gvk.kind == "Deployment");
///     let engine = Engine::new(&shop.storage, &cluster, &SystemClock, &NoObserver);
///     assert_eq!(engine.run(&plan).await.unwrap_err().left, left);
/// }
/// assert_eq!((Left::Returned.to_string(), Left::AtTarget.to_string()), ("returned".to_owned(), "at-target".to_owned()));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Left {
    /// Nothing had been written.
    Untouched,
    /// Every object was brought back to what it was.
    Returned,
    /// They are in between: that was asked for, or the way back failed, or was cut off.
    Between,
    /// They are as the target wants them; only older records are not yet as they should be.
    AtTarget,
}

/// The word for it.
impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Untouched => "untouched",
            Self::Returned => "returned",
            Self::Between => "between",
            Self::AtTarget => "at-target",
        })
    }
}

/// A run that did not end well. Its text is that of its first error, and its source what stands behind that one, so that a
/// printer of the whole chain says each thing once.
///
/// ```
/// use std::error::Error as _;
///
/// # use helm_release_core::plan::RollbackOptions;
/// use helm_release_core::ports::{ClusterErrorKind, NoObserver};
/// use helm_release_core::release::Status;
/// use helm_release_core::run::{Engine, FailedPhase, Left};
/// use helm_release_store::clock::SystemClock;
/// use helm_release_store::cluster::{Fault, FaultyCluster};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let plan = shop.plan(&RollbackOptions::default()).await?;
/// let cluster = FaultyCluster::new(shop.cluster.clone());
/// cluster.fail_where(1, Fault::Refuse(ClusterErrorKind::Invalid), |write| write.at().name == "shop");
/// let failure = Engine::new(&shop.storage, &cluster, &SystemClock, &NoObserver).run(&plan).await.unwrap_err();
/// assert_eq!((failure.phase, failure.left), (FailedPhase::Apply, Left::Returned));
/// // Neither the way back nor the records failed as well.
/// assert!(failure.unreturned.is_none() && failure.unrecorded.is_none());
/// let info = shop.record(4).await?.info()?;
/// assert_eq!(info.status, Status::Failed);
/// assert!(info.description.contains(&failure.to_string()));
/// assert!(failure.source().is_none(), "nothing stands behind a refusal of the server");
/// # Ok(()) });
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Failure {
    /// Where it stopped.
    pub phase: FailedPhase,
    /// The first error.
    pub error: RunError,
    /// What became of the objects.
    pub left: Left,
    /// Why the way back failed.
    pub unreturned: Option<Box<RunError>>,
    /// Why the records could not be brought to the truth, when even that failed.
    pub unrecorded: Option<Box<RunError>>,
    /// What was found in the cluster before anything was undone.
    pub evidence: Option<Box<Evidence>>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.error {
            RunError::Several { first, .. } => first.source(),
            error => error.source(),
        }
    }
}

impl Failure {
    pub(super) fn at(phase: FailedPhase, error: RunError) -> Self {
        let left = if phase == FailedPhase::Start { Left::Untouched } else { Left::Between };
        Self { phase, error, left, unreturned: None, unrecorded: None, evidence: None }
    }
}

#[cfg(test)]
mod tests;
