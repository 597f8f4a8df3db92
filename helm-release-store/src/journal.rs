//! Notes as Secrets of a type of their own, beside the release's records.
//!
//! ```
//! use std::sync::Arc;
//!
//! use helm_release_core::ports::{Journal as _, JournalError, Note, NoteKey, NoteKind};
//! use helm_release_store::cluster::MemoryCluster;
//! use helm_release_store::journal::SecretJournal;
//!
//! # examples::run(async {
//! let journal = SecretJournal::new(Arc::new(MemoryCluster::new()));
//! let key = NoteKey { namespace: "default".parse()?, name: "web".parse()?, kind: NoteKind::Journal, id: "v7".to_owned() };
//! journal.create(&key, &Note(b"the way back".to_vec())).await?;
//! assert_eq!(journal.read(&key).await?.0, b"the way back");
//! // A note is written once.
//! assert!(matches!(journal.create(&key, &Note(Vec::new())).await, Err(JournalError::AlreadyExists { .. })));
//! assert_eq!(journal.list(None, None).await?, [key]);
//! # Ok(()) });
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use helm_release_core::ports::{
    Cluster, ClusterError, ClusterErrorKind, ClusterExt as _, Journal, JournalError, KeepersRights, ListOptions, Location, Note,
    NoteKey, NoteKind, Preconditions, Propagation, Request, Resource, Scope, Validation,
};
use helm_release_core::{Gvk, Namespace, Object, ReleaseName};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::note::{MANAGER, OWNER, RELEASE_LABEL, send};

#[cfg(test)]
mod tests;

/// The type of the Secrets.
const TYPE: &str = "rollback-safe/note.v1";
const KIND_LABEL: &str = "note";
const ID_LABEL: &str = "id";
const PARTS: &str = "rollback-safe/parts";
const DIGEST: &str = "rollback-safe/sha256";
const DATA: &str = "note";
/// Bytes of a note in one Secret: a quarter below what a Secret may hold.
const PART: usize = 768 << 10;

/// Keeps each note in one Secret or, when it is large, in several, through any [`Cluster`].
///
/// The first part is written last and removed first: it counts the parts and knows the digest of the whole.
///
/// ```
/// use std::sync::Arc;
/// use helm_release_store::cluster::MemoryCluster;
/// use helm_release_store::journal::SecretJournal;
///
/// let journal = SecretJournal::new(Arc::new(MemoryCluster::new()));
/// assert_eq!(journal.to_string(), "notes in memory");
/// ```
#[derive(Debug, Clone)]
pub struct SecretJournal {
    cluster: Arc<dyn Cluster>,
    part: usize,
    /// How many parts the notes have that were written from here: what is known need not be listed.
    written: Arc<Mutex<BTreeMap<NoteKey, usize>>>,
}

impl SecretJournal {
    /// Notes in that cluster.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use helm_release_core::ports::{Journal as _, Note, NoteKey, NoteKind};
    /// use helm_release_store::cluster::MemoryCluster;
    /// use helm_release_store::journal::SecretJournal;
    ///
    /// # examples::run(async {
    /// let cluster = Arc::new(MemoryCluster::new());
    /// let journal = SecretJournal::new(cluster.clone());
    /// # let key = NoteKey { namespace: "default".parse()?, name: "web".parse()?, kind: NoteKind::Journal, id: "v7".to_owned() };
    /// journal.create(&key, &Note(b"the way back".to_vec())).await?;
    /// let secret = cluster.objects().into_iter().find(|object| object.kind() == "Secret").ok_or("no Secret")?;
    /// assert_eq!(secret.name(), "helm-rollback-safe.journal.web.v7");
    /// // Helm asks for `owner=helm` and does not see it.
    /// assert_eq!(secret.label("owner"), Some("helm-rollback-safe"));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn new(cluster: Arc<dyn Cluster>) -> Self {
        Self { cluster, part: PART, written: Arc::default() }
    }

    /// The same with Secrets of at most that many bytes.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use helm_release_core::ports::{Journal as _, Note, NoteKey, NoteKind};
    /// use helm_release_store::cluster::MemoryCluster;
    /// use helm_release_store::journal::SecretJournal;
    ///
    /// # examples::run(async {
    /// let cluster = Arc::new(MemoryCluster::new());
    /// let journal = SecretJournal::new(cluster.clone()).with_part_size(3);
    /// # let key = NoteKey { namespace: "default".parse()?, name: "web".parse()?, kind: NoteKind::Journal, id: "v7".to_owned() };
    /// journal.create(&key, &Note(b"0123456789".to_vec())).await?;
    /// assert_eq!(cluster.objects().iter().filter(|object| object.kind() == "Secret").count(), 4);
    /// assert_eq!(journal.read(&key).await?.0, b"0123456789");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn with_part_size(self, bytes: usize) -> Self {
        Self { part: bytes.max(1), ..self }
    }
}

