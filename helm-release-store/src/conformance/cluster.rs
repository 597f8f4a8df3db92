//! What every cluster must do.
//!
//! Each function checks one behaviour on objects of its own and leaves them behind in the namespace, which must exist and
//! should be thrown away afterwards. Cluster-scoped objects are removed again. Controllers must run, on a real cluster too;
//! what a Pod does there must follow the labels and annotations that [`MemoryCluster`](crate::cluster::MemoryCluster) names.

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
pub const CHECKS: &[&[Check]] =
    &[read::CHECKS, write::CHECKS, patch::CHECKS, apply::CHECKS, fixed::CHECKS, delete::CHECKS, life::CHECKS];

/// Checks everything, one behaviour after the other.
///
/// # Errors
/// The first [`Deviation`].
///
/// ```no_run
/// use helm_release_store::cluster::MemoryCluster;
/// use helm_release_store::conformance::cluster::run_all;
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// run_all(&MemoryCluster::new(), "default").await?;
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
