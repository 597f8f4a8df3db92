//! Rolls back on the cluster in memory, and listens to what happens.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use helm_release_core::plan::{RollbackOptions, WaitStrategy, plan};
use helm_release_core::ports::Observer;
use helm_release_core::run::{Engine, Event, Outcome};
use helm_release_core::survey::survey;
use helm_release_core::{Namespace, ReleaseName};
use helm_release_store::clock::SystemClock;
use helm_release_store::cluster::{MemoryCluster, seed};

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
    let (storage, cluster) = (examples::shop().await?, MemoryCluster::new());
    seed(&cluster, &storage).await?;
    let (namespace, name) = (Namespace::new("default")?, ReleaseName::new("shop")?);

    let options = RollbackOptions::default().with_wait(WaitStrategy::Watcher);
    let seen = survey(&storage, &cluster, &namespace, &name, &options).await?;
    let plan = plan(&seen, &options);
    println!("verdict: {}", plan.verdict);

    let engine = Engine::new(&storage, &cluster, &SystemClock, &Printer);
    let outcome = engine.run(&plan).await?;
    assert_eq!(outcome, Outcome::RolledBack(plan.new_revision));

    // The same again finds nothing to do.
    let options = RollbackOptions::default().with_selector(helm_release_core::history::Selector::Revision(plan.new_revision));
    let seen = survey(&storage, &cluster, &namespace, &name, &options).await?;
    let again = helm_release_core::plan::plan(&seen, &options);
    assert!(again.is_idle());
    println!("once more: {}", again.verdict);
    Ok(())
}
