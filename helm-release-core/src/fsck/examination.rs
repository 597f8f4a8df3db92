//! Everything that was read of a release before it is judged. Plain data: a check is a function of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::codec::Summary;
use crate::history::{History, Judgement};
use crate::hold::{Hold, hold};
use crate::patch::Schemas;
use crate::plan::{RevisionContent, Seen};
use crate::ports::{Head, Held, Kinds, Location, NoteKey, Payload, RecordKey, StoredRecord};
use crate::recover::last_written;
use crate::release::Status;
use crate::{Namespace, Object, ReleaseName, Revision};

/// A record, read as far as it can be.
///
/// ```
/// use helm_release_core::fsck::examine;
/// # use helm_release_core::ports::{NewRecord, Payload, Storage as _};
/// # use helm_release_store::{journal::SecretJournal, lock::LeaseLock};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
/// // The payload of revision 1 is damaged.
/// # let stored = shop.storage.get(&shop.key(1)?).await?;
/// # let record = NewRecord { payload: Payload(b"%%%".to_vec()), labels: stored.head.labels };
/// # shop.storage.replace(&stored.head.key, &stored.head.version, &record).await?;
/// let found = examine(&shop.storage, &lock, &journal, &shop.cluster, &shop.namespace, &shop.name).await?;
/// assert_eq!(found.records[0].head.status_label(), "superseded");
/// assert!(found.records[0].payload.is_some() && found.records[0].content.is_err());
/// let Ok(content) = &found.records[1].content else { panic!("{found:?}") };
/// assert_eq!(content.info.description, "Upgrade complete");
/// # Ok(()) });
/// ```
#[derive(Debug, Clone)]
pub struct ExaminedRecord {
    /// What the storage says of it.
    pub head: Head,
    /// Its bytes; `None` when the object has none.
    pub payload: Option<Payload>,
    /// What is inside, or why that cannot be read.
    pub content: Result<RevisionContent, String>,
}

