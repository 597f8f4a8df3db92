//! What every storage must do.
//!
//! Each function checks one behaviour on records of its own releases and removes them when it is satisfied.
//! The namespace must exist, where namespaces have to, and hold no records.
//!
//! ```
//! use helm_release_store::conformance::storage::run_all;
//! use helm_release_store::storage::MemoryStorage;
//!
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! run_all(&MemoryStorage::new(), &"default".parse()?).await?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::collections::BTreeMap;

use helm_release_core::ports::{Head, HeadQuery, NewRecord, Payload, RecordKey, Storage, StorageError, StorageExt as _, Version};
use helm_release_core::{Namespace, Revision};

use super::Deviation;
use crate::storage::MAX_PAYLOAD;

type Outcome = Result<(), Deviation>;

/// The release, namespace and storage that one check works with.
#[derive(Clone, Copy)]
struct Bench<'a> {
    check: &'static str,
    storage: &'a dyn Storage,
    namespace: &'a Namespace,
    release: &'static str,
}

impl Bench<'_> {
    fn deviation(&self, what: impl Into<String>) -> Deviation {
        Deviation { check: self.check, what: what.into() }
    }

    fn require(&self, holds: bool, what: impl FnOnce() -> String) -> Outcome {
        if holds { Ok(()) } else { Err(self.deviation(what())) }
    }

    fn did<T>(&self, what: &str, result: Result<T, StorageError>) -> Result<T, Deviation> {
        result.map_err(|error| self.deviation(format!("{what} failed: {error}{}", source(&error))))
    }

    fn refused<T>(&self, what: &str, result: Result<T, StorageError>, wanted: fn(&StorageError) -> bool) -> Outcome {
        match result {
            Ok(_) => Err(self.deviation(format!("{what} was done"))),
            Err(error) if wanted(&error) => Ok(()),
            Err(error) => Err(self.deviation(format!("{what} failed for another reason: {error}"))),
        }
    }

    fn key(&self, revision: u32) -> Result<RecordKey, Deviation> {
        let name = self.release.parse().map_err(|error| self.deviation(format!("{error}")))?;
        let revision = Revision::new(revision).ok_or_else(|| self.deviation("no such revision"))?;
        Ok(RecordKey { namespace: self.namespace.clone(), name, revision })
    }

    fn record(&self, revision: u32, status: &str, payload: &[u8]) -> NewRecord {
        let version = revision.to_string();
        let labels = [("name", self.release), ("owner", "helm"), ("status", status), ("version", version.as_str())];
        let labels = labels.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        NewRecord { payload: Payload(payload.to_vec()), labels }
    }

    async fn create(&self, revision: u32, status: &str, payload: &[u8]) -> Result<Head, Deviation> {
        let key = self.key(revision)?;
        self.did("create", self.storage.create(&key, &self.record(revision, status, payload)).await)
    }

    async fn heads(&self, query: &HeadQuery) -> Result<Vec<Head>, Deviation> {
        self.did("heads", self.storage.heads(query).await)
    }

    async fn clean(&self) -> Outcome {
        for head in self.heads(&HeadQuery::release(self.namespace, &self.key(1)?.name)).await? {
            self.did("delete", self.storage.delete(&head.key, &head.version).await)?;
        }
        Ok(())
    }
}

fn source(error: &StorageError) -> String {
    std::error::Error::source(error).map_or(String::new(), |source| format!(" ({source})"))
}

fn is_not_found(error: &StorageError) -> bool {
    matches!(error, StorageError::NotFound { .. })
}

fn is_conflict(error: &StorageError) -> bool {
    matches!(error, StorageError::Conflict { .. })
}

