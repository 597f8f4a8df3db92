//! Records in Secrets, where Helm keeps them by default, or in ConfigMaps.

use std::fmt;

use async_trait::async_trait;
use helm_release_core::patch::{self, Schemas};
use helm_release_core::ports::{
    ClusterError, ClusterErrorKind, Head, HeadQuery, KeepersRights, NewRecord, PatchBody, Payload, RecordKey, Storage,
    StorageError, StoredRecord, Version,
};
use helm_release_core::{Gvk, Namespace};
use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{MAX_PAYLOAD, replacing_labels};
use crate::connection::protobuf::{PROTOBUF, is_protobuf, read};
use crate::connection::{Call, Connection, Effect, Failure, Retry};
use crate::selector::Selector;

mod home;
mod protobuf;
mod wire;

use home::Home;
use wire::{
    ChangedMetadata, Changes, DeleteOptions, DeletePreconditions, MetadataOf, NewData, NewMetadata, NewObject, Page, Stored,
};

/// A list with the metadata of objects and nothing else.
const METADATA_ONLY: &str = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

/// What is wrong with an object that has the name of a record and holds none.
const NO_RELEASE: &str = "it has no data.release";

/// How many records one page of a list holds.
const PAGE: &str = "500";

/// Records in Secrets of type `helm.sh/release.v1`, as Helm's default driver keeps them.
///
/// Lists ask for metadata only, so no payload travels before it is wanted. A write is one conditional request; when its answer is
/// lost, the record is read back and compared before anything is reported. A write is repeated only when the server
/// has said that it did nothing (429) or could not be reached.
///
/// ```no_run
/// use helm_release_core::ports::{HeadQuery, Storage as _};
/// use helm_release_store::connection::{Connection, ConnectionOptions, Environment};
/// use helm_release_store::storage::SecretStorage;
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let mut options = ConnectionOptions::default();
/// options.kubeconfig = std::env::var("KUBECONFIG").ok();
/// options.environment = Environment::pick(|name| std::env::var(name).ok());
/// let storage = SecretStorage::new(&Connection::open(&options)?);
/// for head in storage.heads(&HeadQuery::all(None)).await? {
///     println!("{} is {}", head.key, head.status_label());
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct SecretStorage(Records);

/// Records in ConfigMaps, as Helm's driver `configmap` keeps them; otherwise like [`SecretStorage`].
///
/// A ConfigMap holds text, so a payload that is not UTF-8 is refused as [`StorageError::Malformed`]. What Helm writes is.
///
/// ```
/// use helm_release_core::ports::{NewRecord, Payload, RecordKey, Storage as _, StorageError};
/// use helm_release_store::connection::{Connection, ConnectionOptions};
/// use helm_release_store::storage::ConfigMapStorage;
///
/// # examples::run(async {
/// # let mut options = ConnectionOptions::default();
/// # options.api_server = Some("http://api.example.com".to_owned());
/// # let connection = Connection::open(&options)?;
/// # let key = RecordKey { namespace: "default".parse()?, name: "web".parse()?, revision: "1".parse()? };
/// let storage = ConfigMapStorage::new(&connection);
/// let record = NewRecord { payload: Payload(vec![0xff]), labels: Default::default() };
/// // Refused before anything is sent.
/// let error = storage.create(&key, &record).await.unwrap_err();
/// assert!(matches!(error, StorageError::Malformed { .. }));
/// # Ok(()) });
/// ```
#[derive(Clone)]
pub struct ConfigMapStorage(Records);

impl SecretStorage {
    /// The records behind a connection.
    ///
    /// ```
    /// use helm_release_core::ports::{NewRecord, Payload, RecordKey, Storage as _, StorageError};
    /// use helm_release_store::connection::{Connection, ConnectionOptions};
    /// use helm_release_store::storage::{MAX_PAYLOAD, SecretStorage};
    ///
    /// # examples::run(async {
    /// # let mut options = ConnectionOptions::default();
    /// # options.api_server = Some("http://api.example.com".to_owned());
    /// # let connection = Connection::open(&options)?;
    /// # let key = RecordKey { namespace: "default".parse()?, name: "web".parse()?, revision: "1".parse()? };
    /// let storage = SecretStorage::new(&connection);
    /// assert_eq!(storage.to_string(), "Secrets at http://api.example.com");
    /// // What no Secret can hold is not sent.
    /// let record = NewRecord { payload: Payload(vec![b'x'; MAX_PAYLOAD + 1]), labels: Default::default() };
    /// assert!(matches!(storage.create(&key, &record).await, Err(StorageError::TooLarge { .. })));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn new(connection: &Connection) -> Self {
        Self(Records { connection: connection.clone(), home: Home::Secret })
    }
}

