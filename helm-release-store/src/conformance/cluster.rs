//! What every cluster must do.
//!
//! Each function checks one behaviour on objects of its own and leaves them behind in the namespace, which must exist, must not
//! be `default`, and should be thrown away afterwards. Cluster-scoped objects are removed again. Controllers must run, on a real
//! cluster too; what a Pod does there must follow the labels and annotations that
//! [`MemoryCluster`](crate::cluster::MemoryCluster) names.
//!
//! ```
//! use helm_release_core::ports::ClusterErrorKind;
//! use helm_release_store::cluster::{Fault, FaultyCluster, MemoryCluster};
//! use helm_release_store::conformance::cluster::CHECKS;
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?.block_on(async {
//! // A cluster on which nobody may delete anything.
//! let cluster = FaultyCluster::new(MemoryCluster::new());
//! cluster.fail_where(usize::MAX, Fault::Refuse(ClusterErrorKind::Forbidden), |request| request.verb() == "delete");
//! let mut deviating = Vec::new();
//! for check in CHECKS.iter().copied().flatten() {
//!     if check.run(&cluster, "kube-public").await.is_err() {
//!         deviating.push(check.name);
//!     }
//! }
//! assert!(deviating.contains(&"a_deleted_object_is_gone"));
//! assert!(!deviating.contains(&"an_absent_object_is_not_found"));
//! # });
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fmt;

use futures::future::BoxFuture;
use helm_release_core::ports::Cluster;

use super::Deviation;

mod apply;
mod bench;
mod delete;
mod fixed;
mod life;
mod objects;
mod patch;
mod read;
mod write;

type Outcome = Result<(), Deviation>;

/// One behaviour that can be checked.
///
/// ```
/// use helm_release_store::conformance::cluster::CHECKS;
///
/// let mut names: Vec<_> = CHECKS.iter().copied().flatten().map(|check| check.name).collect();
/// assert!(names.contains(&"a_table_has_a_row_for_each_object_and_names_it"));
/// // A name says which check it is: no two have the same.
/// let count = names.len();
/// names.sort_unstable();
/// names.dedup();
/// assert_eq!(names.len(), count);
/// ```
#[derive(Clone, Copy)]
pub struct Check {
    /// The behaviour, as a sentence without spaces.
    pub name: &'static str,
    run: for<'a> fn(&'a dyn Cluster, &'a str) -> BoxFuture<'a, Outcome>,
}

impl Check {
    /// Checks the behaviour.
    ///
    /// # Errors
    /// [`Deviation`] when the cluster behaves otherwise.
    ///
    /// ```
    /// use helm_release_core::ports::ClusterErrorKind;
    /// use helm_release_store::cluster::{Fault, FaultyCluster, MemoryCluster};
    /// use helm_release_store::conformance::cluster::CHECKS;
    ///
    /// # examples::run(async {
    /// let check = CHECKS.iter().copied().flatten().find(|check| check.name == "a_created_object_gets_identity_and_version");
    /// let check = check.ok_or("no such check")?;
    /// let cluster = FaultyCluster::new(MemoryCluster::new());
    /// check.run(&cluster, "default").await?;
    /// // It left its objects behind: the next time is in another namespace, in which the first write is refused.
    /// cluster.fail_next(Fault::Refuse(ClusterErrorKind::Forbidden));
    /// let deviation = check.run(&cluster, "kube-public").await.unwrap_err();
    /// assert_eq!(deviation.check, check.name);
    /// # Ok(()) });
    /// ```
    pub async fn run(&self, cluster: &dyn Cluster, namespace: &str) -> Result<(), Deviation> {
        (self.run)(cluster, namespace).await
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Every behaviour, by subject.
///
/// ```
/// use helm_release_store::cluster::MemoryCluster;
/// use helm_release_store::conformance::cluster::CHECKS;
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?.block_on(async {
/// // One subject alone: the first is reading.
/// let cluster = MemoryCluster::new();
/// let mut passed = Vec::new();
/// for check in CHECKS[0] {
///     check.run(&cluster, "kube-public").await?;
///     passed.push(check.name);
/// }
/// assert!(passed.contains(&"a_watch_tells_every_change_after_a_list"));
/// # Ok::<(), helm_release_store::conformance::Deviation>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub const CHECKS: &[&[Check]] =
    &[read::CHECKS, write::CHECKS, patch::CHECKS, apply::CHECKS, fixed::CHECKS, delete::CHECKS, life::CHECKS];

/// Checks everything, one behaviour after the other.
///
/// # Errors
/// The first [`Deviation`].
///
/// ```
/// use helm_release_core::Object;
/// use helm_release_core::ports::ClusterErrorKind;
/// use helm_release_store::cluster::{Fault, FaultyCluster, MemoryCluster};
/// use helm_release_store::conformance::cluster::run_all;
/// use serde_json::json;
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?.block_on(async {
/// let namespace = Object::new(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "checks"}}))?;
/// let cluster = MemoryCluster::with_objects([namespace.clone()])?;
/// assert_eq!(run_all(&cluster, "checks").await, Ok(()));
/// // A cluster without server-side apply
/// let cluster = FaultyCluster::new(MemoryCluster::with_objects([namespace])?);
/// cluster.fail_where(usize::MAX, Fault::Refuse(ClusterErrorKind::Forbidden), |request| request.verb() == "apply");
/// let deviation = run_all(&cluster, "checks").await.unwrap_err();
/// assert_eq!(deviation.check, "an_apply_makes_what_is_absent");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub async fn run_all(cluster: &dyn Cluster, namespace: &str) -> Result<(), Deviation> {
    for check in CHECKS.iter().copied().flatten() {
        check.run(cluster, namespace).await?;
    }
    Ok(())
}

/// Defines behaviours: one function each, and the list of them.
macro_rules! behaviours {
    ($($name:ident($bench:ident) $body:block)+) => {
        pub(super) const CHECKS: &[crate::conformance::cluster::Check] = &[$(crate::conformance::cluster::Check {
            name: stringify!($name),
            run: |cluster, namespace| Box::pin(async move {
                let $bench = crate::conformance::cluster::bench::Bench::new(stringify!($name), cluster, namespace);
                $body
                Ok(())
            }),
        }),+];
    };
}
use behaviours;
