//! The port through which notes are kept beside the records: what undoes a rollback, and records that a repair replaced.

use std::fmt::{self, Debug, Display};
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::KeepersRights;
use crate::{Namespace, ReleaseName};

/// What a note is for.
///
/// ```
/// use helm_release_core::ports::{Journal as _, Note, NoteKey, NoteKind};
/// use helm_release_store::journal::SecretJournal;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let journal = SecretJournal::new(shop.cluster.clone());
/// for (kind, id) in [(NoteKind::Journal, "v4"), (NoteKind::Backup, "v3")] {
///     let (namespace, name) = (shop.namespace.clone(), shop.name.clone());
///     let key = NoteKey { namespace, name, kind, id: id.to_owned() };
///     journal.create(&key, &Note(b"{}".to_vec())).await?;
/// }
/// // Only journals tell of rollbacks that have begun.
/// let notes = journal.list(Some(&shop.namespace), None).await?;
/// let begun: Vec<_> = notes.iter().filter(|key| key.kind == NoteKind::Journal).collect();
/// assert_eq!((notes.len(), begun.len()), (2, 1));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum NoteKind {
    /// How to undo a rollback that has begun.
    Journal,
    /// A record as it was before a repair.
    Backup,
}

impl NoteKind {
    /// `journal` or `backup`.
    ///
    /// ```
    /// use helm_release_core::ports::NoteKind;
    ///
    /// assert_eq!(NoteKind::Journal.as_str(), "journal");
    /// assert_eq!(NoteKind::Backup.as_str(), "backup");
    /// ```
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Journal => "journal",
            Self::Backup => "backup",
        }
    }
}

/// Which note.
///
/// ```
/// use helm_release_core::ports::{NoteKey, NoteKind};
///
/// let (namespace, name) = ("default".parse()?, "shop".parse()?);
/// let key = NoteKey { namespace, name, kind: NoteKind::Journal, id: "v4".to_owned() };
/// assert_eq!(key.to_string(), "journal v4 of default/shop");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NoteKey {
    /// Namespace of the release.
    pub namespace: Namespace,
    /// Its name.
    pub name: ReleaseName,
    /// What it is for.
    pub kind: NoteKind,
    /// Tells notes of one kind apart, such as `v7`: lower-case letters, digits, `-` and `.`, at most 40 characters.
    pub id: String,
}

impl Display for NoteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} of {}/{}", self.kind.as_str(), self.id, self.namespace, self.name)
    }
}

/// The bytes of a note. `Debug` prints the length only: they may hold values of Secrets.
///
/// ```
/// use helm_release_core::ports::Note;
///
/// let note = Note(br#"{"password": "correct-horse"}"#.to_vec());
/// assert_eq!(format!("{note:?}"), "Note(29 bytes)");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Note(pub Vec<u8>);

impl Debug for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Note({} bytes)", self.0.len())
    }
}

/// Why a note was not read or written.
///
/// ```
/// use helm_release_core::ports::{Journal as _, JournalError, NoteKey, NoteKind};
/// use helm_release_store::journal::SecretJournal;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let (namespace, name) = (shop.namespace.clone(), shop.name.clone());
/// # let key = NoteKey { namespace, name, kind: NoteKind::Journal, id: "v4".to_owned() };
/// let journal = SecretJournal::new(shop.cluster.clone());
/// let error = journal.read(&key).await.err().ok_or("there is a note")?;
/// assert!(matches!(&error, JournalError::NotFound { key: missing } if **missing == key));
/// assert_eq!(error.to_string(), "there is no journal v4 of default/shop");
/// # Ok(()) });
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// There is no such note.
    #[error("there is no {key}")]
    NotFound {
        /// Which note.
        key: Box<NoteKey>,
    },
    /// A create met a note of that key.
    #[error("{key} exists already")]
    AlreadyExists {
        /// Which note.
        key: Box<NoteKey>,
    },
    /// A part of the note is missing or not what was written.
    #[error("{key} cannot be read: {reason}")]
    Malformed {
        /// Which note.
        key: Box<NoteKey>,
        /// What is wrong with it.
        reason: String,
    },
    /// The right to do it is missing.
    #[error("no right to {action}: {message}")]
    Forbidden {
        /// What was tried.
        action: String,
        /// What the server said.
        message: String,
    },
    /// Anything else; whether a write was done is unknown.
    #[error("cannot {action}: {message}")]
    Other {
        /// What was tried.
        action: String,
        /// What came of it.
        message: String,
    },
}

