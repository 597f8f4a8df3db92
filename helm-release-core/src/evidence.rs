//! Collects what a person on call needs when a rollback has failed, before anything is undone. Only reads.
//!
//! [`collect`] takes a [`Scene`], what the failed run knows of itself, and looks at the cluster: the objects concerned and
//! their conditions, the pods behind them, the end of the logs of containers that are in trouble, events, quotas. All of it
//! is bounded in time and amount ([`Limits`]), and what cannot be read is a line in [`Evidence::unread`], never an error.
//! [`Evidence::cause`] then says in one sentence what went wrong, the most specific cause that there is a proof of.
//!
//! Values of Secrets and environment variables are masked, and objects of kind Secret are never read. The lines of logs are
//! shown as the containers wrote them.

mod cause;
mod collect;
mod events;
mod json;
mod masked;
mod objects;
mod pods;
mod quota;
mod reader;
mod scene;
mod text;
mod timeline;
mod wording;
mod workload;

pub(crate) use cause::in_words as refusal_in_words;
pub use cause::{Cause, CauseKind};
pub use collect::collect;
pub use events::ClusterEvent;
pub use json::EVIDENCE_FORMAT;
pub use objects::{Condition, ObjectEvidence, Presence};
pub use pods::{ContainerEvidence, ContainerState, Exit, PodEvidence};
pub use quota::QuotaEvidence;
pub use scene::{Concerned, FailedHook, Limits, Scene};
pub use timeline::{Moment, Timeline};

use jiff::Timestamp;

use crate::ports::ClusterErrorKind;
use crate::run::FailedPhase;
use crate::{Namespace, ReleaseName, Revision};

/// The first error of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FirstError {
    /// The whole error, as it is reported.
    pub text: String,
    /// What the server or the connection said, without what was tried.
    pub message: String,
    /// What was tried of the cluster, such as `patch Deployment default/web`, when it was a request that failed.
    pub action: Option<String>,
    /// What kind of failure a request met.
    pub kind: Option<ClusterErrorKind>,
}

/// Everything that was found out about a failed run.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Evidence {
    /// The release's name.
    pub release: ReleaseName,
    /// The release's namespace.
    pub namespace: Namespace,
    /// The revision from which the rollback started.
    pub from: Revision,
    /// The revision to which it was to return.
    pub to: Revision,
    /// The number of the failed revision.
    pub new_revision: Revision,
    /// When the run began.
    pub began: Timestamp,
    /// When this was collected.
    pub collected: Timestamp,
    /// Where the run stopped, when that is known.
    pub phase: Option<FailedPhase>,
    /// The first error.
    pub error: FirstError,
    /// The hook that failed, when it was one.
    pub hook: Option<FailedHook>,
    /// The objects concerned: what was done to each, and what is not good about it.
    pub objects: Vec<ObjectEvidence>,
    /// The pods behind them; those in trouble first.
    pub pods: Vec<PodEvidence>,
    /// What the cluster told of these objects and pods since the run began, oldest first.
    pub events: Vec<ClusterEvent>,
    /// The quotas that somebody's message names.
    pub quotas: Vec<QuotaEvidence>,
    /// What the run did and heard, oldest first.
    pub timeline: Vec<Moment>,
    /// What could not be read, and why; one line each.
    pub unread: Vec<String>,
}

impl Evidence {
    /// What went wrong, in one sentence: the most specific cause that there is a proof of, else the first error itself.
    #[must_use]
    pub fn cause(&self) -> Cause {
        cause::find(self)
    }
}

#[cfg(test)]
mod tests;
