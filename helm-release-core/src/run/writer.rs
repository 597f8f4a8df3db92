//! The one place through which every write of a run passes.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Event, RunError};
use crate::codec;
use crate::ports::{
    Clock, Cluster, ClusterError, ClusterErrorKind, DryRun, Head, NewRecord, Observer, RecordKey, Request, Storage, Version,
};
use crate::release::{custom_labels, labels_for_create, labels_for_update};
use crate::{Object, Record};

/// How often a write that the server turned away undone is sent again.
const ATTEMPTS: u32 = 5;
/// The first pause before that; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(20);

/// Sends writes. Nothing else in this crate calls a port's writing methods.
#[derive(Debug, Clone, Copy)]
pub(super) struct Writer<'a> {
    pub(super) storage: &'a dyn Storage,
    pub(super) cluster: &'a dyn Cluster,
    pub(super) clock: &'a dyn Clock,
    pub(super) observer: &'a dyn Observer,
}

/// A record as it was last written by this run.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub(super) head: Head,
    pub(super) record: Record,
}

impl Writer<'_> {
    /// Writes an object.
    ///
    /// A write that the server certainly did not do (429, or 409 on a patch without `resourceVersion`) is sent again a few times;
    /// one of which that is not known is not.
    pub(super) async fn object(&self, request: &Request) -> Result<Option<Object>, ClusterError> {
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
    pub(super) async fn create_record(
        &self,
        key: &RecordKey,
        record: Record,
        labels: &BTreeMap<String, String>,
    ) -> Result<Written, RunError> {
        let status = record.info()?.status;
        let now = self.clock.now().timestamp();
        let labels = labels_for_create(&custom_labels(labels), &key.name, key.revision, &status, now);
        let head = self.storage.create(key, &NewRecord { payload: codec::encode(&record), labels }).await?;
        self.observer.event(&Event::RecordWritten { revision: key.revision, status });
        Ok(Written { head, record })
    }

    /// Replaces a record that is still as it was read or written last.
    pub(super) async fn replace_record(&self, head: &Head, record: Record) -> Result<Written, RunError> {
        let key = &head.key;
        let status = record.info()?.status;
        let now = self.clock.now().timestamp();
        let labels = labels_for_update(&custom_labels(&head.labels), &key.name, key.revision, &status, now);
        let head = self.storage.replace(key, &head.version, &NewRecord { payload: codec::encode(&record), labels }).await?;
        self.observer.event(&Event::RecordWritten { revision: key.revision, status });
        Ok(Written { head, record })
    }

    /// Deletes a record that is still as it was listed.
    pub(super) async fn delete_record(&self, key: &RecordKey, version: &Version) -> Result<(), RunError> {
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
            Request::Apply { .. } => true,
            // A patch that names a version can only fail again.
            Request::Patch { patch, .. } => !patch.value().to_string().contains("resourceVersion"),
            Request::Create { .. } | Request::Replace { .. } | Request::Delete { .. } => false,
        },
        _ => false,
    }
}