impl ConfigMapStorage {
    /// The records behind a connection.
    ///
    /// ```
    /// use helm_release_core::Namespace;
    /// use helm_release_core::ports::Storage as _;
    /// use helm_release_store::connection::{Connection, ConnectionOptions};
    /// use helm_release_store::storage::ConfigMapStorage;
    ///
    /// # examples::run(async {
    /// # let mut options = ConnectionOptions::default();
    /// # options.api_server = Some("http://api.example.com".to_owned());
    /// # let connection = Connection::open(&options)?;
    /// let storage = ConfigMapStorage::new(&connection);
    /// assert_eq!(storage.to_string(), "ConfigMaps at http://api.example.com");
    /// assert_eq!(storage.rights(&Namespace::new("shop")?).create[0].resource, "configmaps");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn new(connection: &Connection) -> Self {
        Self(Records { connection: connection.clone(), home: Home::ConfigMap })
    }
}

/// Records in objects of either kind.
#[derive(Clone)]
struct Records {
    connection: Connection,
    home: Home,
}

impl Records {
    async fn pages(&self, query: &HeadQuery, selector: &str) -> Result<Vec<Head>, Failure> {
        let first = Call::get(self.home.collection(query.namespace.as_ref()))
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

fn parse<'a, T: Deserialize<'a>>(answer: &'a [u8]) -> Result<T, Failure> {
    serde_json::from_slice(answer).map_err(|error| Failure::unusable(&error))
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
impl Storage for Records {
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
            other(&failure, Effect::Read, format!("list {} in {place}", self.home.plural()))
        })
    }

    async fn get(&self, key: &RecordKey) -> Result<StoredRecord, StorageError> {
        let wrong = |failure: &Failure| match failure.kind(Effect::Read) {
            ClusterErrorKind::NotFound => StorageError::NotFound { key: key.clone() },
            _ => other(failure, Effect::Read, self.action("get", key)),
        };
        let malformed = |reason: &str| StorageError::Malformed { key: key.clone(), reason: reason.to_owned() };
        let call = Call::get(self.home.place(key)).accept(PROTOBUF).uncompressed();
        let answer = self.connection.send(&call, Retry::Reads).await.map_err(|failure| wrong(&failure))?;
        if is_protobuf(&answer) {
            let mut stored: protobuf::Stored = read(answer).map_err(|failure| wrong(&failure))?;
            let payload = stored.data.remove("release").map(Payload).ok_or_else(|| malformed(NO_RELEASE))?;
            return Ok(StoredRecord { head: stored.metadata.unwrap_or_default().head_of(key.clone()), payload });
        }
        let stored: Stored<'_> = parse(&answer).map_err(|failure| wrong(&failure))?;
        let release = stored.data.and_then(|data| data.release).ok_or_else(|| malformed(NO_RELEASE))?;
        let payload = self.home.decode(&release).ok_or_else(|| malformed("data.release is not base64"))?;
        Ok(StoredRecord { head: stored.metadata.head_of(key.clone()), payload })
    }

