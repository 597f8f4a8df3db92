//! A record as it was before a repair, kept as a note.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ports::{Note, NoteKey, NoteKind, Payload, RecordKey, StoredRecord};

/// The form of a backup's bytes.
///
/// ```
/// use helm_release_core::fsck::{BACKUP_FORMAT, Backup};
/// # use helm_release_core::ports::Storage as _;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let record = shop.storage.get(&shop.key(3)?).await?;
/// # let note = Backup::of(&record, "remove record", "2026-11-27T03:15:00Z".parse()?).to_note()?;
/// // It comes first, so that a note tells what it is before it is read as a whole.
/// assert!(note.0.starts_with(format!(r#"{{"format":"{BACKUP_FORMAT}","#).as_bytes()));
/// # Ok(()) });
/// ```
pub const BACKUP_FORMAT: &str = "helm-rollback-safe/backup/v1";

/// A note that is no backup of this form.
///
/// ```
/// use helm_release_core::fsck::Backup;
/// use helm_release_core::ports::Note;
/// # use helm_release_core::ports::Storage as _;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let record = shop.storage.get(&shop.key(3)?).await?;
/// # let backup = Backup::of(&record, "remove record", "2026-11-27T03:15:00Z".parse()?);
/// // A version to come writes another form.
/// let text = String::from_utf8(backup.to_note()?.0)?.replace("/v1\"", "/v9\"");
/// let error = Backup::read(&backup.note_key(0), &Note(text.into_bytes())).unwrap_err();
/// assert_eq!(error.id, "v3-20261127t031500");
/// assert_eq!(error.reason, r#"its form is "helm-rollback-safe/backup/v9", not "helm-rollback-safe/backup/v1""#);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("backup {id} cannot be read: {reason}")]
pub struct UnreadableBackup {
    /// Its id.
    pub id: String,
    /// What is wrong with it.
    pub reason: String,
}

/// A record as it was before a repair: JSON with key, labels and payload, the payload in base64.
///
/// ```
/// use helm_release_core::fsck::Backup;
/// use helm_release_core::ports::Storage as _;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let record = shop.storage.get(&shop.key(3)?).await?;
/// let backup = Backup::of(&record, "mark revision 3 superseded", "2026-11-27T03:15:00Z".parse()?);
/// assert_eq!(backup.key.object_name(), "sh.helm.release.v1.shop.v3");
/// assert_eq!(backup.labels["status"], "failed");
/// assert_eq!(backup.payload, record.payload);
/// # Ok(()) });
/// ```
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
    ///
    /// ```
    /// use helm_release_core::fsck::Backup;
    /// use helm_release_core::ports::Storage as _;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let record = shop.storage.get(&shop.key(2)?).await?;
    /// let now = "2026-11-27T03:15:00Z".parse()?;
    /// let backup = Backup::of(&record, "write the labels of revision 2 anew", now);
    /// assert_eq!((backup.key, backup.taken), (record.head.key, now));
    /// assert_eq!(backup.reason, "write the labels of revision 2 anew");
    /// # Ok(()) });
    /// ```
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
    ///
    /// ```
    /// use helm_release_core::fsck::Backup;
    /// # use helm_release_core::ports::Storage as _;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let record = shop.storage.get(&shop.key(3)?).await?;
    /// let backup = Backup::of(&record, "remove record", "2026-11-27T03:15:00Z".parse()?);
    /// assert_eq!(backup.note_key(0).to_string(), "backup v3-20261127t031500 of default/shop");
    /// assert_eq!(backup.note_key(1).id, "v3-20261127t031500-1", "another one of the same second");
    /// # Ok(()) });
    /// ```
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
    ///
    /// ```
    /// use helm_release_core::fsck::{BACKUP_FORMAT, Backup};
    /// # use helm_release_core::ports::Storage as _;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let record = shop.storage.get(&shop.key(3)?).await?;
    /// let backup = Backup::of(&record, "remove record", "2026-11-27T03:15:00Z".parse()?);
    /// let json: serde_json::Value = serde_json::from_slice(&backup.to_note()?.0)?;
    /// assert_eq!(json["format"], BACKUP_FORMAT);
    /// assert_eq!(json["labels"]["version"], "3");
    /// # Ok(()) });
    /// ```
    pub fn to_note(&self) -> Result<Note, UnreadableBackup> {
        let bytes = serde_json::to_vec(self);
        bytes.map(Note).map_err(|error| UnreadableBackup { id: self.note_key(0).id, reason: error.to_string() })
    }

    /// Reads the bytes of a note.
    ///
    /// # Errors
    /// [`UnreadableBackup`] when they are of another form.
    ///
    /// ```
    /// use helm_release_core::fsck::Backup;
    /// # use helm_release_core::ports::Storage as _;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let record = shop.storage.get(&shop.key(3)?).await?;
    /// let backup = Backup::of(&record, "remove record", "2026-11-27T03:15:00Z".parse()?);
    /// let (key, note) = (backup.note_key(0), backup.to_note()?);
    /// assert_eq!(Backup::read(&key, &note)?, backup);
    /// # Ok(()) });
    /// ```
    pub fn read(key: &NoteKey, note: &Note) -> Result<Self, UnreadableBackup> {
        let unreadable = |reason: String| UnreadableBackup { id: key.id.clone(), reason };
        let backup: Self = serde_json::from_slice(&note.0).map_err(|error| unreadable(error.to_string()))?;
        if backup.format != BACKUP_FORMAT {
            return Err(unreadable(format!("its form is {:?}, not {BACKUP_FORMAT:?}", backup.format)));
        }
        Ok(backup)
    }
}
