//! The one place through which every write of a run passes.

use std::collections::BTreeMap;
use std::time::Duration;

use super::gate::Gate;
use super::progress::Progress;
use super::witness::Witness;
use super::{Event, RunError};
use crate::codec;
use crate::ports::{
    Clock, Cluster, ClusterError, ClusterErrorKind, DryRun, Head, NewRecord, Observer, Payload, RecordKey, Request, Storage,
    StorageError, StorageExt as _, Version,
};
use crate::release::{custom_labels, labels_for_create, labels_for_update};
use crate::{Object, Record};

/// How often a write that the server turned away undone is sent again.
pub(super) const ATTEMPTS: u32 = 5;
/// The first pause before that; each further one is twice as long.
pub(super) const PAUSE: Duration = Duration::from_millis(20);

/// Sends writes. Nothing else in this crate calls a port's writing methods.
#[derive(Debug, Clone, Copy)]
pub(super) struct Writer<'a> {
    pub(super) storage: &'a dyn Storage,
    pub(super) cluster: &'a dyn Cluster,
    pub(super) clock: &'a dyn Clock,
    pub(super) observer: &'a dyn Observer,
    pub(super) gate: &'a Gate<'a>,
    pub(super) progress: &'a Progress,
    pub(super) witness: &'a Witness<'a>,
}

/// A record as it was last written by this run.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub(super) head: Head,
    pub(super) record: Record,
    payload: Payload,
}

impl Written {
    /// A record that an earlier process of the same run wrote.
    pub(super) fn of(head: Head, record: Record, payload: Payload) -> Self {
        Self { head, record, payload }
    }
}

/// A record that could not be created.
#[derive(Debug)]
pub(super) struct NotCreated {
    pub(super) error: RunError,
    /// Why it is not known whether the record is there all the same.
    pub(super) unknown: Option<RunError>,
}

impl From<RunError> for NotCreated {
    fn from(error: RunError) -> Self {
        Self { error, unknown: None }
    }
}

impl Writer<'_> {
    /// Writes an object.
    ///
    /// A write that the server certainly did not do (429, or 409 on an apply or a patch without `resourceVersion`) is sent again a few
    /// times; one of which that is not known is not.
    pub(super) async fn object(&self, request: &Request) -> Result<Option<Object>, ClusterError> {
        let _ticket = self.gate.enter().await;
        let mut pause = PAUSE;
        for _ in 1..ATTEMPTS {
            match self.cluster.write(request, DryRun::No).await {
                Err(error) if is_turned_away(request, &error) => {
                    self.clock.sleep(pause).await;
                    pause *= 2;
                }
                result => return result,
            }
        }
        self.cluster.write(request, DryRun::No).await
    }

    /// Creates a record with the labels of the revision that it comes from.
    ///
    /// When the answer is lost, what is stored tells whether the record was made.
    pub(super) async fn create_record(
        &self,
        key: &RecordKey,
        record: Record,
        labels: &BTreeMap<String, String>,
    ) -> Result<Written, NotCreated> {
        let status = record.info().map_err(RunError::from)?.status;
        let now = self.clock.now().timestamp();
        let labels = labels_for_create(&custom_labels(labels), &key.name, key.revision, &status, now);
        let new = NewRecord { payload: codec::encode(&record), labels };
        let _ticket = self.gate.enter().await;
        let head = match self.storage.create(key, &new).await {
            Err(error @ StorageError::Other { .. }) => match self.storage.find(key).await {
                Ok(Some(stored)) if stored.payload == new.payload => stored.head,
                Ok(_) => return Err(RunError::from(error).into()),
                Err(unknown) => return Err(NotCreated { error: error.into(), unknown: Some(unknown.into()) }),
            },
            result => result.map_err(RunError::from)?,
        };
        self.observer.event(&Event::RecordWritten { revision: key.revision, status });
        Ok(Written { head, record, payload: new.payload })
    }

    /// Replaces the record that this run wrote last; what others wrote into it since stays and is a conflict.
    pub(super) async fn replace_own(&self, own: &Written, record: Record) -> Result<Written, RunError> {
        self.replace(&own.head, Some(&own.payload), record).await
    }

    /// Replaces a record that is still as it was read.
    pub(super) async fn replace_record(&self, head: &Head, record: Record) -> Result<Head, RunError> {
        Ok(self.replace(head, None, record).await?.head)
    }

    /// Replaces a record whose version, or at least whose payload, is the one that is known.
    ///
    /// Every attempt is conditional, so one whose answer was lost is looked after and sent again when it was not done.
    async fn replace(&self, head: &Head, payload: Option<&Payload>, record: Record) -> Result<Written, RunError> {
        let key = &head.key;
        let status = record.info()?.status;
        let now = self.clock.now().timestamp();
        let labels = labels_for_update(&custom_labels(&head.labels), &key.name, key.revision, &status, now);
        let new = NewRecord { payload: codec::encode(&record), labels };
        let _ticket = self.gate.enter().await;
        let (mut version, mut pause) = (head.version.clone(), PAUSE);
        let mut attempts = 1..ATTEMPTS;
        let head = loop {
            let error = match self.storage.replace(key, &version, &new).await {
                Ok(head) => break head,
                Err(error @ (StorageError::Other { .. } | StorageError::Conflict { .. })) => error,
                Err(error) => return Err(error.into()),
            };
            // The first error says more than one of looking after it.
            let Ok(stored) = self.storage.get(key).await else { return Err(error.into()) };
            if stored.payload == new.payload && stored.head.version != version {
                break stored.head;
            }
            let is_as_known = stored.head.version == version || payload == Some(&stored.payload);
            if !is_as_known || attempts.next().is_none() {
                return Err(error.into());
            }
            version = stored.head.version;
            self.clock.sleep(pause).await;
            pause *= 2;
        };
        self.observer.event(&Event::RecordWritten { revision: key.revision, status });
        Ok(Written { head, record, payload: new.payload })
    }

    /// Deletes a record that is still as it was listed.
    pub(super) async fn delete_record(&self, key: &RecordKey, version: &Version) -> Result<(), RunError> {
        let _ticket = self.gate.enter().await;
        self.storage.delete(key, version).await?;
        self.observer.event(&Event::RecordPruned { revision: key.revision });
        Ok(())
    }
}

/// Whether a write was certainly not done and may succeed when sent again unchanged.
fn is_turned_away(request: &Request, error: &ClusterError) -> bool {
    match error.kind {
        ClusterErrorKind::Busy => true,
        ClusterErrorKind::Conflict => match request {
            // What names a version can only fail again.
            Request::Apply { object, .. } => object.resource_version().is_none(),
            Request::Patch { patch, .. } => !patch.value().to_string().contains("resourceVersion"),
            Request::Create { .. } | Request::Replace { .. } | Request::Delete { .. } => false,
        },
        _ => false,
    }
}
