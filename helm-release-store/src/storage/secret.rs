//! Records in Secrets, where Helm keeps them by default.

use std::fmt;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use helm_release_core::Namespace;
use helm_release_core::ports::{
    ClusterError, ClusterErrorKind, Head, HeadQuery, NewRecord, Payload, RecordKey, Storage, StorageError, StoredRecord, Version,
};
use http::Method;
use serde::{Deserialize, Serialize};

use super::{MAX_PAYLOAD, replacing_labels};
use crate::connection::{Call, Connection, Effect, Failure, Retry, escape};
use crate::selector::Selector;

mod wire;

use wire::{
    ChangedMetadata, Changes, DeleteOptions, DeletePreconditions, MetadataOf, NewMetadata, NewSecret, Page, Secret, data,
};

/// The type of the Secrets that hold records.
const TYPE: &str = "helm.sh/release.v1";

/// A list with the metadata of objects and nothing else.
const METADATA_ONLY: &str = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

/// How many records one page of a list holds.
const PAGE: &str = "500";

/// Records in Secrets of type `helm.sh/release.v1`, as Helm's default driver keeps them.
///
/// Lists ask for metadata only, so no payload travels before it is wanted. A write is one conditional request; when its answer is
/// lost, the record is read back and compared before anything is reported. A write is repeated only when the server
/// has said that it did nothing (429) or could not be reached.
#[derive(Clone)]
pub struct SecretStorage {
    connection: Connection,
}

impl SecretStorage {
    /// The records behind a connection.
    #[must_use]
    pub fn new(connection: &Connection) -> Self {
        Self { connection: connection.clone() }
    }

    async fn pages(&self, query: &HeadQuery, selector: &str) -> Result<Vec<Head>, Failure> {
        let first = Call::get(collection(query.namespace.as_ref()))
            .accept(METADATA_ONLY)
            .param("labelSelector", selector)
            .param("limit", PAGE);
        let (mut heads, mut next, mut restarted) = (Vec::new(), None::<String>, false);
        loop {
            let call = first.clone().maybe_param("continue", next.as_deref());
            let answer = match self.connection.send(&call, Retry::Reads).await {
                // The server has forgotten where we were: what it says from the start is one moment again.
                Err(failure) if failure.code() == Some(410) && next.is_some() && !restarted => {
                    (next, restarted) = (None, true);
                    heads.clear();
                    continue;
                }
                answer => answer?,
            };
            let page: Page<'_> = parse(&answer)?;
            let found = page.items.into_iter().filter_map(|item| item.metadata.into_head());
            heads.extend(found.filter(|head| query.name.as_ref().is_none_or(|name| *name == head.key.name)));
            next = page.metadata.next.filter(|token| !token.is_empty());
            if next.is_none() {
                heads.sort_by(|a, b| a.key.cmp(&b.key));
                return Ok(heads);
            }
        }
    }

    /// Reads a record back after a write whose outcome is unknown.
    async fn read_back(&self, key: &RecordKey) -> Option<Result<StoredRecord, StorageError>> {
        match self.get(key).await {
            Err(StorageError::Other { .. } | StorageError::Forbidden { .. }) => None,
            answer => Some(answer),
        }
    }

    fn head(key: &RecordKey, answer: &[u8]) -> Result<Head, Failure> {
        let written: MetadataOf<'_> = parse(answer)?;
        Ok(written.metadata.head_of(key.clone()))
    }
}

/// Where the records of a namespace, or of all, are.
fn collection(namespace: Option<&Namespace>) -> String {
    match namespace {
        Some(namespace) => format!("/api/v1/namespaces/{}/secrets", escape(namespace.as_str())),
        None => "/api/v1/secrets".to_owned(),
    }
}

fn place(key: &RecordKey) -> String {
    format!("{}/{}", collection(Some(&key.namespace)), escape(&key.object_name()))
}

fn parse<'a, T: Deserialize<'a>>(answer: &'a [u8]) -> Result<T, Failure> {
    serde_json::from_slice(answer).map_err(|error| Failure::unusable(&error))
}

fn check_size(key: &RecordKey, record: &NewRecord) -> Result<(), StorageError> {
    let size = record.payload.0.len();
    if size > MAX_PAYLOAD {
        return Err(StorageError::TooLarge { key: key.clone(), size, limit: MAX_PAYLOAD });
    }
    Ok(())
}

fn other(failure: &Failure, effect: Effect, action: String) -> StorageError {
    match failure.kind(effect) {
        ClusterErrorKind::Forbidden => StorageError::Forbidden { action, message: failure.message().to_owned() },
        kind => {
            let source = ClusterError::new(kind, "request to the API server", failure.message());
            StorageError::Other { action, source: Box::new(source) }
        }
    }
}

/// Whether a stored record is what a write was to make of it.
fn is_done(stored: &StoredRecord, record: &NewRecord) -> bool {
    stored.payload == record.payload && record.labels.iter().all(|(key, value)| stored.head.labels.get(key) == Some(value))
}

#[async_trait]
impl Storage for SecretStorage {
    async fn heads(&self, query: &HeadQuery) -> Result<Vec<Head>, StorageError> {
        let mut selector = "owner=helm".to_owned();
        if let Some(name) = &query.name {
            selector.push_str(",name=");
            selector.push_str(name.as_str());
        }
        if let Some(text) = query.selector.as_deref().filter(|text| !text.trim().is_empty()) {
            let read: Result<Selector, _> = text.parse();
            read.map_err(|error| StorageError::Selector { selector: text.to_owned(), reason: error.to_string() })?;
            selector.push(',');
            selector.push_str(text);
        }
        self.pages(query, &selector).await.map_err(|failure| {
            let place = query.namespace.as_ref().map_or("all namespaces".to_owned(), |it| format!("namespace {:?}", it.as_str()));
            other(&failure, Effect::Read, format!("list secrets in {place}"))
        })
    }

