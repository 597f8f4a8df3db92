//! Cuts a rollback off between two writes, and lets another process find out what happened and undo it.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::sync::Arc;

use examples::Shop;
use helm_release_core::plan::RollbackOptions;
use helm_release_core::ports::{Cluster, NoObserver};
use helm_release_core::recover::{Eyes, Vitality, Way, Wish, decide, look};
use helm_release_core::release::Status;
use helm_release_core::run::Engine;
use helm_release_store::clock::SystemClock;
use helm_release_store::cluster::MemoryCluster;
use helm_release_store::crash::{Crash, Moment};
use helm_release_store::journal::SecretJournal;
use helm_release_store::lock::LeaseLock;
use helm_release_store::process::claim;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let shop = Shop::open().await?;
    let Shop { storage, namespace, name, .. } = &shop;
    let cluster: Arc<dyn Cluster> = Arc::<MemoryCluster>::clone(&shop.cluster);
    let (lock, journal) = (LeaseLock::new(Arc::clone(&cluster)), SecretJournal::new(Arc::clone(&cluster)));

    // The first process dies right after its second write to an object of the release.
    let crash = Arc::new(Crash::at(2, Moment::After));
    let dying = crash.cluster(Arc::clone(&cluster));
    let engine = Engine::new(storage, &dying, &SystemClock, &NoObserver).with_journal(&journal);
    let plan = engine.plan(namespace, name, &RollbackOptions::default()).await?;
    tokio::select! {
        () = crash.happened() => println!("the process died after its second write"),
        ended = engine.run(&plan) => return Err(format!("nothing cut it off: {ended:?}").into()),
    }

    // Another one knows nothing but what is stored: a record that says pending, a journal, and objects somewhere in between.
    let eyes = Eyes { storage, cluster: &cluster, lock: &lock, journal: &journal, clock: &SystemClock };
    let recovery = decide(&look(eyes, namespace, name).await?, Wish::Undo);
    for reason in &recovery.reasons {
        println!("{reason}");
    }
    assert_eq!(recovery.vitality, Vitality::Dead, "nobody holds the lock");

    let engine = Engine::new(storage, &cluster, &SystemClock, &NoObserver);
    let engine = engine.with_lock(&lock, claim("recover shop")).with_journal(&journal);
    assert_eq!(engine.recover(&recovery).await?, Way::Undo);
    let status = shop.record(plan.new_revision.get()).await?.info()?.status;
    println!("revision {} is {status}, and every object is as it was", plan.new_revision);
    assert_eq!(status, Status::Failed);
    Ok(())
}
