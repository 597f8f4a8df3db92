//! Fetches records for commands that show one release.

use helm_release_core::codec::{self, DecodeOptions, Summary};
use helm_release_core::ports::{Head, HeadQuery, RecordKey, Storage, StorageError, StorageExt as _, StoredRecord};
use helm_release_core::{Namespace, Record, ReleaseName, Revision};

use crate::report::undecodable;
use crate::{Report, ReportKind};

/// Reads a release's name from an argument.
pub(crate) fn release_name(text: &str) -> Result<ReleaseName, Report> {
    ReleaseName::new(text).map_err(|error| Report::usage(format!("release name is invalid: {text}")).with_cause(error))
}

/// A release that is not there.
pub(crate) fn no_release(name: &ReleaseName, namespace: &Namespace) -> Report {
    Report::new(ReportKind::NotFound, format!("release \"{name}\" not found in namespace \"{namespace}\""))
        .with_hint("`helm rollback-safe list -A` shows the releases of all namespaces; choose one with --namespace")
}

/// The heads of a release, in the order of revisions; at least one.
pub(crate) async fn heads(storage: &dyn Storage, namespace: &Namespace, name: &ReleaseName) -> Result<Vec<Head>, Report> {
    let mut heads = storage.heads(&HeadQuery::release(namespace, name)).await?;
    if heads.is_empty() {
        return Err(no_release(name, namespace));
    }
    heads.sort_by_key(|head| head.key.revision);
    Ok(heads)
}

/// The record of a revision, or of the latest for 0 and below, as Helm has it.
pub(crate) async fn record(
    storage: &dyn Storage,
    namespace: &Namespace,
    release: &str,
    revision: i64,
) -> Result<(StoredRecord, Record), Report> {
    let name = release_name(release)?;
    let stored = if revision <= 0 {
        let heads = heads(storage, namespace, &name).await?;
        let latest = heads.last().ok_or_else(|| no_release(&name, namespace))?;
        storage.get(&latest.key).await?
    } else {
        of_revision(storage, namespace, &name, revision).await?
    };
    let record =
        codec::decode(&stored.payload.0, DecodeOptions::default()).map_err(|error| undecodable(&stored.head.key, &error))?;
    Ok((stored, record))
}

async fn of_revision(
    storage: &dyn Storage,
    namespace: &Namespace,
    name: &ReleaseName,
    revision: i64,
) -> Result<StoredRecord, Report> {
    if let Some(revision) = u32::try_from(revision).ok().and_then(Revision::new) {
        let key = RecordKey { namespace: namespace.clone(), name: name.clone(), revision };
        match storage.get(&key).await {
            Err(StorageError::NotFound { .. }) => {}
            found => return Ok(found?),
        }
    }
    let known: Vec<String> = heads(storage, namespace, name).await?.iter().map(|head| head.key.revision.to_string()).collect();
    Err(Report::new(
        ReportKind::NotFound,
        format!("revision {revision} of release \"{name}\" not found in namespace \"{namespace}\""),
    )
    .with_hint(format!("there are: {}", known.join(", "))))
}

/// What tables show of records, each with its own result.
pub(crate) async fn summaries(storage: &dyn Storage, keys: &[RecordKey]) -> Vec<Result<Summary, Report>> {
    let stored = storage.get_all(keys).await;
    stored
        .into_iter()
        .map(|stored| {
            let stored = stored?;
            codec::summary(&stored.payload.0, DecodeOptions::default()).map_err(|error| undecodable(&stored.head.key, &error))
        })
        .collect()
}

/// A member of a record that is not of Helm's form.
pub(crate) fn unreadable(key: &RecordKey) -> impl Fn(helm_release_core::release::RecordError) -> Report + '_ {
    move |error| crate::report::corrupt(key, error)
}
