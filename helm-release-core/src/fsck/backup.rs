//! A record as it was before a repair, kept as a note.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ports::{Note, NoteKey, NoteKind, Payload, RecordKey, StoredRecord};

/// The form of a backup's bytes.
pub const BACKUP_FORMAT: &str = "helm-rollback-safe/backup/v1";

/// A note that is no backup of this form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("backup {id} cannot be read: {reason}")]
pub struct UnreadableBackup {
    /// Its id.
    pub id: String,
    /// What is wrong with it.
    pub reason: String,
}

/// A record as it was before a repair: JSON with key, labels and payload, the payload in base64.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Backup {
    format: String,
    /// Which record.
    pub key: RecordKey,
    /// When it was kept.
    pub taken: Timestamp,
    /// Why: what the repair was about to do.
    pub reason: String,
    /// All labels of the record's object.
    pub labels: BTreeMap<String, String>,
    /// The payload, byte for byte.
    #[serde(serialize_with = "to_base64", deserialize_with = "from_base64")]
    pub payload: Payload,
}

fn to_base64<S: Serializer>(payload: &Payload, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&STANDARD.encode(&payload.0))
}

fn from_base64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Payload, D::Error> {
    let text = String::deserialize(deserializer)?;
    STANDARD.decode(text).map(Payload).map_err(|error| serde::de::Error::custom(error.to_string()))
}

impl Backup {
    /// A backup of a record that is about to be changed.
    #[must_use]
    pub fn of(record: &StoredRecord, reason: impl Into<String>, taken: Timestamp) -> Self {
        Self {
            format: BACKUP_FORMAT.to_owned(),
            key: record.head.key.clone(),
            taken,
            reason: reason.into(),
            labels: record.head.labels.clone(),
            payload: record.payload.clone(),
        }
    }

    /// Under which key it is kept, such as `v3-20261127t031500`; `again` tells those of one second apart.
    #[must_use]
    pub fn note_key(&self, again: usize) -> NoteKey {
        let RecordKey { namespace, name, revision } = self.key.clone();
        let moment = self.taken.strftime("%Y%m%dt%H%M%S");
        let id = if again == 0 { format!("v{revision}-{moment}") } else { format!("v{revision}-{moment}-{again}") };
        NoteKey { namespace, name, kind: NoteKind::Backup, id }
    }

    /// The bytes.
    ///
    /// # Errors
    /// [`UnreadableBackup`] never for a backup of a record; the encoder has none to say.
    pub fn to_note(&self) -> Result<Note, UnreadableBackup> {
        let bytes = serde_json::to_vec(self);
        bytes.map(Note).map_err(|error| UnreadableBackup { id: self.note_key(0).id, reason: error.to_string() })
    }

    /// Reads the bytes of a note.
    ///
    /// # Errors
    /// [`UnreadableBackup`] when they are of another form.
    pub fn read(key: &NoteKey, note: &Note) -> Result<Self, UnreadableBackup> {
        let unreadable = |reason: String| UnreadableBackup { id: key.id.clone(), reason };
        let backup: Self = serde_json::from_slice(&note.0).map_err(|error| unreadable(error.to_string()))?;
        if backup.format != BACKUP_FORMAT {
            return Err(unreadable(format!("its form is {:?}, not {BACKUP_FORMAT:?}", backup.format)));
        }
        Ok(backup)
    }
}
