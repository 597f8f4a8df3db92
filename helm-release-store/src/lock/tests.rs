use std::sync::Arc;
use std::time::Duration;

use helm_release_core::Namespace;
use helm_release_core::ports::{Holder, Lock, LockError, LockKey};

use super::LeaseLock;
use crate::cluster::{Fault, FaultyCluster, MemoryCluster};
use crate::conformance;

fn namespace() -> Namespace {
    Namespace::new("default").unwrap()
}

#[tokio::test]
async fn leases_in_memory_do_what_every_lock_must_do() {
    let lock = LeaseLock::new(Arc::new(MemoryCluster::new()));
    conformance::lock::run_all(&lock, &namespace()).await.unwrap();
}

#[tokio::test]
async fn a_boxed_lock_does_too() {
    let lock: Box<dyn Lock> = Box::new(LeaseLock::new(Arc::new(MemoryCluster::new())));
    conformance::lock::run_all(&lock, &namespace()).await.unwrap();
}

#[tokio::test]
async fn a_lost_answer_is_looked_after_and_not_taken_for_a_loss() {
    let cluster = Arc::new(FaultyCluster::new(MemoryCluster::new()));
    cluster.fail_where(usize::MAX, Fault::LoseAnswer, |_| true);
    let lock = LeaseLock::new(Arc::<FaultyCluster<_>>::clone(&cluster));
    conformance::lock::a_free_lock_is_taken_once(&lock, &namespace()).await.unwrap_err();
    // Only the second taking fails otherwise: whether its write was refused is not known when the answer is lost.
    let lock = LeaseLock::new(cluster);
    conformance::lock::a_holder_is_read_back_as_it_was_written(&lock, &namespace()).await.unwrap();
}

#[tokio::test]
async fn a_namespace_that_is_not_there_is_named_and_no_loss() {
    let lock = LeaseLock::new(Arc::new(MemoryCluster::new()));
    let key = LockKey { namespace: Namespace::new("nowhere").unwrap(), name: "web".parse().unwrap() };
    let since = jiff::Timestamp::UNIX_EPOCH;
    let (id, who, command) = ("a1".to_owned(), "ann".to_owned(), "rollback web".to_owned());
    let holder = Holder { id, who, process: 1, command, since, renewed: since, lasts: Duration::from_secs(15) };
    match lock.create(&key, &holder).await {
        Err(LockError::Other { message, .. }) => assert_eq!(message, "namespaces \"nowhere\" not found"),
        other => panic!("{other:?}"),
    }
}