impl ExaminedRecord {
    /// Its key, by the name of its object.
    ///
    /// ```
    /// use helm_release_core::fsck::examine;
    /// # use helm_release_store::{journal::SecretJournal, lock::LeaseLock};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
    /// let found = examine(&shop.storage, &lock, &journal, &shop.cluster, &shop.namespace, &shop.name).await?;
    /// assert_eq!(found.records[0].key().to_string(), "default/sh.helm.release.v1.shop.v1");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn key(&self) -> &RecordKey {
        &self.head.key
    }

    /// The key that it should have: of object name, labels and payload the one that two agree on, or the object's.
    ///
    /// ```
    /// use helm_release_core::fsck::examine;
    /// # use helm_release_core::ports::{NewRecord, Storage as _};
    /// # use helm_release_store::{journal::SecretJournal, lock::LeaseLock};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
    /// // Somebody has stored revision 1 under another name.
    /// # let stored = shop.storage.get(&shop.key(1)?).await?;
    /// # shop.storage.delete(&stored.head.key, &stored.head.version).await?;
    /// # shop.storage.create(&shop.key(7)?, &NewRecord { payload: stored.payload, labels: stored.head.labels }).await?;
    /// let found = examine(&shop.storage, &lock, &journal, &shop.cluster, &shop.namespace, &shop.name).await?;
    /// let record = found.find(&shop.key(7)?).ok_or("it was stored")?;
    /// assert_eq!(record.proper_key(), shop.key(1)?, "labels and payload agree");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn proper_key(&self) -> RecordKey {
        let mut proper = self.key().clone();
        let Ok(content) = &self.content else { return proper };
        if let Ok(said) = content.record.name()
            && self.label("name") == Some(said.as_str())
            && let Ok(name) = said.parse()
        {
            proper.name = name;
        }
        if let Ok(said) = content.record.version()
            && self.label("version") == Some(said.to_string().as_str())
            && let Some(revision) = Revision::new(said)
        {
            proper.revision = revision;
        }
        proper
    }

    /// Its number.
    ///
    /// ```
    /// use helm_release_core::fsck::{ExaminedRecord, examine};
    /// # use helm_release_store::{journal::SecretJournal, lock::LeaseLock};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
    /// let found = examine(&shop.storage, &lock, &journal, &shop.cluster, &shop.namespace, &shop.name).await?;
    /// let numbers: Vec<u32> = found.records.iter().map(ExaminedRecord::revision).map(|revision| revision.get()).collect();
    /// assert_eq!(numbers, [1, 2, 3]);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.proper_key().revision
    }

    /// The status: the payload's, which Helm shows, or the label's where the payload cannot be read.
    ///
    /// ```
    /// use helm_release_core::fsck::examine;
    /// use helm_release_core::release::Status;
    /// # use helm_release_core::ports::{NewRecord, Storage as _};
    /// # use helm_release_store::{journal::SecretJournal, lock::LeaseLock};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
    /// // The label of revision 1 says failed, its payload superseded.
    /// # let stored = shop.storage.get(&shop.key(1)?).await?;
    /// # let mut record = NewRecord { payload: stored.payload, labels: stored.head.labels };
    /// # record.labels.insert("status".to_owned(), "failed".to_owned());
    /// # shop.storage.replace(&stored.head.key, &stored.head.version, &record).await?;
    /// let found = examine(&shop.storage, &lock, &journal, &shop.cluster, &shop.namespace, &shop.name).await?;
    /// let record = &found.records[0];
    /// assert_eq!((record.status(), record.head.status_label()), (Status::Superseded, "failed"));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn status(&self) -> Status {
        match &self.content {
            Ok(content) => content.info.status.clone(),
            Err(_) => Status::from(self.head.status_label().to_owned()),
        }
    }

    /// When it was written last, as far as labels and payload tell.
    ///
    /// ```
    /// use helm_release_core::fsck::examine;
    /// # use helm_release_store::{journal::SecretJournal, lock::LeaseLock};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
    /// let found = examine(&shop.storage, &lock, &journal, &shop.cluster, &shop.namespace, &shop.name).await?;
    /// let newest = found.newest().ok_or("it has three")?;
    /// assert_eq!(newest.last_written(), Some("2026-11-23T09:00:00Z".parse()?));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn last_written(&self) -> Option<Timestamp> {
        let info = self.content.as_ref().map(|content| content.info.clone()).unwrap_or_default();
        last_written(&self.head, &info)
    }

    /// The record as it was stored, when it has a payload.
    ///
    /// ```
    /// use helm_release_core::fsck::{ExaminedRecord, examine};
    /// # use helm_release_core::ports::Storage as _;
    /// # use helm_release_store::{journal::SecretJournal, lock::LeaseLock};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
    /// let found = examine(&shop.storage, &lock, &journal, &shop.cluster, &shop.namespace, &shop.name).await?;
    /// let record = &found.records[0];
    /// assert_eq!(record.stored(), Some(shop.storage.get(record.key()).await?));
    /// // An object without `data.release` has nothing to keep.
    /// let empty = ExaminedRecord { payload: None, ..record.clone() };
    /// assert_eq!(empty.stored(), None);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn stored(&self) -> Option<StoredRecord> {
        Some(StoredRecord { head: self.head.clone(), payload: self.payload.clone()? })
    }

    /// A label of the record's object.
    ///
    /// ```
    /// use helm_release_core::fsck::examine;
    /// # use helm_release_store::{journal::SecretJournal, lock::LeaseLock};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
    /// let found = examine(&shop.storage, &lock, &journal, &shop.cluster, &shop.namespace, &shop.name).await?;
    /// let record = &found.records[2];
    /// assert_eq!(record.label("version"), Some("3"));
    /// assert_eq!(record.label("rollback-safe/pinned"), None);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn label(&self, key: &str) -> Option<&str> {
        self.head.labels.get(key).map(String::as_str)
    }
}

/// A release as it was when it was looked at.
///
/// ```
/// use helm_release_core::fsck::examine;
/// # use helm_release_store::{journal::SecretJournal, lock::LeaseLock};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
/// let found = examine(&shop.storage, &lock, &journal, &shop.cluster, &shop.namespace, &shop.name).await?;
/// assert_eq!(found.records.len(), 3);
/// assert!(found.lock.is_none() && found.notes.is_empty(), "nobody is or was at work");
/// // What is live and carries the release's name, of all its revisions.
/// let owned: Vec<String> = found.owned.iter().map(|(location, _)| location.to_string()).collect();
/// assert!(owned.contains(&"ConfigMap default/shop-feature".to_owned()));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Examination {
    /// The release's namespace.
    pub namespace: Namespace,
    /// The release's name.
    pub name: ReleaseName,
    /// Its records, by number, those under a wrong name included.
    pub records: Vec<ExaminedRecord>,
    /// Names of objects that Helm takes for records of this release and whose names no record has, each with its kind.
    pub misnamed: Vec<String>,
    /// The same revisions by the numbers that they should have, with what is known of each.
    pub history: History,
    /// The kinds that the server serves.
    pub kinds: Arc<Kinds>,
    /// How lists of built-in kinds are merged.
    pub schemas: Arc<Schemas>,
    /// What is live where hooks name an object, and where revisions do when none is deployed.
    pub live: BTreeMap<Location, Seen>,
    /// Live objects that say that they belong to this release.
    pub owned: Vec<(Location, Object)>,
    /// The lock of the release.
    pub lock: Option<Held>,
    /// Its journals and backups.
    pub notes: Vec<NoteKey>,
    /// What could not be looked at, one sentence each.
    pub unseen: Vec<String>,
}

