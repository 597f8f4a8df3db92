use std::sync::Arc;

use helm_release_core::Namespace;

use super::*;
use crate::conformance;

fn namespace() -> Namespace {
    Namespace::new("records").unwrap()
}

#[tokio::test]
async fn memory_keeps_records_as_every_storage_must() {
    conformance::storage::run_all(&MemoryStorage::new(), &namespace()).await.unwrap();
}

#[tokio::test]
async fn a_boxed_storage_is_the_same_storage() {
    let boxed: Box<dyn Storage> = Box::new(MemoryStorage::new());
    conformance::storage::run_all(&boxed, &namespace()).await.unwrap();
}

#[tokio::test]
async fn a_shared_storage_is_the_same_storage() {
    let shared: Arc<dyn Storage> = Arc::new(MemoryStorage::new());
    conformance::storage::run_all(&shared, &namespace()).await.unwrap();
}

#[tokio::test]
async fn a_borrowed_storage_is_the_same_storage() {
    let borrowed: &'static MemoryStorage = Box::leak(Box::new(MemoryStorage::new()));
    conformance::storage::run_all(&borrowed, &namespace()).await.unwrap();
}

#[test]
fn debug_shows_no_payload() {
    let storage = MemoryStorage::new();
    let key = RecordKey { namespace: namespace(), name: "web".parse().unwrap(), revision: "1".parse().unwrap() };
    let labels = BTreeMap::from([("password".to_owned(), "hunter2".to_owned())]);
    let record = Record { version: 1, labels, payload: Payload(b"hunter2".to_vec()) };
    storage.state().records.insert(key, record);
    let text = format!("{storage:?}");
    assert!(text.contains("web") && !text.contains("hunter2"), "{text}");
}
