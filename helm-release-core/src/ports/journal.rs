//! The port through which notes are kept beside the records: what undoes a rollback, and records that a repair replaced.

use std::fmt::{self, Debug, Display};
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::KeepersRights;
use crate::{Namespace, ReleaseName};

/// What a note is for.
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
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Journal => "journal",
            Self::Backup => "backup",
        }
    }
}

/// Which note.
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
#[derive(Clone, PartialEq, Eq)]
pub struct Note(pub Vec<u8>);

impl Debug for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Note({} bytes)", self.0.len())
    }
}

/// Why a note was not read or written.
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
#[async_trait]
pub trait Journal: Display + Debug + Send + Sync + 'static {
    /// Lists notes of a namespace, or of all, by key; of one release when that is named.
    ///
    /// # Errors
    /// [`JournalError::Forbidden`] or [`JournalError::Other`].
    async fn list(&self, namespace: Option<&Namespace>, name: Option<&ReleaseName>) -> Result<Vec<NoteKey>, JournalError>;

    /// Reads a note.
    ///
    /// # Errors
    /// [`JournalError::NotFound`]; [`JournalError::Malformed`] when a part is missing.
    async fn read(&self, key: &NoteKey) -> Result<Note, JournalError>;

    /// Writes a note that is not there.
    ///
    /// # Errors
    /// [`JournalError::AlreadyExists`] when it is, whole.
    ///
    /// # Cancellation
    /// The note is there whole, or a reader does not find it.
    async fn create(&self, key: &NoteKey, note: &Note) -> Result<(), JournalError>;

    /// Removes a note and whatever a cancelled [`Journal::create`] left of it. One that is not there is no error.
    ///
    /// # Errors
    /// [`JournalError::Forbidden`] or [`JournalError::Other`].
    ///
    /// # Cancellation
    /// The note is still there whole, or a reader does not find it.
    async fn delete(&self, key: &NoteKey) -> Result<(), JournalError>;

    /// What authorisation asks of a user who writes notes in a namespace; nothing where nobody asks.
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
