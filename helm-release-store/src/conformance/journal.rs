//! What every journal must do.
//!
//! The namespace must exist, where namespaces have to, and hold no notes of the releases `note-…`.
//!
//! ```
//! use std::sync::Arc;
//!
//! use helm_release_store::cluster::MemoryCluster;
//! use helm_release_store::conformance::journal::run_all;
//! use helm_release_store::journal::SecretJournal;
//!
//! # examples::run(async {
//! let journal = SecretJournal::new(Arc::new(MemoryCluster::new()));
//! run_all(&journal, &"default".parse()?).await?;
//! // On a cluster the namespace must exist.
//! let deviation = run_all(&journal, &"absent".parse()?).await.unwrap_err();
//! assert_eq!(deviation.check, "a_note_is_read_back_whatever_its_size");
//! assert!(deviation.what.starts_with("writing failed: "));
//! # Ok(()) });
//! ```

use helm_release_core::Namespace;
use helm_release_core::ports::{Journal, JournalError, Note, NoteKey, NoteKind};

use super::Deviation;

type Outcome = Result<(), Deviation>;

struct Bench<'a> {
    check: &'static str,
    namespace: &'a Namespace,
    release: &'static str,
}

impl Bench<'_> {
    fn require(&self, holds: bool, what: &str) -> Outcome {
        if holds { Ok(()) } else { Err(Deviation { check: self.check, what: what.to_owned() }) }
    }

    fn did<T>(&self, what: &str, result: Result<T, JournalError>) -> Result<T, Deviation> {
        result.map_err(|error| Deviation { check: self.check, what: format!("{what} failed: {error}") })
    }

    fn key(&self, kind: NoteKind, id: &str) -> Result<NoteKey, Deviation> {
        let name = self.release.parse().map_err(|error| Deviation { check: self.check, what: format!("{error}") })?;
        Ok(NoteKey { namespace: self.namespace.clone(), name, kind, id: id.to_owned() })
    }
}

/// Bytes that no compression and no text encoding makes smaller or breaks.
fn bytes(length: usize) -> Note {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let next = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    });
    Note(next.flatten().take(length).collect())
}

/// Checks everything. Notes of 2 MiB are written and removed.
///
/// # Errors
/// The first [`Deviation`].
///
/// ```
/// use std::sync::Arc;
///
/// use helm_release_core::ports::ClusterErrorKind;
/// use helm_release_store::cluster::{Fault, FaultyCluster, MemoryCluster};
/// use helm_release_store::conformance::journal::run_all;
/// use helm_release_store::journal::SecretJournal;
///
/// # examples::run(async {
/// let cluster = Arc::new(FaultyCluster::new(MemoryCluster::new()));
/// // An adapter may try again where nothing was done: that a server is busy for a moment is no deviation.
/// cluster.fail_next(Fault::Refuse(ClusterErrorKind::Busy));
/// run_all(&SecretJournal::new(cluster.clone()), &"default".parse()?).await?;
/// assert!(cluster.writes() > 10);
/// # Ok(()) });
/// ```
pub async fn run_all(journal: &dyn Journal, namespace: &Namespace) -> Result<(), Deviation> {
    a_note_is_read_back_whatever_its_size(journal, namespace).await?;
    a_note_is_written_once(journal, namespace).await?;
    a_note_that_is_not_there_is_not_found(journal, namespace).await?;
    notes_are_listed_once_each(journal, namespace).await
}

/// # Errors
/// [`Deviation`] when bytes are lost.
///
/// ```
/// use std::sync::Arc;
///
/// use helm_release_core::ports::ClusterErrorKind;
/// use helm_release_store::cluster::{Fault, FaultyCluster, MemoryCluster};
/// use helm_release_store::conformance::journal::a_note_is_read_back_whatever_its_size;
/// use helm_release_store::journal::SecretJournal;
///
/// # examples::run(async {
/// let cluster = Arc::new(FaultyCluster::new(MemoryCluster::new()));
/// // Only the large note has a second part.
/// cluster.fail_where(1, Fault::Refuse(ClusterErrorKind::Forbidden), |request| request.at().name.ends_with(".part1"));
/// let journal = SecretJournal::new(cluster);
/// let deviation = a_note_is_read_back_whatever_its_size(&journal, &"default".parse()?).await.unwrap_err();
/// assert!(deviation.what.starts_with("writing failed: no right to create Secret "));
/// a_note_is_read_back_whatever_its_size(&journal, &"default".parse()?).await?;
/// # Ok(()) });
/// ```
pub async fn a_note_is_read_back_whatever_its_size(journal: &dyn Journal, namespace: &Namespace) -> Result<(), Deviation> {
    let bench = Bench { check: "a_note_is_read_back_whatever_its_size", namespace, release: "note-size" };
    for length in [0, 1, 100_000, 2 << 20] {
        let (key, note) = (bench.key(NoteKind::Journal, &format!("v{length}"))?, bytes(length));
        bench.did("writing", journal.create(&key, &note).await)?;
        let read = bench.did("reading", journal.read(&key).await)?;
        bench.require(read == note, &format!("a note of {length} bytes is not read back"))?;
        bench.did("removing", journal.delete(&key).await)?;
        let gone = journal.read(&key).await;
        bench.require(matches!(gone, Err(JournalError::NotFound { .. })), "a removed note can be read")?;
    }
    Ok(())
}

