//! Rolls back on the cluster in memory, and listens to what happens.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::sync::Arc;

use helm_release_core::history::Selector;
use helm_release_core::plan::{RollbackOptions, WaitStrategy};
use helm_release_core::ports::{Cluster, Observer};
use helm_release_core::run::{Engine, Event, Outcome};
use helm_release_core::{Namespace, ReleaseName};
use helm_release_store::clock::SystemClock;
use helm_release_store::cluster::{MemoryCluster, seed};
use helm_release_store::journal::SecretJournal;
use helm_release_store::lock::LeaseLock;
use helm_release_store::process::claim;

/// Prints each event.
#[derive(Debug)]
struct Printer;

impl Observer for Printer {
    fn event(&self, event: &Event) {
        match event {
            Event::RecordWritten { revision, status } => println!("revision {revision} is {status}"),
            Event::ObjectWritten { object, action } => println!("{action}: {object}"),
            Event::ObjectState { object, state, reason } => println!("{object} is {state}: {reason}"),
            other => println!("{other:?}"),
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (storage, cluster) = (examples::shop().await?, Arc::new(MemoryCluster::new()));
    seed(&cluster, &storage).await?;
    let (namespace, name) = (Namespace::new("default")?, ReleaseName::new("shop")?);

    let options = RollbackOptions::default().with_wait(WaitStrategy::Watcher);
    // The lock keeps other operations off, and by the journal a run that was cut off is finished or undone.
    let cluster: Arc<dyn Cluster> = cluster;
    let (lock, journal) = (LeaseLock::new(Arc::clone(&cluster)), SecretJournal::new(Arc::clone(&cluster)));
    let engine = Engine::new(&storage, &cluster, &SystemClock, &Printer);
    let engine = engine.with_lock(&lock, claim("rollback shop")).with_journal(&journal);

    let plan = engine.plan(&namespace, &name, &options).await?;
    println!("verdict: {}", plan.verdict);
    let outcome = engine.run(&plan).await?;
    assert_eq!(outcome, Outcome::RolledBack(plan.new_revision));

    // The same again finds nothing to do.
    let options = RollbackOptions::default().with_selector(Selector::Revision(plan.new_revision));
    let again = engine.plan(&namespace, &name, &options).await?;
    assert!(again.is_idle());
    println!("once more: {}", again.verdict);
    Ok(())
}