impl fmt::Display for SecretJournal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "notes in {}", self.cluster)
    }
}

fn resource() -> Resource {
    Resource { gvk: Gvk::new("v1", "Secret"), plural: "secrets".to_owned(), scope: Scope::Namespaced }
}

fn location(key: &NoteKey, part: usize) -> Location {
    let NoteKey { namespace, name, kind, id } = key;
    let head = format!("helm-rollback-safe.{}.{name}.{id}", kind.as_str());
    let name = if part == 0 { head } else { format!("{head}.part{part}") };
    resource().at(namespace.as_str(), &name)
}

fn failed(key: &NoteKey, error: ClusterError) -> JournalError {
    let ClusterError { kind, action, message, .. } = error;
    match kind {
        ClusterErrorKind::NotFound => JournalError::NotFound { key: Box::new(key.clone()) },
        ClusterErrorKind::AlreadyExists => JournalError::AlreadyExists { key: Box::new(key.clone()) },
        ClusterErrorKind::Forbidden => JournalError::Forbidden { action, message },
        _ => JournalError::Other { action, message },
    }
}

fn malformed(key: &NoteKey, reason: impl Into<String>) -> JournalError {
    JournalError::Malformed { key: Box::new(key.clone()), reason: reason.into() }
}

fn digest(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(Sha256::digest(bytes))
}

fn secret(key: &NoteKey, part: usize, bytes: &[u8], annotations: serde_json::Value) -> Result<Object, JournalError> {
    let at = location(key, part);
    let mut metadata = json!({
        "name": at.name, "namespace": key.namespace,
        "labels": { "owner": OWNER, RELEASE_LABEL: key.name, KIND_LABEL: key.kind, ID_LABEL: key.id },
    });
    if !annotations.is_null() {
        metadata["annotations"] = annotations;
    }
    let data = BASE64_STANDARD.encode(bytes);
    let value = json!({"apiVersion": "v1", "kind": "Secret", "type": TYPE, "metadata": metadata, "data": { DATA: data }});
    Object::new(value).map_err(|error| malformed(key, error.to_string()))
}

fn bytes_of(key: &NoteKey, secret: &Object) -> Result<Vec<u8>, JournalError> {
    let text = secret.at(&["data", DATA]).and_then(serde_json::Value::as_str).unwrap_or_default();
    BASE64_STANDARD.decode(text).map_err(|error| malformed(key, error.to_string()))
}

fn key_of(secret: &Object) -> Option<NoteKey> {
    let kind = [NoteKind::Journal, NoteKind::Backup].into_iter().find(|kind| secret.label(KIND_LABEL) == Some(kind.as_str()))?;
    let namespace = secret.namespace()?.parse().ok()?;
    let (name, id) = (secret.label(RELEASE_LABEL)?.parse().ok()?, secret.label(ID_LABEL)?.to_owned());
    Some(NoteKey { namespace, name, kind, id })
}

impl SecretJournal {
    async fn create_part(&self, key: &NoteKey, part: usize, object: Object) -> Result<(), JournalError> {
        let at = location(key, part);
        let request = Request::Create { at: at.clone(), object, manager: MANAGER.to_owned(), validation: Validation::Ignore };
        let Err(error) = send(self.cluster.as_ref(), &request).await else { return Ok(()) };
        let failed = |error: ClusterError| match error.kind {
            // What a create does not find is the namespace.
            ClusterErrorKind::NotFound => JournalError::Other { action: error.action, message: error.message },
            _ => failed(key, error),
        };
        let Request::Create { object, .. } = &request else { return Err(failed(error)) };
        match error.kind {
            // What is stored tells whether a write whose answer was lost was done.
            ClusterErrorKind::Ambiguous => match self.cluster.find(&at).await {
                Ok(Some(stored)) if stored.at(&["data"]) == object.at(&["data"]) => Ok(()),
                _ => Err(failed(error)),
            },
            // A part without its first one was left by a write that did not come to its end.
            ClusterErrorKind::AlreadyExists if part > 0 => {
                self.delete_part(key, &at).await?;
                send(self.cluster.as_ref(), &request).await.map(drop).map_err(failed)
            }
            _ => Err(failed(error)),
        }
    }