/// # Errors
/// [`Deviation`] when a note can be written over.
///
/// ```
/// use std::sync::Arc;
///
/// use helm_release_store::cluster::{Fault, FaultyCluster, MemoryCluster};
/// use helm_release_store::conformance::journal::a_note_is_written_once;
/// use helm_release_store::journal::SecretJournal;
///
/// # examples::run(async {
/// let cluster = Arc::new(FaultyCluster::new(MemoryCluster::new()));
/// // Without an answer the journal cannot know that the second write met a note.
/// cluster.fail_nth(2, Fault::LoseAnswer);
/// let deviation = a_note_is_written_once(&SecretJournal::new(cluster), &"default".parse()?).await.unwrap_err();
/// assert_eq!(deviation.what, "a note can be written over");
/// # Ok(()) });
/// ```
pub async fn a_note_is_written_once(journal: &dyn Journal, namespace: &Namespace) -> Result<(), Deviation> {
    let bench = Bench { check: "a_note_is_written_once", namespace, release: "note-once" };
    for (id, first, second) in [("small", 10, 20), ("large", 2 << 20, (2 << 20) + 1)] {
        let key = bench.key(NoteKind::Journal, id)?;
        bench.did("writing", journal.create(&key, &bytes(first)).await)?;
        let again = journal.create(&key, &bytes(second)).await;
        bench.require(matches!(again, Err(JournalError::AlreadyExists { .. })), "a note can be written over")?;
        let read = bench.did("reading", journal.read(&key).await)?;
        bench.require(read == bytes(first), "a refused write changed the note")?;
        bench.did("removing", journal.delete(&key).await)?;
    }
    Ok(())
}

/// # Errors
/// [`Deviation`] when absence is another error, or removing it is one.
///
/// ```
/// use std::sync::Arc;
///
/// use helm_release_core::ports::ClusterErrorKind;
/// use helm_release_store::cluster::{Fault, FaultyCluster, MemoryCluster};
/// use helm_release_store::conformance::journal::a_note_that_is_not_there_is_not_found;
/// use helm_release_store::journal::SecretJournal;
///
/// # examples::run(async {
/// let cluster = Arc::new(FaultyCluster::new(MemoryCluster::new()));
/// cluster.fail_next(Fault::Refuse(ClusterErrorKind::Forbidden));
/// let journal = SecretJournal::new(cluster);
/// let deviation = a_note_that_is_not_there_is_not_found(&journal, &"default".parse()?).await.unwrap_err();
/// assert!(deviation.what.starts_with("removing what is not there failed: no right to delete Secret "));
/// # Ok(()) });
/// ```
pub async fn a_note_that_is_not_there_is_not_found(journal: &dyn Journal, namespace: &Namespace) -> Result<(), Deviation> {
    let bench = Bench { check: "a_note_that_is_not_there_is_not_found", namespace, release: "note-absent" };
    let key = bench.key(NoteKind::Backup, "v1")?;
    let absent = journal.read(&key).await;
    bench.require(matches!(absent, Err(JournalError::NotFound { .. })), "an absent note is not `NotFound`")?;
    bench.did("removing what is not there", journal.delete(&key).await)
}

/// # Errors
/// [`Deviation`] when a list leaves out a note, shows one twice or shows another release's.
///
/// ```
/// use std::sync::Arc;
///
/// use helm_release_core::ports::{Journal as _, Note, NoteKey, NoteKind};
/// use helm_release_store::cluster::MemoryCluster;
/// use helm_release_store::conformance::journal::notes_are_listed_once_each;
/// use helm_release_store::journal::SecretJournal;
///
/// # examples::run(async {
/// let journal = SecretJournal::new(Arc::new(MemoryCluster::new()));
/// notes_are_listed_once_each(&journal, &"default".parse()?).await?;
/// // A note that was there before is taken for one that the list makes up.
/// let key = NoteKey { namespace: "default".parse()?, name: "note-list".parse()?, kind: NoteKind::Backup, id: "v1".to_owned() };
/// journal.create(&key, &Note(Vec::new())).await?;
/// let deviation = notes_are_listed_once_each(&journal, &"default".parse()?).await.unwrap_err();
/// assert!(deviation.what.starts_with("the list of the release is ["));
/// # Ok(()) });
/// ```
pub async fn notes_are_listed_once_each(journal: &dyn Journal, namespace: &Namespace) -> Result<(), Deviation> {
    let bench = Bench { check: "notes_are_listed_once_each", namespace, release: "note-list" };
    let other = Bench { check: bench.check, namespace, release: "note-other" };
    let mine = [bench.key(NoteKind::Journal, "v7")?, bench.key(NoteKind::Backup, "v7")?];
    let theirs = other.key(NoteKind::Journal, "v7")?;
    bench.did("writing", journal.create(&mine[0], &bytes(2 << 20)).await)?;
    bench.did("writing", journal.create(&mine[1], &bytes(1)).await)?;
    bench.did("writing", journal.create(&theirs, &bytes(1)).await)?;
    let listed = bench.did("listing", journal.list(Some(namespace), Some(&mine[0].name)).await)?;
    bench.require(listed == mine, &format!("the list of the release is {listed:?}"))?;
    let all = bench.did("listing", journal.list(Some(namespace), None).await)?;
    bench.require(all.contains(&theirs) && all.contains(&mine[0]), "the list of the namespace leaves notes out")?;
    for key in mine.iter().chain([&theirs]) {
        bench.did("removing", journal.delete(key).await)?;
    }
    Ok(())
}
