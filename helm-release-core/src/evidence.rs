//! Collects what a person on call needs when a rollback has failed, before anything is undone. Only reads.
//!
//! [`collect`] takes a [`Scene`], what the failed run knows of itself, and looks at the cluster: the objects concerned and
//! their conditions, the pods behind them, the end of the logs of containers that are in trouble, events, quotas. All of it
//! is bounded in time and amount ([`Limits`]), and what cannot be read is a line in [`Evidence::unread`], never an error.
//! [`Evidence::cause`] then says in one sentence what went wrong, the most specific cause that there is a proof of.
//!
//! Values of Secrets and environment variables are masked, and objects of kind Secret are never read. The lines of logs are
//! shown as the containers wrote them.
//!
//! ```
//! use helm_release_core::evidence::{CauseKind, Limits};
//! use helm_release_core::plan::{RollbackOptions, WaitStrategy};
//! use helm_release_core::run::Engine;
//! # use helm_release_core::plan::plan;
//! # use helm_release_core::ports::NoObserver;
//! # use helm_release_core::survey::survey;
//! # use helm_release_store::clock::SystemClock;
//! # use helm_release_store::cluster::{MemoryCluster, seed};
//! # use helm_release_store::storage::{MemoryStorage, load_memory_data};
//! # use serde_json::json;
//!
//! # examples::run(async {
//! # let (storage, cluster) = (MemoryStorage::new(), MemoryCluster::new());
//! # let release = |version: u32, status: &str, label: &str| {
//! #     let template = json!({
//! #         "metadata": {"labels": {"app": "web", "test/kubelet": label}},
//! #         "spec": {"containers": [{"name": "main", "image": format!("web:v{version}")}]},
//! #     });
//! #     let manifest = json!({
//! #         "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
//! #         "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": template},
//! #     });
//! #     let info = json!({"status": status, "description": "Upgrade complete"});
//! #     json!({"name": "web", "version": version, "info": info, "manifest": manifest.to_string()})
//! # };
//! # let releases = json!([release(1, "superseded", "crash"), release(2, "deployed", "well")]);
//! # load_memory_data(&storage, &releases.to_string()).await?;
//! # seed(&cluster, &storage).await?;
//! let timeout = std::time::Duration::from_millis(20);
//! let options = RollbackOptions::default().with_wait(WaitStrategy::Watcher).with_timeout(timeout);
//! # let seen = survey(&storage, &cluster, &"default".parse()?, &"web".parse()?, &options).await?;
//! # let plan = plan(&seen, &options);
//! let engine = Engine::new(&storage, &cluster, &SystemClock, &NoObserver).with_evidence(Limits::default());
//! // The old version crashes by now. Its pods are looked at before the way back removes them.
//! let failure = engine.run(&plan).await.unwrap_err();
//! let evidence = failure.evidence.expect("it was asked for");
//! assert_eq!(evidence.cause().kind, CauseKind::Crash);
//! assert!(evidence.cause().to_string().starts_with("Deployment default/web: container \"main\" crashes again and again"));
//! # Ok(()) });
//! ```

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
///
/// ```
/// use helm_release_core::evidence::{Scene, collect};
/// use helm_release_core::ports::{ClusterError, ClusterErrorKind};
/// use helm_release_core::run::{FailedPhase, RunError};
/// use helm_release_store::clock::SystemClock;
/// # use helm_release_core::plan::RollbackOptions;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let plan = shop.plan(&RollbackOptions::default()).await?;
/// let (action, said) = ("patch ConfigMap default/shop-config", "the object has been modified");
/// let error = RunError::from(ClusterError::new(ClusterErrorKind::Conflict, action, said));
/// let scene = Scene::of_plan(&plan, FailedPhase::Apply, &error, jiff::Timestamp::now());
/// let first = collect(&shop.cluster, &SystemClock, &scene).await.error;
/// assert_eq!(first.message, "the object has been modified");
/// assert_eq!(first.action.as_deref(), Some("patch ConfigMap default/shop-config"));
/// assert_eq!(first.text, error.to_string());
/// # Ok(()) });
/// ```
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
///
/// ```
/// use helm_release_core::evidence::collect;
/// use helm_release_store::clock::SystemClock;
/// # use helm_release_core::evidence::Scene;
/// # use helm_release_core::plan::RollbackOptions;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let plan = shop.plan(&RollbackOptions::default()).await?;
/// # let scene = Scene::told(&plan, "context deadline exceeded", jiff::Timestamp::now());
/// let evidence = collect(&shop.cluster, &SystemClock, &scene).await;
/// // The rollback was to go from revision 3 to 2, as revision 4.
/// assert_eq!([evidence.from, evidence.to, evidence.new_revision].map(|revision| revision.get()), [3, 2, 4]);
/// assert_eq!(evidence.error.text, "context deadline exceeded");
/// assert_eq!(evidence.objects.len(), 5);
/// // Four new pods, and three that the rollout has kept so far.
/// assert_eq!(evidence.pods.len(), 7);
/// assert!(evidence.unread.is_empty());
/// # Ok(()) });
/// ```
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
    ///
    /// ```
    /// use helm_release_core::evidence::collect;
    /// use helm_release_store::clock::SystemClock;
    /// # use helm_release_core::evidence::Scene;
    /// # use helm_release_core::plan::RollbackOptions;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let plan = shop.plan(&RollbackOptions::default()).await?;
    /// # let scene = Scene::told(&plan, "context deadline exceeded", jiff::Timestamp::now());
    /// // The run itself knows only that the Deployment did not become ready in time.
    /// let evidence = collect(&shop.cluster, &SystemClock, &scene).await;
    /// let cause = evidence.cause().sentence;
    /// assert!(cause.starts_with("Deployment default/shop: image \"registry.example/shop:1.2-typo\""));
    /// assert!(cause.contains("of container \"web\" cannot be pulled (ImagePullBackOff, Pod shop-"));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn cause(&self) -> Cause {
        cause::find(self)
    }
}

#[cfg(test)]
mod tests;