    async fn delete_part(&self, key: &NoteKey, at: &Location) -> Result<(), JournalError> {
        let request =
            Request::Delete { at: at.clone(), propagation: Propagation::Background, preconditions: Preconditions::default() };
        match send(self.cluster.as_ref(), &request).await {
            Ok(_) => Ok(()),
            Err(error) if error.kind == ClusterErrorKind::NotFound => Ok(()),
            Err(error) if error.kind == ClusterErrorKind::Ambiguous => match self.cluster.find(at).await {
                Ok(None) => Ok(()),
                _ => Err(failed(key, error)),
            },
            Err(error) => Err(failed(key, error)),
        }
    }

    async fn secrets(&self, namespace: Option<&Namespace>, labels: String) -> Result<Vec<Object>, ClusterError> {
        let options = ListOptions::within(namespace.map(Namespace::as_str)).with_labels(labels);
        Ok(self.cluster.list(&resource(), &options).await?.items)
    }
}

#[async_trait]
impl Journal for SecretJournal {
    async fn list(&self, namespace: Option<&Namespace>, name: Option<&ReleaseName>) -> Result<Vec<NoteKey>, JournalError> {
        let of_release = name.map_or_else(String::new, |name| format!(",{RELEASE_LABEL}={name}"));
        let labels = format!("owner={OWNER},{KIND_LABEL}{of_release}");
        let secrets = self.secrets(namespace, labels).await.map_err(|error| match error.kind {
            ClusterErrorKind::Forbidden => JournalError::Forbidden { action: error.action, message: error.message },
            _ => JournalError::Other { action: error.action, message: error.message },
        })?;
        let mut keys: Vec<NoteKey> = secrets.iter().filter_map(key_of).collect();
        keys.sort();
        keys.dedup();
        Ok(keys)
    }

    async fn read(&self, key: &NoteKey) -> Result<Note, JournalError> {
        let head = self.cluster.get(&location(key, 0)).await.map_err(|error| failed(key, error))?;
        let annotation = |name| head.annotation(name).ok_or_else(|| malformed(key, format!("annotation {name} is missing")));
        let parts: usize = annotation(PARTS)?.parse().map_err(|_| malformed(key, format!("annotation {PARTS} is no number")))?;
        let mut bytes = bytes_of(key, &head)?;
        for part in 1..parts {
            let secret = self.cluster.find(&location(key, part)).await.map_err(|error| failed(key, error))?;
            let secret = secret.ok_or_else(|| malformed(key, format!("part {} of {parts} is missing", part + 1)))?;
            bytes.extend(bytes_of(key, &secret)?);
        }
        if annotation(DIGEST)? != digest(&bytes) {
            return Err(malformed(key, "its bytes are not those that were written"));
        }
        Ok(Note(bytes))
    }

    async fn create(&self, key: &NoteKey, note: &Note) -> Result<(), JournalError> {
        let chunks: Vec<&[u8]> = note.0.chunks(self.part).collect();
        let parts = chunks.len().max(1);
        if parts > 1 {
            let head = self.cluster.find(&location(key, 0)).await.map_err(|error| failed(key, error))?;
            if head.is_some() {
                return Err(JournalError::AlreadyExists { key: Box::new(key.clone()) });
            }
        }
        for (part, chunk) in chunks.iter().enumerate().skip(1) {
            self.create_part(key, part, secret(key, part, chunk, serde_json::Value::Null)?).await?;
        }
        let annotations = json!({ PARTS: parts.to_string(), DIGEST: digest(&note.0) });
        let head = secret(key, 0, chunks.first().copied().unwrap_or_default(), annotations)?;
        self.create_part(key, 0, head).await?;
        self.written.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone(), parts);
        Ok(())
    }

    async fn delete(&self, key: &NoteKey) -> Result<(), JournalError> {
        let known = self.written.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
        self.delete_part(key, &location(key, 0)).await?;
        let rest: Vec<Location> = if let Some(parts) = known {
            (1..parts).map(|part| location(key, part)).collect()
        } else {
            let NoteKey { namespace, name, kind, id } = key;
            let labels = format!("owner={OWNER},{RELEASE_LABEL}={name},{KIND_LABEL}={},{ID_LABEL}={id}", kind.as_str());
            let left = self.secrets(Some(namespace), labels).await.map_err(|error| failed(key, error))?;
            left.iter().map(|secret| resource().at(namespace.as_str(), secret.name())).collect()
        };
        for at in &rest {
            self.delete_part(key, at).await?;
        }
        Ok(())
    }

    fn rights(&self, namespace: &Namespace) -> KeepersRights {
        KeepersRights::over("", "secrets", namespace.as_str())
    }
}
