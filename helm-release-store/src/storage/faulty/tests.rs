use std::collections::BTreeMap;

use helm_release_core::Namespace;
use helm_release_core::ports::{Payload, StorageExt as _};

use super::*;
use crate::conformance;
use crate::storage::MemoryStorage;

fn key(revision: u32) -> RecordKey {
    RecordKey {
        namespace: Namespace::new("default").unwrap(),
        name: "web".parse().unwrap(),
        revision: helm_release_core::Revision::new(revision).unwrap(),
    }
}

fn record() -> NewRecord {
    NewRecord { payload: Payload(b"x".to_vec()), labels: BTreeMap::from([("owner".to_owned(), "helm".to_owned())]) }
}

#[tokio::test]
async fn a_fault_that_is_never_reached_changes_nothing() {
    let storage = FaultyStorage::new(MemoryStorage::new(), Fault::Fail, usize::MAX);
    conformance::storage::run_all(&storage, &Namespace::new("records").unwrap()).await.unwrap();
    assert!(storage.writes() > 5);
}

#[tokio::test]
async fn a_failed_write_is_not_done_and_the_next_one_is() {
    let storage = FaultyStorage::new(MemoryStorage::new(), Fault::Fail, 1);
    assert!(matches!(storage.create(&key(1), &record()).await, Err(StorageError::Other { .. })));
    assert_eq!(storage.find(&key(1)).await.unwrap(), None);
    storage.create(&key(1), &record()).await.unwrap();
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_is_done() {
    let storage = FaultyStorage::new(MemoryStorage::new(), Fault::LoseAnswer, 1);
    assert!(matches!(storage.create(&key(1), &record()).await, Err(StorageError::Other { .. })));
    assert_eq!(storage.get(&key(1)).await.unwrap().payload, record().payload);
}

#[tokio::test]
async fn a_conflict_leaves_the_record_as_it_was() {
    let storage = FaultyStorage::new(MemoryStorage::new(), Fault::Conflict, 2);
    let head = storage.create(&key(1), &record()).await.unwrap();
    assert!(matches!(storage.delete(&key(1), &head.version).await, Err(StorageError::Conflict { .. })));
    assert_eq!(storage.get(&key(1)).await.unwrap().head, head);
}

#[tokio::test]
async fn after_death_nothing_is_read_or_written() {
    let storage = FaultyStorage::new(MemoryStorage::new(), Fault::Die, 2);
    storage.create(&key(1), &record()).await.unwrap();
    storage.get(&key(1)).await.unwrap();
    for _ in 0..2 {
        assert!(storage.create(&key(2), &record()).await.is_err());
        assert!(storage.get(&key(1)).await.is_err());
        assert!(storage.heads(&HeadQuery::default()).await.is_err());
    }
    assert_eq!(storage.inner().heads(&HeadQuery::default()).await.unwrap().len(), 1);
}
