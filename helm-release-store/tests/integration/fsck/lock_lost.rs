//! Somebody takes the lock over in the middle of a repair, or of pruning: not a single write follows.

use std::fmt;

use helm_release_core::fsck::repair;
use helm_release_core::history::PruneRules;
use helm_release_core::ports::{Head, HeadQuery, Version};

use super::*;

/// A storage whose writes take a minute each before they are done.
#[derive(Debug)]
struct Slow(Arc<dyn Storage>);

impl fmt::Display for Slow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} slowly", self.0)
    }
}

const MINUTE: Duration = Duration::from_secs(60);

#[async_trait]
impl Storage for Slow {
    async fn heads(&self, query: &HeadQuery) -> Result<Vec<Head>, StorageError> {
        self.0.heads(query).await
    }
    async fn get(&self, key: &RecordKey) -> Result<helm_release_core::ports::StoredRecord, StorageError> {
        self.0.get(key).await
    }
    async fn create(&self, key: &RecordKey, record: &NewRecord) -> Result<Head, StorageError> {
        tokio::time::sleep(MINUTE).await;
        self.0.create(key, record).await
    }
    async fn replace(&self, key: &RecordKey, expected: &Version, record: &NewRecord) -> Result<Head, StorageError> {
        tokio::time::sleep(MINUTE).await;
        self.0.replace(key, expected, record).await
    }
    async fn delete(&self, key: &RecordKey, expected: &Version) -> Result<(), StorageError> {
        tokio::time::sleep(MINUTE).await;
        self.0.delete(key, expected).await
    }
}

/// Takes the lock over while the second write is on its way.
async fn steal(ward: &Ward) {
    tokio::time::sleep(MINUTE + Duration::from_secs(10)).await;
    let key = LockKey { namespace: namespace(), name: name() };
    let held = ward.lock.find(&key).await.unwrap().unwrap();
    let thief = Holder { id: "thief".to_owned(), ..held.holder.clone() };
    ward.lock.replace(&held, &thief).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_repair_stops_and_says_what_it_did() {
    let ward = Ward::new().await;
    for number in [1, 2] {
        ward.label(number, "status", "failed").await;
    }
    let (plan, before) = (ward.plan().await, ward.records().await);
    let slow = Slow(Arc::<_>::clone(&ward.stage.storage) as Arc<dyn Storage>);
    let bench = Bench { storage: &slow, ..ward.bench() };
    let (result, ()) = tokio::join!(repair(&plan, bench), steal(&ward));
    let error = result.unwrap_err();
    assert!(matches!(&error.failure, RepairFailure::Lock(_)), "{error:?}");
    assert_eq!(error.done.len(), 1);
    tokio::time::sleep(MINUTE * 5).await;
    let after = ward.records().await;
    let changed = before.iter().filter(|(key, record)| after.get(key) != Some(record)).count();
    assert_eq!((changed, after.len()), (1, before.len()));
}

#[tokio::test(start_paused = true)]
async fn pruning_stops_and_says_what_it_removed() {
    let ward = Ward::new().await;
    let slow = Slow(Arc::<_>::clone(&ward.stage.storage) as Arc<dyn Storage>);
    let mut rules = PruneRules::default();
    (rules.keep, rules.keep_good) = (Some(1), 0);
    let plan = prune::plan(&slow, &namespace(), &name(), &rules).await.unwrap().unwrap();
    assert_eq!(plan.selection.remove.len(), 2, "{plan:?}");
    let (before, pruning) = (ward.records().await.len(), prune::run(&plan, &slow, &ward.lock, &ward.stage.clock, &ward.claim));
    let (result, ()) = tokio::join!(pruning, steal(&ward));
    match result {
        Err(PruneError::LockLost { removed, .. }) => assert_eq!(removed, [plan.selection.remove[0].revision]),
        other => panic!("{other:?}"),
    }
    tokio::time::sleep(MINUTE * 5).await;
    assert_eq!(ward.records().await.len(), before - 1);
}