impl Examination {
    /// An examination of records alone, with nothing live around them.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use helm_release_core::fsck::{Examination, ExaminedRecord};
    /// use helm_release_core::ports::{Head, Kinds, Payload, RecordKey, Version};
    ///
    /// let record = |revision: &str| {
    ///     let key = RecordKey { namespace: "default".parse()?, name: "shop".parse()?, revision: revision.parse()? };
    ///     let head = Head { key, version: Version("1".to_owned()), labels: Default::default() };
    ///     Ok(ExaminedRecord { head, payload: Some(Payload(b"%%%".to_vec())), content: Err("no base64".to_owned()) })
    /// };
    /// let records = vec![record("2")?, record("1")?];
    /// let found = Examination::of_records("default".parse()?, "shop".parse()?, records, Arc::new(Kinds::default()));
    /// assert_eq!(found.records.iter().map(|record| record.revision().get()).collect::<Vec<_>>(), [1, 2]);
    /// assert!(found.owned.is_empty() && found.notes.is_empty());
    /// # Ok::<(), helm_release_core::InvalidName>(())
    /// ```
    #[must_use]
    pub fn of_records(namespace: Namespace, name: ReleaseName, mut records: Vec<ExaminedRecord>, kinds: Arc<Kinds>) -> Self {
        records.sort_by_cached_key(|record| (record.revision(), record.key().clone()));
        let heads = records.iter().map(|record| Head { key: record.proper_key(), ..record.head.clone() });
        let mut history = History::new(heads.collect());
        for record in &records {
            let summary = match &record.content {
                Ok(content) => Ok(Summary { info: content.info.clone(), chart: content.chart.clone() }),
                Err(reason) => Err(reason.clone()),
            };
            history.learn(record.revision(), summary);
        }
        Self {
            namespace,
            name,
            records,
            misnamed: Vec::new(),
            history,
            kinds,
            schemas: Arc::default(),
            live: BTreeMap::new(),
            owned: Vec::new(),
            lock: None,
            notes: Vec::new(),
            unseen: Vec::new(),
        }
    }