/// Where notes are kept: written once, read whole or not at all, of any size, never listed by Helm.
///
/// ```
/// use std::time::Duration;
///
/// use helm_release_core::plan::RollbackOptions;
/// use helm_release_core::ports::{Journal as _, NoObserver};
/// use helm_release_core::run::Engine;
/// use helm_release_store::clock::SystemClock;
/// use helm_release_store::cluster::{Fault, FaultyCluster};
/// use helm_release_store::journal::SecretJournal;
/// use tokio::time::timeout;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let journal = SecretJournal::new(shop.cluster.clone());
/// let plan = shop.plan(&RollbackOptions::default()).await?;
/// // The process dies while it waits for the server to write the first object.
/// let cluster = FaultyCluster::new(shop.cluster.clone());
/// cluster.fail_next(Fault::Delay(Duration::from_secs(60)));
/// let engine = Engine::new(&shop.storage, &cluster, &SystemClock, &NoObserver).with_journal(&journal);
/// assert!(timeout(Duration::from_millis(100), engine.run(&plan)).await.is_err());
/// // The way back is written down.
/// let left = journal.list(Some(&shop.namespace), Some(&shop.name)).await?;
/// assert_eq!(left[0].to_string(), "journal v4 of default/shop");
/// # Ok(()) });
/// ```
#[async_trait]
pub trait Journal: Display + Debug + Send + Sync + 'static {
    /// Lists notes of a namespace, or of all, by key; of one release when that is named.
    ///
    /// # Errors
    /// [`JournalError::Forbidden`] or [`JournalError::Other`].
    ///
    /// ```
    /// use helm_release_core::ports::{Journal as _, Note, NoteKey, NoteKind};
    /// use helm_release_store::journal::SecretJournal;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let journal = SecretJournal::new(shop.cluster.clone());
    /// for name in ["shop", "web"] {
    ///     let (namespace, name) = (shop.namespace.clone(), name.parse()?);
    ///     let key = NoteKey { namespace, name, kind: NoteKind::Journal, id: "v4".to_owned() };
    ///     journal.create(&key, &Note(Vec::new())).await?;
    /// }
    /// let of_shop = journal.list(None, Some(&shop.name)).await?;
    /// assert_eq!((of_shop.len(), of_shop[0].name.as_str()), (1, "shop"));
    /// assert_eq!(journal.list(None, None).await?.len(), 2);
    /// # Ok(()) });
    /// ```
    async fn list(&self, namespace: Option<&Namespace>, name: Option<&ReleaseName>) -> Result<Vec<NoteKey>, JournalError>;

    /// Reads a note.
    ///
    /// # Errors
    /// [`JournalError::NotFound`]; [`JournalError::Malformed`] when a part is missing.
    ///
    /// ```
    /// use helm_release_core::ports::{Journal as _, Note, NoteKey, NoteKind};
    /// use helm_release_store::journal::SecretJournal;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let (namespace, name) = (shop.namespace.clone(), shop.name.clone());
    /// # let key = NoteKey { namespace, name, kind: NoteKind::Journal, id: "v4".to_owned() };
    /// // A note that is larger than one Secret may be lies in several, and comes back in one piece.
    /// let journal = SecretJournal::new(shop.cluster.clone()).with_part_size(4);
    /// let note = Note(b"the way back".to_vec());
    /// journal.create(&key, &note).await?;
    /// assert_eq!(journal.read(&key).await?, note);
    /// # Ok(()) });
    /// ```
    async fn read(&self, key: &NoteKey) -> Result<Note, JournalError>;

    /// Writes a note that is not there.
    ///
    /// # Errors
    /// [`JournalError::AlreadyExists`] when it is, whole.
    ///
    /// # Cancellation
    /// The note is there whole, or a reader does not find it.
    ///
    /// ```
    /// use helm_release_core::ports::{Journal as _, JournalError, Note, NoteKey, NoteKind};
    /// use helm_release_store::journal::SecretJournal;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let (namespace, name) = (shop.namespace.clone(), shop.name.clone());
    /// # let key = NoteKey { namespace, name, kind: NoteKind::Journal, id: "v4".to_owned() };
    /// let journal = SecretJournal::new(shop.cluster.clone());
    /// journal.create(&key, &Note(b"first".to_vec())).await?;
    /// let again = journal.create(&key, &Note(b"second".to_vec())).await;
    /// assert!(matches!(again, Err(JournalError::AlreadyExists { .. })));
    /// assert_eq!(journal.read(&key).await?.0, b"first");
    /// # Ok(()) });
    /// ```
    async fn create(&self, key: &NoteKey, note: &Note) -> Result<(), JournalError>;

    /// Removes a note and whatever a cancelled [`Journal::create`] left of it. One that is not there is no error.
    ///
    /// # Errors
    /// [`JournalError::Forbidden`] or [`JournalError::Other`].
    ///
    /// # Cancellation
    /// The note is still there whole, or a reader does not find it.
    ///
    /// ```
    /// use helm_release_core::ports::{Journal as _, Note, NoteKey, NoteKind};
    /// use helm_release_store::journal::SecretJournal;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let (namespace, name) = (shop.namespace.clone(), shop.name.clone());
    /// # let key = NoteKey { namespace, name, kind: NoteKind::Journal, id: "v4".to_owned() };
    /// let journal = SecretJournal::new(shop.cluster.clone());
    /// journal.create(&key, &Note(b"the way back".to_vec())).await?;
    /// journal.delete(&key).await?;
    /// assert_eq!(journal.list(None, None).await?, []);
    /// assert!(journal.delete(&key).await.is_ok());
    /// # Ok(()) });
    /// ```
    async fn delete(&self, key: &NoteKey) -> Result<(), JournalError>;

    /// What authorisation asks of a user who writes notes in a namespace; nothing where nobody asks.
    ///
    /// ```
    /// use helm_release_core::ports::Journal as _;
    /// use helm_release_store::journal::SecretJournal;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let rights = SecretJournal::new(shop.cluster.clone()).rights(&shop.namespace);
    /// assert_eq!(rights.create[0].to_string(), "create secrets in namespace default");
    /// # Ok(()) });
    /// ```
    fn rights(&self, namespace: &Namespace) -> KeepersRights {
        let _ = namespace;
        KeepersRights::default()
    }
}

macro_rules! forward_journal {
    ($(($($generic:tt)+) $for:ty),+) => {$(
        #[async_trait]
        impl<$($generic)+> Journal for $for {
            async fn list(&self, namespace: Option<&Namespace>, name: Option<&ReleaseName>) -> Result<Vec<NoteKey>, JournalError> {
                (**self).list(namespace, name).await
            }
            async fn read(&self, key: &NoteKey) -> Result<Note, JournalError> {
                (**self).read(key).await
            }
            async fn create(&self, key: &NoteKey, note: &Note) -> Result<(), JournalError> {
                (**self).create(key, note).await
            }
            async fn delete(&self, key: &NoteKey) -> Result<(), JournalError> {
                (**self).delete(key).await
            }
            fn rights(&self, namespace: &Namespace) -> KeepersRights {
                (**self).rights(namespace)
            }
        }
    )+};
}
forward_journal!((J: Journal + ?Sized) &'static J, (J: Journal + ?Sized) Box<J>, (J: Journal + ?Sized) Arc<J>);
