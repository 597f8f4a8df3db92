use std::sync::Arc;

use helm_release_core::Namespace;
use helm_release_core::ports::Lock;

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