    async fn get(&self, key: &RecordKey) -> Result<StoredRecord, StorageError> {
        let wrong = |failure: &Failure| match failure.kind(Effect::Read) {
            ClusterErrorKind::NotFound => StorageError::NotFound { key: key.clone() },
            _ => other(failure, Effect::Read, format!("get secret {key}")),
        };
        let malformed = |reason: &str| StorageError::Malformed { key: key.clone(), reason: reason.to_owned() };
        let answer = self.connection.send(&Call::get(place(key)), Retry::Reads).await.map_err(|failure| wrong(&failure))?;
        let secret: Secret<'_> = parse(&answer).map_err(|failure| wrong(&failure))?;
        let release = secret.data.and_then(|data| data.release).ok_or_else(|| malformed("it has no data.release"))?;
        let payload = STANDARD.decode(release.as_bytes()).map_err(|_| malformed("data.release is not base64"))?;
        Ok(StoredRecord { head: secret.metadata.head_of(key.clone()), payload: Payload(payload) })
    }

    async fn create(&self, key: &RecordKey, record: &NewRecord) -> Result<Head, StorageError> {
        check_size(key, record)?;
        let secret = NewSecret {
            api_version: "v1",
            kind: "Secret",
            metadata: NewMetadata { name: key.object_name(), namespace: key.namespace.as_str(), labels: &record.labels },
            r#type: TYPE,
            data: data(&record.payload),
        };
        let failure = match self.write(Method::POST, collection(Some(&key.namespace)), "application/json", &secret).await {
            Ok(answer) => match Self::head(key, &answer) {
                Ok(head) => return Ok(head),
                Err(failure) => failure,
            },
            Err(failure) => failure,
        };
        match failure.kind(Effect::Write) {
            ClusterErrorKind::AlreadyExists => return Err(StorageError::AlreadyExists { key: key.clone() }),
            ClusterErrorKind::Ambiguous => match self.read_back(key).await {
                Some(Ok(stored)) if is_done(&stored, record) => return Ok(stored.head),
                Some(Ok(_) | Err(StorageError::Malformed { .. })) => {
                    return Err(StorageError::AlreadyExists { key: key.clone() });
                }
                _ => {}
            },
            _ => {}
        }
        Err(other(&failure, Effect::Write, format!("create secret {key}")))
    }

    async fn replace(&self, key: &RecordKey, expected: &Version, record: &NewRecord) -> Result<Head, StorageError> {
        check_size(key, record)?;
        let changes = Changes {
            metadata: ChangedMetadata { resource_version: &expected.0, labels: replacing_labels(&record.labels) },
            data: data(&record.payload),
        };
        let failure = match self.write(Method::PATCH, place(key), "application/merge-patch+json", &changes).await {
            Ok(answer) => match Self::head(key, &answer) {
                Ok(head) => return Ok(head),
                Err(failure) => failure,
            },
            Err(failure) => failure,
        };
        match failure.kind(Effect::Write) {
            ClusterErrorKind::NotFound => return Err(StorageError::NotFound { key: key.clone() }),
            ClusterErrorKind::Conflict => return Err(StorageError::Conflict { key: key.clone() }),
            ClusterErrorKind::Ambiguous => match self.read_back(key).await {
                Some(Ok(stored)) if is_done(&stored, record) => return Ok(stored.head),
                Some(Ok(stored)) if stored.head.version != *expected => return Err(StorageError::Conflict { key: key.clone() }),
                Some(Err(error)) => return Err(error),
                _ => {}
            },
            _ => {}
        }
        Err(other(&failure, Effect::Write, format!("update secret {key}")))
    }

    async fn delete(&self, key: &RecordKey, expected: &Version) -> Result<(), StorageError> {
        let options = DeleteOptions {
            api_version: "v1",
            kind: "DeleteOptions",
            preconditions: DeletePreconditions { resource_version: &expected.0 },
        };
        let Err(failure) = self.write(Method::DELETE, place(key), "application/json", &options).await else {
            return Ok(());
        };
        match failure.kind(Effect::Write) {
            ClusterErrorKind::NotFound => return Err(StorageError::NotFound { key: key.clone() }),
            ClusterErrorKind::Conflict => return Err(StorageError::Conflict { key: key.clone() }),
            ClusterErrorKind::Ambiguous => match self.read_back(key).await {
                Some(Err(StorageError::NotFound { .. })) => return Ok(()),
                Some(Ok(stored)) if stored.head.version != *expected => return Err(StorageError::Conflict { key: key.clone() }),
                _ => {}
            },
            _ => {}
        }
        Err(other(&failure, Effect::Write, format!("delete secret {key}")))
    }
}

impl SecretStorage {
    async fn write(
        &self,
        method: Method,
        path: String,
        content_type: &'static str,
        body: &(impl Serialize + Sync),
    ) -> Result<Vec<u8>, Failure> {
        let call = Call::new(method, path).body(content_type, body)?;
        self.connection.send(&call, Retry::Undone).await
    }
}

impl fmt::Display for SecretStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets at {}", self.connection.server())
    }
}

impl fmt::Debug for SecretStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretStorage").field("connection", &self.connection).finish()
    }
}

#[cfg(test)]
mod tests;
