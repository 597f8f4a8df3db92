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
    #[must_use]
    pub fn key(&self) -> &RecordKey {
        &self.head.key
    }

    /// The key that it should have: of object name, labels and payload the one that two agree on, or the object's.
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
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.proper_key().revision
    }

    /// The status: the payload's, which Helm shows, or the label's where the payload cannot be read.
    #[must_use]
    pub fn status(&self) -> Status {
        match &self.content {
            Ok(content) => content.info.status.clone(),
            Err(_) => Status::from(self.head.status_label().to_owned()),
        }
    }

    /// When it was written last, as far as labels and payload tell.
    #[must_use]
    pub fn last_written(&self) -> Option<Timestamp> {
        let info = self.content.as_ref().map(|content| content.info.clone()).unwrap_or_default();
        last_written(&self.head, &info)
    }

    /// The record as it was stored, when it has a payload.
    #[must_use]
    pub fn stored(&self) -> Option<StoredRecord> {
        Some(StoredRecord { head: self.head.clone(), payload: self.payload.clone()? })
    }

    /// A label of the record's object.
    #[must_use]
    pub fn label(&self, key: &str) -> Option<&str> {
        self.head.labels.get(key).map(String::as_str)
    }
}

/// A release as it was when it was looked at.
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
    #[must_use]
    pub fn readable(&self) -> impl DoubleEndedIterator<Item = &RevisionContent> {
        self.records.iter().filter_map(|record| record.content.as_ref().ok())
    }

    /// The newest record.
    #[must_use]
    pub fn newest(&self) -> Option<&ExaminedRecord> {
        self.records.last()
    }

    /// The record of that key.
    #[must_use]
    pub fn find(&self, key: &RecordKey) -> Option<&ExaminedRecord> {
        self.records.iter().find(|record| record.key() == key)
    }

    /// The records whose payload says that they are deployed, oldest first.
    pub fn deployed(&self) -> impl Iterator<Item = &ExaminedRecord> {
        self.records.iter().filter(|record| record.status() == Status::Deployed)
    }

    /// Whether a revision really was deployed once.
    #[must_use]
    pub fn is_good(&self, revision: Revision) -> bool {
        self.history.judge(revision) == Some(Judgement::Good)
    }

    /// Whether the newest revision's operation has begun and not ended.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.newest().is_some_and(|record| record.status().is_pending())
    }

    /// What holds the release, so that nothing must be repaired now.
    #[must_use]
    pub fn hold(&self, now: Timestamp) -> Option<Hold> {
        let newest = self.newest().map(|record| (record.revision(), record.status(), record.last_written()));
        hold(self.lock.as_ref(), newest.as_ref().map(|(revision, status, written)| (*revision, status, *written)), now)
    }

    /// Whether every revision can be read, so that all their objects are known.
    #[must_use]
    pub fn knows_all(&self) -> bool {
        self.records.iter().all(|record| record.content.is_ok()) && self.misnamed.is_empty()
    }
}