    async fn create(&self, key: &RecordKey, record: &NewRecord) -> Result<Head, StorageError> {
        let data = self.data(key, record)?;
        let object = NewObject {
            api_version: "v1",
            kind: self.home.kind(),
            metadata: NewMetadata { name: key.object_name(), namespace: key.namespace.as_str(), labels: &record.labels },
            r#type: self.home.object_type(),
            data,
        };
        let failure =
            match self.write(Method::POST, self.home.collection(Some(&key.namespace)), "application/json", &object).await {
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
        Err(other(&failure, Effect::Write, self.action("create", key)))
    }

    async fn replace(&self, key: &RecordKey, expected: &Version, record: &NewRecord) -> Result<Head, StorageError> {
        let data = self.data(key, record)?;
        let changes = Changes {
            metadata: ChangedMetadata { resource_version: &expected.0, labels: replacing_labels(&record.labels) },
            data,
        };
        let mut sent = self.write(Method::PATCH, self.home.place(key), "application/merge-patch+json", &changes).await;
        if sent.as_ref().is_err_and(|failure| failure.kind(Effect::Write) == ClusterErrorKind::Forbidden) {
            // Roles made for Helm hold the right to update, which is all that Helm asks for.
            sent = self.put(key, &changes).await;
        }
        let failure = match sent {
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
        Err(other(&failure, Effect::Write, self.action("update", key)))
    }

    async fn delete(&self, key: &RecordKey, expected: &Version) -> Result<(), StorageError> {
        let options = DeleteOptions {
            api_version: "v1",
            kind: "DeleteOptions",
            preconditions: DeletePreconditions { resource_version: &expected.0 },
        };
        let Err(failure) = self.write(Method::DELETE, self.home.place(key), "application/json", &options).await else {
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
        Err(other(&failure, Effect::Write, self.action("delete", key)))
    }

    fn rights(&self, namespace: &Namespace) -> KeepersRights {
        KeepersRights::over("", self.home.plural(), namespace.as_str())
    }
}

impl Records {
    /// The payload as it is sent, when it may be.
    fn data(&self, key: &RecordKey, record: &NewRecord) -> Result<NewData, StorageError> {
        let size = record.payload.0.len();
        if size > MAX_PAYLOAD {
            return Err(StorageError::TooLarge { key: key.clone(), size, limit: MAX_PAYLOAD });
        }
        let release = self.home.encode(&record.payload).ok_or_else(|| StorageError::Malformed {
            key: key.clone(),
            reason: format!("a {} takes no payload that is not UTF-8", self.home.kind()),
        })?;
        Ok(NewData { release })
    }

    /// Sends the whole object with the changes in it, on condition of the version that they name.
    async fn put(&self, key: &RecordKey, changes: &Changes<'_>) -> Result<Vec<u8>, Failure> {
        let answer = self.connection.send(&Call::get(self.home.place(key)), Retry::Reads).await?;
        let live: Value = parse(&answer)?;
        let changes = serde_json::to_value(changes).map_err(|error| Failure::unusable(&error))?;
        let gvk = Gvk::new("v1", self.home.kind());
        let object = patch::apply(Schemas::built_in(), &gvk, &live, &PatchBody::Merge(changes))
            .map_err(|error| Failure::unusable(&error))?;
        self.write(Method::PUT, self.home.place(key), "application/json", &object).await
    }

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

    /// `get secret default/sh.helm.release.v1.web.v1`
    fn action(&self, verb: &str, key: &RecordKey) -> String {
        format!("{verb} {} {key}", self.home.singular())
    }
}

impl fmt::Display for Records {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}s at {}", self.home.kind(), self.connection.server())
    }
}

impl fmt::Debug for Records {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Records").field("home", &self.home).field("connection", &self.connection).finish()
    }
}

macro_rules! storage_of_records {
    ($($name:ident),+) => {$(
        #[async_trait]
        impl Storage for $name {
            async fn heads(&self, query: &HeadQuery) -> Result<Vec<Head>, StorageError> {
                self.0.heads(query).await
            }
            async fn get(&self, key: &RecordKey) -> Result<StoredRecord, StorageError> {
                self.0.get(key).await
            }
            async fn create(&self, key: &RecordKey, record: &NewRecord) -> Result<Head, StorageError> {
                self.0.create(key, record).await
            }
            async fn replace(&self, key: &RecordKey, expected: &Version, record: &NewRecord) -> Result<Head, StorageError> {
                self.0.replace(key, expected, record).await
            }
            async fn delete(&self, key: &RecordKey, expected: &Version) -> Result<(), StorageError> {
                self.0.delete(key, expected).await
            }
            fn rights(&self, namespace: &Namespace) -> KeepersRights {
                self.0.rights(namespace)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }
    )+};
}
storage_of_records!(SecretStorage, ConfigMapStorage);

#[cfg(test)]
mod tests;