macro_rules! checks {
    ($($(#[$doc:meta])* $name:ident($bench:ident, $release:literal) $body:block)+) => {
        $(
            $(#[$doc])*
            pub async fn $name(storage: &dyn Storage, namespace: &Namespace) -> Result<(), Deviation> {
                let $bench = Bench { check: stringify!($name), storage, namespace, release: $release };
                $body
                $bench.clean().await
            }
        )+

        /// Checks everything, one behaviour after the other.
        ///
        /// # Errors
        /// The first [`Deviation`].
        ///
        /// ```
        /// use helm_release_store::conformance::storage::run_all;
        /// use helm_release_store::storage::{Fault, FaultyStorage, MemoryStorage};
        ///
        /// # examples::run(async {
        /// // A fault that is never reached: the storage is a good one.
        /// let storage = FaultyStorage::new(MemoryStorage::new(), Fault::Die, usize::MAX);
        /// run_all(&storage, &"default".parse()?).await?;
        /// let storage = FaultyStorage::new(MemoryStorage::new(), Fault::Die, storage.writes());
        /// let deviation = run_all(&storage, &"default".parse()?).await.unwrap_err();
        /// assert_eq!(deviation.check, "one_of_many_writers_wins");
        /// # Ok(()) });
        /// ```
        pub async fn run_all(storage: &dyn Storage, namespace: &Namespace) -> Result<(), Deviation> {
            $($name(storage, namespace).await?;)+
            Ok(())
        }
    };
}

checks! {
    /// Checks that a record comes back with the bytes, labels and version that its create gave.
    ///
    /// # Errors
    /// [`Deviation`] when something is lost or changed.
    ///
    /// ```
    /// use async_trait::async_trait;
    /// use helm_release_core::ports::{Head, NewRecord, Payload, RecordKey, Storage, StorageError};
    /// use helm_release_store::conformance::storage::a_created_record_is_read_back_unchanged;
    /// use helm_release_store::storage::MemoryStorage;
    ///
    /// # use helm_release_core::ports::{HeadQuery, StoredRecord, Version};
    /// # #[derive(Debug)]
    /// # struct Mine(MemoryStorage);
    /// # impl std::fmt::Display for Mine {
    /// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("mine") }
    /// # }
    /// #[async_trait]
    /// impl Storage for Mine {
    ///     async fn create(&self, key: &RecordKey, record: &NewRecord) -> Result<Head, StorageError> {
    ///         let payload = Payload(record.payload.0.trim_ascii().to_vec());
    ///         self.0.create(key, &NewRecord { payload, labels: record.labels.clone() }).await
    ///     }
    ///     // Everything else is passed on.
    /// #     async fn heads(&self, q: &HeadQuery) -> Result<Vec<Head>, StorageError> { self.0.heads(q).await }
    /// #     async fn get(&self, k: &RecordKey) -> Result<StoredRecord, StorageError> { self.0.get(k).await }
    /// #     async fn replace(&self, k: &RecordKey, v: &Version, r: &NewRecord) -> Result<Head, StorageError> {
    /// #         self.0.replace(k, v, r).await
    /// #     }
    /// #     async fn delete(&self, k: &RecordKey, v: &Version) -> Result<(), StorageError> { self.0.delete(k, v).await }
    /// }
    ///
    /// # examples::run(async {
    /// let storage = Mine(MemoryStorage::new());
    /// let deviation = a_created_record_is_read_back_unchanged(&storage, &"default".parse()?).await.unwrap_err();
    /// assert_eq!(deviation.what, "the payload differs");
    /// # Ok(()) });
    /// ```
    a_created_record_is_read_back_unchanged(bench, "conf.created-v1") {
        // Payloads are text: a ConfigMap takes no other.
        let bytes: Vec<u8> = (b' '..=b'~').cycle().take(70_000).collect();
        let head = bench.create(1, "deployed", &bytes).await?;
        let stored = bench.did("get", bench.storage.get(&bench.key(1)?).await)?;
        bench.require(stored.payload.0 == bytes, || "the payload differs".to_owned())?;
        bench.require(stored.head == head, || format!("create said {head:?}, get says {:?}", stored.head))?;
        bench.require(head.labels == bench.record(1, "deployed", b"").labels, || format!("labels are {:?}", head.labels))?;
        bench.require(head.status_label() == "deployed", || "the status label is lost".to_owned())?;
    }

    /// Checks that a record which is not there is said to be not there, by every operation.
    ///
    /// # Errors
    /// [`Deviation`] when absence is another error, or none.
    ///
    /// ```
    /// use helm_release_store::conformance::storage::an_absent_record_is_not_found;
    /// use helm_release_store::storage::{Fault, FaultyStorage, MemoryStorage};
    ///
    /// # examples::run(async {
    /// // A storage that says "changed by somebody else" of a record that is not there.
    /// let storage = FaultyStorage::new(MemoryStorage::new(), Fault::Conflict, 1);
    /// let deviation = an_absent_record_is_not_found(&storage, &"default".parse()?).await.unwrap_err();
    /// assert!(deviation.what.starts_with("replace failed for another reason: "));
    /// # Ok(()) });
    /// ```
    an_absent_record_is_not_found(bench, "conf-absent") {
        let (key, version) = (bench.key(1)?, Version("1".to_owned()));
        bench.refused("get", bench.storage.get(&key).await, is_not_found)?;
        bench.require(bench.did("find", bench.storage.find(&key).await)?.is_none(), || "find found something".to_owned())?;
        bench.refused("replace", bench.storage.replace(&key, &version, &bench.record(1, "failed", b"x")).await, is_not_found)?;
        bench.refused("delete", bench.storage.delete(&key, &version).await, is_not_found)?;
    }

    /// Checks that a create never touches a record that exists.
    ///
    /// # Errors
    /// [`Deviation`] when a create is done over a record, or refused for another reason.
    ///
    /// ```
    /// use helm_release_store::conformance::storage::a_second_create_is_refused;
    /// use helm_release_store::storage::{Fault, FaultyStorage, MemoryStorage};
    ///
    /// # examples::run(async {
    /// // The refusal must be `AlreadyExists`.
    /// let storage = FaultyStorage::new(MemoryStorage::new(), Fault::Conflict, 2);
    /// let deviation = a_second_create_is_refused(&storage, &"default".parse()?).await.unwrap_err();
    /// assert!(deviation.what.starts_with("the second create failed for another reason: "));
    /// # Ok(()) });
    /// ```
    a_second_create_is_refused(bench, "conf-twice") {
        bench.create(1, "deployed", b"first").await?;
        let again = bench.storage.create(&bench.key(1)?, &bench.record(1, "failed", b"second")).await;
        bench.refused("the second create", again, |error| matches!(error, StorageError::AlreadyExists { .. }))?;
        let stored = bench.did("get", bench.storage.get(&bench.key(1)?).await)?;
        bench.require(stored.payload.0 == b"first" && stored.head.status_label() == "deployed", || "the record changed".to_owned())?;
    }

    /// Checks that a record above the size limit is refused and one at the limit is taken.
    ///
    /// # Errors
    /// [`Deviation`] when the limit is not [`MAX_PAYLOAD`].
    ///
    /// ```
    /// use helm_release_store::conformance::storage::a_record_may_be_as_large_as_the_limit_and_no_larger;
    /// use helm_release_store::storage::{Fault, FaultyStorage, MemoryStorage};
    ///
    /// # examples::run(async {
    /// // The first write is one byte too large, the second just small enough.
    /// let storage = FaultyStorage::new(MemoryStorage::new(), Fault::Fail, 2);
    /// let deviation = a_record_may_be_as_large_as_the_limit_and_no_larger(&storage, &"default".parse()?).await.unwrap_err();
    /// assert!(deviation.what.starts_with("create failed: "));
    /// # Ok(()) });
    /// ```
    a_record_may_be_as_large_as_the_limit_and_no_larger(bench, "conf-large") {
        let too_large = bench.record(1, "deployed", &vec![b'x'; MAX_PAYLOAD + 1]);
        let refused = bench.storage.create(&bench.key(1)?, &too_large).await;
        bench.refused("a create above the limit", refused, |error| matches!(error, StorageError::TooLarge { .. }))?;
        let head = bench.create(1, "deployed", &vec![b'x'; MAX_PAYLOAD]).await?;
        let refused = bench.storage.replace(&bench.key(1)?, &head.version, &too_large).await;
        bench.refused("a replace above the limit", refused, |error| matches!(error, StorageError::TooLarge { .. }))?;
    }

    /// Checks that a replace sets payload, labels and version, and that the next one needs the new version.
    ///
    /// # Errors
    /// [`Deviation`] when a replace is lost, half done or done twice.
    ///
    /// ```
    /// use helm_release_store::conformance::storage::a_replace_takes_effect_once;
    /// use helm_release_store::storage::{Fault, FaultyStorage, MemoryStorage};
    ///
    /// # examples::run(async {
    /// // A lost answer must be looked after by the storage itself.
    /// let storage = FaultyStorage::new(MemoryStorage::new(), Fault::LoseAnswer, 2);
    /// let deviation = a_replace_takes_effect_once(&storage, &"default".parse()?).await.unwrap_err();
    /// assert!(deviation.what.starts_with("replace failed: "));
    /// # Ok(()) });
    /// ```
    a_replace_takes_effect_once(bench, "conf-replace") {
        let first = bench.create(1, "pending-rollback", b"first").await?;
        let key = bench.key(1)?;
        let second = bench.did("replace", bench.storage.replace(&key, &first.version, &bench.record(1, "deployed", b"second")).await)?;
        bench.require(second.version != first.version, || "the version did not move".to_owned())?;
        let stored = bench.did("get", bench.storage.get(&key).await)?;
        bench.require(stored.payload.0 == b"second", || "the payload was not replaced".to_owned())?;
        bench.require(stored.head == second, || format!("replace said {second:?}, get says {:?}", stored.head))?;
        bench.require(second.status_label() == "deployed", || "the status label was not replaced".to_owned())?;
        let stale = bench.storage.replace(&key, &first.version, &bench.record(1, "failed", b"third")).await;
        bench.refused("a replace of a version that is gone", stale, is_conflict)?;
        let stored = bench.did("get", bench.storage.get(&key).await)?;
        bench.require(stored.payload.0 == b"second", || "a refused replace changed the payload".to_owned())?;
    }

    /// Checks that a replace leaves labels of others alone and drops system labels that it does not give.
    ///
    /// # Errors
    /// [`Deviation`] when a label of somebody else is lost, or a system label stays.
    ///
    /// ```
    /// use async_trait::async_trait;
    /// use helm_release_core::ports::{Head, NewRecord, RecordKey, Storage, StorageError, Version};
    /// use helm_release_store::conformance::storage::a_replace_keeps_foreign_labels_only;
    /// use helm_release_store::storage::MemoryStorage;
    ///
    /// # use helm_release_core::ports::{HeadQuery, StoredRecord};
    /// # #[derive(Debug)]
    /// # struct Mine(MemoryStorage);
    /// # impl std::fmt::Display for Mine {
    /// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("mine") }
    /// # }
    /// #[async_trait]
    /// impl Storage for Mine {
    ///     async fn replace(&self, key: &RecordKey, version: &Version, record: &NewRecord) -> Result<Head, StorageError> {
    ///         // The labels of others go with the record.
    ///         self.0.delete(key, version).await?;
    ///         self.0.create(key, record).await
    ///     }
    ///     // Everything else is passed on.
    /// #     async fn heads(&self, q: &HeadQuery) -> Result<Vec<Head>, StorageError> { self.0.heads(q).await }
    /// #     async fn get(&self, k: &RecordKey) -> Result<StoredRecord, StorageError> { self.0.get(k).await }
    /// #     async fn create(&self, k: &RecordKey, r: &NewRecord) -> Result<Head, StorageError> { self.0.create(k, r).await }
    /// #     async fn delete(&self, k: &RecordKey, v: &Version) -> Result<(), StorageError> { self.0.delete(k, v).await }
    /// }
    ///
    /// # examples::run(async {
    /// let storage = Mine(MemoryStorage::new());
    /// let deviation = a_replace_keeps_foreign_labels_only(&storage, &"default".parse()?).await.unwrap_err();
    /// assert!(deviation.what.starts_with("labels are {"));
    /// # Ok(()) });
    /// ```
    a_replace_keeps_foreign_labels_only(bench, "conf-labels") {
        let key = bench.key(1)?;
        let mut record = bench.record(1, "deployed", b"first");
        for (label, value) in [("team", "a"), ("example.com/tier", "web"), ("createdAt", "1700000000")] {
            record.labels.insert(label.to_owned(), value.to_owned());
        }
        let first = bench.did("create", bench.storage.create(&key, &record).await)?;
        let mut record = bench.record(1, "superseded", b"second");
        record.labels.extend([("team", "b"), ("modifiedAt", "1700000001")].map(|(label, value)| (label.to_owned(), value.to_owned())));
        let second = bench.did("replace", bench.storage.replace(&key, &first.version, &record).await)?;
        let mut wanted: BTreeMap<String, String> = record.labels;
        wanted.insert("example.com/tier".to_owned(), "web".to_owned());
        bench.require(second.labels == wanted, || format!("labels are {:?}", second.labels))?;
    }

    /// Checks that a delete needs the current version and removes the record.
    ///
    /// # Errors
    /// [`Deviation`] when a record is deleted that somebody has changed.
    ///
    /// ```
    /// use async_trait::async_trait;
    /// use helm_release_core::ports::{RecordKey, Storage, StorageError, Version};
    /// use helm_release_store::conformance::storage::a_delete_needs_the_current_version;
    /// use helm_release_store::storage::MemoryStorage;
    ///
    /// # use helm_release_core::ports::{Head, HeadQuery, NewRecord, StoredRecord};
    /// # #[derive(Debug)]
    /// # struct Mine(MemoryStorage);
    /// # impl std::fmt::Display for Mine {
    /// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("mine") }
    /// # }
    /// #[async_trait]
    /// impl Storage for Mine {
    ///     async fn delete(&self, key: &RecordKey, version: &Version) -> Result<(), StorageError> {
    ///         let current = self.0.get(key).await?.head.version;
    ///         self.0.delete(key, if *version == current { version } else { &current }).await
    ///     }
    ///     // Everything else is passed on.
    /// #     async fn heads(&self, q: &HeadQuery) -> Result<Vec<Head>, StorageError> { self.0.heads(q).await }
    /// #     async fn get(&self, k: &RecordKey) -> Result<StoredRecord, StorageError> { self.0.get(k).await }
    /// #     async fn create(&self, k: &RecordKey, r: &NewRecord) -> Result<Head, StorageError> { self.0.create(k, r).await }
    /// #     async fn replace(&self, k: &RecordKey, v: &Version, r: &NewRecord) -> Result<Head, StorageError> {
    /// #         self.0.replace(k, v, r).await
    /// #     }
    /// }
    ///
    /// # examples::run(async {
    /// let storage = Mine(MemoryStorage::new());
    /// let deviation = a_delete_needs_the_current_version(&storage, &"default".parse()?).await.unwrap_err();
    /// assert_eq!(deviation.what, "a delete of a version that is gone was done");
    /// # Ok(()) });
    /// ```
    a_delete_needs_the_current_version(bench, "conf-delete") {
        let key = bench.key(1)?;
        let first = bench.create(1, "deployed", b"first").await?;
        let second = bench.did("replace", bench.storage.replace(&key, &first.version, &bench.record(1, "failed", b"second")).await)?;
        bench.refused("a delete of a version that is gone", bench.storage.delete(&key, &first.version).await, is_conflict)?;
        bench.did("delete", bench.storage.delete(&key, &second.version).await)?;
        bench.refused("get", bench.storage.get(&key).await, is_not_found)?;
        let third = bench.create(1, "deployed", b"third").await?;
        bench.refused("a replace of a record made anew", bench.storage.replace(&key, &second.version, &bench.record(1, "failed", b"x")).await, is_conflict)?;
        bench.require(third.version != first.version && third.version != second.version, || "a version came twice".to_owned())?;
    }

    /// Checks that heads come in the order of revisions, with versions that writes accept.
    ///
    /// # Errors
    /// [`Deviation`] when they come in another order, or with other versions.
    ///
    /// ```
    /// use async_trait::async_trait;
    /// use helm_release_core::ports::{Head, HeadQuery, Storage, StorageError};
    /// use helm_release_store::conformance::storage::heads_are_ordered_by_revision;
    /// use helm_release_store::storage::MemoryStorage;
    ///
    /// # use helm_release_core::ports::{NewRecord, RecordKey, StoredRecord, Version};
    /// # #[derive(Debug)]
    /// # struct Mine(MemoryStorage);
    /// # impl std::fmt::Display for Mine {
    /// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("mine") }
    /// # }
    /// #[async_trait]
    /// impl Storage for Mine {
    ///     async fn heads(&self, query: &HeadQuery) -> Result<Vec<Head>, StorageError> {
    ///         let mut heads = self.0.heads(query).await?;
    ///         // By name, `v10` comes before `v2`.
    ///         heads.sort_by_key(|head| head.key.object_name());
    ///         Ok(heads)
    ///     }
    ///     // Everything else is passed on.
    /// #     async fn get(&self, k: &RecordKey) -> Result<StoredRecord, StorageError> { self.0.get(k).await }
    /// #     async fn create(&self, k: &RecordKey, r: &NewRecord) -> Result<Head, StorageError> { self.0.create(k, r).await }
    /// #     async fn replace(&self, k: &RecordKey, v: &Version, r: &NewRecord) -> Result<Head, StorageError> {
    /// #         self.0.replace(k, v, r).await
    /// #     }
    /// #     async fn delete(&self, k: &RecordKey, v: &Version) -> Result<(), StorageError> { self.0.delete(k, v).await }
    /// }
    ///
    /// # examples::run(async {
    /// let storage = Mine(MemoryStorage::new());
    /// let deviation = heads_are_ordered_by_revision(&storage, &"default".parse()?).await.unwrap_err();
    /// assert!(deviation.what.starts_with("heads are ["));
    /// # Ok(()) });
    /// ```
    heads_are_ordered_by_revision(bench, "conf-order") {
        let mut created = Vec::new();
        for revision in [10, 2, 1, 9] {
            created.push(bench.create(revision, "superseded", b"x").await?);
        }
        created.sort_by_key(|head| head.key.revision);
        let heads = bench.heads(&HeadQuery::release(bench.namespace, &bench.key(1)?.name)).await?;
        bench.require(heads == created, || format!("heads are {heads:?}"))?;
    }

    /// Checks that a query sees only the release, namespace and labels that it asks for.
    ///
    /// # Errors
    /// [`Deviation`] when a query sees too much or too little.
    ///
    /// ```
    /// use async_trait::async_trait;
    /// use helm_release_core::ports::{Head, HeadQuery, Storage, StorageError};
    /// use helm_release_store::conformance::storage::queries_select_by_release_namespace_and_labels;
    /// use helm_release_store::storage::MemoryStorage;
    ///
    /// # use helm_release_core::ports::{NewRecord, RecordKey, StoredRecord, Version};
    /// # #[derive(Debug)]
    /// # struct Mine(MemoryStorage);
    /// # impl std::fmt::Display for Mine {
    /// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("mine") }
    /// # }
    /// #[async_trait]
    /// impl Storage for Mine {
    ///     async fn heads(&self, query: &HeadQuery) -> Result<Vec<Head>, StorageError> {
    ///         let mut query = query.clone();
    ///         query.selector = None;
    ///         self.0.heads(&query).await
    ///     }
    ///     // Everything else is passed on.
    /// #     async fn get(&self, k: &RecordKey) -> Result<StoredRecord, StorageError> { self.0.get(k).await }
    /// #     async fn create(&self, k: &RecordKey, r: &NewRecord) -> Result<Head, StorageError> { self.0.create(k, r).await }
    /// #     async fn replace(&self, k: &RecordKey, v: &Version, r: &NewRecord) -> Result<Head, StorageError> {
    /// #         self.0.replace(k, v, r).await
    /// #     }
    /// #     async fn delete(&self, k: &RecordKey, v: &Version) -> Result<(), StorageError> { self.0.delete(k, v).await }
    /// }
    ///
    /// # examples::run(async {
    /// let storage = Mine(MemoryStorage::new());
    /// let deviation = queries_select_by_release_namespace_and_labels(&storage, &"default".parse()?).await.unwrap_err();
    /// assert_eq!(deviation.what, "\"status=deployed\" selects 3 records instead of 2");
    /// # Ok(()) });
    /// ```
    queries_select_by_release_namespace_and_labels(bench, "conf-query") {
        bench.create(1, "superseded", b"x").await?;
        bench.create(2, "deployed", b"x").await?;
        let other = Bench { release: "conf-query.v1", ..bench };
        other.create(1, "deployed", b"x").await?;
        let count = async |query: HeadQuery| bench.heads(&query).await.map(|heads| heads.len());
        let own = HeadQuery::release(bench.namespace, &bench.key(1)?.name);
        bench.require(count(own.clone()).await? == 2, || "a query by release sees another number of records".to_owned())?;
        let all = HeadQuery::all(Some(bench.namespace.clone()));
        for (selector, wanted) in [
            ("status=deployed", 2),
            ("status!=deployed", 1),
            ("status in (superseded, failed)", 1),
            ("status notin (superseded)", 2),
            ("version", 3),
            ("!version", 0),
            ("", 3),
            ("name=conf-query,version=2", 1),
        ] {
            let found = count(all.clone().with_selector(selector)).await?;
            bench.require(found == wanted, || format!("{selector:?} selects {found} records instead of {wanted}"))?;
        }
        let everywhere = bench.heads(&HeadQuery::default().with_selector("status=deployed")).await?;
        bench.require(everywhere.iter().filter(|head| head.key.namespace == *bench.namespace).count() == 2, || {
            "a query over all namespaces misses records".to_owned()
        })?;
        if let Ok(elsewhere) = Namespace::new("conf-elsewhere") {
            let found = count(HeadQuery::all(Some(elsewhere))).await?;
            bench.require(found == 0, || "records are seen in another namespace".to_owned())?;
        }
        other.clean().await?;
    }

    /// Checks that a selector that Kubernetes would refuse is refused.
    ///
    /// # Errors
    /// [`Deviation`] when it is taken, or refused for another reason.
    ///
    /// ```
    /// use async_trait::async_trait;
    /// use helm_release_core::ports::{Head, HeadQuery, Storage, StorageError};
    /// use helm_release_store::conformance::storage::a_bad_selector_is_refused;
    /// use helm_release_store::storage::MemoryStorage;
    ///
    /// # use helm_release_core::ports::{NewRecord, RecordKey, StoredRecord, Version};
    /// # #[derive(Debug)]
    /// # struct Mine(MemoryStorage);
    /// # impl std::fmt::Display for Mine {
    /// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("mine") }
    /// # }
    /// #[async_trait]
    /// impl Storage for Mine {
    ///     async fn heads(&self, query: &HeadQuery) -> Result<Vec<Head>, StorageError> {
    ///         match self.0.heads(query).await {
    ///             Err(StorageError::Selector { .. }) => Ok(Vec::new()),
    ///             answer => answer,
    ///         }
    ///     }
    ///     // Everything else is passed on.
    /// #     async fn get(&self, k: &RecordKey) -> Result<StoredRecord, StorageError> { self.0.get(k).await }
    /// #     async fn create(&self, k: &RecordKey, r: &NewRecord) -> Result<Head, StorageError> { self.0.create(k, r).await }
    /// #     async fn replace(&self, k: &RecordKey, v: &Version, r: &NewRecord) -> Result<Head, StorageError> {
    /// #         self.0.replace(k, v, r).await
    /// #     }
    /// #     async fn delete(&self, k: &RecordKey, v: &Version) -> Result<(), StorageError> { self.0.delete(k, v).await }
    /// }
    ///
    /// # examples::run(async {
    /// let storage = Mine(MemoryStorage::new());
    /// let deviation = a_bad_selector_is_refused(&storage, &"default".parse()?).await.unwrap_err();
    /// assert_eq!(deviation.what, "a query with a broken selector was done");
    /// # Ok(()) });
    /// ```
    a_bad_selector_is_refused(bench, "conf-selector") {
        let answer = bench.storage.heads(&HeadQuery::all(Some(bench.namespace.clone())).with_selector("a in (")).await;
        bench.refused("a query with a broken selector", answer, |error| matches!(error, StorageError::Selector { .. }))?;
    }

    /// Checks that no text about a failure holds bytes of a payload.
    ///
    /// # Errors
    /// [`Deviation`] when one does.
    ///
    /// ```
    /// use async_trait::async_trait;
    /// use helm_release_core::ports::{Head, NewRecord, RecordKey, Storage, StorageError, Version};
    /// use helm_release_store::conformance::storage::errors_hold_no_payload;
    /// use helm_release_store::storage::MemoryStorage;
    ///
    /// # use helm_release_core::ports::{HeadQuery, StoredRecord};
    /// # #[derive(Debug)]
    /// # struct Mine(MemoryStorage);
    /// # impl std::fmt::Display for Mine {
    /// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("mine") }
    /// # }
    /// #[async_trait]
    /// impl Storage for Mine {
    ///     async fn replace(&self, key: &RecordKey, version: &Version, record: &NewRecord) -> Result<Head, StorageError> {
    ///         let reason = format!("not taken: {}", String::from_utf8_lossy(&record.payload.0));
    ///         self.0.replace(key, version, record).await.map_err(|_| StorageError::Malformed { key: key.clone(), reason })
    ///     }
    ///     // Everything else is passed on.
    /// #     async fn heads(&self, q: &HeadQuery) -> Result<Vec<Head>, StorageError> { self.0.heads(q).await }
    /// #     async fn get(&self, k: &RecordKey) -> Result<StoredRecord, StorageError> { self.0.get(k).await }
    /// #     async fn create(&self, k: &RecordKey, r: &NewRecord) -> Result<Head, StorageError> { self.0.create(k, r).await }
    /// #     async fn delete(&self, k: &RecordKey, v: &Version) -> Result<(), StorageError> { self.0.delete(k, v).await }
    /// }
    ///
    /// # examples::run(async {
    /// let storage = Mine(MemoryStorage::new());
    /// let deviation = errors_hold_no_payload(&storage, &"default".parse()?).await.unwrap_err();
    /// assert_eq!(deviation.what, "an error text holds the payload");
    /// # Ok(()) });
    /// ```
    errors_hold_no_payload(bench, "conf-secret") {
        let head = bench.create(1, "deployed", b"hunter2-first").await?;
        let again = bench.storage.create(&bench.key(1)?, &bench.record(1, "deployed", b"hunter2-again")).await.err();
        bench.did("replace", bench.storage.replace(&bench.key(1)?, &head.version, &bench.record(1, "failed", b"hunter2-new")).await)?;
        let stale = bench.storage.replace(&bench.key(1)?, &head.version, &bench.record(1, "failed", b"hunter2-stale")).await.err();
        for error in [again, stale].into_iter().flatten() {
            let text = format!("{error} {error:?}{}", source(&error));
            bench.require(!text.contains("hunter2"), || "an error text holds the payload".to_owned())?;
        }
    }

    /// Checks that of many who write at once exactly one succeeds.
    ///
    /// The writers take turns within one task. A storage that looks and then writes without an `await` between passes though two
    /// threads or processes could both win: such a race this check cannot see.
    ///
    /// # Errors
    /// [`Deviation`] when another number of them does.
    ///
    /// ```
    /// use helm_release_store::conformance::storage::one_of_many_writers_wins;
    /// use helm_release_store::storage::{Fault, FaultyStorage, MemoryStorage};
    ///
    /// # examples::run(async {
    /// // The winner does not hear that it has won.
    /// let storage = FaultyStorage::new(MemoryStorage::new(), Fault::LoseAnswer, 1);
    /// let deviation = one_of_many_writers_wins(&storage, &"default".parse()?).await.unwrap_err();
    /// assert_eq!(deviation.what, "0 of 8 creates succeeded");
    /// # Ok(()) });
    /// ```
    one_of_many_writers_wins(bench, "conf-race") {
        let key = bench.key(1)?;
        let records = |first: u8| -> Vec<_> { (0..8).map(|writer| bench.record(1, "deployed", &[first + writer])).collect() };
        let (first_ones, later_ones) = (records(b'a'), records(b'A'));
        let creates = futures::future::join_all(first_ones.iter().map(|record| bench.storage.create(&key, record))).await;
        let winners = creates.iter().filter(|result| result.is_ok()).count();
        bench.require(winners == 1, || format!("{winners} of 8 creates succeeded"))?;
        // Each differs from what is stored: a cluster does not count a write that changes nothing, so its version stays.
        let head = bench.did("get", bench.storage.get(&key).await)?.head;
        let replaces = futures::future::join_all(later_ones.iter().map(|record| bench.storage.replace(&key, &head.version, record))).await;
        let winners = replaces.iter().filter(|result| result.is_ok()).count();
        bench.require(winners == 1, || format!("{winners} of 8 replaces succeeded"))?;
    }
}