    /// The revisions that can be read, oldest first.
    ///
    /// ```
    /// use helm_release_core::fsck::examine;
    /// # use helm_release_core::ports::{NewRecord, Payload, Storage as _};
    /// # use helm_release_store::{journal::SecretJournal, lock::LeaseLock};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
    /// // The payload of revision 2 is damaged.
    /// # let stored = shop.storage.get(&shop.key(2)?).await?;
    /// # let record = NewRecord { payload: Payload(b"%%%".to_vec()), labels: stored.head.labels };
    /// # shop.storage.replace(&stored.head.key, &stored.head.version, &record).await?;
    /// let found = examine(&shop.storage, &lock, &journal, &shop.cluster, &shop.namespace, &shop.name).await?;
    /// let readable: Vec<u32> = found.readable().map(|revision| revision.revision().get()).collect();
    /// assert_eq!(readable, [1, 3]);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn readable(&self) -> impl DoubleEndedIterator<Item = &RevisionContent> {
        self.records.iter().filter_map(|record| record.content.as_ref().ok())
    }

    /// The newest record.
    ///
    /// ```
    /// use helm_release_core::fsck::examine;
    /// use helm_release_core::release::Status;
    /// # use helm_release_store::{journal::SecretJournal, lock::LeaseLock};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
    /// let found = examine(&shop.storage, &lock, &journal, &shop.cluster, &shop.namespace, &shop.name).await?;
    /// let newest = found.newest().ok_or("a release has a record")?;
    /// assert_eq!((newest.revision().get(), newest.status()), (3, Status::Failed));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn newest(&self) -> Option<&ExaminedRecord> {
        self.records.last()
    }

    /// The record of that key.
    ///
    /// ```
    /// use helm_release_core::fsck::examine;
    /// # use helm_release_store::{journal::SecretJournal, lock::LeaseLock};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
    /// let found = examine(&shop.storage, &lock, &journal, &shop.cluster, &shop.namespace, &shop.name).await?;
    /// let record = found.find(&shop.key(2)?).ok_or("it is there")?;
    /// assert_eq!(record.label("status"), Some("deployed"));
    /// assert!(found.find(&shop.key(9)?).is_none());
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn find(&self, key: &RecordKey) -> Option<&ExaminedRecord> {
        self.records.iter().find(|record| record.key() == key)
    }

    /// The records whose payload says that they are deployed, oldest first.
    ///
    /// ```
    /// use helm_release_core::fsck::examine;
    /// # use helm_release_core::ports::{NewRecord, Storage as _};
    /// # use helm_release_store::{journal::SecretJournal, lock::LeaseLock};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
    /// // The label of revision 1 says deployed, its payload superseded.
    /// # let stored = shop.storage.get(&shop.key(1)?).await?;
    /// # let mut record = NewRecord { payload: stored.payload, labels: stored.head.labels };
    /// # record.labels.insert("status".to_owned(), "deployed".to_owned());
    /// # shop.storage.replace(&stored.head.key, &stored.head.version, &record).await?;
    /// let found = examine(&shop.storage, &lock, &journal, &shop.cluster, &shop.namespace, &shop.name).await?;
    /// let deployed: Vec<u32> = found.deployed().map(|record| record.revision().get()).collect();
    /// assert_eq!(deployed, [2]);
    /// # Ok(()) });
    /// ```
    pub fn deployed(&self) -> impl Iterator<Item = &ExaminedRecord> {
        self.records.iter().filter(|record| record.status() == Status::Deployed)
    }

    /// Whether a revision really was deployed once.
    ///
    /// ```
    /// use helm_release_core::Revision;
    /// use helm_release_core::fsck::examine;
    /// # use helm_release_store::{journal::SecretJournal, lock::LeaseLock};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
    /// let found = examine(&shop.storage, &lock, &journal, &shop.cluster, &shop.namespace, &shop.name).await?;
    /// let good: Vec<bool> = (1..=4).filter_map(Revision::new).map(|revision| found.is_good(revision)).collect();
    /// assert_eq!(good, [true, true, false, false], "3 has failed, and there is no 4");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn is_good(&self, revision: Revision) -> bool {
        self.history.judge(revision) == Some(Judgement::Good)
    }

    /// Whether the newest revision's operation has begun and not ended.
    ///
    /// ```
    /// use helm_release_core::fsck::examine;
    /// use helm_release_store::storage::load_memory_data;
    /// # use helm_release_store::{journal::SecretJournal, lock::LeaseLock};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
    /// let found = examine(&shop.storage, &lock, &journal, &shop.cluster, &shop.namespace, &shop.name).await?;
    /// assert!(!found.is_pending());
    /// load_memory_data(&shop.storage, "[{name: shop, version: 4, info: {status: pending-rollback}}]").await?;
    /// let found = examine(&shop.storage, &lock, &journal, &shop.cluster, &shop.namespace, &shop.name).await?;
    /// assert!(found.is_pending());
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.newest().is_some_and(|record| record.status().is_pending())
    }

    /// What holds the release, so that nothing must be repaired now.
    ///
    /// ```
    /// use helm_release_core::fsck::examine;
    /// use helm_release_store::storage::load_memory_data;
    /// # use helm_release_store::{journal::SecretJournal, lock::LeaseLock};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
    /// let upgrade = r#"[{name: shop, version: 4, info: {status: pending-upgrade, last_deployed: "2026-11-27T03:00:00Z"}}]"#;
    /// load_memory_data(&shop.storage, upgrade).await?;
    /// let found = examine(&shop.storage, &lock, &journal, &shop.cluster, &shop.namespace, &shop.name).await?;
    /// assert!(found.hold("2026-11-27T03:05:00Z".parse()?).is_some(), "Helm may be at work");
    /// assert_eq!(found.hold("2026-11-27T05:00:00Z".parse()?), None, "it is not after so long");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn hold(&self, now: Timestamp) -> Option<Hold> {
        let newest = self.newest().map(|record| (record.revision(), record.status(), record.last_written()));
        hold(self.lock.as_ref(), newest.as_ref().map(|(revision, status, written)| (*revision, status, *written)), now)
    }

    /// Whether every revision can be read, so that all their objects are known.
    ///
    /// ```
    /// use helm_release_core::fsck::examine;
    /// # use helm_release_core::ports::{NewRecord, Payload, Storage as _};
    /// # use helm_release_store::{journal::SecretJournal, lock::LeaseLock};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
    /// let found = examine(&shop.storage, &lock, &journal, &shop.cluster, &shop.namespace, &shop.name).await?;
    /// assert!(found.knows_all());
    /// // The payload of revision 1 is damaged: what it made nobody can tell.
    /// # let stored = shop.storage.get(&shop.key(1)?).await?;
    /// # let record = NewRecord { payload: Payload(b"%%%".to_vec()), labels: stored.head.labels };
    /// # shop.storage.replace(&stored.head.key, &stored.head.version, &record).await?;
    /// let found = examine(&shop.storage, &lock, &journal, &shop.cluster, &shop.namespace, &shop.name).await?;
    /// assert!(!found.knows_all());
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn knows_all(&self) -> bool {
        self.records.iter().all(|record| record.content.is_ok()) && self.misnamed.is_empty()
    }
}
