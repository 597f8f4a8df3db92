use helm_release_core::ports::HeadQuery;

use super::*;
use crate::storage::MemoryStorage;

async fn load(text: &str) -> Result<MemoryStorage, MemoryDataError> {
    let storage = MemoryStorage::new();
    load_memory_data(&storage, text).await?;
    Ok(storage)
}

#[tokio::test]
async fn a_release_without_a_namespace_is_in_default() {
    let storage = load("- name: web\n  version: 2\n  info: {status: deployed}\n").await.unwrap();
    let heads = storage.heads(&HeadQuery::all(None)).await.unwrap();
    assert_eq!(heads[0].key.to_string(), "default/sh.helm.release.v1.web.v2");
    assert_eq!(heads[0].status_label(), "deployed");
    let stored = storage.get(&heads[0].key).await.unwrap();
    let record = codec::decode(&stored.payload.0, codec::DecodeOptions::default()).unwrap();
    assert_eq!(record.name().unwrap(), "web");
}

#[tokio::test]
async fn text_that_is_no_list_of_releases_is_refused_with_the_place() {
    assert!(matches!(load("name: web").await, Err(MemoryDataError::NotAList)));
    assert!(matches!(load("[1]").await, Err(MemoryDataError::NotARelease { position: 1, .. })));
    assert!(matches!(
        load("[{name: web, version: 1}, {name: Web, version: 1}]").await,
        Err(MemoryDataError::Key { position: 2, .. })
    ));
    assert!(matches!(load("[{name: web}]").await, Err(MemoryDataError::Key { position: 1, .. })));
    assert!(matches!(load("[").await, Err(MemoryDataError::Yaml(_))));
}

#[tokio::test]
async fn a_release_listed_twice_is_refused() {
    let twice = "[{name: web, version: 1}, {name: web, version: 1}]";
    assert!(matches!(load(twice).await, Err(MemoryDataError::Storage { position: 2, .. })));
}
