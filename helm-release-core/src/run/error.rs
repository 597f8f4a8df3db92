//! How a run fails.

use std::fmt;

use crate::lock::NotTaken;
use crate::plan::{Finding, Plan};
use crate::ports::{ClusterError, JournalError, StorageError};
use crate::release::RecordError;
use crate::{ObjectId, Revision};

/// Where a run stopped.
///
/// ```
/// use helm_release_core::plan::RollbackOptions;
/// use helm_release_core::ports::{ClusterErrorKind, NoObserver, Request};
/// use helm_release_core::run::{Engine, FailedPhase};
/// use helm_release_store::clock::SystemClock;
/// use helm_release_store::cluster::{Fault, FaultyCluster};
///
/// # examples::run(async {
/// // The Deployment is an object of the release; the Job is its hook that runs after a rollback.
/// for (refused, phase) in [("Deployment", FailedPhase::Apply), ("Job", FailedPhase::PostHooks)] {
///     # let shop = examples::Shop::open().await?;
///     let cluster = FaultyCluster::new(shop.cluster.clone());
///     let is_refused = move |write: &Request| write.at().resource.gvk.kind == refused;
///     cluster.fail_where(1, Fault::Refuse(ClusterErrorKind::Forbidden), is_refused);
///     let plan = shop.plan(&RollbackOptions::default()).await?;
///     let failure = Engine::new(&shop.storage, &cluster, &SystemClock, &NoObserver).run(&plan).await.unwrap_err();
///     assert_eq!(failure.phase, phase);
/// }
/// assert_eq!(FailedPhase::PostHooks.to_string(), "post-hooks");
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FailedPhase {
    /// Before anything was written.
    Start,
    /// In the pre-rollback hooks; no object of the release was touched.
    PreHooks,
    /// While objects were written.
    Apply,
    /// While objects became ready.
    Wait,
    /// In the post-rollback hooks; every object is as the target wants it.
    PostHooks,
    /// While the records were brought up to date; every object is as the target wants it.
    Records,
}

/// The word for it.
impl fmt::Display for FailedPhase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Start => "start",
            Self::PreHooks => "pre-hooks",
            Self::Apply => "apply",
            Self::Wait => "wait",
            Self::PostHooks => "post-hooks",
            Self::Records => "records",
        })
    }
}

/// Why a run did not end well. The first error is the one reported.
///
/// ```
/// use helm_release_core::plan::RollbackOptions;
/// use helm_release_core::ports::NoObserver;
/// use helm_release_core::run::{Engine, RunError};
/// use helm_release_store::clock::SystemClock;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let plan = shop.plan(&RollbackOptions::default()).await?;
/// let engine = Engine::new(&shop.storage, &shop.cluster, &SystemClock, &NoObserver);
/// engine.run(&plan).await?;
/// // The plan is out of date now: it wants to make a revision that is there.
/// let error = engine.run(&plan).await.unwrap_err().error;
/// assert!(matches!(error, RunError::Overtaken { revision } if revision == plan.new_revision));
/// assert_eq!(error.to_string(), "revision 4 was created by somebody else a moment ago");
/// # Ok(()) });
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The plan holds findings that block.
    #[error("the plan is blocked: {}", each(findings))]
    Blocked {
        /// Those findings.
        findings: Vec<Finding>,
    },
    /// Somebody wrote a revision after the plan was made.
    #[error("revision {revision} was created by somebody else a moment ago")]
    Overtaken {
        /// The number that the plan wanted.
        revision: Revision,
    },
    /// Something that the plan saw is not as it was.
    #[error("{what} was changed by somebody else after the plan was made")]
    Moved {
        /// What.
        what: String,
    },
    /// The release's lock cannot be taken.
    #[error(transparent)]
    NotLocked(#[from] NotTaken),
    /// What is to be recovered is not over: its holder is at work.
    #[error("the operation is still at work: {reason}")]
    StillAtWork {
        /// How that shows.
        reason: String,
    },
    /// The release's lock was lost while the run worked; nothing was written afterwards.
    #[error("the lock was lost: {reason}")]
    LockLost {
        /// How.
        reason: String,
    },
    /// Somebody asked to stop.
    #[error("it was asked to stop")]
    Interrupted,
    /// The program has an error; what it was doing when that showed.
    #[error("an error in this program: {message}")]
    Panicked {
        /// What the panic said.
        message: String,
    },
    /// The journal cannot be written or read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A journal that this version does not understand.
    #[error("{what} cannot be used: {reason}")]
    UnusableJournal {
        /// Which one.
        what: String,
        /// Why.
        reason: String,
    },
    /// A record cannot be read or written.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A record has not Helm's form.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// An object could not be read or written.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// Several objects could not be written; the first error, and how many there were.
    #[error("{first} (and {} more)", more)]
    Several {
        /// The first error.
        first: Box<Self>,
        /// How many came after it.
        more: usize,
    },
    /// A hook failed.
    #[error("{event} hook {hook} failed: {reason}")]
    Hook {
        /// Its moment.
        event: String,
        /// Kind and name.
        hook: String,
        /// Why.
        reason: String,
    },
    /// Objects did not become ready in time; each with its state.
    #[error("{}", lines.join("\n"))]
    NotReady {
        /// One line per object, as Helm words them.
        lines: Vec<String>,
    },
    /// An object that was to be made anew does not go away.
    #[error("{object} was told to go and is still there after {seconds} s")]
    StillThere {
        /// Which one.
        object: ObjectId,
        /// How long was waited, in seconds.
        seconds: u64,
    },
}

/// The findings by their ids, each with its object.
fn each(findings: &[Finding]) -> String {
    let each = findings.iter().map(|finding| match &finding.object {
        Some(object) => format!("{} ({object})", finding.id),
        None => finding.id.to_string(),
    });
    each.collect::<Vec<_>>().join(", ")
}

impl RunError {
    /// An error when findings of the plan block it.
    pub(super) fn blocked(plan: &Plan) -> Option<Self> {
        let findings: Vec<Finding> = plan.blocking().cloned().collect();
        (!findings.is_empty()).then_some(Self::Blocked { findings })
    }

    /// One error for several, the first in front.
    pub(super) fn first_of(mut errors: Vec<Self>) -> Option<Self> {
        if errors.len() <= 1 {
            return errors.pop();
        }
        let more = errors.len() - 1;
        Some(Self::Several { first: Box::new(errors.swap_remove(0)), more })
    }
}
